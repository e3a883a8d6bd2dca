"""How many statements the two main operations take, at whatever size (`speed.md`)."""

from __future__ import annotations

from uuid import uuid4

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from users.models import CustomUser
from users.system_roles import SystemRoleName
from workflow_design.models import WorkflowDefinition
from workflow_ops.models import TaskInstance
from workflow_ops.submissions import complete_task, submit_ticket
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, form, workflow


class StatementTests(CommittedEngineTestCase):
    def setUp(self) -> None:
        super().setUp()
        # Company admins need fewer statements to be let through than workers.
        self.engine.look(
            lambda: self.ours.admin.system_role_memberships.filter(group__name="task_worker").delete()
        )
        self.two_tasks = workflow(form("One", "a"), form("Two", "a", "done"), form("Three", "out", "done2"))
        self.made = self.engine.load(self.two_tasks)
        for _warm in range(2):
            self.engine.complete(self.engine.submit(self.made, a="x"), "One", out="y")

    def test_submitting_starts_two_tasks_in_17(self) -> None:
        """With begin, setting and commit of both transactions; the view adds session and definition."""
        self.assertEqual(self._submitting(), 17)

    def test_the_number_does_not_grow(self) -> None:
        before = self._submitting(), self._completing()
        for number in range(5):
            self.engine.person(f"Worker{number}", system_roles=[SystemRoleName.TASK_WORKER])
            self.engine.load(workflow(form("One", "a"), form("Two", "a", "done"), title=f"Another {number}"))
            self.engine.submit(self.made, a="x")
        self.assertEqual((self._submitting(), self._completing()), before)

    def test_completing_starts_one_task_in_23(self) -> None:
        self.assertEqual(self._completing(), 23)

    def _submitting(self) -> int:
        by = self.ours.submitter
        made: WorkflowDefinition = self.made
        definition = self.engine.look(lambda: made.tickets.select_related("workflow").get())
        self._bring_roles(by)
        with CaptureQueriesContext(connection) as captured, by.scope(), transaction.atomic():
            submit_ticket(definition, values={"a": "x"}, form_token=uuid4(), by=by)
        return len(captured)

    def _completing(self) -> int:
        ticket = self.engine.submit(self.made, a="x")
        task: TaskInstance = self.engine.task(ticket, "One")
        by = task.assigned_to
        assert by is not None
        self._bring_roles(by)
        with CaptureQueriesContext(connection) as captured, by.scope(), transaction.atomic():
            complete_task(task, values={"out": "y"}, input_version=1, by=by)
        return len(captured)

    def _bring_roles(self, person: CustomUser) -> None:
        """As the session does."""
        self.engine.look(lambda: (person.system_roles, person.company_role_ids))
