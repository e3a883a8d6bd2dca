"""Pending invitations: listing, resending and withdrawing them."""

import re
from datetime import timedelta

from django.core import mail
from django.utils import timezone

from users.invitations import accept, invite, read_link, token_for, withdraw
from users.models import CompanyRole, Invitation
from users.tests.admin_pages import AdminPageTestCase, run_invitation_jobs
from users.tests.cases import PASSWORD, People
from users.tests.queries import at_most_queries, same_queries_as

PATH = "/users/people/invited/"


def invited(people: People, email: str = "nora@new.example") -> Invitation:
    """Create an invitation by the company's admin."""
    with people.scope():
        return invite(
            people.admin,
            email=email,
            system_roles=["user"],
            company_role_ids=[people.employee_role.pk],
        )


def accepted(people: People, invitation: Invitation) -> None:
    """Accept the invitation as the invited person."""
    with people.scope():
        accept(read_link(token_for(invitation)), first_name="Nora", last_name="New", password=PASSWORD)


def run_out(people: People, invitation: Invitation) -> None:
    """Let the invitation expire."""
    with people.scope():
        end = timezone.now() - timedelta(seconds=1)
        Invitation.objects.filter(pk=invitation.pk).update(expires_at=end)


class InvitationList(AdminPageTestCase):
    """The list for company admins."""

    def test_no_mail_with_an_expired_link(self) -> None:
        run_out(self.ours, invited(self.ours))
        self.assertEqual(run_invitation_jobs(), 1)
        self.assertEqual(mail.outbox, [])

    def test_shows_what_is_pending_in_the_own_company(self) -> None:
        pending = invited(self.ours)
        gone, used = invited(self.ours, "gone@new.example"), invited(self.ours, "used@new.example")
        with self.ours.scope():
            withdraw(gone)
        accepted(self.ours, used)
        invited(self.theirs, "other@new.example")
        response = self.client.get(PATH)
        self.assertEqual([row.pk for row in response.context["page"].rows], [pending.pk])
        for text in ("nora@new.example", "invited by Ada Admin", "Submitter", "Employee", "Invited"):
            self.assertContains(response, text)
        self.assertContains(response, f"/users/invitations/{pending.pk}/resend/")
        self.assertContains(response, f"/users/invitations/{pending.pk}/withdraw/")
        self.assertNotContains(response, "Expired")

    def test_marks_expired_invitations(self) -> None:
        run_out(self.ours, invited(self.ours))
        self.assertContains(self.client.get(PATH), "Expired")

    def test_says_what_will_appear(self) -> None:
        response = self.client.get(PATH)
        self.assertContains(response, "People whom you invite appear here")
        self.assertContains(response, 'href="/users/people/invite/"')

    def test_searches_addresses(self) -> None:
        invited(self.ours, "one@new.example")
        invited(self.ours, "two@new.example")
        response = self.client.get(f"{PATH}?q=TWO")
        self.assertEqual([row.email for row in response.context["page"].rows], ["two@new.example"])
        self.assertContains(self.client.get(f"{PATH}?q=three"), "No invitation matches this address")

    def test_sorts_newest_first_or_by_address(self) -> None:
        for email in ("b@new.example", "a@new.example", "c@new.example"):
            invited(self.ours, email)
        for query, expected in (("", "cab"), ("?sort=until", "bac"), ("?sort=email", "abc")):
            rows = self.client.get(f"{PATH}{query}").context["page"].rows
            self.assertEqual("".join(row.email[0] for row in rows), expected)

    def test_costs_the_same_however_many_there_are(self) -> None:
        invited(self.ours)
        # session, wall, savepoint and their end; rows, their roles, count
        with at_most_queries(8) as few:
            self.client.get(PATH)
        for number in range(49):  # a company may send 50 a day
            invited(self.ours, f"p{number}@new.example")
        with same_queries_as(few):
            response = self.client.get(PATH)
        self.assertEqual(len(response.context["page"].rows), 50)
        self.assertLess(len(response.content), 100_000)

    def test_is_for_admins_only(self) -> None:
        self.assert_only_for_admins(PATH)
        self.assert_wrong_methods(PATH, "post", "put", "delete")


class Resend(AdminPageTestCase):
    """Resending by company admins."""

    def setUp(self) -> None:
        super().setUp()
        self.invitation = invited(self.ours)
        self.path = f"/users/invitations/{self.invitation.pk}/resend/"
        run_invitation_jobs()
        mail.outbox.clear()

    def now(self) -> Invitation:
        with self.ours.scope():
            return Invitation.objects.get(pk=self.invitation.pk)

    def test_sends_a_new_link_and_invalidates_the_old_one(self) -> None:
        run_out(self.ours, self.invitation)
        response = self.client.post(self.path, follow=True)
        self.assertContains(response, "The invitation to nora@new.example is on its way.")
        self.assertGreater(self.now().expires_at, timezone.now() + timedelta(days=6))
        old = self.client_class().get(f"/users/invitations/accept/{token_for(self.invitation)}/")
        self.assertContains(old, "A newer invitation was sent to you", status_code=410)
        run_invitation_jobs()
        link = re.search(r"/users/invitations/accept/\S+/", str(mail.outbox[-1].body))
        assert link is not None
        self.assertContains(self.client_class().get(link[0]), "Join Ours")

    def assert_not_sent_again(self) -> None:
        """Assert that the page refuses and the link stays unchanged."""
        before = self.now()
        response = self.client.post(self.path, follow=True)
        self.assertContains(response, "has already been accepted or withdrawn")
        self.assertEqual((self.now().nonce, self.now().expires_at), (before.nonce, before.expires_at))
        self.assertEqual(run_invitation_jobs(), 1)
        self.assertEqual(mail.outbox, [])

    def test_what_was_accepted_is_not_sent_again(self) -> None:
        accepted(self.ours, self.invitation)
        self.assert_not_sent_again()

    def test_what_was_withdrawn_is_not_sent_again(self) -> None:
        with self.ours.scope():
            withdraw(self.invitation)
        self.assert_not_sent_again()

    def test_is_for_admins_of_the_company_only(self) -> None:
        self.assert_only_for_admins(self.path, method="post")
        self.assert_unknown_to_others(self.path, method="post")
        self.assert_wrong_methods(self.path, "get", "put", "delete")
        self.assertEqual(self.now().nonce, self.invitation.nonce)


class Withdraw(AdminPageTestCase):
    """Withdrawing by company admins."""

    def setUp(self) -> None:
        super().setUp()
        self.invitation = invited(self.ours)
        self.path = f"/users/invitations/{self.invitation.pk}/withdraw/"

    def test_asks_first(self) -> None:
        self.assertContains(self.client.get(self.path), "Withdraw the invitation to nora@new.example?")
        with self.ours.scope():
            self.assertTrue(Invitation.objects.pending().exists())

    def test_link_is_dead(self) -> None:
        response = self.client.post(self.path, follow=True)
        self.assertContains(response, "The invitation to nora@new.example has been withdrawn.")
        link = self.client_class().get(f"/users/invitations/accept/{token_for(self.invitation)}/")
        self.assertContains(link, "was withdrawn", status_code=410)

    def test_already_answered(self) -> None:
        accepted(self.ours, self.invitation)
        response = self.client.post(self.path, follow=True)
        self.assertContains(response, "has already been accepted or withdrawn")
        with self.ours.scope():
            self.assertIsNone(Invitation.objects.get().withdrawn_at)

    def test_a_role_of_an_invitation_may_be_deleted(self) -> None:
        with self.ours.scope():
            CompanyRole.objects.all().delete()
        self.assertEqual(self.client.get(PATH).status_code, 200)

    def test_is_for_admins_of_the_company_only(self) -> None:
        for method in ("get", "post"):
            self.assert_only_for_admins(self.path, method=method)
            self.assert_unknown_to_others(self.path, method=method)
        self.assert_wrong_methods(self.path, "put", "delete")
        with self.ours.scope():
            self.assertTrue(Invitation.objects.pending().exists())
