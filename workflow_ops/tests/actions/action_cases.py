"""Helpers for tests of actions: a workflow with one action, jobs run by hand, and what was received."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import override_settings
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from ticketflower.tests.outgoing.receivers import Receiver, answer
from workflow_design.definition.workflow import CompletionFile, TaskFile, WorkflowFile
from workflow_ops.models import ActionCall, TaskInstance, TicketError, TicketInstance
from workflow_ops.tests.engine_cases import NUMBER, Engine, EngineTestCase, end, form, workflow

with_loopback = override_settings(ACTIONS_ALLOW_LOOPBACK=True)


def ok(**values: Any) -> bytes:
    """Return an answer with these members."""
    return answer(body=json.dumps(values).encode())


def headers_of(request: bytes) -> dict[str, str]:
    """Return the headers of a received request, their names in lower case."""
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines)}


def body_of(request: bytes) -> Any:
    """Return the JSON of a received request."""
    return json.loads(request.partition(b"\r\n\r\n")[2])


def asking(
    url: str, *more: TaskFile | CompletionFile, kind: str = "SYNC_ACTION", **members: Any
) -> WorkflowFile:
    """Return a workflow whose ticket starts the action “Ask”, which reads `a` and writes `out` and `total`.

    It ends when `total` is written. `total` is a required number.
    """
    ask = form("Ask", "a", "out total", task_type=kind, action_url=url, **members)
    file = workflow(ask, *more, end("Done", "total"), ticket="a b", total=NUMBER)
    file.fields_schema["required"] = ["total"]  # type: ignore[index]
    return file


class ActionHelpers:
    """What tests with and without real commits share."""

    engine: Engine

    def submit(self, file: WorkflowFile, **values: Any) -> TicketInstance:
        """Publish the workflow and submit a ticket of it."""
        return self.engine.submit(self.engine.load(file), **{"a": "x", **values})

    def do_calls(self, *, until: timedelta = timedelta()) -> list[str]:
        """Run the waiting jobs that are due then, and those that they enqueue; return their names."""
        names = []
        while job := self.next_job(timezone.now() + until):
            run_call_job(job)
            with connection.cursor() as cursor:
                cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [job.id])
            names.append(job.task_name.rpartition(".")[2])
        return names

    def next_job(self, at: Any) -> Job | None:
        """Return the first job of a call that is due at this time, or None."""
        waiting = ProcrastinateJob.objects.filter(status="todo", queue_name__in=("calls", "mails"))
        rows = waiting.order_by("id")
        row = next((row for row in rows if row.scheduled_at is None or row.scheduled_at <= at), None)
        return self.job_of(row) if row else None

    def job_of(self, row: ProcrastinateJob) -> Job:
        """Return the job of a row of the queue."""
        return Job(
            id=row.pk,
            queue=row.queue_name,
            lock=row.lock,
            queueing_lock=None,
            task_name=row.task_name,
            task_kwargs=row.args,
            scheduled_at=row.scheduled_at,
        )

    def ask(self, ticket: TicketInstance) -> TaskInstance:
        """Return the newest task of the action."""
        return self.engine.task(ticket, "Ask")

    def calls(self, ticket: TicketInstance) -> list[ActionCall]:
        """Return the calls of the ticket's tasks, oldest first."""

        def find() -> list[ActionCall]:
            calls = ActionCall.objects.filter(task__workflow_instance=ticket.workflow_instance_id)
            return list(calls.order_by("pk"))

        found: list[ActionCall] = self.engine.call(find)
        return found

    def outcomes(self, ticket: TicketInstance) -> list[str]:
        """Return what became of the calls."""
        return [call.outcome for call in self.calls(ticket)]

    def only_error(self, ticket: TicketInstance) -> TicketError:
        """Return the only error of the ticket."""
        (error,) = self.engine.errors(ticket)
        return error


def run_call_job(job: Job, *, attempts: int = 0) -> None:
    """Run a job as a worker does, after so many attempts that broke off."""
    task = app.tasks[job.task_name]
    if task.pass_context:
        job = job.evolve(attempts=attempts)
        context = JobContext(app=app, job=job, start_timestamp=0.0, abort_reason=lambda: None)
        task.func(context, **job.task_kwargs)
    else:
        task.func(**job.task_kwargs)


@with_loopback
class ActionTestCase(ActionHelpers, EngineTestCase):
    """Tests of actions in one transaction."""


__all__ = ["ActionTestCase", "Receiver", "answer"]
