"""Changes that people make to their own account."""

from django.test import Client

from users.models import CustomUser
from users.sessions import IMPERSONATED_COMPANY_KEY
from users.tests.at_once import at_once
from users.tests.cases import PASSWORD, CommittedTestCase, CompanyTestCase, logged_in
from users.tests.queries import at_most_queries

PATH = "/users/profile/"
PASSWORD_PATH = "/users/profile/password/"
VALID = {"first_name": "Zoë", "last_name": "O'Hara", "time_zone": "Asia/Kolkata"}
NEW = "a-better-battery-7"
CHANGE = {"old_password": PASSWORD, "password1": NEW, "password2": NEW}


def fresh(person: CustomUser) -> CustomUser:
    """Return the person as stored in the database."""
    return CustomUser.objects.get_by_natural_key(person.email)


def staff_in(case: CompanyTestCase) -> Client:
    """Return a client of staff who have entered our company."""
    client = logged_in(case.staff)
    session = client.session
    session[IMPERSONATED_COMPANY_KEY] = case.ours.company.pk
    session.save()
    return client


class Profile(CompanyTestCase):
    """Name, time zone and absence."""

    def test_saves(self) -> None:
        for person, client in (
            (self.ours.submitter, logged_in(self.ours.submitter)),
            (self.ours.admin, logged_in(self.ours.admin)),
            (self.staff, logged_in(self.staff)),
        ):
            response = client.post(PATH, VALID, follow=True)
            self.assertRedirects(response, PATH)
            self.assertContains(response, "Your profile has been saved.")
            stored = fresh(person)
            self.assertEqual(stored.get_full_name(), "Zoë O'Hara")
            self.assertEqual(stored.time_zone, "Asia/Kolkata")

    def test_staff_in_a_company_change_their_own(self) -> None:
        client = staff_in(self)
        self.assertContains(client.get(PATH), self.staff.email)
        self.assertRedirects(client.post(PATH, VALID), PATH)
        self.assertEqual(fresh(self.staff).first_name, "Zoë")
        self.assertEqual(client.get(PATH).context["request"].company, self.ours.company)

    def test_empty_zone_is_the_company_s(self) -> None:
        with self.ours.scope():
            self.ours.company.time_zone = "Europe/Berlin"
            self.ours.company.save()
        client = logged_in(self.ours.submitter)
        self.assertContains(client.get(PATH), "Same as the company: Europe/Berlin")
        client.post(PATH, VALID | {"time_zone": ""})
        self.assertEqual(fresh(self.ours.submitter).time_zone, "")

    def test_a_removed_time_zone_stays_selectable(self) -> None:
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.ours.worker.pk).update(time_zone="Etc/GMT+1")
        client = logged_in(self.ours.worker)
        client.post(PATH, VALID | {"time_zone": "Etc/GMT+1"})
        self.assertEqual(fresh(self.ours.worker).time_zone, "Etc/GMT+1")

    def test_changes_nothing_else(self) -> None:
        extra = {"email": "x@y.example", "is_staff": "on", "is_superuser": "on", "is_active": ""}
        extra |= {"company": str(self.theirs.company.pk), "password": "x", "pk": str(self.theirs.admin.pk)}
        logged_in(self.ours.submitter).post(PATH, VALID | extra)
        stored = fresh(self.ours.submitter)
        for name in ("company_id", "is_staff", "is_superuser", "is_active", "password", "date_joined"):
            self.assertEqual(getattr(stored, name), getattr(self.ours.submitter, name))
        self.assertEqual(fresh(self.theirs.admin).first_name, "Ada")

    def test_keeps_what_was_typed(self) -> None:
        client = logged_in(self.ours.submitter)
        response = client.post(PATH, VALID | {"last_name": "", "time_zone": "Mars/Olympus"})
        self.assertContains(response, 'value="Zoë"')
        self.assertContains(response, "Please fill this in.")
        self.assertContains(response, "Sam Tester")  # in the menu, unchanged
        self.assertEqual(fresh(self.ours.submitter).first_name, "Sam")

    def test_who_may(self) -> None:
        for path in (PATH, PASSWORD_PATH):
            self.assertRedirects(Client().get(path), f"/users/login/?next={path}")
            sender = {"Referer": f"http://testserver{path}"}
            self.assertContains(Client().post(PATH, VALID), "You were logged out before this was sent.")
            self.assertRedirects(Client().post(path, headers=sender), f"/users/login/?next={path}")
            self.assertEqual(logged_in(self.ours.submitter).put(path).status_code, 405)

    def test_statements(self) -> None:
        client = logged_in(self.ours.submitter)
        with at_most_queries(5):  # session, savepoint, setting and their end
            client.get(PATH)


class PasswordChange(CompanyTestCase):
    """Changing the password, which needs the old one and ends all other sessions."""

    def test_changes_it_and_ends_the_other_sessions(self) -> None:
        for person in (self.ours.submitter, self.staff):
            here, there = logged_in(person), logged_in(person)
            key = here.cookies["sessionid"].value
            response = here.post(PASSWORD_PATH, CHANGE, follow=True)
            self.assertRedirects(response, PATH)
            self.assertContains(response, "Your password has been changed, and")
            self.assertNotEqual(here.cookies["sessionid"].value, key)
            self.assertRedirects(there.get(PATH), f"/users/login/?next={PATH}")
            self.assertTrue(fresh(person).check_password(NEW))
            self.assertNotEqual(fresh(person).password_changed_at, person.password_changed_at)

    def test_staff_stay_in_the_company(self) -> None:
        client = staff_in(self)
        client.post(PASSWORD_PATH, CHANGE)
        self.assertTrue(fresh(self.staff).check_password(NEW))
        self.assertEqual(client.get(PATH).context["request"].company, self.ours.company)

    def test_needs_the_old_one(self) -> None:
        client = logged_in(self.ours.submitter)
        for old, words in (("wrong", "This is not your current password."), ("", "required")):
            response = client.post(PASSWORD_PATH, CHANGE | {"old_password": old})
            self.assertContains(response, words)
            self.assertNotContains(response, NEW)
        self.assertTrue(fresh(self.ours.submitter).check_password(PASSWORD))

    def test_refuses_a_weak_one(self) -> None:
        client = logged_in(self.ours.submitter)
        for password in ("short", "sam-tester", "12345678901"):
            response = client.post(PASSWORD_PATH, CHANGE | {"password1": password, "password2": password})
            self.assertIn("password1", response.context["form"].errors)
        self.assertTrue(fresh(self.ours.submitter).check_password(PASSWORD))

    def test_page(self) -> None:
        client = logged_in(self.ours.submitter)
        with at_most_queries(5):  # session, savepoint, setting and their end
            response = client.get(PASSWORD_PATH)
        self.assertContains(response, 'autocomplete="current-password"')
        self.assertIn("no-store", response.headers["Cache-Control"])


class TwoChanges(CommittedTestCase):
    """Changes in two windows, with the same old password."""

    def test_second_needs_the_first_one_s(self) -> None:
        browsers = [logged_in(self.ours.submitter) for _window in range(2)]
        forms = [CHANGE | {"password1": f"{NEW}{n}", "password2": f"{NEW}{n}"} for n in range(2)]

        def change(number: int) -> str:
            return browsers[number].post(PASSWORD_PATH, forms[number]).headers.get("Location", "")

        # The second change is refused, or redirected to the log-in page if it is already logged out.
        responses = at_once(lambda: change(0), lambda: change(1))
        self.assertEqual(responses.count(PATH), 1)
        new_password = forms[responses.index(PATH)]["password1"]
        self.assertTrue(fresh(self.ours.submitter).check_password(new_password))
