"""The invitation job as a worker runs it: in a separate thread, on a new connection."""

from django.core import mail
from django.db.backends.base.base import RAN_DB_VERSION_CHECK
from procrastinate.contrib.django.models import ProcrastinateJob

from users import jobs
from users.tests.at_once import at_once
from users.tests.cases import CommittedTestCase, logged_in


class InAWorker(CommittedTestCase):
    """A test case with real transactions."""

    def test_the_first_job_of_a_worker(self) -> None:
        client = logged_in(self.ours.admin)
        client.post("/users/people/invite/", {"email": "nora@new.example"})
        stored = ProcrastinateJob.objects.get(task_name="users.jobs.send_invitation").args
        RAN_DB_VERSION_CHECK.discard("default")  # as in a process that has not queried the database yet
        at_once(lambda: jobs.send_invitation(**stored))
        self.assertEqual([message.to for message in mail.outbox], [["nora@new.example"]])

    def test_enqueued_with_the_row_or_not_at_all(self) -> None:
        client = logged_in(self.ours.admin)
        client.post("/users/people/invite/", {"email": self.ours.worker.email})
        self.assertFalse(ProcrastinateJob.objects.exists())
