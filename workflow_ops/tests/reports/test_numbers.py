"""The numbers of reports over random tickets, each computed a second time by a plain loop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, ClassVar
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from users.models import Company, CustomUser
from workflow_design.models import WorkflowDefinition
from workflow_ops.models import (
    CompletionInstance,
    Report,
    ReportState,
    TaskInstance,
    TicketInstance,
    WorkflowData,
    WorkflowInstance,
)
from workflow_ops.reports.making import compute_next_table
from workflow_ops.reports.page import content_of
from workflow_ops.reports.statements import STATEMENTS
from workflow_ops.tests.engine_cases import EngineTestCase, end, equals, form, workflow

SEED, TICKETS = 5, 90
ASKED_AT = datetime(2026, 11, 29, 10, 30, tzinfo=UTC)
DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
ANSWER = {
    "type": "string",
    "title": "Verdict",
    "oneOf": [{"const": "again", "title": "Once more"}, {"const": "enough", "title": "Enough"}],
}
ZONES = ("Europe/Berlin", "America/New_York", "Pacific/Auckland", "UTC")
# The last days of March and October are those on which clocks change in Berlin: 23 and 25 hours.
PERIODS = (
    ("Europe/Berlin", date(2026, 3, 1), date(2026, 3, 31)),
    ("Europe/Berlin", date(2026, 10, 25), date(2026, 10, 25)),
    ("Pacific/Auckland", date(2026, 1, 7), date(2026, 4, 20)),
    ("America/New_York", date(2025, 11, 1), date(2026, 11, 30)),
)


@dataclass
class Task:
    """A task, as the loop knows it."""

    title: str
    run: int
    begun: datetime
    done: datetime | None
    person: CustomUser
    due: datetime | None
    is_cancelled: bool = False
    led_by: str = ""
    answer: str = ""


@dataclass
class Ticket:
    """A ticket, as the loop knows it. `ended_as` is a completion, or Cancelled or Withdrawn."""

    version: WorkflowDefinition
    begun: datetime
    ended: datetime | None
    ended_as: str
    tasks: list[Task] = field(default_factory=list)
    holds: list[tuple[datetime, datetime | None]] = field(default_factory=list)


class RandomNumbers(EngineTestCase):
    """Two workflows, of which one has two versions, with tickets of more than a year."""

    tickets: ClassVar[list[Ticket]]
    versions: ClassVar[list[WorkflowDefinition]]

    def setUp(self) -> None:
        super().setUp()
        # What Look answers decides about Check; "a" does not, since it is a text.
        decides = {"and": [{"var": "a"}, equals("out", "again")]}
        parts = (form("Look", "a"), form("Check", "out", "done", condition=decides))
        ends = (end("Done", "done", condition=equals("done", "yes")), end("Wait", "done", status="ON_HOLD"))
        file = workflow(*parts, *ends, title="One", out=ANSWER)
        first = self.engine.load(file)
        second = self.engine.load(
            workflow(*parts, form("More", "done", "out"), *ends, title="One", out=ANSWER)
        )
        other = self.engine.load(workflow(*parts, *ends, title="Two", out=ANSWER))
        self.assertEqual(first.line_id, second.line_id)
        self.people = [self.ours.worker, self.ours.admin]
        self.random = Random(SEED)  # noqa: S311 - repeatable
        self.made = [self._ticket(self.random.choice([first, second, other])) for _each in range(TICKETS)]
        self.lines = {first.line_id: [first.pk, second.pk], None: [first.pk, second.pk, other.pk]}
        with self.ours.scope(), transaction.atomic():
            self._store()

    # --- Random tickets ----------------------------------------------------------------

    def _moment(self, after: datetime) -> datetime:
        """Return a later moment, sometimes the very begin of a day or month somewhere, or just before."""
        spread = self.random.choice([DAY / 24, DAY, 9 * DAY, 80 * DAY])
        moment = after + self.random.random() * spread + INSTANT
        if self.random.random() < 0.4:
            local = moment.astimezone(ZoneInfo(self.random.choice(ZONES))) + DAY
            local = local.replace(hour=0, minute=0, second=0, microsecond=0)
            if self.random.random() < 0.5:
                local = (local.replace(day=28) + 4 * DAY).replace(day=1)
            moment = local.astimezone(UTC) - self.random.choice([timedelta(0), INSTANT])
        return moment

    def _ticket(self, version: WorkflowDefinition) -> Ticket:
        random = self.random
        begun = self._moment(datetime(2025, 8, 20, tzinfo=UTC) + random.random() * 450 * DAY)
        ticket = Ticket(version, begun, None, "")
        at = begun
        counts = {"Look": 0, "Check": 0}
        led_by = ""
        for place in range(random.randrange(5)):
            title = ("Look", "Check")[place % 2]
            counts[title] += 1
            done = self._moment(at)
            due = random.choice([None, at + DAY, at + 3 * DAY])
            task = Task(title, counts[title], at, done, random.choice(self.people), due, led_by=led_by)
            task.answer = random.choice(["again", "enough", "not a choice any more"])
            ticket.tasks.append(task)
            at, led_by = done, title
            if random.random() < 0.15:
                task.done, task.is_cancelled = None, random.random() < 0.5
                break
        for _hold in range(random.choice([0, 0, 1, 2])):
            begins = max((ends or begun for _begins, ends in ticket.holds), default=begun)
            begins = self._moment(begins)
            ends = self._moment(begins) if random.random() < 0.9 else None
            ticket.holds.append((begins, ends))
            if ends is None:
                break
        if random.random() < 0.7 and all(task.done or task.is_cancelled for task in ticket.tasks):
            ticket.ended = self._moment(at)
            ticket.ended_as = random.choice(["Done", "Done", "Cancelled", "Withdrawn"])
        return ticket

    def _store(self) -> None:
        """Insert the rows with their times, as the engine would leave them behind."""
        for number, ticket in enumerate(self.made, start=1):
            status = "COMPLETED" if ticket.ended_as == "Done" else "CANCELLED"
            run = WorkflowInstance.objects.create(
                workflow=ticket.version,
                status=status if ticket.ended else "IN_PROGRESS",
                ended_at=ticket.ended,
            )
            WorkflowInstance.objects.filter(pk=run.pk).update(created_at=ticket.begun)
            row = TicketInstance.objects.create(
                number=number,
                ticket_definition=ticket.version.tickets.get(),
                line=ticket.version.line,
                type_title="Ticket",
                workflow_instance=run,
                ticket_data={},
                form_token=uuid4(),
            )
            self._store_tasks(ticket, run, row)
            for begins, ends in ticket.holds:
                self._record(row, "HELD", begins)
                if ends:
                    self._record(row, "RESUMED", ends)
            if ticket.ended_as == "Withdrawn" and ticket.ended:
                self._record(row, "WITHDRAWN", ticket.ended)

    def _store_tasks(self, ticket: Ticket, run: WorkflowInstance, row: TicketInstance) -> None:
        step, before = None, ""
        for number, task in enumerate(ticket.tasks, start=1):
            stored = TaskInstance.objects.create(
                workflow_instance=run,
                task_definition=ticket.version.tasks.get(title=task.title),
                line=ticket.version.line,
                run=task.run,
                status="COMPLETED" if task.done else "CANCELLED" if task.is_cancelled else "OPEN",
                assigned_to=task.person,
                completed_by=task.person if task.done else None,
                completed_at=task.done,
                due_at=task.due,
                input_data={"a": "text", "out": before},
                output_data={"a": "text", "out": task.answer} if task.title == "Look" else {"done": "text"},
            )
            before = task.answer
            TaskInstance.objects.filter(pk=stored.pk).update(created_at=task.begun)
            self._record(row, "TASK_STARTED", task.begun, task=stored.pk, step=step)
            values: dict[str, Any] = {"workflow_instance": run, "step": number, "data": {}}
            step = WorkflowData.objects.create(**values, source="task", task=stored).pk
        if step and ticket.holds:
            wait = ticket.version.completions.get(title="Wait")
            CompletionInstance.objects.create(workflow_instance=run, completion=wait, workflow_data_id=step)
        if ticket.ended_as == "Done":
            last = (
                step
                or WorkflowData.objects.create(workflow_instance=run, step=1, data={}, source="ticket").pk
            )
            done = ticket.version.completions.get(title="Done")
            CompletionInstance.objects.create(workflow_instance=run, completion=done, workflow_data_id=last)

    def _record(
        self,
        row: TicketInstance,
        kind: str,
        at: datetime,
        *,
        task: int | None = None,
        step: int | None = None,
    ) -> None:
        with connection.cursor() as cursor:  # the site may not change the time of an entry later
            cursor.execute(
                "INSERT INTO workflow_ops_timelineevent"
                " (company_id, ticket_id, kind, task_id, workflow_data_id, details, created_at)"
                " VALUES (%s, %s, %s, %s, %s, '{}', %s)",
                [row.company_id, row.pk, kind, task, step, at],
            )

    # --- The same numbers by a plain loop ------------------------------------------------

    def test_all_numbers(self) -> None:
        for zone, first_day, last_day in PERIODS:
            for line_id in self.lines:
                with self.subTest(zone=zone, since=first_day, until=last_day, line=line_id):
                    report = self._make(line_id, first_day, last_day, zone)
                    counted = [each for each in self.made if each.version.pk in report.workflow_ids]
                    loop = Loop(report, counted)
                    for name, rows in report.result.items():
                        self.assertEqual(_rounded(rows), _rounded(getattr(loop, name)()), name)
                    if line_id:
                        self._check_picture(report)

    def _check_picture(self, report: Report) -> None:
        """Expect the tasks of the active version, which has one more, each with how often it was done."""
        with self.ours.scope(), transaction.atomic():
            picture = content_of(report)["picture"]
        done = {title: number for _workflow, title, number, _times in report.result["tasks"]}
        marks = {node.title: node.mark.mark.word.split()[0] for node in picture.nodes if node.mark}
        self.assertEqual(
            {title: marks[title] for title in ("Look", "Check", "More")},
            {title: str(done.get(title, 0)) for title in ("Look", "Check", "More")},
        )

    def _make(self, line_id: int | None, first_day: date, last_day: date, zone: str) -> Report:
        with self.ours.scope(), transaction.atomic():
            Company.objects.filter(pk=self.ours.company.pk).update(time_zone=zone)
            report = Report.objects.create(
                line_id=line_id,
                workflow_ids=self.lines[line_id],
                first_day=first_day,
                last_day=last_day,
                time_zone=zone,
                form_token=uuid4(),
            )
            Report.objects.filter(pk=report.pk).update(created_at=ASKED_AT)
        for _table in STATEMENTS:
            compute_next_table(self.ours.company.pk, report.pk)
        with self.ours.scope(), transaction.atomic():
            report.refresh_from_db()
        self.assertEqual(report.state, ReportState.READY)
        return report


class Loop:
    """The tables of a report, computed by looking at each ticket."""

    def __init__(self, report: Report, tickets: list[Ticket]) -> None:
        self.tickets, self.zone = tickets, ZoneInfo(report.time_zone)
        self.first_day, self.last_day = report.first_day, report.last_day
        self.begins = datetime(*report.first_day.timetuple()[:3], tzinfo=self.zone)
        after = report.last_day + DAY
        self.cut = min(datetime(*after.timetuple()[:3], tzinfo=self.zone), ASKED_AT)

    def _is_in(self, moment: datetime | None) -> bool:
        return moment is not None and self.begins.astimezone(UTC) <= moment < self.cut.astimezone(UTC)

    def _is_open(self, ticket: Ticket, at: datetime) -> bool:
        at = at.astimezone(UTC)
        return ticket.begun < at and (ticket.ended is None or ticket.ended >= at)

    def _unit(self, day: date) -> date:
        days = (self.last_day - self.first_day).days + 1
        if days <= 31:
            return day
        return day - day.weekday() * DAY if days <= 26 * 7 else day.replace(day=1)

    def flow(self) -> list[list[Any]]:
        """Count day after day."""
        units: dict[date, list[int]] = {}
        day = self.first_day
        while datetime(*day.timetuple()[:3], tzinfo=self.zone).astimezone(UTC) < self.cut.astimezone(UTC):
            counts = units.setdefault(self._unit(day), [0, 0, 0])
            for ticket in self.tickets:
                for place, moment in enumerate((ticket.begun, ticket.ended)):
                    if self._is_in(moment) and moment and moment.astimezone(self.zone).date() == day:
                        counts[place] += 1
            end = datetime(*(day + DAY).timetuple()[:3], tzinfo=self.zone)
            end = min(end.astimezone(UTC), self.cut.astimezone(UTC))
            counts[2] = sum(self._is_open(ticket, end) for ticket in self.tickets)
            day += DAY
        return [[unit.isoformat(), *counts] for unit, counts in units.items()]

    def types(self) -> list[list[Any]]:
        """Count the tickets of each workflow."""
        rows = []
        for title in ("One", "Two"):
            mine = [ticket for ticket in self.tickets if ticket.version.title == title]
            submitted = sum(self._is_in(ticket.begun) for ticket in mine)
            ended = [ticket for ticket in mine if self._is_in(ticket.ended)]
            still_open = sum(self._is_open(ticket, self.cut) for ticket in mine)
            if submitted or ended or still_open:
                times = [_length(ticket) for ticket in ended if ticket.ended_as == "Done"]
                rows.append([title, "Ticket", submitted, len(ended), still_open, _quantiles(times)])
        return sorted(rows, key=lambda row: (-row[2], row[0]))

    def ages(self) -> list[list[int]]:
        """Count open tickets by age."""
        counts: dict[int, int] = {}
        for ticket in self.tickets:
            if self._is_open(ticket, self.cut):
                age = (self.cut.astimezone(UTC) - ticket.begun) / DAY
                place = sum(age >= limit for limit in (1, 7, 30, 90))
                counts[place] = counts.get(place, 0) + 1
        return [list(each) for each in sorted(counts.items())]

    def ends(self) -> list[list[Any]]:
        """Collect how long tickets took, by how they ended, and by their status."""
        found: dict[tuple[str | None, str | None, str], list[float]] = {}
        for ticket in self.tickets:
            if self._is_in(ticket.ended):
                kind = {"Done": "COMPLETED"}.get(ticket.ended_as, ticket.ended_as.upper())
                reached = "Done" if ticket.ended_as == "Done" else ""
                for names in ((ticket.version.title, reached, kind), (None, None, kind)):
                    found.setdefault(names, []).append(_length(ticket))
        rows = [[*names, len(times), _quantiles(times)] for names, times in found.items()]
        return sorted(rows, key=lambda row: (-row[3], row[0] or "~", row[1] or "", row[2]))

    def tasks(self) -> list[list[Any]]:
        """Collect how long tasks took, hold by hold."""
        found: dict[tuple[str, str], list[float]] = {}
        for ticket in self.tickets:
            for task in ticket.tasks:
                if task.done and self._is_in(task.done):
                    seconds = (task.done - task.begun).total_seconds()
                    for begins, ends in ticket.holds:
                        last = min(task.done, ends or task.done)
                        seconds -= max((last - max(task.begun, begins)).total_seconds(), 0)
                    found.setdefault((ticket.version.title, task.title), []).append(seconds)
        rows = [[*names, len(times), _quantiles(times)] for names, times in found.items()]
        return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))

    def returns(self) -> list[list[Any]]:
        """Count tasks that began once more."""
        found: dict[tuple[str, ...], list[int]] = {}
        for number, ticket in enumerate(self.tickets):
            for place, task in enumerate(ticket.tasks):
                if task.run > 1 and self._is_in(task.begun):
                    # The last answer of Look, which decided about Check: about this task, or the one before.
                    look = ticket.tasks[place - 1 if task.title == "Check" else place - 2]
                    words = {"again": "Verdict: Once more", "enough": "Verdict: Enough"}.get(look.answer, "")
                    names = (ticket.version.title, task.title, task.led_by, "task", words)
                    found.setdefault(names, []).append(number)
        rows = [[*names, len(set(each)), len(each)] for names, each in found.items()]
        return sorted(rows, key=lambda row: (-row[6], *row[:4]))

    def overdue(self) -> list[list[Any]]:
        """Count due tasks by what became of them."""
        found: dict[tuple[str, str], list[int]] = {}
        for ticket in self.tickets:
            for task in ticket.tasks:
                if task.due and self._is_in(task.due) and not task.is_cancelled:
                    counts = found.setdefault((ticket.version.title, task.title), [0, 0, 0, 0])
                    is_done = task.done is not None and task.done < self.cut.astimezone(UTC)
                    place = 3 if not is_done else 1 if task.done and task.done <= task.due else 2
                    counts[0] += 1
                    counts[place] += 1
        rows = [[*names, *counts] for names, counts in found.items()]
        return sorted(rows, key=lambda row: (-row[4], -row[5], row[0], row[1]))

    def load(self) -> list[list[int]]:
        """Count tasks that people have, and those that they did."""
        counts: dict[int, list[int]] = {}
        for task in (task for ticket in self.tickets for task in ticket.tasks):
            if not task.done and not task.is_cancelled:
                counts.setdefault(task.person.pk, [0, 0])[0] += 1
            elif self._is_in(task.done):
                counts.setdefault(task.person.pk, [0, 0])[1] += 1
        rows = [[person, *each] for person, each in counts.items()]
        return sorted(rows, key=lambda row: (-row[2], -row[1], row[0]))


def _length(ticket: Ticket) -> float:
    assert ticket.ended is not None
    return (ticket.ended - ticket.begun).total_seconds()


def _quantiles(numbers: Iterable[float]) -> list[float] | None:
    """Return the median and the 90 % quantile, between two numbers in proportion."""
    ordered = sorted(numbers)
    if not ordered:
        return None
    found = []
    for part in (0.5, 0.9):
        place = part * (len(ordered) - 1)
        low = ordered[int(place)]
        high = ordered[min(int(place) + 1, len(ordered) - 1)]
        found.append(low + (high - low) * (place - int(place)))
    return found


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return round(value, 3) if isinstance(value, float) else value
