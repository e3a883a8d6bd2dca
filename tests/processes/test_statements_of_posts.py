"""The number of statements of the two main POSTs, counted on the database connection (`docs/speed.md`).

This includes the session, transactions, settings, jobs and the check of the connection.
"""

from __future__ import annotations

from uuid import uuid4

from tests.processes.cases import SiteProcessTestCase
from users.system_roles import SystemRoleName
from workflow_ops.tests.engine_cases import form, workflow

WARM_UP_POSTS = 6


class StatementsOfPostsTests(SiteProcessTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.workflow = self.engine.load(
            workflow(form("One", "a"), form("Two", "a", "done"), form("Three", "out", "done2"))
        )
        self.definition = self.engine.call(lambda: self.workflow.tickets.get().pk)
        self.engine.call(
            lambda: self.ours.admin.system_role_memberships.filter(group__name="task_worker").delete()
        )
        self.start()
        for _post in range(WARM_UP_POSTS):
            self.submitting()
            self.completing()

    def test_submitting_a_ticket_that_starts_two_tasks(self) -> None:
        self.assertEqual(self.submitting(), 13, self.tap.statements)

    def test_completing_a_task_that_starts_another(self) -> None:
        self.assertEqual(self.completing(), 15, self.tap.statements)

    def test_they_do_not_grow_with_definitions_people_and_tickets(self) -> None:
        before = self.submitting(), self.completing()
        for number in range(30):
            self.engine.load(workflow(form("One", "a"), form("Two", "a", "done"), title=f"Another {number}"))
        for number in range(50):
            self.engine.person(f"Worker{number}", system_roles=[SystemRoleName.TASK_WORKER])
        for _each in range(50):
            self.engine.submit(self.workflow, a="x")
        self.assertEqual((self.submitting(), self.completing()), before)

    def submitting(self) -> int:
        """Submit a ticket and return the number of statements."""
        cookies = self.cookies_of(self.ours.submitter)
        self.tap.listen()
        path, token = f"/tickets/new/{self.definition}/", uuid4()
        response = self.post(path, cookies=cookies, _form_token=token, a=token)
        self.assertEqual(response.status, 302)
        return len(self.tap.statements)

    def completing(self) -> int:
        """Complete a task as a worker, who needs more statements than an admin; return their number."""
        ticket = self.engine.submit(self.workflow, a="x")
        task = self.engine.task(ticket, "One")
        assert task.assigned_to is not None
        cookies = self.cookies_of(task.assigned_to)
        self.tap.listen()
        response = self.post(f"/tasks/{task.pk}/", cookies=cookies, _input_version=1, out="x")
        self.assertEqual(response.status, 302)
        self.assertEqual(self.engine.unfinished(ticket), ["Three #1", "Two #1"])
        return len(self.tap.statements)
