"""Random definitions and random moves: engine and history agree with an interpreter in memory."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings

from workflow_design.definition.workflow import CompletionStatus
from workflow_design.engine import Plan, Write
from workflow_design.models import (
    TaskDefinition,
    TicketDefinition,
    WorkflowCompletion,
    WorkflowDefinition,
    WorkflowLine,
)
from workflow_design.tests.engine.interpreter import IN_PROGRESS, RunningWorkflow
from workflow_design.tests.strategies import FIELDS, Move, moves, plans
from workflow_ops.desk.actions import cancel_task, edit_data, resume_workflow
from workflow_ops.engine.run_rows import lock_run
from workflow_ops.models import ErrorReason, TicketInstance, WriteSource
from workflow_ops.state_manager import store_write
from workflow_ops.tests.engine_cases import EngineTestCase
from workflow_ops.tests.history.past_steps import RecordingWorkflow, compare_past


class PropertyTests(EngineTestCase):
    def test_the_engine_does_what_the_interpreter_does(self) -> None:
        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @given(plan=plans(), walk=moves)
        def check(plan: Plan, walk: list[Move]) -> None:
            with transaction.atomic():
                self._play(plan, walk)
                transaction.set_rollback(True)

        check()

    def _play(self, plan: Plan, walk: list[Move]) -> None:
        self.made = self.engine.call(lambda: self._store(plan))
        model = RecordingWorkflow(plan)
        model.submit("Ticket", **dict.fromkeys(plan.tickets[0].fields, 1))
        values: dict[str, Any] = dict.fromkeys(plan.tickets[0].fields, 1)
        ticket = self.engine.submit(self.made, by=self.ours.admin, **values)
        self._compare(model, ticket)
        for kind, number, drawn in walk:
            self._move(model, ticket, kind, number, dict(zip(FIELDS, drawn, strict=True)))
            self._compare(model, ticket)
        self.engine.call(lambda: compare_past(self, model, self._fresh(ticket)))

    def _fresh(self, ticket: TicketInstance) -> TicketInstance:
        return TicketInstance.objects.select_related("workflow_instance__workflow").get(pk=ticket.pk)

    def _store(self, plan: Plan) -> WorkflowDefinition:
        line = WorkflowLine.objects.create(title="Random")
        properties = {name: {"type": "integer"} for name in FIELDS}
        made = WorkflowDefinition.objects.create(
            line=line,
            title="Random",
            status="ACTIVE",
            fields_schema={"type": "object", "properties": properties},
        )
        common: dict[str, Any] = {"workflow": made}
        TicketDefinition.objects.create(title="Ticket", fields=list(plan.tickets[0].fields), **common)
        for place, task in enumerate(plan.tasks):
            TaskDefinition.objects.create(
                title=task.title,
                position=place,
                task_type=task.task_type,
                input_fields=list(task.input_fields),
                output_fields=list(task.output_fields),
                reset_fields=list(task.reset_fields),
                condition=task.condition,
                **common,
            )
        for place, completion in enumerate(plan.completions):
            WorkflowCompletion.objects.create(
                title=completion.title,
                position=place,
                completion_status=completion.completion_status,
                fields=list(completion.fields),
                condition=completion.condition,
                **common,
            )
        return made

    def _move(
        self, model: RunningWorkflow, ticket: TicketInstance, kind: str, number: int, drawn: dict[str, Any]
    ) -> None:
        values = {name: value for name, value in drawn.items() if type(value) is int}
        admin = self.ours.admin
        tasks = sorted(model.unfinished(), key=lambda task: task.plan.title)
        task = tasks[number % len(tasks)] if tasks else None
        name = FIELDS[number % len(FIELDS)]
        runs = model.status == IN_PROGRESS
        if kind == "complete" and task and model.status == IN_PROGRESS and task.plan.is_form:
            outputs = {each: values[each] for each in task.plan.output_fields if each in values}
            model.complete(task.plan.title, **outputs)
            self.engine.complete(ticket, task.plan.title, by=admin, **outputs)
        elif kind in ("edit", "correct") and runs:
            after = {**model.data, name: values.get(name)}
            if Write.by_edit(model.data, after).modified:
                (model.edit if kind == "edit" else model.correct)(**{name: values.get(name)})
            edit = partial(edit_data, ticket, values={name: values.get(name)}, by=admin)
            self.engine.as_person(admin, partial(edit, only_corrects=kind == "correct"))
        elif kind == "clock":
            write = Write.by_clock({name: values.get(name)})
            model.write(write)
            self.engine.as_person(admin, lambda: self._clock(ticket, write))
        elif kind == "cancel" and task and runs:
            stored = self.engine.task(ticket, task.plan.title)
            task.status = "CANCELLED"
            model.write(Write.retry(()))
            self.engine.as_person(admin, lambda: cancel_task(stored, reason="", by=admin))
        elif kind == "resume" and model.status == CompletionStatus.ON_HOLD:
            model.resume()
            self.engine.as_person(admin, lambda: resume_workflow(ticket, by=admin))

    def _clock(self, ticket: TicketInstance, write: Write) -> None:
        store_write(
            lock_run(ticket.workflow_instance_id), write, source=WriteSource.CLOCK, by=self.ours.admin
        )

    def _compare(self, model: RunningWorkflow, ticket: TicketInstance) -> None:
        run = self.engine.run(ticket)
        reasons = {error.reason for error in self.engine.errors(ticket)}
        self.assertNotIn(ErrorReason.EXCEPTION, reasons)
        self.assertEqual((run.status, run.data), (model.status, dict(model.data)))
        self.assertEqual(self.engine.unfinished(ticket), model.open_names())
        steps = self.engine.steps(ticket)
        self.assertEqual(steps[-1].data, run.data)
        self.assertEqual([step.step for step in steps], list(range(1, len(steps) + 1)))
        for task in model.unfinished():
            self.assertEqual(self.engine.task(ticket, task.plan.title).input_data, dict(task.input_data))
