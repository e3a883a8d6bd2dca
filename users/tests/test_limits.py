"""The limits of docs/security.md: what each counts, how it is told, and that two at once can't pass."""

from unittest.mock import patch

from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client, SimpleTestCase, override_settings
from procrastinate.contrib.django.models import ProcrastinateJob

from ticketflower import environment
from ticketflower.tenancy.owner import database_owner
from users import jobs, limits
from users.limits import LimitReachedError
from users.models import CustomUser, Invitation
from users.tests.admin_pages import AdminPageTestCase, run_invitation_jobs
from users.tests.at_once import at_once
from users.tests.cases import PASSWORD, CommittedTestCase, CompanyTestCase, logged_in

RESET, SIGN_UP, INVITE = "/users/password-reset/", "/users/signup/", "/users/people/invite/"
PASSWORD_PAGE = "/users/profile/password/"


def sign_up_form(name: str) -> dict[str, str]:
    """Return the data of the form with which a company is signed up."""
    names = {"company_name": name, "first_name": "Nia", "last_name": "New", "email": f"{name}@new.example"}
    return names | {"password1": PASSWORD, "password2": PASSWORD}


def limited(**most: int) -> override_settings:
    """Return the settings with some other limits."""
    return override_settings(LIMITS=settings.LIMITS | most)


class Counting(CommittedTestCase):
    """The functions that count."""

    def count(self, times: int = 1) -> None:
        for _use in range(times):
            limits.count("SIGN_UPS_FROM_PLACE", "192.0.2.7")

    def age(self, minutes: int) -> None:
        """Let everything that was counted be so much older."""
        with database_owner(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE users_limiteduse SET expires_at = expires_at - %(age)s::interval, "
                "moments = ARRAY(SELECT moment - %(age)s::interval FROM unnest(moments) AS moment)",
                {"age": f"{minutes} minutes"},
            )

    def rows(self) -> int:
        with database_owner(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM users_limiteduse")
            return int(cursor.fetchone()[0])

    def test_window_slides(self) -> None:
        self.count(2)
        self.age(40)
        self.count(3)
        with self.assertRaisesMessage(LimitReachedError, "Try again in 20 minutes."):
            self.count()
        self.age(21)
        self.count(2)
        with self.assertRaisesMessage(LimitReachedError, "Try again in 39 minutes."):
            self.count()

    def test_tells_hours(self) -> None:
        for _use in range(5):
            limits.count("INVITATIONS_TO_ADDRESS", "x@x.example")
        self.age(61)
        with self.assertRaisesMessage(LimitReachedError, "Try again in 23 hours."):
            limits.count("INVITATIONS_TO_ADDRESS", "x@x.example")

    def test_what_is_refused_does_not_count(self) -> None:
        self.count(5)
        self.age(59)
        for _attempt in range(3):
            self.assertRaises(LimitReachedError, self.count)
        self.age(2)
        self.count(5)

    def test_take_back_and_forget(self) -> None:
        self.count(5)
        limits.take_back("SIGN_UPS_FROM_PLACE", "192.0.2.7")
        self.count()
        self.assertRaises(LimitReachedError, self.count)
        limits.forget("SIGN_UPS_FROM_PLACE", "192.0.2.7")
        self.count(5)
        limits.take_back("SIGN_UPS_FROM_PLACE", "nowhere")

    def test_subjects_and_limits_are_apart(self) -> None:
        self.count(5)
        limits.count("SIGN_UPS_FROM_PLACE", "192.0.2.8")
        limits.count("RESET_MAILS_FROM_PLACE", "192.0.2.7")

    def test_nothing_is_allowed(self) -> None:
        with limited(SIGN_UPS_FROM_PLACE=0), self.assertRaisesMessage(LimitReachedError, "in 1 hour."):
            self.count()

    def test_at_once(self) -> None:
        def attempt() -> bool:
            try:
                self.count()
            except LimitReachedError:
                return False
            return True

        self.assertEqual(sorted(at_once(*[attempt] * 12)), [False] * 7 + [True] * 5)

    def test_job_forgets_what_no_longer_counts(self) -> None:
        self.count()
        self.age(59)
        jobs.clear_expired(timestamp=0)
        self.assertEqual(self.rows(), 1)
        self.age(2)
        jobs.clear_expired(timestamp=0)
        self.assertEqual(self.rows(), 0)

    def test_parallel_guesses_are_five(self) -> None:
        form = {"username": self.ours.submitter.email, "password": "wrong"}
        statuses = at_once(*[lambda: Client().post("/users/login/", form).status_code] * 9)
        self.assertEqual(sorted(statuses), [200] * 5 + [429] * 4)


class Mails(AdminPageTestCase):
    """E-mails that somebody can make the site send to others."""

    def ask(self, address: str, place: str = "192.0.2.7") -> int:
        return Client(REMOTE_ADDR=place).post(RESET, {"email": address}).status_code

    def test_resets_of_one_address(self) -> None:
        for address in (self.ours.submitter.email, "nobody@nowhere.example"):
            places = [f"192.0.2.{number}" for number in range(4)]
            self.assertEqual([self.ask(address, place) for place in places], [200, 200, 200, 429])
        response = Client().post(RESET, {"email": "SAM@ours.example"})
        self.assertContains(response, "The newest one works. Try again in 60 minutes.", status_code=429)
        self.assertContains(response, 'value="SAM@ours.example"', status_code=429)

    def test_resets_from_one_place(self) -> None:
        statuses = [self.ask(f"a{number}@nowhere.example") for number in range(21)]
        self.assertEqual(statuses, [200] * 20 + [429])
        self.assertEqual(self.ask("a20@nowhere.example", "192.0.2.8"), 200)
        jobs_waiting = ProcrastinateJob.objects.filter(task_name="users.jobs.send_password_reset")
        self.assertEqual(jobs_waiting.count(), 21)

    def test_invitations_of_a_company(self) -> None:
        invite = {"system_roles": ["user"]}
        with limited(INVITATIONS_OF_SMALL_COMPANY=2):
            for number, status in enumerate((302, 302, 429)):
                response = self.client.post(INVITE, invite | {"email": f"a{number}@new.example"})
                self.assertEqual(response.status_code, status)
            self.assertContains(
                response, "as many invitations as it may in a day. Try again in 24 hours", status_code=429
            )
            self.assertContains(response, "a2@new.example</textarea>", status_code=429)
            with self.ours.scope():
                first = Invitation.objects.earliest("pk")
            answer = self.client.post(f"/users/invitations/{first.pk}/resend/", follow=True)
            self.assertContains(answer, "as many invitations as it may in a day")
            self.assertEqual(
                logged_in(self.theirs.admin).post(INVITE, invite | {"email": "b@new.example"}).status_code,
                302,
            )
        self.assertEqual(run_invitation_jobs(), 3)

    @limited(INVITATIONS_OF_SMALL_COMPANY=1, INVITATIONS_OF_COMPANY=3)
    def test_larger_company_may_send_more(self) -> None:
        with self.ours.scope():
            CustomUser.objects.bulk_create(
                CustomUser(company=self.ours.company, email=f"p{number}@ours.example") for number in range(16)
            )
        forms = [{"system_roles": ["user"], "email": f"a{number}@new.example"} for number in range(4)]
        self.assertEqual([self.client.post(INVITE, form).status_code for form in forms], [302, 302, 302, 429])

    def test_invitations_to_one_address_over_all_companies(self) -> None:
        invite = {"system_roles": ["user"], "email": "nora@new.example"}
        self.client.post(INVITE, invite)
        logged_in(self.theirs.admin).post(INVITE, invite | {"email": "NORA@new.example"})
        with self.ours.scope():
            resend = f"/users/invitations/{Invitation.objects.get().pk}/resend/"
        for _time in range(3):
            self.assertContains(self.client.post(resend, follow=True), "is on its way")
        answer = self.client.post(resend, follow=True)
        self.assertContains(answer, "Several invitations were sent to this address. Try again in 24 hours.")
        self.assertEqual(run_invitation_jobs(), 5)
        self.assertLessEqual(len(mail.outbox), 5)


class Accounts(CompanyTestCase):
    """Sign-ups and guesses at passwords."""

    def test_sign_ups_from_one_place(self) -> None:
        """Asking whether an address has an account counts as well."""
        forms = [sign_up_form(f"c{number}") for number in range(6)]
        forms[0]["email"] = self.ours.submitter.email
        responses = [Client(REMOTE_ADDR="192.0.2.7").post(SIGN_UP, form) for form in forms]
        self.assertEqual([response.status_code for response in responses], [200] + [302] * 4 + [429])
        self.assertContains(responses[-1], "from your network. Try again in 60 minutes.", status_code=429)
        self.assertContains(responses[-1], 'value="c5@new.example"', status_code=429)
        self.assertEqual(Client(REMOTE_ADDR="192.0.2.8").post(SIGN_UP, forms[-1]).status_code, 302)

    def test_wrong_old_passwords(self) -> None:
        client, new = (
            logged_in(self.ours.submitter),
            {"password1": "better-battery-7", "password2": "better-battery-7"},
        )
        for _guess in range(5):
            self.assertContains(
                client.post(PASSWORD_PAGE, new | {"old_password": "wrong"}), "not your current"
            )
        response = client.post(PASSWORD_PAGE, new | {"old_password": PASSWORD})
        self.assertContains(response, "too many wrong passwords. Try again in 15 minutes.", status_code=429)
        other = logged_in(self.ours.worker)
        self.assertEqual(other.post(PASSWORD_PAGE, new | {"old_password": PASSWORD}).status_code, 302)


class Settings(SimpleTestCase):
    """The variable LIMITS of the environment."""

    def read(self, value: str) -> dict[str, int]:
        with patch.dict("os.environ", {"LIMITS": value}):
            return environment.numbers("LIMITS", A=1, B=2)

    def test_replaces_some(self) -> None:
        self.assertEqual(self.read(""), {"A": 1, "B": 2})
        self.assertEqual(self.read("B=7"), {"A": 1, "B": 7})

    def test_refuses_others(self) -> None:
        for value in ("C=1", "A", "A=x", "A=1=2"):
            self.assertRaisesRegex(ValueError, "LIMITS", self.read, value)
