"""What the tests of the engine stand on: workflows from a few words, and people doing their part."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.test import TestCase
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from users.models import CompanyRole, CompanyRoleMembership, CustomUser
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
    """The condition that a field has this value."""
    return {"==": [{"var": field}, value]}


def form(title: str, reads: str, writes: str = "out", **more: Any) -> TaskFile:
    """A form whose fields are given as words."""
    return TaskFile(
        title=title,
        task_type=more.pop("task_type", "FORM"),
        input_fields=tuple(reads.split()),
        output_fields=tuple(writes.split()),
        **more,
    )


def end(title: str, reads: str, *, status: str = "COMPLETED", **more: Any) -> CompletionFile:
    """A completion whose fields are given as words."""
    return CompletionFile(title=title, completion_status=status, fields=tuple(reads.split()), **more)


def workflow(
    *parts: TaskFile | CompletionFile, ticket: str = "a", title: str = "Test", **fields: Any
) -> WorkflowFile:
    """A workflow with one ticket that writes the fields in `ticket`; `fields` are schemas, else it is text.

    Where nothing ends it, "the end" in the ticket's first field does.
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


class Engine:
    """A company at work. Everything happens in transactions of its own, as in requests."""

    def __init__(self, people: People, commit: Callable[[Callable[[], Any]], Any]) -> None:
        self.people = people
        self._commit = commit

    def as_person(self, person: CustomUser, call: Callable[[], Any]) -> Any:
        """What `call` gives, in a transaction in the person's scope; what follows is applied after it."""

        def inside() -> Any:
            with transaction.atomic():
                return call()

        with person.scope():
            return self._commit(inside)

    def look(self, call: Callable[[], Any]) -> Any:
        """What `call` gives, with nobody acting."""
        with self.people.scope(), transaction.atomic():
            return call()

    def load(self, file: WorkflowFile) -> WorkflowDefinition:
        """The published workflow of a file."""

        def make() -> WorkflowDefinition:
            made = import_workflow(file, by=None, replace=True, may_make_roles=True)
            publish(made, by=None)
            return WorkflowDefinition.objects.get(pk=made.pk)

        found: WorkflowDefinition = self.look(make)
        return found

    def person(self, name: str, *, roles: Collection[str] = (), **more: Any) -> CustomUser:
        """A new person of the company, with company roles of these names."""
        person = make_person(self.people.company, name, **more)

        def give() -> None:
            for role in CompanyRole.objects.filter(name__in=roles):
                CompanyRoleMembership.objects.create(role=role, person=person)

        self.look(give)
        return person

    def submit(
        self,
        made: WorkflowDefinition,
        *,
        by: CustomUser | None = None,
        token: UUID | None = None,
        **values: Any,
    ) -> TicketInstance:
        """Submit the workflow's only ticket."""
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
        """Complete the unfinished task of this title, as whoever has it."""
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
        """The newest task of this title."""

        def find() -> TaskInstance:
            tasks = TaskInstance.objects.select_related("assigned_to__company", "task_definition")
            return tasks.filter(
                workflow_instance=ticket.workflow_instance_id, task_definition__title=title
            ).latest("run")

        found: TaskInstance = self.look(find)
        return found

    def unfinished(self, ticket: TicketInstance) -> list[str]:
        """The names of the unfinished tasks, such as "Decide #2"."""

        def find() -> list[str]:
            tasks = TaskInstance.objects.select_related("task_definition").filter(
                workflow_instance=ticket.workflow_instance_id, status__in=UNFINISHED_STATUSES
            )
            return sorted(str(task) for task in tasks)

        found: list[str] = self.look(find)
        return found

    def run(self, ticket: TicketInstance) -> WorkflowInstance:
        """The workflow as it stands."""
        found: WorkflowInstance = self.look(
            lambda: WorkflowInstance.objects.get(pk=ticket.workflow_instance_id)
        )
        return found

    def status(self, ticket: TicketInstance) -> RunStatus:
        """Its status."""
        return RunStatus(self.run(ticket).status)

    def errors(self, ticket: TicketInstance) -> list[TicketError]:
        """Its errors, oldest first."""
        found: list[TicketError] = self.look(lambda: list(ticket.errors.order_by("pk")))
        return found

    def steps(self, ticket: TicketInstance) -> list[WorkflowData]:
        """The rows of its workspace."""
        found: list[WorkflowData] = self.look(
            lambda: list(
                WorkflowData.objects.filter(workflow_instance=ticket.workflow_instance_id).order_by("step")
            )
        )
        return found

    def writes(self, ticket: TicketInstance) -> list[WorkflowWrite]:
        """Its writes in order."""
        found: list[WorkflowWrite] = self.look(
            lambda: list(
                WorkflowWrite.objects.filter(workflow_instance=ticket.workflow_instance_id).order_by("pk")
            )
        )
        return found

    def told(self, ticket: TicketInstance) -> list[str]:
        """The kinds of the entries of its timeline, oldest first."""
        found: list[str] = self.look(
            lambda: list(
                TimelineEvent.objects.filter(ticket=ticket).order_by("pk").values_list("kind", flat=True)
            )
        )
        return found


def run_job(ticket: TicketInstance, *, attempts: int = 0) -> None:
    """What the job does that applies the writes of this ticket's workflow, after so many attempts."""
    assert ticket.company_id is not None
    job = Job(queue="default", lock=None, queueing_lock=None, task_name=apply_writes.name, attempts=attempts)
    context = JobContext(app=app, job=job, start_timestamp=0.0, abort_reason=lambda: None)
    apply_writes.func(context, company_id=ticket.company_id, workflow_instance_id=ticket.workflow_instance_id)


class EngineTestCase(CompanyTestCase):
    """`self.engine` works in `self.ours`; what follows from a commit is applied at once."""

    def setUp(self) -> None:
        """The engine."""
        self.engine = Engine(self.ours, self._and_then)

    def _and_then(self, call: Callable[[], Any]) -> Any:
        with self.captureOnCommitCallbacks(execute=True):
            return call()


class CommittedEngineTestCase(CommittedTestCase):
    """The same with real commits, for two at once."""

    def setUp(self) -> None:
        """The engine."""
        super().setUp()
        self.engine = Engine(self.ours, lambda call: call())


__all__ = ["NUMBER", "PERSON", "YES_NO", "CommittedEngineTestCase", "Engine", "EngineTestCase", "TestCase"]
