"""Sessions: one statement per request, ended when necessary, and closed to other access."""

from datetime import timedelta
from http.cookies import SimpleCookie

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import UpdateError
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from users.models import Company, CustomUser
from users.sessions import IMPERSONATED_COMPANY_KEY, SessionStore
from users.tests.cases import CommittedTestCase, CompanyTestCase, logged_in
from users.tests.queries import at_most_queries

PATH = "/users/profile/"
LOGIN = f"/users/login/?next={PATH}"


def stored_session(client: Client) -> SessionStore:
    """Return the client's session as stored."""
    return SessionStore(client.cookies["sessionid"].value)


class Statements(CommittedTestCase):
    """The cost of a request before its page runs."""

    def statements(self, client: Client) -> list[str]:
        """Return the statements of a page that makes no queries itself."""
        with CaptureQueriesContext(connection) as queries:
            self.assertEqual(client.get(PATH).status_code, 200)
        return [query["sql"] for query in queries]

    def test_three_for_everybody_who_is_logged_in(self) -> None:
        in_company = logged_in(self.staff)
        session = in_company.session
        session[IMPERSONATED_COMPANY_KEY] = self.ours.company.pk
        session.save()
        people = [self.ours.admin, self.ours.submitter, self.staff]
        for client in [*map(logged_in, people), in_company]:
            session_with_person, begin, setting, commit = self.statements(client)
            self.assertIn("FROM session_read(", session_with_person)
            self.assertEqual(begin, "BEGIN")
            self.assertTrue(setting.startswith("SELECT set_config('app.company_id'"), setting)
            self.assertEqual(commit, "COMMIT")

    def test_none_of_the_session_for_visitors(self) -> None:
        with CaptureQueriesContext(connection) as queries:
            Client().get("/users/login/")
        self.assertEqual([query["sql"] for query in queries], [])


class WhoIsLoggedIn(CompanyTestCase):
    """Loading the person together with the session."""

    def test_with_company_and_roles(self) -> None:
        client = logged_in(self.ours.worker)
        with at_most_queries(5):  # session, savepoint, setting and their end
            request = client.get(PATH).context["request"]
        with at_most_queries(0):
            self.assertEqual(request.user, self.ours.worker)
            self.assertEqual(request.user.system_roles, {"user", "task_worker"})
            self.assertEqual(request.user.company_role_ids, frozenset())
            self.assertEqual(request.company.name, "Ours")
            self.assertFalse(request.impersonating)

    def test_deactivated_people_are_logged_out_immediately(self) -> None:
        client = logged_in(self.ours.submitter)
        self.assertEqual(client.get(PATH).status_code, 200)
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.ours.submitter.pk).update(is_active=False)
        self.assertRedirects(client.get(PATH), LOGIN)

    def test_password_changed_elsewhere_ends_it(self) -> None:
        for person in (self.ours.submitter, self.staff):
            client = logged_in(person)
            with person.scope():
                stored = CustomUser._base_manager.get(pk=person.pk)
                stored.set_password("another one")
                stored.save()
            self.assertRedirects(client.get(PATH), LOGIN)
            self.assertNotIn("sessionid", {name for name, cookie in client.cookies.items() if cookie.value})

    def test_outlives_a_change_of_the_secret_key(self) -> None:
        client = logged_in(self.ours.submitter)
        with override_settings(SECRET_KEY="the next one", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
            self.assertEqual(client.get(PATH).status_code, 200)
        with override_settings(SECRET_KEY="the next one"):
            self.assertEqual(client.get(PATH).status_code, 200)
        self.assertRedirects(client.get(PATH), LOGIN)

    def test_changed_roles_apply_from_the_next_request(self) -> None:
        client = logged_in(self.ours.worker)
        with self.ours.scope():
            self.ours.worker.system_role_memberships.all().delete()
        self.assertEqual(client.get(PATH).context["request"].user.system_roles, frozenset())


class Impersonation(CompanyTestCase):
    """Staff who have entered a company."""

    def enter(self, client: Client, company: Company) -> None:
        """Enter a company as staff's page does."""
        session = client.session
        session[IMPERSONATED_COMPANY_KEY] = company.pk
        session.save()

    def test_company_of_the_request(self) -> None:
        client = logged_in(self.staff)
        self.assertIsNone(client.get(PATH).context["request"].company)
        self.enter(client, self.theirs.company)
        request = client.get(PATH).context["request"]
        self.assertEqual(request.company, self.theirs.company)
        self.assertTrue(request.impersonating)

    def test_is_not_for_people_of_a_company(self) -> None:
        client = logged_in(self.ours.admin)
        self.enter(client, self.theirs.company)
        request = client.get(PATH).context["request"]
        self.assertEqual(request.company, self.ours.company)
        self.assertFalse(request.impersonating)

    def test_unknown_company(self) -> None:
        client = logged_in(self.staff)
        session = client.session
        session[IMPERSONATED_COMPANY_KEY] = 2**40
        session.save()
        self.assertIsNone(client.get(PATH).context["request"].company)


class Keys(CompanyTestCase):
    """Only keys that the site created are accepted."""

    def test_unknown_keys_start_a_new_session(self) -> None:
        for key in ("x" * 32, "x", "", "x" * 10_000, "schlüssel-ß", "' OR 1=1 --", "abcdefgh\x00ijklmnop"):
            with self.subTest(key[:20]):
                client = Client()
                client.cookies = SimpleCookie()
                client.cookies["sessionid"] = key  # the cookie module quotes it, including NUL
                self.assertRedirects(client.get(PATH), LOGIN)
                form = {"username": self.ours.submitter.email, "password": "correct-horse-battery"}
                self.assertEqual(client.post("/users/login/", form).status_code, 302)
                self.assertNotEqual(client.cookies["sessionid"].value, key)
                self.assertFalse(SessionStore().exists("x" * 32))

    def test_expired_keys_start_a_new_session(self) -> None:
        client = logged_in(self.ours.submitter)
        session = client.session
        session.set_expiry(timezone.now() - timedelta(seconds=1))
        session.save()
        self.assertRedirects(client.get(PATH), LOGIN)

    def test_no_session_without_need(self) -> None:
        client = Client()
        client.get("/users/login/")
        self.assertNotIn("sessionid", client.cookies)


class Store(CompanyTestCase):
    """`users.sessions.SessionStore`, used the way Django uses its stores."""

    def test_life_of_a_session(self) -> None:
        session = SessionStore()
        session["colour"] = "teal"
        session.save()
        key = str(session.session_key)
        self.assertTrue(SessionStore().exists(key))
        self.assertEqual(SessionStore(key)["colour"], "teal")
        self.assertIsNone(SessionStore(key).person)
        session.delete()
        self.assertFalse(SessionStore().exists(key))

    def test_deleted_session_is_not_restored(self) -> None:
        session = SessionStore()
        session.create()
        SessionStore().delete(session.session_key)
        with self.assertRaises(UpdateError):
            session.save()

    def test_expired_sessions_are_deleted(self) -> None:
        valid, expired = SessionStore(), SessionStore()
        expired.set_expiry(timezone.now() - timedelta(seconds=1))
        for session in (valid, expired):
            session.create()
        SessionStore.clear_expired()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT session_write(%s, '', now(), null, null, false)", [expired.session_key])
            self.assertEqual(cursor.fetchone(), (False,))
        self.assertTrue(SessionStore().exists(str(valid.session_key)))

    def test_table_is_closed_to_the_site(self) -> None:
        logged_in(self.ours.submitter)
        for statement in (
            "SELECT count(*) FROM users_session",
            "UPDATE users_session SET person_id = 1",
            "DELETE FROM users_session",
            "INSERT INTO users_session (session_key) VALUES ('x')",
        ):
            with (
                self.assertRaisesMessage(ProgrammingError, "permission denied"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)

    def test_visitors_are_anonymous(self) -> None:
        self.assertIsInstance(Client().get("/users/login/").wsgi_request.user, AnonymousUser)
