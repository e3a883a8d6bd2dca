"""Ending a person's access and restoring it."""

from django.db import transaction
from django.test import Client

from users.models import CustomUser
from users.system_roles import SystemRoleName
from users.tests.admin_pages import AdminPageTestCase
from users.tests.at_once import at_once
from users.tests.audit import audit_events
from users.tests.cases import PASSWORD, CommittedTestCase, logged_in, make_person


def log_in(email: str) -> bool:
    """Return whether the address and the tests' password allow a log-in."""
    response = Client().post("/users/login/", {"username": email, "password": PASSWORD})
    return response.status_code == 302


class Deactivate(AdminPageTestCase):
    """Deactivating by company admins."""

    def setUp(self) -> None:
        super().setUp()
        self.person = self.ours.worker
        self.detail = f"/users/people/{self.person.pk}/"
        self.path = f"{self.detail}deactivate/"

    def is_active(self, person: CustomUser | None = None) -> bool:
        with self.ours.scope():
            return CustomUser.objects.get(pk=(person or self.person).pk).is_active

    def test_asks_first(self) -> None:
        response = self.client.get(self.path)
        self.assertContains(response, "Deactivate Wanda Tester?")
        self.assertContains(response, "csrfmiddlewaretoken")
        self.assertTrue(self.is_active())

    def test_person_is_logged_out_and_can_not_return(self) -> None:
        browser = logged_in(self.person)
        self.assertEqual(browser.get("/users/dashboard/").status_code, 200)
        response = self.client.post(self.path)
        self.assertRedirects(response, self.detail, fetch_redirect_response=False)
        self.assertRedirects(
            browser.get("/users/dashboard/"),
            "/users/login/?next=/users/dashboard/",
            fetch_redirect_response=False,
        )
        self.assertFalse(log_in(self.person.email))
        self.assertContains(self.client.get(self.detail), "Deactivated")

    def test_no_data_is_lost(self) -> None:
        self.client.post(self.path)
        with self.ours.scope():
            row = CustomUser.objects.get(pk=self.person.pk)
            self.assertEqual(row.system_roles, {"user", "task_worker"})
            event = audit_events(CustomUser).latest("pk")
        self.assertEqual((event.row_id, event.changes), (self.person.pk, {"is_active": [True, False]}))
        self.assertEqual(event.person_id, self.ours.admin.pk)

    def test_already_deactivated_changes_nothing(self) -> None:
        self.client.post(self.path, follow=True)
        with self.ours.scope():
            before = audit_events(CustomUser).count()
        response = self.client.post(self.path, follow=True)
        self.assertEqual(response.status_code, 200)
        self.assertNotContains(response, "has been deactivated.")
        with self.ours.scope():
            self.assertEqual(audit_events(CustomUser).count(), before)

    def test_last_admin_stays(self) -> None:
        response = self.client.post(f"/users/people/{self.ours.admin.pk}/deactivate/", follow=True)
        self.assertContains(response, "is the only company admin and stays active")
        self.assertTrue(self.is_active(self.ours.admin))

    def test_last_admin_stays_also_for_staff(self) -> None:
        staff = logged_in(self.staff)
        staff.post(f"/users/companies/{self.ours.company.pk}/enter/")
        staff.post(f"/users/people/{self.ours.admin.pk}/deactivate/")
        self.assertTrue(self.is_active(self.ours.admin))
        staff.post(self.path)
        self.assertFalse(self.is_active())

    def test_admin_may_deactivate_themself_where_another_remains(self) -> None:
        make_person(self.ours.company, "Olga", system_roles=[SystemRoleName.ADMIN])
        self.client.post(f"/users/people/{self.ours.admin.pk}/deactivate/")
        self.assertFalse(self.is_active(self.ours.admin))
        self.assertEqual(self.client.get("/users/people/").status_code, 302)

    def test_is_for_admins_of_the_company_only(self) -> None:
        for method in ("get", "post"):
            self.assert_only_for_admins(self.path, method=method)
            self.assert_unknown_to_others(self.path, method=method)
        self.assert_wrong_methods(self.path, "put", "delete")
        self.assertTrue(self.is_active())


class Reactivate(AdminPageTestCase):
    """Reactivating by company admins."""

    def setUp(self) -> None:
        super().setUp()
        self.person = self.ours.worker
        self.path = f"/users/people/{self.person.pk}/reactivate/"

    def test_person_can_log_in_again_with_their_roles(self) -> None:
        self.client.post(f"/users/people/{self.person.pk}/deactivate/")
        response = self.client.post(self.path, follow=True)
        self.assertContains(response, "Wanda Tester can log in again.")
        self.assertContains(response, "Task worker")
        self.assertTrue(log_in(self.person.email))

    def test_old_sessions_are_not_restored(self) -> None:
        browsers = [logged_in(self.person), logged_in(self.person), logged_in(self.ours.submitter)]
        self.client.post(f"/users/people/{self.person.pk}/deactivate/")
        self.client.post(self.path)
        responses = [browser.get("/users/dashboard/").status_code for browser in browsers]
        self.assertEqual(responses, [302, 302, 200])

    def test_already_active_changes_nothing(self) -> None:
        response = self.client.post(self.path, follow=True)
        self.assertNotContains(response, "can log in again")

    def test_is_for_admins_of_the_company_only(self) -> None:
        self.assert_only_for_admins(self.path, method="post")
        self.assert_unknown_to_others(self.path, method="post")
        self.assert_wrong_methods(self.path, "get", "put", "delete")


class AtOnce(CommittedTestCase):
    """Two admins who act simultaneously."""

    def test_two_admins_who_deactivate_each_other_leave_one(self) -> None:
        other = make_person(self.ours.company, "Olga", system_roles=[SystemRoleName.ADMIN])
        first, second = logged_in(self.ours.admin), logged_in(other)
        responses = at_once(
            lambda: first.post(f"/users/people/{other.pk}/deactivate/"),
            lambda: second.post(f"/users/people/{self.ours.admin.pk}/deactivate/"),
        )
        self.assertEqual([response.status_code for response in responses], [302, 302])
        with self.ours.scope(), transaction.atomic():
            admins = CustomUser.objects.active().with_system_role(SystemRoleName.ADMIN)
            self.assertEqual(admins.count(), 1)
