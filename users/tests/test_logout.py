"""Logging out."""

from django.test import Client

from users.sessions import IMPERSONATED_COMPANY_KEY, SessionStore
from users.tests.cases import PASSWORD, CompanyTestCase, logged_in
from users.tests.queries import at_most_queries

PATH = "/users/logout/"


class LogOut(CompanyTestCase):
    """Logging out by POST ends the session."""

    def test_ends_the_session(self) -> None:
        client = logged_in(self.ours.submitter)
        key = client.cookies["sessionid"].value
        response = client.post(PATH)
        self.assertRedirects(response, "/users/login/")
        self.assertEqual(response.headers["Clear-Site-Data"], '"cache"')
        self.assertFalse(SessionStore().exists(key))
        client.cookies["sessionid"] = key
        self.assertRedirects(client.get("/users/profile/"), "/users/login/?next=/users/profile/")

    def test_get_only_asks(self) -> None:
        client = logged_in(self.ours.submitter)
        self.assertContains(client.get(PATH), "Log out?")
        self.assertEqual(client.get("/users/profile/").status_code, 200)
        self.assertEqual(client.put(PATH).status_code, 405)

    def test_only_this_browser(self) -> None:
        here, there = logged_in(self.ours.submitter), logged_in(self.ours.submitter)
        here.post(PATH)
        self.assertEqual(there.get("/users/profile/").status_code, 200)

    def test_nobody_logged_in(self) -> None:
        for response in (Client().get(PATH), Client().post(PATH)):
            self.assertRedirects(response, "/users/login/")

    def test_on_to_a_page_of_ours_only(self) -> None:
        for target, leads_to in (("/users/signup/", "/users/signup/"), ("//evil.example/", "/users/login/")):
            response = logged_in(self.ours.submitter).post(PATH, {"next": target})
            self.assertRedirects(response, leads_to)

    def test_page(self) -> None:
        client = logged_in(self.ours.submitter)
        with at_most_queries(5):  # session, savepoint, setting and their end
            client.get(PATH)

    def test_staff_leave_the_company_with_it(self) -> None:
        client = logged_in(self.staff)
        session = client.session
        session[IMPERSONATED_COMPANY_KEY] = self.ours.company.pk
        session.save()
        self.assertEqual(client.get("/users/profile/").context["request"].company, self.ours.company)
        client.post(PATH)
        client.post("/users/login/", {"username": self.staff.email, "password": PASSWORD})
        self.assertIsNone(client.get("/users/profile/").context["request"].company)

    def test_needs_a_form_of_ours(self) -> None:
        client = Client(enforce_csrf_checks=True)
        client.cookies = logged_in(self.ours.submitter).cookies
        self.assertEqual(client.post(PATH).status_code, 403)
        self.assertEqual(client.get("/users/profile/").status_code, 200)
