"""Confirming the e-mail address with which a company was signed up."""

import re
from datetime import timedelta
from unittest.mock import patch

from django.core import mail, signing
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from users import jobs
from users.confirmation import token_for
from users.models import CustomUser, Invitation
from users.tests.admin_pages import AdminPageTestCase, run_invitation_jobs
from users.tests.cases import CompanyTestCase, logged_in
from users.tests.queries import at_most_queries, same_queries_as
from users.tests.test_invitation_accept import VALID as ACCEPTED
from users.tests.test_invitation_accept import path_of
from users.tests.test_signup_page import PATH as SIGN_UP
from users.tests.test_signup_page import VALID

SEND_AGAIN, INVITE, HOME = "/users/confirm/", "/users/people/invite/", "/users/profile/"
BANNER = "Confirm your address with the link that we sent"


def run_confirmation_jobs() -> int:
    """Run each enqueued confirmation job with its stored arguments, and return their number."""
    waiting = ProcrastinateJob.objects.filter(task_name="users.jobs.send_confirmation", status="todo")
    stored = list(waiting.values_list("args", flat=True))
    for arguments in stored:
        jobs.send_confirmation(**arguments)
    return len(stored)


class Newcomer(CompanyTestCase):
    """Somebody who has just signed up."""

    def setUp(self) -> None:
        super().setUp()
        self.client = Client()
        self.client.post(SIGN_UP, VALID)
        self.person = CustomUser.objects.get_by_natural_key(VALID["email"])

    def link(self) -> str:
        """Return the path of the link in the newest e-mail."""
        found = re.search(r"https?://[^/]+(/\S+)", str(mail.outbox[-1].body))
        assert found is not None
        return found[1]

    def invite(self, address: str) -> str:
        """Invite, and return the page that follows."""
        form = {"email": address, "system_roles": ["user"]}
        return self.client.post(INVITE, form, follow=True).content.decode()

    def test_works_at_once_but_invitations_wait(self) -> None:
        self.assertContains(self.client.get(HOME), BANNER)
        self.assertIn("waits until you have confirmed your own e-mail address", self.invite("a@new.example"))
        self.assertIn("waits until", self.invite("b@new.example"))
        self.assertEqual(run_invitation_jobs(), 2)
        self.assertEqual(mail.outbox, [])

    def test_confirming_sends_what_waited(self) -> None:
        self.invite("a@new.example")
        self.assertEqual(run_confirmation_jobs(), 1)
        self.assertEqual(mail.outbox[0].to, [self.person.email])
        path = self.link()
        self.assertContains(Client().get(path), f"Is {self.person.email} your address?")
        self.assertContains(self.client.get(HOME), BANNER)
        ProcrastinateJob.objects.filter(task_name="users.jobs.send_invitation").delete()
        for browser in (Client(), logged_in(self.theirs.worker), self.client):
            response = browser.post(path)
            self.assertRedirects(response, "/users/dashboard/", fetch_redirect_response=False)
        self.assertNotContains(self.client.get(HOME), BANNER)
        self.assertEqual(run_invitation_jobs(), 1)
        self.assertEqual(mail.outbox[-1].to, ["a@new.example"])
        self.assertIn("The invitation to c@new.example is on its way.", self.invite("c@new.example"))

    def test_confirming_another_address_sends_what_waited(self) -> None:
        self.invite("a@new.example")
        ProcrastinateJob.objects.filter(task_name="users.jobs.send_invitation").delete()
        change = {"email": "right@new.example", "old_password": VALID["password1"]}
        self.assertRedirects(self.client.post("/users/profile/email/", change), HOME)
        job = ProcrastinateJob.objects.get(task_name="users.jobs.send_email_change")
        jobs.send_email_change(**job.args)
        self.assertEqual(Client().post(self.link()).status_code, 302)
        self.assertEqual(run_invitation_jobs(), 1)
        self.assertEqual(mail.outbox[-1].to, ["a@new.example"])

    def test_a_link_that_is_handed_over_confirms_nobody(self) -> None:
        self.invite("a@new.example")
        with self.person.scope():
            path = path_of(Invitation.objects.get())
        colleague = Client()
        self.assertEqual(colleague.post(path, ACCEPTED).status_code, 302)
        self.assertContains(colleague.get(HOME), BANNER)

    def test_three_links_an_hour(self) -> None:
        answers = [self.client.post(SEND_AGAIN, {"next": HOME}, follow=True) for _time in range(3)]
        for answer in answers[:2]:
            self.assertRedirects(answer, HOME)
            self.assertContains(answer, f"A link to {self.person.email} is on its way.")
        self.assertContains(answers[2], "Several links were sent to this address. The newest one works.")
        self.assertEqual(run_confirmation_jobs(), 3)

    def test_other_links_confirm_nothing(self) -> None:
        other_address = signing.dumps(
            [self.person.company_id, self.person.pk, "x@x.example"], salt="users.confirmation"
        )
        other_company = signing.dumps(
            [self.ours.company.pk, self.person.pk, self.person.email], salt="users.confirmation"
        )
        unsigned = signing.dumps([self.person.company_id, self.person.pk, self.person.email])
        for token in (other_address, other_company, unsigned, token_for(self.person)[:-1], "x"):
            with self.subTest(token[:20]):
                response = Client().post(f"{SEND_AGAIN}{token}/")
                self.assertContains(response, "This link no longer works", status_code=404)
        path, later = (
            f"{SEND_AGAIN}{token_for(self.person)}/",
            (timezone.now() + timedelta(days=8)).timestamp(),
        )
        with patch("time.time", return_value=later):  # the clock of django.core.signing
            self.assertEqual(Client().get(path).status_code, 404)
        self.assertContains(self.client.get(HOME), BANNER)


class Others(AdminPageTestCase):
    """People whose address needs no confirmation."""

    def test_no_banner_and_no_statement_more(self) -> None:
        with at_most_queries(6) as usual:
            self.assertNotContains(self.client.get(HOME), BANNER)
        with self.ours.scope():
            CustomUser.objects.filter(pk=self.ours.admin.pk).update(is_email_confirmed=False)
        with same_queries_as(usual):
            self.assertContains(self.client.get(HOME), BANNER)

    def test_job_sends_nothing_to_the_confirmed(self) -> None:
        self.client.post(SEND_AGAIN)
        self.assertEqual(run_confirmation_jobs(), 1)
        self.assertEqual(mail.outbox, [])
