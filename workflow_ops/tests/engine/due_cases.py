"""Tests of the clock: a company in Berlin, a given time, and an approval that can become overdue."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from procrastinate.contrib.django.models import ProcrastinateJob

from users.models import Company
from workflow_design.definition.workflow import WorkflowFile
from workflow_ops.desk.actions import (
    edit_data,
    hold_workflow,
    resume_workflow,
)
from workflow_ops.models import (
    TaskInstance,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
)
from workflow_ops.tests.engine_cases import (
    YES_NO,
    EngineTestCase,
    form,
    workflow,
)
from workflow_ops.work.overdue import mark_overdue_tasks

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)


def berlin(text: str) -> datetime:
    """Return a moment of 2026 by the clocks of Berlin, from "04-02 16:30"."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BERLIN)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let it be this moment, by the clock of the system."""
    with patch("django.utils.timezone.now", return_value=moment.astimezone(UTC)):
        yield


def approval(*, due_hours: float = 8, **more: Any) -> WorkflowFile:
    """Return a workflow in which an approval that is overdue starts an escalation, which is due, too."""
    return workflow(
        form("Approve", "a", "out", due_hours=due_hours, overdue_field="late", **more),
        form("Escalate", "late", "done", condition={"var": "late"}, due_hours=2),
        late=YES_NO,
    )


def waiting_jobs() -> list[dict[str, Any]]:
    """Return the arguments of the jobs that let a company's tasks become overdue."""
    jobs = ProcrastinateJob.objects.filter(task_name="workflow_ops.jobs.mark_overdue_tasks", status="todo")
    return list(jobs.order_by("pk").values_list("args", flat=True))


class DueCase(EngineTestCase):
    """A company in Berlin, which works from nine to five on weekdays, and keeps its holidays."""

    def setUp(self) -> None:
        super().setUp()
        self.settle(time_zone="Europe/Berlin", holiday_region="DE-BE")

    def settle(self, **settings: Any) -> None:
        """Change settings of the company."""
        self.engine.call(lambda: Company.objects.filter(pk=self.ours.company.pk).update(**settings))
        for person in (self.ours.admin, self.ours.submitter):
            assert person.company is not None
            for name, value in settings.items():
                setattr(person.company, name, value)

    def now(self, ticket: TicketInstance, title: str = "Approve") -> TaskInstance:
        """Return the newest task of this title."""
        return self.engine.task(ticket, title)

    def edit(self, ticket: TicketInstance, **values: Any) -> None:
        admin = self.ours.admin
        self.engine.as_person(admin, lambda: edit_data(ticket, values=values, by=admin))

    def hold(self, ticket: TicketInstance) -> None:
        admin = self.ours.admin
        self.engine.as_person(admin, lambda: hold_workflow(ticket, reason="Why", by=admin))

    def resume(self, ticket: TicketInstance) -> None:
        admin = self.ours.admin
        self.engine.as_person(admin, lambda: resume_workflow(ticket, by=admin))

    def tell(self, **more: Any) -> None:
        """Do what the job of the company does each minute."""
        with self.captureOnCommitCallbacks(execute=True):
            mark_overdue_tasks(self.ours.company.pk, **more)

    def events(self, ticket: TicketInstance, kind: TimelineKind) -> list[TimelineEvent]:
        """Return the ticket's entries of a kind."""

        def find() -> list[TimelineEvent]:
            events = TimelineEvent.objects.filter(ticket=ticket, kind=kind)
            return list(events.select_related("task__task_definition").order_by("pk"))

        found: list[TimelineEvent] = self.engine.call(find)
        return found
