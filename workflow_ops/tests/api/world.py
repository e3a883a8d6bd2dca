"""A company with something for each operation of the API to read and to change."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from users.models import CustomUser
from users.signup import give_system_roles
from users.system_roles import SystemRoleName
from users.tests.cases import People
from users.token_actions import make_service_account
from workflow_design.definition.file_json import to_json
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.models import Connection, WorkflowDefinition
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.reports import stored_check
from workflow_design.versions.publishing import new_version
from workflow_ops import files
from workflow_ops.actions.secrets import encrypt_secrets
from workflow_ops.comments.writing import add_comment
from workflow_ops.desk import actions
from workflow_ops.desk.bulk.running import start_bulk_action
from workflow_ops.desk.links import link_tickets
from workflow_ops.models import ActionCall, BulkOperation, CallOutcome, LinkKind, TaskInstance, TicketInstance
from workflow_ops.reports.making import ask_for_report
from workflow_ops.tests.engine_cases import NUMBER, PERSON, Engine, equals, form, workflow

SCENARIO = {
    "title": "A request is open",
    "moves": [{"kind": "ticket", "title": "Ticket", "values": {"a": "Paper"}}],
    "expect": {"status": "IN_PROGRESS"},
}


def purchase(title: str = "Purchase") -> WorkflowFile:
    """Return a workflow with three forms, an action and a scenario."""
    file = workflow(
        form("Check", "a", "out n"),
        form("Scan", "a", "scanned who"),
        form("Spare", "a", "spared"),
        form("Book", "a", "booked", task_type="SYNC_ACTION", connection="calendar", path="/book"),
        title=title,
        ticket="a who",
        n=NUMBER,
        who=PERSON,
    )
    return replace(file, scenarios=(SCENARIO,))


class World:
    """The rows of a company, by the names of the parameters of addresses in `ids`.

    Sam submitted `ticket`. Wanda has its task "Check", the service account Robo "Scan", and nobody "Spare".
    """

    def __init__(self, people: People, commit: Callable[[Callable[[], Any]], Any]) -> None:
        self.people, self.engine = people, Engine(people, commit)
        self.robo = self._as(people.admin, lambda: make_service_account(name="Robo"))
        self._as(people.admin, lambda: give_system_roles(self.robo, [SystemRoleName.TASK_WORKER]))
        # So that all tasks go to Wanda.
        self.engine.call(lambda: CustomUser.objects.exclude(pk=people.worker.pk).update(is_in_rotation=False))
        self.connection = self._as(
            people.admin,
            lambda: Connection.objects.create(
                name="Calendar", base_address="https://calendar.example", secrets=encrypt_secrets()
            ),
        )
        self.active = self.engine.load(purchase())
        self._make_tickets()
        self._make_what_belongs_to_them()
        self._make_drafts()

    def _make_tickets(self) -> None:
        admin = self.people.admin
        self.ticket, self.other, self.linked, self.held, self.fresh = (
            self.engine.submit(self.active, a=f"Paper {number}") for number in range(5)
        )
        self.check, self.scan, self.spare, self.book = (
            self.engine.task(self.ticket, title) for title in ("Check", "Scan", "Spare", "Book")
        )
        self._as(admin, lambda: actions.assign_task(self.scan, to=self.robo, by=admin))
        self._as(admin, lambda: actions.assign_task(self.spare, to=None, by=admin))
        self._as(admin, lambda: actions.hold_workflow(self.held, reason="Wait", by=admin))
        self._as(admin, lambda: link_tickets(self.ticket, self.linked, kind=LinkKind.RELATES, by=admin))

    def _make_what_belongs_to_them(self) -> None:
        sam, tom, admin = self.people.submitter, self.people.ticket_admin, self.people.admin
        upload = SimpleUploadedFile("note.txt", b"Some words", content_type="text/plain")
        self.file = self._as(sam, lambda: files.upload_file(upload, by=sam))
        self.comment = self._as(
            sam, lambda: add_comment(self.ticket, text="Hello", by=sam, files=[str(self.file.pk)])
        )
        never = form("Never", "n", condition=equals("n", 99))
        self.small = self.engine.load(
            workflow(form("Only", "a"), never, title="Small", ticket="a n", n=NUMBER)
        )
        stalled = self.engine.submit(self.small, a="Paper")
        only = self.engine.task(stalled, "Only")
        self._as(admin, lambda: actions.cancel_task(only, reason="So that it stalls", by=admin))
        (self.error,) = self.engine.errors(stalled)
        self.bulk = self._as(
            tom,
            lambda: start_bulk_action(
                BulkOperation.HOLD, [self.other.pk], by=tom, form_token=uuid.uuid4(), reason="Wait"
            ),
        )
        self.report = self._as(
            tom,
            lambda: ask_for_report(
                line=None,
                first_day=date.today() - timedelta(days=1),
                last_day=date.today(),
                by=tom,
                form_token=uuid.uuid4(),
            ),
        )
        self.engine.call(self._pause)

    def _pause(self) -> None:
        now = timezone.now()
        TaskInstance.objects.filter(pk=self.book.pk).update(next_call_at=now)
        self.call = ActionCall.objects.create(
            task=self.book,
            connection=self.connection,
            outcome=CallOutcome.FAILED,
            status=503,
            request={"url": "https://calendar.example/book", "headers": {}, "body": '{"a":"Paper"}'},
            error="The system answered 503.",
            started_at=now,
            finished_at=now,
        )
        Connection.objects.filter(pk=self.connection.pk).update(paused_at=now)

    def _make_drafts(self) -> None:
        dora = self.people.designer
        self.draft: WorkflowDefinition = self._as(dora, lambda: new_version(self.active, by=dora))
        self.small_draft: WorkflowDefinition = self._as(dora, lambda: new_version(self.small, by=dora))
        self.file_text = json.dumps(to_json(purchase()))

    def _as(self, person: CustomUser, function: Callable[[], Any]) -> Any:
        return self.engine.as_person(person, function)

    @property
    def kind(self) -> int:
        """The id of the kind of ticket."""
        key: int = self.engine.call(self.active.tickets.get).pk
        return key

    def digest(self) -> str:
        """Return the digest of the report of the draft."""
        check = self.engine.call(lambda: stored_check(self.draft, export_workflow(self.draft)))
        return check.digest if check else ""

    def ids(self) -> dict[str, int | str]:
        """Return the values of parameters of addresses, by their names."""
        return {
            "ticket_type_id": self.kind,
            "number": self.ticket.number,
            "comment_id": self.comment.pk,
            "file_id": self.file.pk,
            "task_id": self.check.pk,
            "other": self.linked.number,
            "step": 1,
            "call_id": self.call.pk,
            "error_id": self.error.pk,
            "connection_id": self.connection.pk,
            "bulk_id": self.bulk.pk,
            "report_id": self.report.pk,
            "workflow_id": self.active.pk,
            "other_id": self.draft.pk,
            "person_id": self.people.worker.pk,
            "name": "vacation_request",
        }


__all__ = ["TicketInstance", "World"]
