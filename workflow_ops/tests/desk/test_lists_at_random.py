"""Random tickets after random actions: copies equal what they copy, lists find what a plain loop finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from random import Random, randrange
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone

from users.models import CustomUser
from users.people import deactivate
from users.working_time import WorkingTime
from workflow_design.models import WorkflowDefinition
from workflow_ops.access import administered_tickets
from workflow_ops.comments.writing import add_comment
from workflow_ops.desk import actions
from workflow_ops.desk.lists.tickets import TicketList
from workflow_ops.desk.responsible import set_responsible
from workflow_ops.models import (
    Comment,
    OpenTask,
    RunStatus,
    TaskInstance,
    TicketFieldValue,
    TicketInstance,
)
from workflow_ops.models.lists import NOBODY
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.models.tickets import NO_PRIORITY
from workflow_ops.refusals import RefusedError
from workflow_ops.tests.engine_cases import PERSON, YES_NO, EngineTestCase, end, equals, form, workflow
from workflow_ops.work import submissions

TICKETS, MOST_MOVES, QUERIES = 4, 6, 6
"""Tickets of each version, what happens to each at most, and lists that each person asks for.

Few, because each run tries others.
"""
LEVELS: Final = ["high", "mid", "low"]
FIELDS: Final[dict[str, Any]] = {
    "level": {"type": "string", "enum": LEVELS, "filterable": True},
    "sure": {**YES_NO, "filterable": True},
    "who": {**PERSON, "filterable": True},
}
OUTPUTS: Final = {"Work": "out", "Check": "done", "Again": "level"}
COPIES: Final = ("line_id", "changed_at", "waiting_since", "priority")
DAY: Final = timedelta(days=1)
Move = tuple[CustomUser, Callable[[], Any]]


@dataclass(frozen=True)
class Row:
    """A ticket, with the data and the unfinished tasks from which a list's conditions follow."""

    ticket: TicketInstance
    data: dict[str, Any]
    tasks: list[TaskInstance]

    @property
    def submitter(self) -> str:
        """The first name of whoever submitted it."""
        return self.ticket.created_by.first_name if self.ticket.created_by else ""

    @property
    def is_stalled(self) -> bool:
        """True if it is in progress without an open task."""
        return self.ticket.workflow_instance.status == RunStatus.IN_PROGRESS and not self.tasks

    def value(self, field: str) -> str | None:
        """Return the value of a field as lists compare it."""
        value = self.data.get(field)
        return {True: "true", False: "false"}.get(value, value) if value is not None else None


def read_rows(tickets: QuerySet[TicketInstance]) -> list[Row]:
    """Return these tickets with their unfinished tasks."""
    tasks: dict[int, list[TaskInstance]] = {}
    runs = tickets.order_by().values("workflow_instance")
    found = TaskInstance.objects.filter(workflow_instance__in=runs, status__in=UNFINISHED_STATUSES)
    for task in found.select_related("task_definition", "assigned_to").order_by("pk"):
        tasks.setdefault(task.workflow_instance_id, []).append(task)
    tickets = tickets.select_related("workflow_instance", "created_by").order_by("pk")
    return [
        Row(each, each.workflow_instance.data, tasks.get(each.workflow_instance_id, [])) for each in tickets
    ]


def of_task(task: TaskInstance) -> tuple[Any, ...]:
    """Return what a list of open tasks repeats of a task."""
    title, to = task.task_definition.title, task.assigned_to_id or NOBODY
    return task.pk, title, task.status, to, task.created_at


class AtRandom(EngineTestCase):
    """Two versions of one workflow, and another workflow, each with an admin of its own."""

    def setUp(self) -> None:
        super().setUp()
        self.seed = randrange(10**6)  # noqa: S311 - no secret
        self.random = Random(self.seed)  # noqa: S311
        tasks = (
            form("Work", "note"),
            form("Check", "note level", "done", executor_roles=("Crew",)),
            form("Again", "out sure", "level", condition=equals("out", "again")),
        )
        ends = (
            end("End", "out", condition=equals("out", "end")),
            end("Hold", "out", status="ON_HOLD", condition=equals("out", "hold")),
        )
        file = workflow(*tasks, *ends, ticket="note level sure who", title="Alpha", **FIELDS)
        kind = replace(file.tickets[0], subject="{note}", priority_field="level")
        first = replace(file, tickets=(kind,))
        second = replace(first, ticket_admin_roles=("Second",), tickets=(replace(kind, title="Other"),))
        self.versions = [first, second, replace(first, title="Beta", ticket_admin_roles=("HR",))]
        self.lines: list[int] = []
        self.submitters = [self.ours.submitter, self.ours.worker]

    def make_tickets(self) -> None:
        """Make tickets of each version while it is the active one; compare copies after each action."""
        for file in self.versions:
            made = self.engine.load(file)
            self.lines.append(made.line_id)
            for _number in range(TICKETS):
                self.make_ticket(made)

    def make_ticket(self, made: WorkflowDefinition) -> None:
        by = self.random.choice(self.submitters)
        values = {name: self.some_value(name) for name in ("note", *FIELDS)}
        ticket = self.engine.submit(made, by=by, **{k: v for k, v in values.items() if v is not None})
        self.engine.call(partial(self.compare, "submitting", pk=ticket.pk))
        for _move in range(self.random.randint(0, MOST_MOVES)):
            moves = self.engine.call(lambda: dict(self.moves(ticket, by)))
            name = self.random.choice(sorted(moves))
            with suppress(RefusedError):
                self.engine.as_person(*moves[name])
            self.engine.call(partial(self.compare, name, pk=ticket.pk))

    def some_value(self, field: str) -> Any:
        people = [str(self.ours.worker.pk), str(self.ours.admin.pk)]
        values: dict[str, list[Any]] = {
            "note": ["x", "y"],
            "level": [*LEVELS, None],
            "sure": [True, False, None],
            "who": [*people, None],
            "out": ["again", "hold", "end", "x", "y", "y"],
            "done": ["x", None],
        }
        return self.random.choice(values[field])

    def moves(self, ticket: TicketInstance, submitter: CustomUser) -> Iterator[tuple[str, Move]]:
        """Yield by name what can be tried with the ticket now, each with who does it."""
        admin, worker, choose = self.ours.admin, self.ours.worker, self.random.choice
        until, field = choose([None, timezone.localdate() + 3 * DAY]), choose(["note", "out", *FIELDS])
        hold = partial(actions.hold_workflow, ticket, reason="", by=admin, until=until)
        yield "hold", (admin, partial(hold, resumes_by_itself=choose([True, False])))
        yield "resume", (admin, partial(actions.resume_workflow, ticket, by=admin))
        edit = partial(actions.edit_data, ticket, values={field: self.some_value(field)}, by=admin)
        yield "edit", (admin, edit)
        yield "correct", (admin, partial(edit, only_corrects=True))
        yield "comment", (worker, partial(add_comment, ticket, text="Hello", by=admin))
        yield "responsible", (admin, partial(set_responsible, ticket, to=choose([None, admin]), by=admin))
        if choose([True, False, False]):  # not too many ends
            yield (
                "withdraw",
                (submitter, partial(submissions.withdraw_ticket, ticket, reason="", by=submitter)),
            )
        open_tasks = TaskInstance.objects.filter(workflow_instance=ticket.workflow_instance_id)
        for task in open_tasks.filter(status__in=UNFINISHED_STATUSES).select_related("task_definition"):
            title = task.task_definition.title
            output = self.some_value(OUTPUTS[title])
            values = {} if output is None else {OUTPUTS[title]: output}
            complete = partial(submissions.complete_task, values=values, input_version=task.input_version)
            yield f"complete {title}", (admin, partial(complete, task, by=admin))
            yield f"complete {title} again", (admin, partial(complete, task, by=admin))
            to = choose([None, worker, admin])
            yield f"assign {title}", (admin, partial(actions.assign_task, task, to=to, by=admin))
            yield f"take {title}", (worker, partial(submissions.take_task, task, by=worker))
            yield f"save {title}", (admin, partial(submissions.save_draft, task, values={}, by=admin))
            yield f"cancel {title}", (admin, partial(actions.cancel_task, task, reason="", by=admin))

    def compare(self, move: str, **conditions: Any) -> None:
        """Assert that all copies of these tickets equal what they copy."""
        tickets = TicketInstance.objects.filter(**conditions)
        said: dict[int, datetime] = {}
        for ticket_id, moment in Comment.objects.filter(ticket__in=tickets).values_list(
            "ticket", "created_at"
        ):
            said[ticket_id] = max(moment, said.get(ticket_id, moment))
        open_rows, value_rows = [], []
        for row in read_rows(tickets):
            ticket, run, level = row.ticket, row.ticket.workflow_instance, row.data.get("level")
            self.assertEqual(
                (ticket.status, ticket.is_finished, ticket.is_stalled, ticket.subject, ticket.priority),
                (
                    run.status,
                    run.is_final,
                    row.is_stalled,
                    row.data.get("note") or "",
                    LEVELS.index(level) if level else NO_PRIORITY,
                ),
                move,
            )
            if row.tasks:
                # Of tasks that the ticket itself starts, it is the time of the submission.
                oldest = min(task.created_at for task in row.tasks)
                self.assertLess(abs(ticket.waiting_since - oldest), timedelta(seconds=1), move)
            if run.status != RunStatus.ON_HOLD:
                self.assertEqual((ticket.held_until, ticket.resumes_by_itself), (None, False), move)
            changed = max(run.updated_at, said.get(ticket.pk, run.updated_at))
            self.assertLess(abs(ticket.changed_at - changed), timedelta(seconds=1), move)
            copies = tuple(getattr(ticket, name) for name in COPIES)
            open_rows += [(*of_task(task), ticket.pk, run.status, *copies) for task in row.tasks]
            value_rows += [
                (ticket.pk, field, row.value(field), run.is_final, *copies)
                for field in FIELDS
                if row.value(field) is not None
            ]
        names = (
            "task_id",
            "title",
            "status",
            "assignee",
            "created_at",
            "ticket_id",
            "ticket_status",
            *COPIES,
        )
        open_tasks = OpenTask.objects.filter(ticket__in=tickets)
        self.assertCountEqual(open_tasks.values_list(*names), open_rows, move)
        of_values = ("ticket_id", "field", "value", "is_finished", *COPIES)
        values = TicketFieldValue.objects.filter(ticket__in=tickets)
        self.assertCountEqual(values.values_list(*of_values), value_rows, move)

    # --- Lists -------------------------------------------------------------------------

    def test_copies_are_right_and_lists_find_what_they_should(self) -> None:
        with self.subTest(seed=self.seed):
            self.make_tickets()
            self.engine.call(partial(self.compare, "everything"))
        hana = self.engine.person("Hana", roles=["HR"])
        nora = self.engine.person("Nora", roles=["Second"])
        self.engine.call(self.age_tickets)
        self.engine.call(lambda: deactivate(self.ours.worker))
        rows = self.engine.call(lambda: read_rows(TicketInstance.objects.all()))
        for person in (self.ours.admin, self.ours.ticket_admin, hana, nora):
            with person.scope(), transaction.atomic():
                asking = CustomUser.objects.get(pk=person.pk)
                own = set(administered_tickets(asking).values_list("pk", flat=True))
                mine = [row for row in rows if row.ticket.pk in own]
                for _number in range(QUERIES):
                    query = self.some_query()
                    with self.subTest(query, person=person.first_name, seed=self.seed):
                        self.check(query, mine, asking)

    def age_tickets(self) -> None:
        """Let tickets be of different days, with many ties, and let some holds have passed."""
        tickets, now = TicketInstance.objects.order_by("-pk"), timezone.now()
        for place, ticket in enumerate(tickets):
            held_until = ticket.held_until and self.random.choice([now - DAY, now + DAY])
            changed_at = now - self.random.choice([0, 3, 20, 20, 40]) * DAY
            tickets.filter(pk=ticket.pk).update(
                created_at=now - place * 6 * DAY, changed_at=changed_at, held_until=held_until
            )

    def some_query(self) -> str:
        choose, today = self.random.choice, timezone.localdate()
        people = [self.ours.worker.pk, self.ours.submitter.pk, self.ours.admin.pk]
        options: dict[str, list[Any]] = {
            "status": [*RunStatus.values, "finished", "all"],
            "workflow": self.lines,
            "type": ["Ticket", "Other"],
            "waits_for": [*OUTPUTS, "nothing"],
            "assigned": ["me", "nobody", "gone", *people],
            "submitter": people,
            "responsible": ["me", "nobody"],
            "priority": [0, 1, "none"],
            "age": [7, 30],
            "since": [today - 60 * DAY],
            "until": [today, today - 3 * DAY],
            "day": ["changed"],
            "held": ["past"],
            "still": ["1"],
            "f_level": LEVELS,
            "f_sure": ["true", "false"],
            "f_who": ["me", *people],
            "q": ["Sam", "#3"],
        }
        names = set(self.random.sample(sorted(options), self.random.randint(1, 3)))
        names |= {"workflow"} if any(name.startswith(("f_", "type")) for name in names) else set()
        names |= {"status"} if choose([True, False]) else set()
        query = QueryDict(mutable=True)
        query.update({name: str(choose(options[name])) for name in sorted(names)})
        query["sort"] = choose(["", "-"]) + choose(["number", "changed", "waiting", "priority"])
        return query.urlencode()

    def check(self, query: str, rows: list[Row], person: CustomUser) -> None:
        """Assert which tickets a list has, their order, its first page, its count, and the neighbours."""
        found = TicketList(QueryDict(query), person)
        chosen = found.form.chosen()
        expected = {row.ticket.pk: row.ticket for row in rows if fits(row, chosen, person)}
        ids = found.ids(1000)
        self.assertCountEqual(ids, expected)
        sort, descending = found._order
        keys = [(getattr(expected[pk], sort.field), pk) for pk in ids]
        self.assertEqual(keys, sorted(keys, reverse=descending))
        page = found.page(RequestFactory().get(f"/?{query}"))
        self.assertEqual([row.id for row in page.rows], ids)
        self.assertEqual(page.count_text.split()[0], str(len(ids)))
        numbers = [None, *(expected[pk].number for pk in ids), None]
        for place in range(0, len(ids), 5):
            around = found.neighbours(expected[ids[place]])
            self.assertEqual(around, (numbers[place], numbers[place + 2]))


def fits(row: Row, chosen: dict[str, Any], person: CustomUser) -> bool:
    """Return whether a ticket meets all of the chosen filters, by the plainest code for each."""
    return all(FITS[name](row, value, person, chosen) for name, value in chosen.items() if name in FITS) and (
        "status" in chosen or not row.ticket.workflow_instance.is_final
    )


def _status(row: Row, value: Any, *_more: Any) -> bool:
    run = row.ticket.workflow_instance
    return bool(value == "all" or (run.is_final if value == "finished" else run.status == value))


def _waits(row: Row, value: Any, *_more: Any) -> bool:
    return row.is_stalled if value == "nothing" else any(_has_title(task, value) for task in row.tasks)


def _has_title(task: TaskInstance, title: str | None) -> bool:
    return title in (None, task.task_definition.title)


def _assigned(row: Row, value: Any, person: CustomUser, chosen: dict[str, Any]) -> bool:
    for task in row.tasks:
        to = task.assigned_to
        is_meant = {
            "nobody": to is None,
            "gone": to is not None and not to.is_active,
            "me": to is not None and to.pk == person.pk,
        }.get(value, to is not None and str(to.pk) == value)
        if is_meant and _has_title(task, chosen.get("waits_for")):
            return True
    return False


def _still(row: Row, _value: Any, person: CustomUser, *_more: Any) -> bool:
    assert person.company is not None
    long_ago = WorkingTime.of(person.company).working_days_before(timezone.now(), 10)
    is_in_work = row.ticket.status == RunStatus.IN_PROGRESS
    return is_in_work and not row.is_stalled and row.ticket.changed_at <= long_ago


def _day(row: Row, chosen: dict[str, Any]) -> date:
    is_of_change = chosen.get("day") == "changed"
    return timezone.localtime(row.ticket.changed_at if is_of_change else row.ticket.created_at).date()


def _marked(name: str) -> Callable[..., bool]:
    return lambda row, value, person, _chosen: row.value(name) == (str(person.pk) if value == "me" else value)


FITS: Final[dict[str, Callable[..., bool]]] = {
    "q": lambda row, value, *_more: value in (f"#{row.ticket.number}", row.submitter),
    "status": _status,
    "workflow": lambda row, value, *_more: row.ticket.line_id == value,
    "type": lambda row, value, *_more: row.ticket.type_title == value,
    "waits_for": _waits,
    "assigned": _assigned,
    "submitter": lambda row, value, *_more: str(row.ticket.created_by_id) == value,
    "responsible": lambda row, value, person, _chosen: (
        row.ticket.responsible_id == {"me": person.pk, "nobody": None}[value]
    ),
    "priority": lambda row, value, *_more: (
        row.ticket.priority == (NO_PRIORITY if value == "none" else int(value))
    ),
    "age": lambda row, value, *_more: row.ticket.created_at <= timezone.now() - value * DAY,
    "since": lambda row, value, _person, chosen: _day(row, chosen) >= value,
    "until": lambda row, value, _person, chosen: _day(row, chosen) <= value,
    "held": lambda row, *_more: bool(
        row.ticket.held_until and row.ticket.held_until <= timezone.now() and not row.ticket.resumes_by_itself
    ),
    "still": _still,
    **{f"f_{name}": _marked(name) for name in FIELDS},
}
