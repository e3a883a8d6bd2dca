"""Changing an e-mail address: confirmed at the new one, told at the old one, and all sessions end."""

import re
from typing import Any

from django.conf import settings
from django.core import mail
from django.test import Client, override_settings
from procrastinate.contrib.django.models import ProcrastinateJob

from users import jobs
from users.models import CustomUser
from users.tests.audit import audit_events
from users.tests.cases import PASSWORD, CompanyTestCase, logged_in

OWN = "/users/profile/email/"
NEW = "wanda@new.example"


class EmailChange(CompanyTestCase):
    """Wanda gets another address."""

    def setUp(self) -> None:
        super().setUp()
        self.client = logged_in(self.ours.worker)
        self.path = f"/users/people/{self.ours.worker.pk}/email/"

    def ask(self, client: Client | None = None, path: str = OWN, **values: Any) -> Any:
        data = {"email": NEW, "old_password": PASSWORD, **values}
        return (client or self.client).post(path, data, follow=True)

    def run_jobs(self) -> None:
        """Send the mails that are enqueued."""
        for job in ProcrastinateJob.objects.filter(task_name__startswith="users.jobs.send_email").order_by(
            "pk"
        ):
            getattr(jobs, job.task_name.rpartition(".")[2])(**job.args)

    def link(self) -> str:
        self.run_jobs()
        found = re.search(r"/users/email/\S+", str(mail.outbox[-1].body))
        assert found is not None
        return found.group()

    def address(self) -> str:
        with self.ours.scope():
            return CustomUser.objects.get(pk=self.ours.worker.pk).email

    def test_is_confirmed_at_the_new_address_and_told_at_the_old_one(self) -> None:
        old = self.ours.worker.email
        self.assertContains(self.ask(), f"A link to {NEW} is on its way.")
        link = self.link()
        self.assertEqual(mail.outbox[-1].to, [NEW])
        visitor = Client()
        self.assertContains(visitor.get(link), NEW)
        self.assertEqual(self.address(), old)
        self.assertRedirects(visitor.post(link), "/users/login/", fetch_redirect_response=False)
        self.assertEqual(self.address(), NEW)
        ProcrastinateJob.objects.filter(task_name="users.jobs.send_email_change").delete()
        self.run_jobs()
        self.assertEqual(mail.outbox[-1].to, [old])
        self.assertIn(NEW, mail.outbox[-1].body)

    def test_ends_all_sessions_and_the_new_address_logs_in(self) -> None:
        self.ask()
        Client().post(self.link())
        self.assertEqual(self.client.get("/users/dashboard/").status_code, 302)
        for email, status in ((self.ours.worker.email, 200), (NEW, 302)):
            answer = Client().post("/users/login/", {"username": email, "password": PASSWORD})
            self.assertEqual(answer.status_code, status)
        with self.ours.scope():
            event = audit_events(CustomUser).latest("pk")
        self.assertEqual(event.changes["email"], [self.ours.worker.email, NEW])

    def test_link_works_once_and_only_as_it_was_made(self) -> None:
        self.ask()
        link = self.link()
        self.assertEqual(Client().post(link).status_code, 302)
        for path in (link, link[:-3] + "x/", "/users/email/nonsense/"):
            self.assertEqual(Client().post(path).status_code, 404)

    def test_needs_the_password_and_a_free_address(self) -> None:
        refused: tuple[tuple[dict[str, Any], str], ...] = (
            ({"old_password": "wrong"}, "old_password"),
            ({"email": self.ours.admin.email.upper()}, "email"),
            ({"email": "nonsense"}, "email"),
        )
        for values, field in refused:
            self.assertTrue(self.ask(**values).context["form"].errors[field])
        self.assertFalse(ProcrastinateJob.objects.filter(task_name="users.jobs.send_email_change").exists())

    def test_address_of_another_company_is_not_revealed_before_its_owner_asks(self) -> None:
        self.assertContains(self.ask(email=self.theirs.worker.email), "is on its way.")
        self.assertContains(Client().post(self.link()), "This address can't be used")
        self.assertEqual(self.address(), self.ours.worker.email)

    def test_company_admin_changes_it_for_others(self) -> None:
        self.assertEqual(self.ask(logged_in(self.ours.admin), self.path).status_code, 200)
        Client().post(self.link())
        self.assertEqual(self.address(), NEW)

    def test_limit_of_the_company(self) -> None:
        with override_settings(LIMITS=settings.LIMITS | {"ADDRESS_CHANGES_OF_COMPANY": 1}):
            self.assertContains(self.ask(), "is on its way.")
            answer = self.ask(logged_in(self.ours.admin), self.path, email="other@new.example")
        self.assertContains(answer, "as many changes of addresses as it may in a day", status_code=429)

    def test_others_may_not(self) -> None:
        for client, status in ((self.client, 403), (logged_in(self.theirs.admin), 404)):
            self.assertEqual(self.ask(client, self.path).status_code, status)
        self.assertEqual(self.client.put(OWN).status_code, 405)
        self.assertEqual(Client().post(OWN).status_code, 302)
