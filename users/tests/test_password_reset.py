"""Resetting a password by e-mail."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, cast
from unittest.mock import patch

from django.core import mail, signing
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from users.jobs import send_password_reset
from users.models import CustomUser
from users.password_reset import token_for
from users.tests.at_once import at_once
from users.tests.cases import PASSWORD, CommittedTestCase, CompanyTestCase, logged_in
from users.tests.hostile import hostile_posts
from users.tests.queries import at_most_queries

if TYPE_CHECKING:
    from procrastinate.contrib.django.django_connector import DjangoConnector

PATH = "/users/password-reset/"
NEW = "a-better-battery-7"
PAIR = {"password1": NEW, "password2": NEW}


def path_for(person: CustomUser) -> str:
    """Return the path of the link that would be sent to this person now."""
    return f"{PATH}{token_for(fresh(person))}/"


def fresh(person: CustomUser) -> CustomUser:
    """Return the person as stored in the database."""
    return CustomUser.objects.get_by_natural_key(person.email)


def may_log_in(person: CustomUser, password: str) -> bool:
    """Return whether the password belongs to the person."""
    form = {"username": person.email, "password": password}
    return Client().post("/users/login/", form).status_code == 302


class Asking(CompanyTestCase):
    """The form that requests a link."""

    def test_enqueues_one_job_with_the_address(self) -> None:
        response = Client().post(PATH, {"email": "  SAM@ours.Example "})
        self.assertContains(response, "If there is an account with this address")
        job = ProcrastinateJob.objects.get(queueing_lock="password_reset:sam@ours.example")
        self.assertEqual(job.task_name, send_password_reset.name)
        self.assertEqual(job.args, {"address": "sam@ours.example"})
        self.assertEqual(mail.outbox, [])

    def test_response_reveals_nothing(self) -> None:
        with self.theirs.scope():
            CustomUser.objects.filter(pk=self.theirs.worker.pk).update(is_active=False)
        pages = set()
        for address in (self.ours.submitter.email, self.theirs.worker.email, "nobody@nowhere.example"):
            with at_most_queries(9):  # three savepoints and their release, two limits, and the job
                response = Client().post(PATH, {"email": address})
            pages.add(response.content)
        self.assertEqual(len(pages), 1)

    def test_second_request_waits_for_the_first_mail(self) -> None:
        for _request in range(2):
            response = Client().post(PATH, {"email": self.ours.submitter.email})
            self.assertEqual(response.status_code, 200)
        jobs = ProcrastinateJob.objects.filter(queueing_lock="password_reset:sam@ours.example")
        self.assertEqual(jobs.count(), 1)

    def test_page(self) -> None:
        with at_most_queries(2):  # the request's savepoint
            self.assertContains(Client().get(PATH), "Send the link")
        self.assertEqual(Client().put(PATH).status_code, 405)
        self.assertEqual(logged_in(self.ours.submitter).get(PATH).status_code, 200)


class Mail(CompanyTestCase):
    """The e-mail that the job sends."""

    def test_goes_to_the_address_as_stored(self) -> None:
        for person in (self.ours.submitter, self.staff):
            mail.outbox.clear()
            send_password_reset(address=person.email.upper())
            (message,) = mail.outbox
            self.assertEqual(message.to, [person.email])
            self.assertEqual(message.subject, "Choose a new password for TicketFlower")
            link = re.search(r"https?://\S+", str(message.body))
            assert link is not None
            path = link.group().split("/", 3)[3]
            self.assertContains(Client().get(f"/{path}"), person.email)

    def test_only_the_newest_link_works(self) -> None:
        for person in (self.ours.submitter, self.staff):
            mail.outbox.clear()
            for _time in range(3):
                send_password_reset(address=person.email)
            links = [re.search(r"https?://\S+", str(message.body)) for message in mail.outbox]
            paths = [f"/{link.group().split('/', 3)[3]}" for link in links if link]
            self.assertEqual([Client().get(path).status_code for path in paths], [404, 404, 200])

    def test_says_names_as_they_are(self) -> None:
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.ours.worker.pk).update(first_name="D'Arcy <b>")
        send_password_reset(address=self.ours.worker.email)
        self.assertIn("Hello D'Arcy <b>,", mail.outbox[0].body)

    def test_nothing_for_others(self) -> None:
        with self.theirs.scope():
            CustomUser.objects.filter(pk=self.theirs.worker.pk).update(is_active=False)
        for address in (self.theirs.worker.email, "nobody@nowhere.example", "", "x" * 300):
            send_password_reset(address=address)
        self.assertEqual(mail.outbox, [])


class Link(CompanyTestCase):
    """The page to which the link leads."""

    def test_changes_the_password_and_ends_the_sessions(self) -> None:
        for person in (self.ours.submitter, self.staff):
            old_browser = logged_in(person)
            path = path_for(person)
            self.assertContains(Client().get(path), person.email)
            response = Client().post(path, PAIR, follow=True)
            self.assertRedirects(response, "/users/login/")
            self.assertContains(response, "Your password has been changed")
            self.assertTrue(may_log_in(person, NEW))
            self.assertFalse(may_log_in(person, PASSWORD))
            self.assertEqual(old_browser.get("/users/profile/").status_code, 302)
            self.assertNotEqual(fresh(person).password_changed_at, person.password_changed_at)

    def test_works_once(self) -> None:
        path = path_for(self.ours.submitter)
        Client().post(path, PAIR)
        for response in (Client().get(path), Client().post(path, PAIR | {"password1": "x"})):
            self.assertContains(response, "This link no longer works", status_code=404)

    def test_becomes_invalid_with_a_log_in(self) -> None:
        path = path_for(self.ours.submitter)
        self.assertTrue(may_log_in(self.ours.submitter, PASSWORD))
        self.assertEqual(Client().get(path).status_code, 404)

    def test_becomes_invalid_with_deactivation(self) -> None:
        path = path_for(self.ours.submitter)
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.ours.submitter.pk).update(is_active=False)
        self.assertEqual(Client().post(path, PAIR).status_code, 404)

    def test_expires_after_a_day(self) -> None:
        path = path_for(self.ours.submitter)
        for hours, status in ((23, 200), (25, 404)):
            later = (timezone.now() + timedelta(hours=hours)).timestamp()
            with patch("time.time", return_value=later):  # the clock of django.core.signing
                self.assertEqual(Client().get(path).status_code, status)

    def test_opens_nothing_that_was_not_signed(self) -> None:
        token = token_for(self.ours.submitter)
        of_another_company = signing.dumps(
            [self.ours.submitter.pk, self.theirs.company.pk, "x"], salt="users.password_reset"
        )
        wrong_salt = signing.dumps([self.ours.submitter.pk, self.ours.company.pk, "x"])
        for forged in (token[:-1], f"x{token}", of_another_company, wrong_salt, "%00", "🙂", "x" * 10_000):
            with self.subTest(forged[:20]):
                for response in (Client().get(f"{PATH}{forged}/"), Client().post(f"{PATH}{forged}/", PAIR)):
                    self.assertContains(response, "This link no longer works", status_code=404)
        self.assertTrue(may_log_in(self.ours.submitter, PASSWORD))

    def test_token_of_one_person_is_invalid_for_another(self) -> None:
        _pk, _company, proof = signing.loads(token_for(self.ours.submitter), salt="users.password_reset")
        swapped = signing.dumps(
            [self.ours.worker.pk, self.ours.company.pk, proof], salt="users.password_reset"
        )
        self.assertEqual(Client().post(f"{PATH}{swapped}/", PAIR).status_code, 404)

    def test_new_password_works_at_once_after_too_many_failures(self) -> None:
        for _failure in range(6):
            may_log_in(self.ours.submitter, "wrong")
        self.assertFalse(may_log_in(self.ours.submitter, PASSWORD))
        Client().post(path_for(self.ours.submitter), PAIR)
        self.assertTrue(may_log_in(self.ours.submitter, NEW))

    def test_refuses_a_weak_password(self) -> None:
        path = path_for(self.ours.submitter)
        for change, words in (({"password2": "other"}, "not the same"), ({"password1": "sam"}, "too short")):
            self.assertContains(Client().post(path, PAIR | change), words)
        self.assertTrue(may_log_in(self.ours.submitter, PASSWORD))

    def test_authenticated_user_must_log_out_first(self) -> None:
        for person in (self.ours.submitter, self.theirs.admin, self.staff):
            client = logged_in(person)
            path = path_for(self.ours.submitter)
            self.assertContains(client.post(path, PAIR), "You are logged in")
            response = client.post("/users/logout/", {"next": path})
            self.assertRedirects(response, path)

    def test_page(self) -> None:
        path = path_for(self.ours.submitter)
        with at_most_queries(7):  # two savepoints, scope set and reset, the person
            response = Client().get(path)
        self.assertIn("no-store", response.headers["Cache-Control"])
        self.assertEqual(response.headers["Referrer-Policy"], "same-origin")
        self.assertEqual(Client().put(path).status_code, 405)

    def test_hostile_texts(self) -> None:
        path = path_for(self.ours.submitter)
        for field, text, response in hostile_posts(path, {"password1": "x", "password2": "x"}):
            with self.subTest(field=field, text=text[:20]):
                self.assertEqual(response.status_code, 200)


class ForReal(CommittedTestCase):
    """Tests with real commits: the worker, and two simultaneous calls."""

    def test_worker_sends_the_mail(self) -> None:
        Client().post(PATH, {"email": self.ours.submitter.email})
        connector = cast("DjangoConnector", app.connector).get_worker_connector()
        with app.replace_connector(connector) as worker:
            worker.run_worker(wait=False, install_signal_handlers=False)
        (message,) = mail.outbox
        self.assertEqual(message.to, [self.ours.submitter.email])
        self.assertFalse(ProcrastinateJob.objects.filter(status="todo").exists())

    def test_link_works_for_one_of_two(self) -> None:
        path = path_for(self.ours.submitter)
        forms = [{"password1": f"{NEW}{n}", "password2": f"{NEW}{n}"} for n in range(2)]

        def follow(number: int) -> int:
            return Client().post(path, forms[number]).status_code

        responses = at_once(lambda: follow(0), lambda: follow(1))
        self.assertEqual(sorted(responses), [302, 404])
        works = [may_log_in(self.ours.submitter, form["password1"]) for form in forms]
        self.assertEqual(works, [status == 302 for status in responses])
