"""Helpers for tests of the engine: build small workflows, and act as people of a company."""

from __future__ import annotations

from collections.abc import Callable, Collection
from copy import copy
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.test import TestCase
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from users.models import CompanyRole, CompanyRoleMembership, CustomUser, Scope, TokenInUse
from users.tests.cases import CommittedTestCase, CompanyTestCase, People, make_person
from workflow_design.definition.workflow import CompletionFile, TaskFile, TicketFile, WorkflowFile
from workflow_design.models import WorkflowDefinition
from workflow_design.persistence.importing import import_workflow
from workflow_design.versions.publishing import publish
from workflow_ops.jobs import apply_writes
from workflow_ops.models import (
    RunStatus,
    TaskInstance,
    TicketError,
    TicketInstance,
    TimelineEvent,
    WorkflowData,
    WorkflowInstance,
    WorkflowWrite,
)
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.work.submissions import complete_task, submit_ticket

TEXT = {"type": "string"}
NUMBER = {"type": "number"}
YES_NO = {"type": "boolean"}
PERSON = {"type": "string", "format": "user"}


def equals(field: str, value: Any) -> dict[str, Any]:
    """Return the condition that a field has this value."""
    return {"==": [{"var": field}, value]}


def form(title: str, reads: str, writes: str = "out", **more: Any) -> TaskFile:
    """Return a form task. Its fields are given as space-separated names."""
    return TaskFile(
        title=title,
        task_type=more.pop("task_type", "FORM"),
        input_fields=tuple(reads.split()),
        output_fields=tuple(writes.split()),
        **more,
    )


def end(title: str, reads: str, *, status: str = "COMPLETED", **more: Any) -> CompletionFile:
    """Return a completion. Its fields are given as space-separated names."""
    return CompletionFile(title=title, completion_status=status, fields=tuple(reads.split()), **more)


def workflow(
    *parts: TaskFile | CompletionFile, ticket: str = "a", title: str = "Test", **fields: Any
) -> WorkflowFile:
    """Return a workflow with one ticket definition that writes the fields named in `ticket`.

    `fields` are the schemas of fields; those without one are texts. If no completion ends the workflow, add
    one that is reached when the ticket's first field is "the end".
    """
    if not any(isinstance(part, CompletionFile) and part.completion_status != "ON_HOLD" for part in parts):
        first = ticket.split(maxsplit=1)[0]
        parts = (*parts, end("End", first, condition=equals(first, "the end")))
    names = {*ticket.split(), "out", "done"}
    for part in parts:
        if isinstance(part, TaskFile):
            names.update(part.input_fields, part.output_fields)
        else:
            names.update(part.fields)
    return WorkflowFile(
        title=title,
        fields_schema={
            "type": "object",
            "properties": {name: fields.get(name, TEXT) for name in sorted(names | set(fields))},
        },
        tickets=(TicketFile(title="Ticket", fields=tuple(ticket.split())),),
        tasks=tuple(part for part in parts if isinstance(part, TaskFile)),
        completions=tuple(part for part in parts if isinstance(part, CompletionFile)),
    )


def act_by_token(person: CustomUser, name: str = "nightly") -> CustomUser:
    """Return the person as they are when a program acts for them with a token of this name."""
    program = copy(person)
    program.token = TokenInUse(
        id=1, name=name, scopes=frozenset(Scope), requests=1, allowed=600, window_ends_at=timezone.now()
    )
    return program


class Engine:
    """The people of a company at work. Each action runs in a transaction of its own, as in a request."""

    def __init__(self, people: People, commit: Callable[[Callable[[], Any]], Any]) -> None:
        self.people = people
        self._commit = commit

    def as_person(self, person: CustomUser, function: Callable[[], Any]) -> Any:
        """Call `function` in a transaction in the person's scope, commit, and return its result."""

        def in_transaction() -> Any:
            with transaction.atomic():
                return function()

        with person.scope():
            return self._commit(in_transaction)

    def call(self, function: Callable[[], Any]) -> Any:
        """Call `function` in a transaction in the company's scope without an actor. Return its result."""
        with self.people.scope(), transaction.atomic():
            return function()

    def load(self, file: WorkflowFile) -> WorkflowDefinition:
        """Import a workflow file, publish it, and return the version."""

        def make() -> WorkflowDefinition:
            made = import_workflow(file, by=None, replace=True, may_make_roles=True)
            publish(made, by=None)
            return WorkflowDefinition.objects.get(pk=made.pk)

        found: WorkflowDefinition = self.call(make)
        return found

    def person(self, name: str, *, roles: Collection[str] = (), **more: Any) -> CustomUser:
        """Create a person of the company with company roles of these names."""
        person = make_person(self.people.company, name, **more)

        def give() -> None:
            for role in CompanyRole.objects.filter(name__in=roles):
                CompanyRoleMembership.objects.create(role=role, person=person)

        self.call(give)
        return person

    def submit(
        self,
        made: WorkflowDefinition,
        *,
        by: CustomUser | None = None,
        token: UUID | None = None,
        **values: Any,
    ) -> TicketInstance:
        """Submit the workflow's only kind of ticket."""
        person = by or self.people.submitter

        def call() -> TicketInstance:
            definition = made.tickets.select_related("workflow").get()
            return submit_ticket(definition, values=values, form_token=token or uuid4(), by=person)

        ticket: TicketInstance = self.as_person(person, call)
        return ticket

    def complete(
        self,
        ticket: TicketInstance,
        title: str,
        *,
        by: CustomUser | None = None,
        version: int | None = None,
        **values: Any,
    ) -> None:
        """Complete the unfinished task of this title, as its assignee unless `by` is given."""
        task = self.task(ticket, title)
        person = by or task.assigned_to
        assert person is not None, f"nobody has {title}"
        self.as_person(
            person,
            lambda: complete_task(
                task, values=values, input_version=version or task.input_version, by=person
            ),
        )

    def task(self, ticket: TicketInstance, title: str) -> TaskInstance:
        """Return the newest task of this title."""

        def find() -> TaskInstance:
            tasks = TaskInstance.objects.select_related("assigned_to__company", "task_definition")
            return tasks.filter(
                workflow_instance=ticket.workflow_instance_id, task_definition__title=title
            ).latest("run")

        found: TaskInstance = self.call(find)
        return found

    def unfinished(self, ticket: TicketInstance) -> list[str]:
        """Return the sorted names of the unfinished tasks, such as "Decide #2"."""

        def find() -> list[str]:
            tasks = TaskInstance.objects.select_related("task_definition").filter(
                workflow_instance=ticket.workflow_instance_id, status__in=UNFINISHED_STATUSES
            )
            return sorted(str(task) for task in tasks)

        found: list[str] = self.call(find)
        return found

    def run(self, ticket: TicketInstance) -> WorkflowInstance:
        """Return the current row of the workflow."""
        found: WorkflowInstance = self.call(
            lambda: WorkflowInstance.objects.get(pk=ticket.workflow_instance_id)
        )
        return found

    def status(self, ticket: TicketInstance) -> RunStatus:
        """Return the status of the workflow."""
        return RunStatus(self.run(ticket).status)

    def errors(self, ticket: TicketInstance) -> list[TicketError]:
        """Return the errors of the ticket, oldest first."""
        found: list[TicketError] = self.call(lambda: list(ticket.errors.order_by("pk")))
        return found

    def steps(self, ticket: TicketInstance) -> list[WorkflowData]:
        """Return the steps of the workspace."""
        found: list[WorkflowData] = self.call(
            lambda: list(
                WorkflowData.objects.filter(workflow_instance=ticket.workflow_instance_id).order_by("step")
            )
        )
        return found

    def writes(self, ticket: TicketInstance) -> list[WorkflowWrite]:
        """Return the writes of the workflow in their order."""
        found: list[WorkflowWrite] = self.call(
            lambda: list(
                WorkflowWrite.objects.filter(workflow_instance=ticket.workflow_instance_id).order_by("pk")
            )
        )
        return found

    def event_kinds(self, ticket: TicketInstance) -> list[str]:
        """Return the kinds of the timeline's entries, oldest first."""
        found: list[str] = self.call(
            lambda: list(
                TimelineEvent.objects.filter(ticket=ticket).order_by("pk").values_list("kind", flat=True)
            )
        )
        return found


def run_job(ticket: TicketInstance, *, attempts: int = 0) -> None:
    """Run the job that applies the waiting writes of the ticket's workflow after `attempts` attempts."""
    assert ticket.company_id is not None
    job = Job(queue="default", lock=None, queueing_lock=None, task_name=apply_writes.name, attempts=attempts)
    context = JobContext(app=app, job=job, start_timestamp=0.0, abort_reason=lambda: None)
    apply_writes.func(context, company_id=ticket.company_id, workflow_instance_id=ticket.workflow_instance_id)


class EngineTestCase(CompanyTestCase):
    """Tests with an engine for `self.ours`. Callbacks on commit run although the tests commit nothing."""

    def setUp(self) -> None:
        """Create the engine."""
        self.engine = Engine(self.ours, self._commit)

    def _commit(self, function: Callable[[], Any]) -> Any:
        with self.captureOnCommitCallbacks(execute=True):
            return function()


class CommittedEngineTestCase(CommittedTestCase):
    """Tests with an engine and real commits, for concurrent actions."""

    def setUp(self) -> None:
        """Create the engine."""
        super().setUp()
        self.engine = Engine(self.ours, lambda function: function())


__all__ = ["NUMBER", "PERSON", "YES_NO", "CommittedEngineTestCase", "Engine", "EngineTestCase", "TestCase"]
