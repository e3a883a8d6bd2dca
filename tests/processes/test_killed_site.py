"""`kill -9` of a site between a person's action and its consequences (`docs/engine.md`, "Two transactions").

The database connection is held at an exact statement, and the process is killed there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F, QuerySet
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.processes.cases import SiteProcessTestCase
from tests.worker import do_jobs
from workflow_ops.models import RunStatus, TicketInstance, WorkflowWrite, WriteStatus
from workflow_ops.state_manager import PATIENCE_SECONDS, look_for_waiting_writes
from workflow_ops.tests.engine_cases import form, workflow

A_MINUTE = 60
BETWEEN_LOOKS = 15


@dataclass(frozen=True, slots=True)
class Post:
    """A form that a browser sends, possibly twice."""

    path: str
    cookies: str
    fields: dict[str, Any]


@pytest.mark.slow
class KilledSiteTests(SiteProcessTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.workflow = self.engine.load(workflow(form("First", "a"), form("Next", "out", "done")))
        self.definition = self.engine.call(lambda: self.workflow.tickets.get().pk)
        self.sam = self.cookies_of(self.ours.submitter)
        self.ada = self.cookies_of(self.ours.admin)

    def test_25_times_after_a_ticket_and_25_times_after_a_task(self) -> None:
        """The kill happens between the person's commit and the first statement of the consequences."""
        posts = [self.submission() for _each in range(25)]
        for post in posts:
            self.assertTrue(self.killed(post, commits=1))
        self.assertEqual([ticket.number for ticket in self.tickets()], list(range(1, 26)))
        self.assert_all_wait(RunStatus.NOT_STARTED, steps=0)
        self.assert_goes_on_once(posts, tasks=["First #1"], steps=1)
        posts = [self.completion(ticket) for ticket in self.tickets()]
        for post in posts:
            self.assertTrue(self.killed(post, commits=1))
        self.assert_all_wait(RunStatus.IN_PROGRESS, steps=1)
        self.assert_goes_on_once(posts, tasks=["Next #1"], steps=2)

    def test_at_every_statement_of_what_follows(self) -> None:
        """The transaction is rolled back as a whole, and the job repeats it."""
        posts = []
        for place in count():
            posts.append(self.submission())
            if not self.killed(posts[-1], commits=1, more=place):
                break
        self.assertGreater(len(posts), 7)
        self.assert_goes_on_once(posts, tasks=["First #1"], steps=1)
        posts = [self.completion(ticket) for ticket in self.tickets()]
        for place, post in enumerate(posts):
            self.killed(post, commits=1, more=place)
        self.assert_goes_on_once(posts, tasks=["Next #1"], steps=2)

    def test_at_every_statement_before_the_commit(self) -> None:
        """Nothing has happened, and sending the same form again creates the ticket."""
        post = self.submission()
        for place in count():
            self.assertTrue(self.killed(post, commits=0, more=place))
            if "COMMIT" in self.tap.statements:
                break
            self.assertEqual(self.tickets(), [])
        self.assertGreater(place, 5)
        self.assert_goes_on_once([post], tasks=["First #1"], steps=1)

    # --- Actions -------------------------------------------------------------------------

    def submission(self) -> Post:
        """Return the form of a new ticket."""
        token = uuid4()
        return Post(f"/tickets/new/{self.definition}/", self.sam, {"_form_token": token, "a": token})

    def completion(self, ticket: TicketInstance) -> Post:
        """Return the form that completes the ticket's first task, sent by the company admin."""
        task = self.engine.task(ticket, "First")
        return Post(f"/tasks/{task.pk}/", self.ada, {"_input_version": 1, "out": "y"})

    def killed(self, post: Post, *, commits: int, more: int = 0) -> bool:
        """Send the form, kill the site after some commits and statements; return whether it was killed."""
        self.start()
        self.tap.listen(hold=(commits, more))
        connection = self.begin_post(post.path, cookies=post.cookies, **post.fields)
        if not self.tap.wait_until_held(connection):
            self.assertEqual(connection.getresponse().status, 302)
            return False
        self.kill()
        self.assert_no_response(connection)
        return True

    # --- Consequences --------------------------------------------------------------------

    def tickets(self) -> list[TicketInstance]:
        """Return all tickets by number."""
        found: list[TicketInstance] = self.engine.call(
            lambda: list(TicketInstance.objects.order_by("number"))
        )
        return found

    def assert_all_wait(self, status: RunStatus, *, steps: int) -> None:
        """Assert that the actions are stored without consequences, and are looked for within a minute."""
        for ticket in self.tickets():
            self.assertEqual(self.engine.status(ticket), status)
            self.assertEqual(len(self.engine.steps(ticket)), steps)
            self.assertEqual(self.engine.writes(ticket)[-1].status, WriteStatus.WAITING)
        polling_interval = app.worker_defaults.get("fetch_job_polling_interval", 5)
        self.assertLess(PATIENCE_SECONDS + BETWEEN_LOOKS + polling_interval, A_MINUTE)

    def jobs(self) -> QuerySet[ProcrastinateJob]:
        """Return the jobs that apply writes which were left behind."""
        jobs: QuerySet[ProcrastinateJob] = ProcrastinateJob.objects.filter(
            task_name="workflow_ops.jobs.apply_writes"
        )
        return jobs

    def look_later(self) -> None:
        """Look for writes that wait, as long after them as a worker looks."""
        long_ago = F("created_at") - timedelta(seconds=PATIENCE_SECONDS)
        self.engine.call(lambda: WorkflowWrite.objects.update(created_at=long_ago))
        look_for_waiting_writes()

    def assert_goes_on_once(self, posts: Sequence[Post], *, tasks: list[str], steps: int) -> None:
        """Run the jobs twice, with some forms sent again before and after, and assert one effect."""
        self.start()
        self.tap.listen()
        for number, post in enumerate(posts):
            if number % 2:
                self.assert_leads_on(post)
        self.look_later()
        look_for_waiting_writes()  # finds that each has its job
        for _twice in range(2):
            self.jobs().update(status="todo")
            do_jobs()
            self.assertLessEqual(set(self.jobs().values_list("status", flat=True)), {"succeeded"})
        for post in posts:
            self.assert_leads_on(post)
        for ticket in self.tickets():
            self.assertEqual(self.engine.unfinished(ticket), tasks)
            self.assertEqual([step.step for step in self.engine.steps(ticket)], list(range(1, steps + 1)))
            self.assertEqual({write.status for write in self.engine.writes(ticket)}, {WriteStatus.APPLIED})
            self.assertEqual(self.engine.event_kinds(ticket).count("TASK_STARTED"), steps)
        self.assertEqual(len(self.tickets()), len(posts))

    def assert_leads_on(self, post: Post) -> None:
        """Assert that sending the form again redirects as before."""
        self.assertEqual(self.post(post.path, cookies=post.cookies, **post.fields).status, 302)
