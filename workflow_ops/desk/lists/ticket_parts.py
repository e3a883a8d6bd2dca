"""The parts of a list of tickets: queries that PostgreSQL reads in the order of an index, as far as needed.

Each filter has an index for each order (`docs/speed.md`, "Lists"). An index can be read in order only for one
value of what it begins with, so several values (statuses, workflows, types) are a part each.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from ticketflower.list_parts import Part
from users.models import CustomUser
from workflow_ops.desk.lists.filters import ANY, GONE, ME, NOBODY
from workflow_ops.desk.lists.people import named_people
from workflow_ops.desk.lists.scope import Scope
from workflow_ops.desk.lists.ticket_form import (
    FIELD_PREFIX,
    FINISHED,
    NONE,
    NOTHING,
    PAST,
)
from workflow_ops.models import OpenTask, RunStatus, TicketFieldValue, TicketInstance
from workflow_ops.models.lists import NOBODY as NO_ASSIGNEE
from workflow_ops.models.runs import FINAL_STATUSES
from workflow_ops.models.tickets import NO_PRIORITY
from workflow_ops.work.needs import held_past

MAX_PARTS = 60
UNFINISHED = tuple(status for status in RunStatus if status not in FINAL_STATUSES)
_STATUSES = {"": UNFINISHED, FINISHED: FINAL_STATUSES, ANY: tuple(RunStatus)}
_COPIES = {"changed_at": "changed_at", "priority": "priority", "id": "ticket_id"}
_COPIES_OF_TASKS = _COPIES | {"status": "ticket_status"}
_COPIES_OF_VALUES = _COPIES | {"is_finished": "is_finished"}
"""The columns of a ticket that narrow tables repeat."""


class TicketParts:
    """The parts of the tickets that the chosen filters let through.

    `chosen` are the values of a TicketFilterForm, `more` further conditions on columns of the ticket.
    `statuses` are those that may match besides the chosen ones.
    """

    def __init__(
        self,
        chosen: Mapping[str, Any],
        scope: Scope,
        *,
        types: Mapping[int, Sequence[str]],
        tasks: Mapping[int, Sequence[str]],
        more: Mapping[str, Any],
        statuses: Collection[RunStatus] = tuple(RunStatus),
    ) -> None:
        self._chosen, self._scope, self._types, self._tasks = chosen, scope, types, tasks
        chosen_ones = _STATUSES.get(chosen.get("status", "")) or (RunStatus(chosen["status"]),)
        self._statuses = [status for status in chosen_ones if status in statuses]
        self._ends = sorted({status in FINAL_STATUSES for status in self._statuses})
        line = chosen.get("workflow")
        self._lines = [line] if line else None if scope.is_everything else sorted(scope.titles)
        self._more = dict(more) | self._equal()

    def _equal(self) -> dict[str, Any]:
        """Return the conditions that compare a column of the ticket with one value."""
        found: dict[str, Any] = {}
        if "priority" in self._chosen:
            priority = self._chosen["priority"]
            found["priority"] = NO_PRIORITY if priority == NONE else int(priority)
        if "type" in self._chosen:
            found["type_title"] = self._chosen["type"]
        if "responsible" in self._chosen:
            chosen = self._chosen["responsible"]
            people = [] if chosen == NOBODY else named_people(chosen, self._scope.person)
            found |= {"responsible__in": people} if chosen != NOBODY else {"responsible": None}
        return found

    def of_ids(self, ids: Sequence[int]) -> list[Part]:
        """Return those of these tickets that the filters let through; PostgreSQL sorts them."""
        tickets = self._wanted(TicketInstance.objects.filter(pk__in=ids))
        return [self._part(tickets, status__in=self._statuses)]

    def in_order(self, sort: str) -> list[Part]:
        """Return the parts for this order. What is rare has an index of its own, and PostgreSQL sorts it."""
        if self._chosen.get("waits_for") == NOTHING or self._chosen.get("held") == PAST:
            return [self._part(self._wanted(TicketInstance.objects.all()))]
        if "assigned" in self._chosen or "waits_for" in self._chosen:
            return list(self._of_open_tasks())
        if any(name.startswith(FIELD_PREFIX) for name in self._chosen):
            return list(self._of_values())
        return list(self._of_tickets(sort))

    def _wanted(self, tickets: "QuerySet[TicketInstance]") -> "QuerySet[TicketInstance]":
        """Return those of a few tickets that the filters by person, hold, task and field let through."""
        if "submitter" in self._chosen:
            people = named_people(self._chosen["submitter"], self._scope.person)
            tickets = tickets.filter(created_by__in=people)
        if self._chosen.get("held") == PAST:
            tickets = tickets.filter(**held_past(timezone.now()))
        tasks, title = OpenTask.objects.filter(ticket=OuterRef("pk")), self._chosen.get("waits_for")
        if title == NOTHING:
            tickets = tickets.filter(is_stalled=True)
        elif title:
            tasks = tasks.filter(title=title)
        if "assigned" in self._chosen:
            tasks = tasks.filter(assignee__in=self._assignees())
        if "assigned" in self._chosen or title not in {None, NOTHING}:
            tickets = tickets.filter(Exists(tasks))
        for name, value in self._values():
            tickets = tickets.filter(field_values__field=name, field_values__value=value)
        return tickets

    # --- Tickets ---------------------------------------------------------------------

    def _of_tickets(self, sort: str) -> Iterator[Part]:
        tickets = TicketInstance.objects.all()
        if "submitter" in self._chosen:
            people = named_people(self._chosen["submitter"], self._scope.person)
            for person, is_finished in product(people, self._ends):
                yield self._part(tickets.filter(created_by=person, is_finished=is_finished))
        elif "responsible" in self._chosen and self._ends == [False]:
            yield from self._of_responsible(tickets.filter(is_finished=False))
        elif self._lines is not None and len(self._lines) * len(self._ends) <= MAX_PARTS:
            yield from self._of_types(tickets, self._lines)
        elif "priority" in self._chosen and sort in {"changed", "waiting"}:
            for is_finished in self._ends:
                yield self._part(tickets.filter(is_finished=is_finished))
        elif sort == "number" and len(self._statuses) == len(RunStatus):
            yield self._part(tickets)
        else:
            for status in self._statuses:
                rows = tickets.filter(is_finished=False) if sort == "waiting" else tickets
                yield self._part(rows, statuses=[status])

    def _of_types(self, tickets: "QuerySet[TicketInstance]", lines: Iterable[int]) -> Iterator[Part]:
        for line, is_finished in product(lines, self._ends):
            for title in [self._chosen["type"]] if "type" in self._chosen else self._types.get(line, ()):
                yield self._part(
                    tickets.filter(line=line, type_title=title, is_finished=is_finished), line=line
                )

    def _of_responsible(self, tickets: "QuerySet[TicketInstance]") -> Iterator[Part]:
        if self._more.get("responsible", 0) is None:
            yield self._part(tickets, fixed=("responsible_id",))
        for person in self._more.get("responsible__in", ()):
            yield self._part(tickets.filter(responsible=person))

    def _part(
        self,
        tickets: "QuerySet[TicketInstance]",
        *,
        line: int | None = None,
        statuses: Sequence[RunStatus] | None = None,
        fixed: tuple[str, ...] = (),
        **conditions: Any,
    ) -> Part:
        """Return a part of these tickets that meets all other conditions; of `line`, or of any workflow."""
        if statuses is None and "status" in self._chosen:
            statuses = self._statuses if len(self._statuses) == 1 else None
        if statuses:
            conditions |= {"status": statuses[0]}
        rights = (
            self._scope.version_condition(line)
            if line
            else self._scope.condition(lines=self._lines if self._chosen.get("workflow") else None)
        )
        return self._made(tickets.filter(rights, **conditions, **self._more), fixed=fixed)

    def _made(self, rows: "QuerySet[Any]", **options: Any) -> Part:
        """Return a part of these rows; what has stalled does not count as standing still."""
        part = Part(rows, **options)
        if "still" not in self._chosen:
            return part
        stalled = TicketInstance.objects.filter(is_stalled=True).values("pk")
        return replace(part, rows=rows.exclude(**{f"{part.key}__in": stalled}))

    # --- Narrow tables -----------------------------------------------------------------

    def _of_open_tasks(self) -> Iterator[Part]:
        lines = sorted(self._scope.titles) if self._lines is None else self._lines
        title = self._chosen.get("waits_for")
        for line in lines:
            rows = OpenTask.objects.filter(line=line)
            if title:
                if title not in self._tasks.get(line, ()):
                    continue
                rows = rows.filter(title=title)
            rows = self._narrowed(rows, line, _COPIES_OF_TASKS)
            for name, value in self._values():
                rows = rows.filter(ticket__field_values__field=name, ticket__field_values__value=value)
            if "assigned" not in self._chosen:
                yield self._made(rows, key="ticket_id")
            else:
                for each in self._of_assignees(rows):
                    yield self._made(each, key="ticket_id", repeats=True)

    def _of_assignees(self, rows: "QuerySet[OpenTask]") -> Iterator["QuerySet[OpenTask]"]:
        if self._chosen["assigned"] == GONE:
            yield rows.filter(assignee__in=self._assignees())
        else:
            for person in self._assignees():
                yield rows.filter(assignee=person)

    def _assignees(self) -> list[int]:
        chosen = self._chosen["assigned"]
        if chosen == NOBODY:
            return [NO_ASSIGNEE]
        if chosen == GONE:
            return list(CustomUser.objects.absent().values_list("pk", flat=True))
        return named_people(chosen, self._scope.person)

    def _of_values(self) -> Iterator[Part]:
        line = self._chosen["workflow"]
        (name, value), *others = self._values()
        for is_finished in self._ends:
            rows = TicketFieldValue.objects.filter(
                line=line, field=name, value=value, is_finished=is_finished
            )
            rows = self._narrowed(rows, line, _COPIES_OF_VALUES)
            for field, wanted in others:
                rows = rows.filter(ticket__field_values__field=field, ticket__field_values__value=wanted)
            yield self._made(rows, key="ticket_id")

    def _values(self) -> list[tuple[str, str]]:
        """Return the marked fields by which the list is filtered, and their values."""
        return [
            (name.removeprefix(FIELD_PREFIX), str(self._scope.person.pk) if value == ME else value)
            for name, value in self._chosen.items()
            if name.startswith(FIELD_PREFIX)
        ]

    def _narrowed(self, rows: "QuerySet[Any]", line: int, copies: Mapping[str, str]) -> "QuerySet[Any]":
        """Return the rows of a narrow table that meet the conditions on the ticket."""
        conditions = dict(self._more)
        if len(self._statuses) == 1:
            conditions["status"] = self._statuses[0]
        if "submitter" in self._chosen:
            people = named_people(self._chosen["submitter"], self._scope.person)
            conditions["created_by__in"] = people
        found = {}
        for name, value in conditions.items():
            column, _separator, lookup = name.partition("__")
            path = copies.get(column, f"ticket__{column}")
            found[f"{path}__{lookup}" if lookup else path] = value
        return rows.filter(self._scope.version_condition(line, "ticket__"), **found)
