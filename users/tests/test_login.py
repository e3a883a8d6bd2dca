"""Logging in, and the limit of failed attempts."""

from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client, override_settings
from django.utils import timezone

from users.models import CustomUser
from users.sessions import SessionStore
from users.tests.cases import PASSWORD, CompanyTestCase, logged_in, make_person
from users.tests.hostile import HOSTILE_TEXTS, post_raw
from users.tests.queries import at_most_queries

PATH = "/users/login/"
PROFILE = "/users/profile/"
WRONG = "The e-mail address or the password is wrong."


def try_log_in(person: CustomUser, password: str = PASSWORD, *, client: Client | None = None) -> int:
    """Return the status of the response: 302 after a successful log-in."""
    form = {"username": person.email, "password": password}
    return (client or Client()).post(PATH, form).status_code


class LogIn(CompanyTestCase):
    """Who can log in, and where they are redirected."""

    def test_by_address_whatever_its_case(self) -> None:
        for typed in (self.ours.submitter.email, "SAM@Ours.Example", "  sam@ours.example\t"):
            with self.subTest(typed):
                client = Client()
                response = client.post(PATH, {"username": typed, "password": PASSWORD})
                self.assertRedirects(response, "/users/dashboard/", fetch_redirect_response=False)
                self.assertContains(client.get(PROFILE), "sam@ours.example")

    def test_same_error_for_every_failed_log_in(self) -> None:
        with self.theirs.scope():
            CustomUser.objects.filter(pk=self.theirs.worker.pk).update(is_active=False)
        pages = set()
        for address, password in (
            ("nobody@nowhere.example", PASSWORD),
            (self.ours.submitter.email, "wrong"),
            (self.theirs.worker.email, PASSWORD),
        ):
            response = Client().post(PATH, {"username": address, "password": password})
            self.assertContains(response, WRONG)
            self.assertContains(response, f'value="{address}"')
            self.assertNotIn("sessionid", response.cookies)
            token = response.context["csrf_token"]
            pages.add(response.content.decode().replace(address, "").replace(str(token), ""))
        self.assertEqual(len(pages), 1)

    def test_returns_to_the_page_that_sent_a_post(self) -> None:
        """This happens when a session expires while a page is open."""
        path = f"/users/people/{self.ours.worker.pk}/reactivate/"
        form = {"username": self.ours.admin.email, "password": PASSWORD}
        for sender, login in (
            (
                "http://testserver/users/people/?q=a&sort=name",
                f"{PATH}?next=/users/people/%3Fq%3Da%26sort%3Dname",
            ),
            ("https://evil.example/users/people/", PATH),
            ("http://testserver//evil.example/", PATH),
            ("http://testserver////evil.example/?q=a", PATH),
            ("http://testserver", PATH),
            ("http://[", PATH),
            ("", PATH),
        ):
            with self.subTest(sender=sender):
                client = Client()
                response = client.post(path, headers={"Referer": sender})
                self.assertEqual(response.headers["Location"], login)
                onward = client.post(login, form).headers["Location"]
                self.assertIn(onward, {"/users/people/?q=a&sort=name", "/users/dashboard/"})
                self.assertEqual(client.get(onward).status_code, 200)

    def test_on_to_where_they_were_going(self) -> None:
        client = Client()
        login = client.get("/users/profile/password/").headers["Location"]
        self.assertEqual(login, "/users/login/?next=/users/profile/password/")
        response = client.post(login, {"username": self.ours.worker.email, "password": PASSWORD})
        self.assertRedirects(response, "/users/profile/password/")

    def test_never_on_to_another_site(self) -> None:
        elsewhere = (
            "https://evil.example/",
            "//evil.example/",
            "///evil.example",
            "/\\evil.example",
            "http:///evil.example",
            "javascript:alert(1)",
            "https://testserver@evil.example/",
            "x" * 10_000,
            *(text for text in HOSTILE_TEXTS if text.strip("\x00 ")),
        )
        for target in elsewhere:
            with self.subTest(target=target[:40]):
                path = f"{PATH}?next={quote(target, errors='surrogatepass')}"
                response = post_raw(Client(), path, {"username": "ada@ours.example", "password": PASSWORD})
                self.assertEqual(response.status_code, 302)
                self.assertNotIn("evil", response.headers["Location"].split("?")[0].split("#")[0])
                self.assertFalse(response.headers["Location"].startswith(("//", "http", "javascript")))

    def test_authenticated_user_is_redirected(self) -> None:
        client = logged_in(self.ours.submitter)
        self.assertRedirects(client.get(f"{PATH}?next={PROFILE}"), PROFILE)
        form = {"username": self.theirs.admin.email, "password": PASSWORD}
        response = client.post(PATH, form)
        self.assertRedirects(response, "/users/dashboard/", fetch_redirect_response=False)
        self.assertContains(client.get(PROFILE), self.ours.submitter.email)

    def test_session_begins_with_a_new_key(self) -> None:
        client = Client()
        before = SessionStore()
        before["seen"] = "yes"
        before.create()
        client.cookies["sessionid"] = str(before.session_key)
        self.assertEqual(try_log_in(self.ours.submitter, client=client), 302)
        self.assertNotEqual(client.cookies["sessionid"].value, before.session_key)
        self.assertFalse(SessionStore().exists(str(before.session_key)))

    def test_staff_can_log_in(self) -> None:
        client = Client()
        self.assertEqual(try_log_in(self.staff, client=client), 302)
        self.assertContains(client.get(PROFILE), self.staff.email)

    def test_stores_the_time(self) -> None:
        for person in (self.ours.worker, self.staff):
            began = timezone.now()
            try_log_in(person)
            fresh = CustomUser.objects.get_by_natural_key(person.email)
            assert fresh.last_login is not None
            self.assertGreaterEqual(fresh.last_login, began)

    @override_settings(
        PASSWORD_HASHERS=[
            "django.contrib.auth.hashers.MD5PasswordHasher",
            "django.contrib.auth.hashers.ScryptPasswordHasher",
        ]
    )
    def test_replaces_the_hash_of_a_hasher_that_is_no_longer_the_first(self) -> None:
        for person in (self.ours.worker, self.staff):
            with person.scope():
                CustomUser._base_manager.filter(pk=person.pk).update(
                    password=make_password(PASSWORD, hasher="scrypt")
                )
            self.assertEqual(try_log_in(person), 302)
            fresh = CustomUser.objects.get_by_natural_key(person.email)
            self.assertTrue(fresh.password.startswith("md5$"))
            self.assertEqual(fresh.password_changed_at, person.password_changed_at)

    def test_page(self) -> None:
        with at_most_queries(2):  # the request's savepoint
            response = Client().get(PATH)
        self.assertContains(response, 'autocomplete="username"')
        self.assertIn("no-store", response.headers["Cache-Control"])
        self.assertEqual(Client().put(PATH).status_code, 405)


class Throttle(CompanyTestCase):
    """Five failures for one account, or a hundred from one place, close it for a while."""

    def setUp(self) -> None:
        """Make four failed attempts."""
        self.person = self.ours.submitter
        for _failure in range(4):
            self.assertEqual(try_log_in(self.person, "wrong"), 200)

    def test_success_forgives_failures(self) -> None:
        self.assertEqual(try_log_in(self.person), 302)
        for _failure in range(5):
            self.assertEqual(try_log_in(self.person, "wrong"), 200)

    def test_fifth_failure_closes_the_account_for_the_right_password_too(self) -> None:
        self.assertEqual(try_log_in(self.person, "wrong"), 200)
        response = Client().post(PATH, {"username": self.person.email, "password": "wrong"})
        self.assertContains(response, "Try again in 15 minutes", status_code=429)
        self.assertContains(response, f'value="{self.person.email}"', status_code=429)
        client = Client()
        self.assertEqual(try_log_in(self.person, client=client), 429)
        self.assertNotIn("sessionid", client.cookies)

    def test_other_spellings_are_the_same_account(self) -> None:
        typed = {"username": " SAM@ours.EXAMPLE ", "password": "wrong"}
        self.assertEqual([Client().post(PATH, typed).status_code for _try in range(2)], [200, 429])

    def test_letters_equal_for_the_database_are_the_same_account(self) -> None:
        """U+0130 is not an “i” in Python, but it is in the database's lower()."""
        kim = make_person(self.ours.company, "Kim")
        typed = ["kim", "KIM", "k\u0130m", "\u212aim", "\u212a\u0130m", "K\u0130M"]
        forms = [{"username": f"{name}@ours.example", "password": "wrong"} for name in typed]
        responses = [Client().post(PATH, form).status_code for form in forms]
        self.assertEqual(responses, [200] * 5 + [429])
        self.assertEqual(try_log_in(kim), 429)

    def test_an_unknown_address_is_blocked_too(self) -> None:
        form = {"username": "nobody@nowhere.example", "password": "wrong"}
        responses = [Client().post(PATH, form).status_code for _failure in range(6)]
        self.assertEqual(responses, [200] * 5 + [429])

    def test_others_from_the_same_place_can_log_in(self) -> None:
        self.assertEqual([try_log_in(self.person, "wrong") for _try in range(2)], [200, 429])
        self.assertEqual(try_log_in(self.ours.worker), 302)

    def test_guesses_from_many_places_are_those_at_one_account(self) -> None:
        places = [Client(REMOTE_ADDR=f"192.0.2.{number}") for number in range(2)]
        responses = [try_log_in(self.person, "wrong", client=client) for client in places]
        self.assertEqual(responses, [200, 429])

    def test_guesses_at_many_accounts_are_those_from_one_place(self) -> None:
        """A success in between neither counts nor forgives those of the others."""
        guesses = [("wrong", 200)] * 5 + [(PASSWORD, 302), ("wrong", 200), ("wrong", 429)]
        with override_settings(LIMITS=settings.LIMITS | {"FAILED_LOG_INS_FROM_PLACE": 10}):
            for number, (password, status) in enumerate(guesses):
                address = self.ours.worker.email if status == 302 else f"nobody{number}@nowhere.example"
                response = Client().post(PATH, {"username": address, "password": password})
                self.assertEqual(response.status_code, status)
            self.assertContains(response, "from your network. Try again in 15 minutes.", status_code=429)
            self.assertEqual(try_log_in(self.ours.worker), 429)
            self.assertEqual(try_log_in(self.ours.worker, client=Client(REMOTE_ADDR="192.0.2.7")), 302)

    @override_settings(PROXY_COUNT=1, LIMITS=settings.LIMITS | {"FAILED_LOG_INS_FROM_PLACE": 2})
    def test_behind_a_proxy_the_visitors_count_not_the_proxy(self) -> None:
        for bad, same, good in (
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("2001:db8:0:7::1", "2001:db8:0:7::2", "2001:db8:0:8::1"),
        ):
            forms = [{"username": f"{name}@nowhere.example", "password": "wrong"} for name in "abc"]
            clients = [Client(headers={"X-Forwarded-For": place}) for place in (bad, bad, same)]
            responses = [c.post(PATH, form).status_code for c, form in zip(clients, forms, strict=True)]
            self.assertEqual(responses, [200, 200, 429])
            client = Client(headers={"X-Forwarded-For": good})
            self.assertEqual(try_log_in(self.ours.worker, client=client), 302)

    def test_x_forwarded_for_is_not_trusted_without_a_proxy(self) -> None:
        with override_settings(LIMITS=settings.LIMITS | {"FAILED_LOG_INS_FROM_PLACE": 5}):
            clients = [Client(headers={"X-Forwarded-For": f"192.0.2.{number}"}) for number in range(2)]
            responses = [try_log_in(self.ours.worker, "wrong", client=client) for client in clients]
            self.assertEqual(responses, [200, 429])
