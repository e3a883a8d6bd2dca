"""Inviting a person: the row, the job, the e-mail, and what is revealed about addresses."""

import re

from django.core import mail
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from users.invitations import token_for, withdraw
from users.jobs import send_invitation
from users.models import CompanyRole, CustomUser, Invitation
from users.people import deactivate
from users.tests.admin_pages import AdminPageTestCase, run_invitation_jobs
from users.tests.at_once import at_once
from users.tests.cases import PASSWORD, CommittedTestCase, logged_in
from users.tests.queries import at_most_queries, same_queries_as

PATH = "/users/people/invite/"
VALID = {"email": "Nora@New.example", "system_roles": ["user", "task_worker"]}


class Invite(AdminPageTestCase):
    """The page for company admins."""

    def invitation(self) -> Invitation:
        with self.ours.scope():
            return Invitation.objects.get()

    def test_offers_what_most_people_need(self) -> None:
        form = self.client.get(PATH).context["form"]
        self.assertEqual(form["system_roles"].value(), ["user"])
        self.assertEqual(form["company_roles"].value(), [self.ours.employee_role.pk])
        with self.ours.scope():
            CompanyRole.objects.all().delete()
        self.assertEqual(self.client.get(PATH).context["form"]["company_roles"].value(), [])

    def test_invites_several_at_once(self) -> None:
        emails = "a@new.example\r\n\r\n b@new.example \nA@new.example\na@new.example\n"
        response = self.client.post(PATH, VALID | {"email": emails.replace("A@", "a@")}, follow=True)
        self.assertContains(response, "The invitations to a@new.example, b@new.example are on their way.")
        with self.ours.scope():
            self.assertEqual(Invitation.objects.count(), 2)

    def test_takes_addresses_as_mail_programs_list_them(self) -> None:
        emails = "a@new.example, b@new.example;c@new.example,\r\nd@new.example;"
        self.client.post(PATH, VALID | {"email": emails})
        with self.ours.scope():
            invited = Invitation.objects.order_by("email").values_list("email", flat=True)
            self.assertEqual([email[0] for email in invited], ["a", "b", "c", "d"])

    def test_one_refused_address_refuses_all(self) -> None:
        for refused, said in (
            (self.ours.worker.email, "Wanda Tester already has this address."),
            ("nonsense", "Not an e-mail address: nonsense."),
            ("\n".join(f"p{number}@new.example" for number in range(20)), "At most 20 addresses at once."),
        ):
            response = self.client.post(PATH, VALID | {"email": f"new@new.example\n{refused}"})
            self.assertIn(said, str(response.context["form"].errors["email"]))
            self.assertContains(response, "new@new.example\n")
        with self.ours.scope():
            self.assertEqual(Invitation.objects.count(), 0)
        self.assertEqual(ProcrastinateJob.objects.filter(task_name__contains="invitation").count(), 0)

    def test_link_can_be_copied(self) -> None:
        self.client.post(PATH, VALID)
        page = f"/users/invitations/{self.invitation().pk}/link/"
        self.assertContains(self.client.get("/users/people/invited/"), page)
        found = re.search(r"/users/invitations/accept/[^\"]+", self.client.get(page).text)
        assert found is not None
        self.assertContains(self.client_class().get(found.group()), "Nora@new.example")
        self.assertEqual(logged_in(self.ours.worker).get(page).status_code, 403)
        self.assertEqual(logged_in(self.theirs.admin).get(page).status_code, 404)

    def test_says_before_that_an_address_belongs_to_one_company(self) -> None:
        page = self.client.get(PATH)
        self.assertContains(page, "An address can belong to one company on this site only.")
        self.assertContains(page, "A company role is enough for the tasks that name it.")
        self.client.post(PATH, VALID)
        run_invitation_jobs()
        self.assertIn("An address can belong to one company only", str(mail.outbox[-1].body))

    def test_makes_an_invitation_of_the_own_company(self) -> None:
        response = self.client.post(PATH, VALID | {"company_roles": [self.ours.employee_role.pk]})
        self.assertRedirects(response, "/users/people/invited/", fetch_redirect_response=False)
        invitation = self.invitation()
        self.assertEqual(invitation.email, "Nora@new.example")
        self.assertEqual(invitation.system_roles, ["user", "task_worker"])
        self.assertEqual((invitation.created_by_id, invitation.impersonator_id), (self.ours.admin.pk, None))
        self.assertAlmostEqual((invitation.expires_at - timezone.now()).total_seconds(), 7 * 86400, delta=60)
        with self.ours.scope():
            self.assertEqual([role.name for role in invitation.company_roles.all()], ["Employee"])
        with self.theirs.scope():
            self.assertFalse(Invitation.objects.exists())

    def test_staff_who_entered_invite_as_nobody_of_the_company(self) -> None:
        staff = logged_in(self.staff)
        staff.post(f"/users/companies/{self.ours.company.pk}/enter/")
        staff.post(PATH, VALID)
        invitation = self.invitation()
        self.assertEqual((invitation.created_by_id, invitation.impersonator_id), (None, self.staff.pk))
        run_invitation_jobs()
        self.assertIn("You are invited to join Ours", mail.outbox[0].body)
        self.assertNotIn(self.staff.email, mail.outbox[0].body)

    def test_mail_goes_out_by_a_job_that_holds_ids_only(self) -> None:
        self.client.post(PATH, VALID)
        self.assertEqual(mail.outbox, [])
        job = ProcrastinateJob.objects.get(task_name="users.jobs.send_invitation")
        ids = {"company_id": self.ours.company.pk, "invitation_id": self.invitation().pk}
        self.assertEqual(job.args, ids)
        self.assertEqual(run_invitation_jobs(), 1)
        (message,) = mail.outbox
        self.assertEqual(message.to, ["Nora@new.example"])
        self.assertEqual(message.subject, "Ours invites you to TicketFlower")
        self.assertIn("Ada Admin invites you to join Ours", message.body)
        self.assertIn("7 days", message.body)
        link = next(line for line in message.body.splitlines() if line.startswith("http"))
        self.assertContains(self.client_class().get(link.partition("8000")[2]), "Join Ours")

    def test_mail_is_plain_text_whatever_people_are_called(self) -> None:
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.ours.admin.pk).update(first_name="Ada & <i>Co</i> {{ 7*7 }}")
        self.client.post(PATH, VALID)
        run_invitation_jobs()
        self.assertIn("Ada & <i>Co</i> {{ 7*7 }}", mail.outbox[0].body)

    def test_no_mail_for_invitations_answered_before_the_job(self) -> None:
        self.client.post(PATH, VALID)
        with self.ours.scope():
            withdraw(self.invitation())
        self.assertEqual(run_invitation_jobs(), 1)
        self.assertEqual(mail.outbox, [])

    def test_job_of_another_company_finds_nothing(self) -> None:
        self.client.post(PATH, VALID)
        send_invitation(company_id=self.theirs.company.pk, invitation_id=self.invitation().pk)
        self.assertEqual(mail.outbox, [])

    def test_colleague_has_an_account_already(self) -> None:
        response = self.client.post(PATH, VALID | {"email": "WANDA@ours.example"})
        self.assertIn("Wanda Tester already has this address", str(response.context["form"].errors["email"]))
        self.assertContains(response, "WANDA@ours.example</textarea>")
        with self.ours.scope():
            deactivate(self.ours.worker)
        response = self.client.post(PATH, VALID | {"email": "wanda@ours.example"})
        self.assertIn("Reactivate them instead", str(response.context["form"].errors["email"]))
        self.assertEqual(run_invitation_jobs(), 0)

    def test_pending_invitation_can_be_sent_again_from_here(self) -> None:
        self.client.post(PATH, VALID)
        response = self.client.post(PATH, VALID | {"email": "nora@NEW.example"})
        self.assertIn("has already been invited", str(response.context["form"].errors["email"]))
        self.assertContains(response, f'action="/users/invitations/{self.invitation().pk}/resend/"')

    def test_address_of_another_company_looks_unknown(self) -> None:
        """The page has the same text and takes the same number of statements."""
        unknown = self.client.post(PATH, VALID | {"email": "unknown@theirs.example"}, follow=True)
        known = self.client.post(PATH, VALID | {"email": self.theirs.worker.email}, follow=True)
        staff = self.client.post(PATH, VALID | {"email": self.staff.email}, follow=True)
        self.assertContains(unknown, "The invitation to unknown@theirs.example is on its way.")
        self.assertContains(known, f"The invitation to {self.theirs.worker.email} is on its way.")
        self.assertContains(staff, f"The invitation to {self.staff.email} is on its way.")
        self.assertEqual(run_invitation_jobs(), 3)
        self.assertEqual(len(mail.outbox), 3)

    def test_withdrawn_or_accepted_addresses_can_be_invited_again(self) -> None:
        self.client.post(PATH, VALID)
        with self.ours.scope():
            withdraw(self.invitation())
        self.assertEqual(self.client.post(PATH, VALID).status_code, 302)
        with self.ours.scope():
            self.assertEqual(Invitation.objects.count(), 2)

    def test_refuses_roles_of_another_company(self) -> None:
        response = self.client.post(PATH, VALID | {"company_roles": [self.theirs.employee_role.pk]})
        self.assertTrue(response.context["form"].errors["company_roles"])
        with self.ours.scope():
            self.assertFalse(Invitation.objects.exists())

    def test_costs_the_same_however_many_roles(self) -> None:
        # session, wall, savepoint and their end; the company's roles
        with at_most_queries(6) as few:
            self.client.get(PATH)
        with self.ours.scope():
            CompanyRole.objects.bulk_create(CompanyRole(name=f"Role {number}") for number in range(50))
        with same_queries_as(few):
            self.client.get(PATH)

    def test_is_for_admins_only(self) -> None:
        for method in ("get", "post"):
            self.assert_only_for_admins(PATH, method=method)
        self.assert_wrong_methods(PATH, "put", "delete")


class AtOnce(CommittedTestCase):
    """Two admins who act simultaneously."""

    def test_the_same_address_twice_is_one_invitation(self) -> None:
        client = logged_in(self.ours.admin)
        responses = at_once(*[lambda: client.post(PATH, VALID)] * 4)
        self.assertEqual(sorted(response.status_code for response in responses), [200, 200, 200, 302])
        self.assertEqual(run_invitation_jobs(), 1)

    def test_inviting_again_while_the_first_is_accepted(self) -> None:
        client = logged_in(self.ours.admin)
        client.post(PATH, VALID)
        with self.ours.scope(), transaction.atomic():
            token = token_for(Invitation.objects.get())
        data = {"first_name": "Nora", "last_name": "New", "password1": PASSWORD, "password2": PASSWORD}
        responses = at_once(
            lambda: client.post(PATH, VALID),
            lambda: self.client_class().post(f"/users/invitations/accept/{token}/", data),
        )
        self.assertEqual([response.status_code for response in responses], [200, 302])
