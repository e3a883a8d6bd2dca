"""A form that is sent after the log-in ended is kept, and shown again after logging in."""

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone

from ticketflower.tenancy.context import all_companies_scope
from users.jobs import delete_expired_forms
from users.models import CompanyRole, CustomUser, UnsentForm
from users.tests.cases import PASSWORD, CompanyTestCase
from users.tests.test_limits import limited

PATH = "/users/roles/new/"
TYPED = {"name": "Bücher & <Co>", "description": 'Says "hello"\r\nand more'}
AGAIN = "You were logged out before this was sent. Please check it and send it."
ASKED = "You were logged out before this was sent. Nothing has been sent yet"
HERE = "http://testserver"


def log_in(person: CustomUser, client: Client | None = None, **more: str) -> Client:
    """Log in by the form, in a browser that may have other cookies already."""
    client = client or Client()
    client.post("/users/login/", {"username": person.email, "password": PASSWORD, **more})
    return client


def end_session(client: Client) -> None:
    """Forget the session's cookie, as a browser does when it has expired."""
    del client.cookies["sessionid"]


class UnsentFormTestCase(CompanyTestCase):
    """A test case that looks at all kept forms and roles."""

    def rows(self) -> list[UnsentForm]:
        with all_companies_scope(), transaction.atomic():
            return list(UnsentForm.objects.all())

    def assert_no_role(self) -> None:
        with self.ours.scope():
            self.assertFalse(CompanyRole.objects.filter(name=TYPED["name"]).exists())

    def assert_filled(self, response: Any) -> None:
        """Assert that the page shows the form with what was typed, and says why."""
        self.assertContains(response, AGAIN)
        self.assertEqual(response.context["form"]["name"].value(), TYPED["name"])
        self.assertContains(response, "B&uuml;cher &amp; &lt;Co&gt;".replace("&uuml;", "ü"))
        self.assertNotContains(response, "<Co>")


class WithTheCookie(UnsentFormTestCase):
    """A browser in which the person was logged in."""

    def setUp(self) -> None:
        self.client = log_in(self.ours.admin)
        end_session(self.client)
        self.asked = self.client.post(PATH, TYPED)

    def test_shown_again_and_sent(self) -> None:
        self.assertEqual(self.asked["Location"], "/users/login/?next=/users/roles/new/%3F_unsent%3D1")
        self.assertContains(self.client.get(self.asked["Location"]), ASKED)
        self.assert_no_role()
        onward = self.client.post(
            self.asked["Location"], {"username": self.ours.admin.email, "password": PASSWORD}
        )
        for _reload in range(2):
            page = self.client.get(onward["Location"])
            self.assert_filled(page)
            self.assert_no_role()
        self.assertContains(page, '<input type="hidden" name="_unsent" value="1">')
        self.client.post(onward["Location"], {**TYPED, "_unsent": "1"})
        with self.ours.scope():
            self.assertEqual(CompanyRole.objects.filter(name=TYPED["name"]).count(), 1)
        self.assertEqual(self.rows(), [])
        self.assertRedirects(self.client.get(onward["Location"]), PATH)

    def test_another_person_sees_nothing(self) -> None:
        for person in (self.ours.worker, self.theirs.admin):
            page = log_in(person, self.client).get(f"{PATH}?_unsent=1", follow=True)
            self.assertNotContains(page, "Bücher", status_code=page.status_code)
            end_session(self.client)
        self.assertEqual(len(self.rows()), 1)

    def test_newer_one_takes_the_place(self) -> None:
        self.client.post("/users/company/", {"name": "New name"})
        [row] = self.rows()
        self.assertEqual(row.address, "/users/company/")
        log_in(self.ours.admin, self.client)
        self.assertRedirects(self.client.get(f"{PATH}?_unsent=1"), PATH)

    def test_an_hour(self) -> None:
        delete_expired_forms(0)
        self.assertEqual(len(self.rows()), 1)
        with all_companies_scope():
            UnsentForm.objects.update(stored_at=timezone.now() - timedelta(minutes=61))
        log_in(self.ours.admin, self.client)
        self.assertRedirects(self.client.get(f"{PATH}?_unsent=1"), PATH)
        delete_expired_forms(0)
        self.assertEqual(self.rows(), [])

    def test_page_that_takes_it_no_more(self) -> None:
        with self.ours.scope():
            role = CompanyRole.objects.create(name="Old")
        address = f"/users/roles/{role.pk}/"
        self.client.post(address, TYPED)
        with self.ours.scope():
            role.delete()
        log_in(self.ours.admin, self.client)
        page = self.client.get(f"{address}?_unsent=1")
        self.assertContains(page, "Bücher &amp; &lt;Co&gt;", status_code=409)

    def test_in_an_editor(self) -> None:
        answer = self.client.post(PATH, TYPED, headers={"HX-Request": "true"})
        self.assertEqual(answer["HX-Redirect"], self.asked["Location"])


class WithoutTheCookie(UnsentFormTestCase):
    """A browser that does not know who was logged in last: the text goes into the page."""

    def test_comes_back_after_the_log_in(self) -> None:
        for cookie in (None, "forged", '["1",2]:x:y'):
            client = Client()
            if cookie:
                client.cookies["last_person"] = cookie
            page = client.post(PATH, {**TYPED, "password": "secret-1"})
            self.assertContains(page, "You were logged out before this was sent.")
            self.assertContains(page, 'value="Bücher &amp; &lt;Co&gt;"')
            self.assertNotContains(page, "secret-1")
            self.assertEqual(self.rows(), [])
            fields = dict(page.context["hidden_fields"])
            wrong = client.post("/users/login/", {"username": "a@b.example", "password": "no", **fields})
            self.assertEqual(dict(wrong.context["hidden_fields"]), fields)
            answer = client.post(
                "/users/login/", {"username": self.ours.admin.email, "password": PASSWORD, **fields}
            )
            self.assert_filled(client.get(answer["Location"]))
            self.assert_no_role()
            found = self.rows()
            self.assertEqual([row.person_id for row in found], [self.ours.admin.pk])
            with self.ours.scope():
                UnsentForm.objects.all().delete()

    def test_address_of_another_site(self) -> None:
        fields = {"unsent_address": "//evil.example/", "unsent.name": "x"}
        answer = Client().post(
            "/users/login/", {"username": self.ours.admin.email, "password": PASSWORD, **fields}
        )
        self.assertRedirects(answer, "/users/dashboard/", fetch_redirect_response=False)

    def test_staff(self) -> None:
        client = log_in(self.ours.admin)
        end_session(client)
        log_in(self.staff, client)
        end_session(client)
        page = client.post("/users/profile/", {"first_name": "Stefanie"})
        self.assertContains(page, 'value="Stefanie"')
        self.assertEqual(self.rows(), [])

    def test_after_logging_out(self) -> None:
        client = log_in(self.ours.admin)
        client.post("/users/logout/")
        self.assertEqual(client.cookies["last_person"].value, "")
        self.assertEqual(client.post(PATH, TYPED).status_code, 200)
        self.assertEqual(self.rows(), [])

    def test_nothing_typed(self) -> None:
        answer = Client().post(PATH, headers={"Referer": f"{HERE}{PATH}"})
        self.assertRedirects(answer, f"/users/login/?next={PATH}")

    def test_in_an_editor(self) -> None:
        self.assertEqual(Client().post(PATH, TYPED, headers={"HX-Request": "true"}).status_code, 401)


class Files(UnsentFormTestCase):
    """Files are kept up to a limit."""

    def post(self, *contents: bytes) -> Client:
        client = log_in(self.ours.designer)
        end_session(client)
        files = [SimpleUploadedFile(f"{number}.json", text) for number, text in enumerate(contents)]
        client.post("/design/upload/", {"file": files})
        return log_in(self.ours.designer, client)

    def test_stored(self) -> None:
        client = self.post(b"\x00\xff", b'{"title": "A"}')
        [row] = self.rows()
        self.assertEqual([bytes(content) for content in row.contents], [b"\x00\xff", b'{"title": "A"}'])
        self.assertContains(client.get("/design/upload/?_unsent=1"), "{&quot;title&quot;: &quot;A&quot;}")

    def test_too_large(self) -> None:
        with limited(FILES_OF_FORM_MB=1):
            client = self.post(b"x" * (1024 * 1024 + 1))
        [row] = self.rows()
        self.assertEqual(row.contents, [])
        self.assertContains(client.get("/design/upload/?_unsent=1"), "Your files were too large to be kept.")


class WithoutCsrfToken(UnsentFormTestCase):
    """A form without a valid token is never obeyed; only the visitor's own is shown again."""

    def browser(self, person: CustomUser | None = None) -> Client:
        """Return a browser that checks tokens, with the cookies of a log-in."""
        client = Client(enforce_csrf_checks=True)
        if person is not None:
            for name, cookie in log_in(person).cookies.items():
                client.cookies[name] = cookie.value
        return client

    def test_session_and_token_gone(self) -> None:
        client = self.browser(self.ours.admin)
        end_session(client)
        del client.cookies["csrftoken"]
        answer = client.post(PATH, TYPED)
        self.assertEqual(answer["Location"], "/users/login/?next=/users/roles/new/%3F_unsent%3D1")
        self.assertEqual(len(self.rows()), 1)

    def test_logged_in_again_elsewhere(self) -> None:
        client = self.browser(self.ours.admin)
        answer = client.post(PATH, {**TYPED, "csrfmiddlewaretoken": "a" * 32}, headers={"Origin": HERE})
        self.assertContains(answer, "Nothing was sent, but what you typed is kept.", status_code=403)
        self.assertContains(answer, f"{PATH}?_unsent=1", status_code=403)
        self.assert_filled(client.get(f"{PATH}?_unsent=1"))
        self.assert_no_role()

    def test_from_another_site(self) -> None:
        for person in (None, self.ours.admin):
            for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
                answer = self.browser(person).post(PATH, TYPED, headers=headers)
                self.assertContains(answer, "What you typed is not kept here.", status_code=403)
                self.assertNotContains(answer, "Bücher", status_code=403)
        self.assertEqual(self.rows(), [])

    def test_without_any_cookie(self) -> None:
        self.assertEqual(self.browser().post(PATH, TYPED).status_code, 403)
        page = self.browser().post(PATH, TYPED, headers={"Origin": HERE})
        self.assertContains(page, 'value="Bücher &amp; &lt;Co&gt;"')
