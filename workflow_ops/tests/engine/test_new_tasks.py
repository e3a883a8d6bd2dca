"""Tasks that a step starts are inserted together with it, and all that is stored about them names them."""

from __future__ import annotations

from typing import Any

from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from workflow_ops.models import TaskAllowedUser, TaskInstance, TimelineEvent, TimelineKind
from workflow_ops.tests.engine_cases import EngineTestCase, form, workflow

_WRITTEN = """
SELECT n_tup_ins, n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'workflow_ops_opentask'
"""


class NewTasksTests(EngineTestCase):
    def test_what_is_stored_about_several_of_one_step(self) -> None:
        action = {"task_type": "SYNC_ACTION", "action_url": "https://example.com/"}
        parts = (
            form("By turn", "a"),
            form("Of nobody", "a", "done", executor_roles=("Crew",)),
            form("Call", "a", "b", **action),
            form("Named", "a", "c", assignee_field="$submitter"),
        )
        ticket = self.engine.submit(self.engine.load(workflow(*parts)), a="x")
        tasks: dict[str, TaskInstance] = {part.title: self.engine.task(ticket, part.title) for part in parts}

        def read() -> list[Any]:
            started = TimelineEvent.objects.filter(ticket=ticket, kind=TimelineKind.TASK_STARTED)
            return [
                [
                    (event.task_id, event.about_id, [*event.details], event.workflow_data is not None)
                    for event in started.order_by("pk")
                ],
                list(TaskAllowedUser.objects.values_list("task_id", "person_id")),
                [
                    job.args["task_id"]
                    for job in ProcrastinateJob.objects.filter(task_name="workflow_ops.jobs.call_action")
                ],
            ]

        details = {"Of nobody": ["problem"], "Call": ["waits_for_action"]}
        named = tasks["Named"]
        self.assertEqual(
            self.engine.call(read),
            [
                [
                    (task.pk, task.assigned_to_id, details.get(title, []), True)
                    for title, task in tasks.items()
                ],
                [(named.pk, named.assigned_to_id)],
                [tasks["Call"].pk],
            ],
        )
        self.assertEqual(named.assigned_to, self.ours.submitter)
        self.assertIsNotNone(tasks["By turn"].assigned_to)
        (error,) = self.engine.errors(ticket)
        self.assertEqual(error.task_id, tasks["Of nobody"].pk)
        self.assertEqual(self.engine.event_kinds(ticket)[-1], TimelineKind.ERROR)

    def test_lists_write_the_row_of_a_new_task_once(self) -> None:
        made = self.engine.load(workflow(form("First", "a", "out"), form("Second", "out", "done")))
        ticket = self.engine.submit(made, a="x")
        inserted, updated = self.written()
        self.engine.complete(ticket, "First", out="x")
        self.assertEqual(self.written(), (inserted + 1, updated))

    def written(self) -> tuple[int, int]:
        """Return how many rows of open tasks this transaction has inserted and updated."""
        with connection.cursor() as cursor:
            cursor.execute(_WRITTEN)
            inserted, updated = cursor.fetchone()
        return inserted, updated
