"""The job as a worker does it: in a thread of its own, on a connection that is only just being made."""

from django.core import mail
from django.db.backends.base.base import RAN_DB_VERSION_CHECK
from procrastinate.contrib.django.models import ProcrastinateJob

from users import jobs
from users.tests.at_once import at_once
from users.tests.cases import CommittedTestCase, logged_in


class InAWorker(CommittedTestCase):
    """With real transactions."""

    def test_the_first_thing_that_a_worker_does(self) -> None:
        client = logged_in(self.ours.admin)
        client.post("/users/people/invite/", {"email": "nora@new.example"})
        stored = ProcrastinateJob.objects.get(task_name="users.jobs.send_invitation").args
        RAN_DB_VERSION_CHECK.discard("default")  # as in a process that never asked the database anything
        at_once(lambda: jobs.send_invitation(**stored))
        self.assertEqual([message.to for message in mail.outbox], [["nora@new.example"]])

    def test_enqueued_with_the_row_or_not_at_all(self) -> None:
        client = logged_in(self.ours.admin)
        client.post("/users/people/invite/", {"email": self.ours.worker.email})
        self.assertFalse(ProcrastinateJob.objects.exists())
