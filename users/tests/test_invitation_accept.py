"""The link of an invitation: it works once, for seven days, and for one company only."""

from typing import TYPE_CHECKING

from django.core import signing
from django.db import transaction
from django.test import Client, TestCase
from procrastinate.contrib.django.models import ProcrastinateJob

from users.invitations import SALT, invite, token_for, withdraw
from users.models import CompanyRole, CustomUser, Invitation, StaffVisit, SystemRoleMembership
from users.tests.at_once import at_once
from users.tests.audit import audit_events
from users.tests.cases import CommittedTestCase, CompanyTestCase, logged_in
from users.tests.hostile import HOSTILE_TEXTS, hostile_posts
from users.tests.queries import at_most_queries
from users.tests.test_invitation_list import accepted, invited, run_out

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

VALID = {
    "first_name": "Nora",
    "last_name": "O'New",
    "password1": "a-quiet-oven-42",
    "password2": "a-quiet-oven-42",
}


def path_of(invitation: Invitation) -> str:
    """Return the path of the invitation's link."""
    return f"/users/invitations/accept/{token_for(invitation)}/"


class Accept(CompanyTestCase):
    """Acceptance by the recipient of the link."""

    def setUp(self) -> None:
        super().setUp()
        self.invitation = invited(self.ours)
        self.path = path_of(self.invitation)

    def person(self) -> CustomUser:
        return CustomUser.objects.get_by_natural_key("nora@new.example")

    def nobody(self) -> bool:
        with self.ours.scope():
            return not CustomUser.objects.filter(email="nora@new.example").exists()

    def test_asks_for_a_name_and_a_password(self) -> None:
        response = self.client.get(self.path)
        self.assertContains(response, "Join Ours")
        self.assertContains(response, "nora@new.example")
        self.assertIn("no-store", response["Cache-Control"])
        self.assertNotContains(response, "is logged in")

    def test_makes_the_person_with_the_roles_and_logs_them_in(self) -> None:
        response = self.client.post(self.path, VALID)
        self.assertRedirects(response, "/users/dashboard/", fetch_redirect_response=False)
        person = self.person()
        self.assertEqual((person.company_id, person.get_full_name()), (self.ours.company.pk, "Nora O'New"))
        self.assertTrue(person.check_password(VALID["password1"]))
        with self.ours.scope():
            self.assertEqual(person.system_roles, {"user"})
            self.assertEqual(person.company_role_ids, {self.ours.employee_role.pk})
            invitation = Invitation.objects.get()
        self.assertEqual(invitation.accepted_by_id, person.pk)
        # Tasks may have waited for somebody with these roles.
        self.assertTrue(
            ProcrastinateJob.objects.filter(task_name="workflow_ops.jobs.process_people_changes").exists()
        )
        self.assertContains(self.client.get("/users/profile/"), "nora@new.example")

    def test_audit_log_names_the_new_person(self) -> None:
        self.client.post(self.path, VALID)
        person = self.person()
        with self.ours.scope():
            events = [
                audit_events(Invitation).latest("pk"),
                audit_events(SystemRoleMembership).latest("pk"),
            ]
            made = audit_events(CustomUser).filter(row_id=person.pk).earliest("pk")
        self.assertEqual([event.person_id for event in events], [person.pk, person.pk])
        self.assertIn(made.person_id, {None, person.pk})

    def test_takes_nothing_else_from_the_form(self) -> None:
        extra = {
            "is_staff": "on",
            "is_superuser": "on",
            "is_active": "",
            "email": "other@new.example",
            "company": str(self.theirs.company.pk),
            "company_id": str(self.theirs.company.pk),
            "system_roles": "admin",
            "groups": "1",
        }
        self.client.post(self.path, VALID | extra)
        person = self.person()
        self.assertFalse(person.is_staff or person.is_superuser)
        self.assertEqual(person.company_id, self.ours.company.pk)
        with self.ours.scope():
            self.assertEqual(person.system_roles, {"user"})

    def test_says_beside_the_field_what_is_wrong_and_keeps_the_rest(self) -> None:
        for change, field, words in (
            ({"password2": "something else"}, "password2", "not the same"),
            ({"password1": "nora@new.example", "password2": "nora@new.example"}, "password1", "too similar"),
            ({"password1": "12345", "password2": "12345"}, "password1", "too short"),
            ({"first_name": " "}, "first_name", "fill this in"),
        ):
            with self.subTest(field):
                response = self.client.post(self.path, VALID | change)
                self.assertIn(words, " ".join(response.context["form"].errors[field]))
                self.assertContains(response, 'value="O&#x27;New"')
                self.assertNotContains(response, VALID["password1"])
        self.assertTrue(self.nobody())

    def test_deleted_roles_are_ignored(self) -> None:
        with self.ours.scope():
            CompanyRole.objects.all().delete()
        self.client.post(self.path, VALID)
        with self.ours.scope():
            self.assertEqual(self.person().company_role_ids, set())

    def test_works_once(self) -> None:
        self.client.post(self.path, VALID)
        for method in ("get", "post"):
            response = getattr(Client(), method)(self.path, VALID)
            self.assertContains(response, "has already been accepted", status_code=410)
            self.assertContains(response, 'href="/users/login/"', status_code=410)

    def assert_dead(self, words: str, *, status: int = 410) -> None:
        """Assert that the link is dead for every user, logged in or not, with either method."""
        for client in (
            Client(),
            logged_in(self.ours.submitter),
            logged_in(self.theirs.admin),
            logged_in(self.staff),
        ):
            for method in ("get", "post"):
                response: Response = getattr(client, method)(self.path, VALID)
                self.assertContains(response, words, status_code=status)
        self.assertTrue(self.nobody())

    def test_withdrawn(self) -> None:
        with self.ours.scope():
            withdraw(self.invitation)
        self.assert_dead("was withdrawn")

    def test_expired(self) -> None:
        run_out(self.ours, self.invitation)
        self.assert_dead("has expired")

    def test_forged_or_cut_short(self) -> None:
        token = token_for(self.invitation)
        values = {"c": self.ours.company.pk, "i": self.invitation.pk, "n": self.invitation.nonce}
        for forged in (
            token[:-1],
            token.swapcase(),
            signing.dumps(values, salt="another"),
            signing.dumps(values, salt=SALT, key="another key"),
            "x",
            "%00",
            "%F0%9F%99%82:%ED%A0%80:x",
            "9" * 5000,
        ):
            with self.subTest(forged[:40]):
                self.path = f"/users/invitations/accept/{forged}/"
                self.assert_dead("This link is not complete", status=404)

    def test_signed_ids_of_two_companies_open_nothing(self) -> None:
        values = {"c": self.theirs.company.pk, "i": self.invitation.pk, "n": self.invitation.nonce}
        self.path = f"/users/invitations/accept/{signing.dumps(values, salt=SALT)}/"
        self.assert_dead("This link is not complete", status=404)

    def test_in_a_browser_with_another_user(self) -> None:
        for number, other in enumerate((self.ours.submitter, self.theirs.admin, self.staff)):
            client = logged_in(other)
            path = path_of(invited(self.ours, f"p{number}@new.example"))
            response = client.get(path)
            self.assertContains(response, "is logged in")
            self.assertNotContains(response, "Theirs")
            self.assertEqual(client.post(path, VALID).status_code, 302)
            self.assertContains(client.get("/users/profile/"), f"p{number}@new.example")

    def test_with_staff_inside_another_company(self) -> None:
        client = logged_in(self.staff)
        client.post(f"/users/companies/{self.theirs.company.pk}/enter/")
        client.post(self.path, VALID)
        page = client.get("/users/dashboard/")
        self.assertContains(page, "Ours")
        self.assertNotContains(page, "Theirs")
        self.assertFalse(page.wsgi_request.impersonating)  # type: ignore[attr-defined]
        with self.theirs.scope():
            self.assertIsNotNone(StaffVisit.objects.get().left_at)

    def test_address_of_another_company_gets_a_neutral_answer(self) -> None:
        for other in (self.theirs.worker, self.staff):
            path = path_of(invited(self.ours, other.email.upper()))
            response = self.client.post(path, VALID)
            self.assertContains(response, "An account can&#x27;t be made with the address")
            self.assertNotContains(response, "Theirs")
            self.assertContains(response, 'value="Nora"')
            self.assertEqual(self.client.get("/users/dashboard/").status_code, 302)
        with self.ours.scope():
            self.assertEqual(CustomUser.objects.count(), 5)
            self.assertEqual(Invitation.objects.pending().count(), 3)

    def test_two_companies_invite_the_same_person(self) -> None:
        other = path_of(invited(self.theirs, "nora@new.example"))
        self.assertEqual(self.client.post(self.path, VALID).status_code, 302)
        self.assertContains(Client().post(other, VALID), "An account can&#x27;t be made")

    def test_a_link_of_ours_never_opens_anything_of_theirs(self) -> None:
        accepted(self.theirs, invited(self.theirs, "x@new.example"))
        self.client.post(self.path, VALID)
        self.assertNotContains(self.client.get("/users/dashboard/"), "Theirs")

    def test_hostile_texts(self) -> None:
        for field, text, response in hostile_posts(self.path, VALID):
            with self.subTest(field=field, text=text[:40]):
                self.assertIn(response.status_code, {200, 302, 410})
                self.assertNotIn("<script>alert", response.content.decode())

    def test_costs(self) -> None:
        # savepoint, wall, invitation with company, wall reset, savepoint
        with at_most_queries(7):
            self.client.get(self.path)

    def test_wrong_method(self) -> None:
        for method in ("put", "delete", "patch"):
            self.assertEqual(getattr(self.client, method)(self.path).status_code, 405)


class AtOnce(CommittedTestCase):
    """One link that is opened twice simultaneously."""

    def make(self) -> str:
        with self.ours.scope(), transaction.atomic():
            return path_of(
                invite(
                    self.ours.admin,
                    email="nora@new.example",
                    system_roles=["user"],
                    company_role_ids=[self.ours.employee_role.pk],
                )
            )

    def people(self) -> int:
        with self.ours.scope(), transaction.atomic():
            return CustomUser.objects.filter(email="nora@new.example").count()

    def test_two_acceptances_make_one_person(self) -> None:
        path = self.make()
        responses = at_once(*[lambda: Client().post(path, VALID)] * 4)
        self.assertEqual(sorted(response.status_code for response in responses), [302, 410, 410, 410])
        self.assertEqual(self.people(), 1)

    def test_accepted_while_it_is_withdrawn(self) -> None:
        path = self.make()
        client = logged_in(self.ours.admin)
        with self.ours.scope(), transaction.atomic():
            number = Invitation.objects.get().pk
        accepted_answer, _ = at_once(
            lambda: Client().post(path, VALID),
            lambda: client.post(f"/users/invitations/{number}/withdraw/"),
        )
        with self.ours.scope(), transaction.atomic():
            invitation = Invitation.objects.get()
        self.assertNotEqual(invitation.accepted_at is None, invitation.withdrawn_at is None)
        self.assertEqual(self.people(), int(accepted_answer.status_code == 302))

    def test_accepted_while_its_role_is_deleted(self) -> None:
        path = self.make()
        client = logged_in(self.ours.admin)
        responses = at_once(
            lambda: Client().post(path, VALID),
            lambda: client.post(f"/users/roles/{self.ours.employee_role.pk}/delete/"),
        )
        self.assertEqual([response.status_code for response in responses], [302, 302])
        self.assertEqual(self.people(), 1)

    def test_signed_link_opens_the_company_behind_the_second_wall(self) -> None:
        """This uses real transactions, in a browser where a user of another company is logged in."""
        path = self.make()
        client = logged_in(self.theirs.admin)
        self.assertContains(client.get(path), "Join Ours")
        self.assertNotContains(client.get("/users/people/"), "ours.example")
        self.assertEqual(client.post(path, VALID).status_code, 302)
        self.assertContains(client.get("/users/dashboard/"), "Ours")


class NobodyIsLoggedIn(TestCase):
    """A forged token."""

    def test_without_any_company(self) -> None:
        for text in HOSTILE_TEXTS:
            if text and "/" not in text and "\ud800" not in text:
                token = signing.dumps({"c": 1, "i": 1, "n": text}, salt=SALT)
                response = Client().get(f"/users/invitations/accept/{token}/")
                self.assertEqual(response.status_code, 404)
