"""The queues of jobs, each served by a worker of its own (`docs/operations.md`, "What it consists of")."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import replace

from django.conf import settings
from django.db import transaction
from django.test import SimpleTestCase
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.processes.cases import environment
from ticketflower.development.run import LANES, worker_command
from users.password_reset import ask_for_reset
from users.tests.cases import CommittedTestCase, People
from workflow_design.persistence.importing import import_workflow
from workflow_design.tests.check.large_files import loops

CHECK, STEP, MAIL = (
    "workflow_design.jobs.check_in_full",
    "workflow_ops.jobs.apply_writes",
    "users.jobs.send_password_reset",
)


class LaneTests(SimpleTestCase):
    def test_every_queue_has_a_worker(self) -> None:
        own = {task.queue for task in app.tasks.values()} - {"builtin"}  # the library's, which nothing uses
        self.assertEqual(own, set(LANES))

    def test_mails_have_a_queue_of_their_own(self) -> None:
        mails = {name: task.queue for name, task in app.tasks.items() if ".jobs.send_" in name}
        self.assertGreater(len(mails), 5)
        self.assertEqual(set(mails.values()), {"mails"}, mails)

    def test_of_docker_compose(self) -> None:
        text = (settings.BASE_DIR / "docker-compose.production.yml").read_text()
        commands = re.findall(r'"--queues=(\w+)", "--concurrency=(\d+)"', text)
        self.assertEqual({lane: int(jobs) for lane, jobs in commands}, LANES)


class LongCheckTests(CommittedTestCase):
    """A check of one company takes ten seconds of processor time; others need not wait for it."""

    def test_delays_no_tickets_and_no_mails(self) -> None:
        for number, people in enumerate((self.ours, self.ours, self.theirs)):
            self.import_large_workflow(f"Large {number}", people)
        self.start_worker("checks")
        self.wait_for(CHECK, "doing")
        ask_for_reset(self.theirs.submitter.email, place="127.0.0.1")
        app.configure_task(STEP).defer(company_id=self.theirs.company.pk, workflow_instance_id=1)
        self.start_worker("default")
        self.start_worker("mails")
        self.wait_for(STEP, "succeeded")
        self.wait_for(MAIL, "succeeded")
        # All three checks were queued before the mail and the step.
        states = self.states(CHECK)
        self.assertEqual((states.count("doing"), states[-1]), (1, "todo"))
        jobs = ProcrastinateJob.objects.filter(task_name=CHECK).order_by("pk")
        ours, again, theirs = jobs.values_list("lock", flat=True)
        self.assertEqual((ours, ours == theirs), (again, False))

    def import_large_workflow(self, title: str, people: People) -> None:
        with people.designer.scope(), transaction.atomic():
            import_workflow(replace(loops(9), title=title), by=people.designer)

    def states(self, task: str) -> list[str]:
        jobs = ProcrastinateJob.objects.filter(task_name=task).order_by("pk")
        return list(jobs.values_list("status", flat=True))

    def wait_for(self, task: str, status: str) -> None:
        """Wait until the first job of a task has this status."""
        until = time.monotonic() + 30
        while self.states(task)[0] != status:
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)

    def start_worker(self, lane: str) -> None:
        """Start the worker of a lane on the test database."""
        process = subprocess.Popen(
            worker_command(lane, LANES[lane]),
            cwd=settings.BASE_DIR,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
