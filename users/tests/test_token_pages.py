"""Pages of tokens and service accounts."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from users.models import AccessToken, CustomUser
from users.tests.cases import PASSWORD, CompanyTestCase, logged_in
from users.tests.queries import at_most_queries, same_queries_as
from users.token_actions import make_service_account
from users.tokens import read_token

_FORM = {"name": "Backup", "scopes": ["read", "submit"], "days": "30", "old_password": PASSWORD}


class TokenPages(CompanyTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.sam, self.ada = logged_in(self.ours.submitter), logged_in(self.ours.admin)

    def tokens(self) -> list[AccessToken]:
        with self.ours.scope(), transaction.atomic():
            return list(AccessToken.objects.order_by("pk"))

    def make(self, **changes: Any) -> Any:
        return self.sam.post("/users/tokens/new/", _FORM | changes)

    def test_made_and_shown_once(self) -> None:
        page = self.make()
        secret = page.context["secret"]
        self.assertContains(page, secret)
        self.assertIn("no-store", page.headers["Cache-Control"])
        person = read_token(secret)
        assert isinstance(person, CustomUser)
        self.assertEqual(person, self.ours.submitter)
        listed = self.sam.get("/users/tokens/")
        self.assertContains(listed, "Backup")
        self.assertNotContains(listed, secret)

    def test_what_is_refused_stands_beside_its_field(self) -> None:
        for changes, words in (
            ({"old_password": "wrong"}, "This is not your password."),
            ({"scopes": []}, "Please fill this in."),
            ({"scopes": ["everything"]}, "everything is not one of the available choices."),
            ({"name": ""}, "Please fill this in."),
            ({"days": "4000"}, "4000 is not one of the available choices."),
        ):
            with self.subTest(changes):
                page = self.make(**changes)
                self.assertEqual(page.status_code, 200)
                self.assertContains(page, words)
        self.assertEqual(self.tokens(), [])
        self.make()
        self.assertContains(self.make(name="BACKUP"), "There is a token of this name already.")

    def test_deleted_by_its_owner_and_by_an_admin_alone(self) -> None:
        secrets = [self.make(name=name).context["secret"] for name in ("One", "Two")]
        one, two = self.tokens()
        self.assertEqual(logged_in(self.ours.worker).post(f"/users/tokens/{one.pk}/delete/").status_code, 403)
        self.assertEqual(
            logged_in(self.theirs.admin).post(f"/users/tokens/{one.pk}/delete/").status_code, 404
        )
        self.assertRedirects(self.sam.post(f"/users/tokens/{one.pk}/delete/"), "/users/tokens/")
        self.assertRedirects(self.ada.post(f"/users/tokens/{two.pk}/delete/"), "/users/tokens/company/")
        for secret in secrets:
            self.assertIsInstance(read_token(secret), AnonymousUser)

    def test_all_of_the_company(self) -> None:
        self.make()
        self.assertContains(self.ada.get("/users/tokens/company/"), "Sam Tester")
        self.assertNotContains(self.ada.get("/users/tokens/"), "Backup")
        self.assertEqual(self.sam.get("/users/tokens/company/").status_code, 403)

    def test_constant_statements(self) -> None:
        self.make()
        with at_most_queries(9) as before:
            self.sam.get("/users/tokens/")
        for number in range(30):
            self.make(name=f"Token {number}")
        with same_queries_as(before):
            self.sam.get("/users/tokens/")


class ServiceAccounts(CompanyTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.ada = logged_in(self.ours.admin)

    def robot(self) -> CustomUser:
        with self.ours.scope(), transaction.atomic():
            return make_service_account(name="Reader")

    def test_made_given_roles_and_a_token(self) -> None:
        page = self.ada.post("/users/service-accounts/new/", {"first_name": "Reader"}, follow=True)
        self.assertContains(page, "Reader (service account)")
        robot = page.context["person"]
        path, roles = f"/users/people/{robot.pk}/roles/", {"system_roles": ["task_worker"]}
        self.assertNotContains(self.ada.get(path), "Company admin")
        page = self.ada.post(path, {"system_roles": ["task_worker", "admin"]})
        self.assertEqual(list(page.context["form"].errors), ["system_roles"])
        self.ada.post(path, roles)
        page = self.ada.post(
            f"/users/service-accounts/{robot.pk}/token/", _FORM | {"scopes": ["read", "work"]}
        )
        person = read_token(page.context["secret"])
        assert isinstance(person, CustomUser)
        self.assertEqual(person.system_roles, {"task_worker"})
        self.assertFalse(person.is_in_rotation)
        self.assertContains(self.ada.get("/users/service-accounts/"), "Reader")

    def test_its_pages_lead_to_the_account(self) -> None:
        robot = self.robot()
        path, account = f"/users/service-accounts/{robot.pk}/token/", f"/users/people/{robot.pk}/"
        form = self.ada.get(path)
        made = self.ada.post(path, _FORM | {"scopes": ["read", "work"]})
        self.assertTrue(made.context["secret"])
        for page in (form, made):
            above, content = page.content.decode().split("<main")
            self.assertIn(f'href="{account}"', above)
            self.assertIn(f'href="{account}"', content)
            self.assertNotIn('href="/users/tokens/"', content)

    def test_scopes_that_do_not_go_together(self) -> None:
        page = self.ada.post(
            f"/users/service-accounts/{self.robot().pk}/token/", _FORM | {"scopes": ["work", "design"]}
        )
        self.assertContains(page, "Make two accounts.")

    def test_a_name_once(self) -> None:
        self.robot()
        page = self.ada.post("/users/service-accounts/new/", {"first_name": "READER"})
        self.assertContains(page, "There is a service account of this name already.")

    def test_nobody_logs_in_as_one(self) -> None:
        self.robot()
        page = self.client.post("/users/login/", {"username": "", "password": ""})
        self.assertEqual(page.status_code, 200)
        with self.assertRaises(CustomUser.DoesNotExist):
            CustomUser.objects.get_by_natural_key("")

    def test_no_token_for_people(self) -> None:
        path = f"/users/service-accounts/{self.ours.worker.pk}/token/"
        self.assertEqual(self.ada.post(path, _FORM).status_code, 404)

    def test_what_a_service_account_does_not_have(self) -> None:
        robot = self.robot()
        for page in ("email", "away"):
            with self.subTest(page):
                self.assertEqual(self.ada.get(f"/users/people/{robot.pk}/{page}/").status_code, 404)
