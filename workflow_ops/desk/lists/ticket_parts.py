"""The parts of a list of tickets: queries that PostgreSQL can answer by reading an index in order.

Each filter has an index for each order (`docs/speed.md`, "Lists"). An index can be read in order only for a
single value of its leading columns, so each of several values (statuses, workflows, types) is a separate
part.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ticketflower.list_parts import Part
from users.models import CustomUser
from workflow_ops.desk.lists.filters import ANY, GONE, NOBODY
from workflow_ops.desk.lists.people import named_people
from workflow_ops.desk.lists.scope import Scope
from workflow_ops.desk.lists.ticket_form import (
    FINISHED,
    NOTHING,
    priority_place,
)
from workflow_ops.models import OpenTask, RunStatus, TaskInstance, TicketFieldValue, TicketInstance
from workflow_ops.models.lists import NOBODY as NO_ASSIGNEE
from workflow_ops.models.runs import FINAL_STATUSES
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.work.needs import held_past, nothing_due_ahead, responsible_people

MAX_PARTS = 60
ALL = Q()
UNFINISHED = tuple(status for status in RunStatus if status not in FINAL_STATUSES)
_STATUSES = {"": UNFINISHED, FINISHED: FINAL_STATUSES, ANY: tuple(RunStatus)}
_COPIES = {"changed_at": "changed_at", "priority": "priority", "due_order": "due_order", "id": "ticket_id"}
_COPIES_OF_TASKS = _COPIES | {"status": "ticket_status"}
_COPIES_OF_VALUES = _COPIES | {"is_finished": "is_finished"}
"""The columns of a ticket that the denormalised tables repeat."""


class TicketParts:
    """The parts of a list of the tickets that match the chosen filters.

    `chosen` are the values of a TicketFilterForm, `more` are further conditions on columns of the ticket.
    `fields` are the stored values that match for each chosen field. `statuses` are the only statuses that can
    match.
    """

    def __init__(
        self,
        chosen: Mapping[str, Any],
        scope: Scope,
        *,
        types: Mapping[int, Sequence[str]],
        tasks: Mapping[int, Sequence[str]],
        fields: Mapping[str, Collection[str]],
        more: Mapping[str, Any],
        statuses: Collection[RunStatus] = tuple(RunStatus),
    ) -> None:
        self._chosen, self._scope, self._types, self._tasks = chosen, scope, types, tasks
        self._fields = fields
        chosen_ones = _STATUSES.get(chosen.get("status", "")) or (RunStatus(chosen["status"]),)
        self._statuses = [status for status in chosen_ones if status in statuses]
        self._ends = sorted({status in FINAL_STATUSES for status in self._statuses})
        line = chosen.get("workflow")
        self._lines = [line] if line else None if scope.is_everything else sorted(scope.titles)
        self._more = dict(more) | self._column_values()
        # The column has the same name in the denormalised tables.
        self._still_condition = nothing_due_ahead(timezone.now()) if "still" in chosen else ALL
        self._assignees = assignees(chosen["assigned"], scope.person) if "assigned" in chosen else None

    def _column_values(self) -> dict[str, Any]:
        """Return the conditions that compare a column of the ticket with one value."""
        found: dict[str, Any] = {}
        if "priority" in self._chosen:
            found["priority"] = priority_place(self._chosen["priority"])
        if "type" in self._chosen:
            found["type_title"] = self._chosen["type"]
        if "responsible" in self._chosen:
            people = self._responsible(self._chosen["responsible"])
            found |= {"responsible": people[0]} if len(people) == 1 else {"responsible__in": people}
        return found

    def _responsible(self, chosen: str) -> list[int | None]:
        """Return the ids of the responsible people to filter by; None stands for nobody."""
        if chosen == NOBODY:
            return [None]
        if chosen == GONE:
            return list(responsible_people(is_active=False).values_list("pk", flat=True)[:MAX_PARTS])
        return [*named_people(chosen, self._scope.person)]

    def of_ids(self, ids: Sequence[int]) -> list[Part]:
        """Return one part with those of the given tickets that match the filters; PostgreSQL sorts it."""
        tickets = TicketInstance.objects.filter(pk__in=ids)
        return [self._part(tickets, others=self._other_conditions(), status__in=self._statuses)]

    def in_order(self, sort: str) -> list[Part]:
        """Return the parts for this order. Rare rows have their own indexes, and PostgreSQL sorts them."""
        tickets = TicketInstance.objects.all()
        if not self._statuses:
            return []
        if "due" in self._chosen:
            return list(self._of_due())
        if self._chosen.get("waits_for") == NOTHING:
            rows = tickets.filter(is_stalled=True)
            return [self._part(rows, others=self._other_conditions("waits_for"), status__in=self._statuses)]
        if "held" in self._chosen:
            rows = tickets.filter(_past_its_date())
            return [self._part(rows, others=self._other_conditions("held"), status__in=self._statuses)]
        if "assigned" in self._chosen or "waits_for" in self._chosen:
            # Finished tickets have no open tasks.
            return list(self._of_open_tasks()) if False in self._ends else []
        return list(self._of_values() if self._fields else self._of_tickets(sort))

    @property
    def has_due_order(self) -> bool:
        """True if there are indexes for these filters in the order of due times."""
        others = {"assigned", "held", "priority", "responsible", "submitter", "waits_for"}
        return not self._fields and others.isdisjoint(self._chosen)

    def _other_conditions(self, *read: str, path: str = "") -> Q:
        """Return the conditions of all filters except those (`read`) by which a part is already selected.

        `path` is the lookup prefix from its rows to the ticket.
        """
        chosen, found = self._chosen, Q()
        if "waits_for" not in read and chosen.get("waits_for") == NOTHING:
            found &= Q(**{f"{path}is_stalled": True})
        if "held" not in read and "held" in chosen:
            found &= _past_its_date(path)
        if "tasks" not in read and ("assigned" in chosen or chosen.get("waits_for", NOTHING) != NOTHING):
            tasks = self._open_tasks(OpenTask.objects.all())
            found &= Q(**{f"{path}pk__in": tasks.values("ticket")})
        if "submitter" not in read and "submitter" in chosen:
            people = named_people(chosen["submitter"], self._scope.person)
            found &= Q(**{f"{path}created_by__in": people})
        for field in set(self._fields).difference(read):
            found &= Q(**{f"{path}pk__in": self._values(field).values("ticket")})
        return found

    # --- Tickets ---------------------------------------------------------------------

    def _of_tickets(self, sort: str) -> Iterator[Part]:
        tickets = TicketInstance.objects.all()
        if "submitter" in self._chosen:
            people = named_people(self._chosen["submitter"], self._scope.person)
            for person, is_finished in product(people, self._ends):
                yield self._part(tickets.filter(created_by=person, is_finished=is_finished))
        elif self._ends == [False] and self._is_of_responsible():
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
                rows = tickets.filter(is_finished=False) if sort in {"waiting", "due"} else tickets
                yield self._part(rows, statuses=[status])

    def _of_due(self) -> Iterator[Part]:
        """Return the parts for the filter by due time, which matches fewer tickets than other filters do."""
        tickets, others = TicketInstance.objects.filter(is_finished=False), self._other_conditions()
        if self._lines is not None and len(self._lines) <= MAX_PARTS:
            yield from self._of_types(tickets, self._lines, others)
        else:
            for status in self._statuses:
                yield self._part(tickets, statuses=[status], others=others)

    def _of_types(
        self, tickets: "QuerySet[TicketInstance]", lines: Iterable[int], others: Q = ALL
    ) -> Iterator[Part]:
        for line, is_finished in product(lines, self._ends):
            for title in [self._chosen["type"]] if "type" in self._chosen else self._types.get(line, ()):
                rows = tickets.filter(line=line, type_title=title, is_finished=is_finished)
                yield self._part(rows, line=line, others=others)

    def _is_of_responsible(self) -> bool:
        """Return whether to use the index of responsible people, because it selects few tickets."""
        return "responsible" in self._chosen and (
            self._lines is None or self._chosen["responsible"] != NOBODY
        )

    def _of_responsible(self, tickets: "QuerySet[TicketInstance]") -> Iterator[Part]:
        if "responsible" in self._more:
            yield self._part(tickets, fixed=() if self._more["responsible"] else ("responsible_id",))
        for person in self._more.get("responsible__in", ()):
            yield self._part(tickets.filter(responsible=person))

    def _part(
        self,
        tickets: "QuerySet[TicketInstance]",
        *,
        line: int | None = None,
        statuses: Sequence[RunStatus] | None = None,
        fixed: tuple[str, ...] = (),
        others: Q = ALL,
        **conditions: Any,
    ) -> Part:
        """Return a part with the tickets (of `line`, or any workflow) that meet all other conditions."""
        if statuses is None:
            conditions |= self._status_condition("status")
        else:
            conditions |= {"status": statuses[0]}
        rights = (
            self._scope.version_condition(line)
            if line
            else self._scope.condition(lines=self._lines if self._chosen.get("workflow") else None)
        )
        return Part(
            tickets.filter(rights, others, self._still_condition, **conditions, **self._more), fixed=fixed
        )

    def _status_condition(self, column: str) -> dict[str, Any]:
        """Return the condition on the status that a part needs in addition to `is_finished`."""
        if len(self._statuses) == 1:
            return {column: self._statuses[0]}
        whole = [status for status in RunStatus if (status in FINAL_STATUSES) in self._ends]
        return {f"{column}__in": self._statuses} if len(self._statuses) < len(whole) else {}

    # --- Narrow tables -----------------------------------------------------------------

    def _of_open_tasks(self) -> Iterator[Part]:
        lines = sorted(self._scope.titles) if self._lines is None else self._lines
        title = self._chosen.get("waits_for")
        others = self._other_conditions("waits_for", "tasks", path="ticket__")
        for line in lines:
            if title and title not in self._tasks.get(line, ()):
                continue
            rows = self._open_tasks(OpenTask.objects.filter(line=line))
            rows = self._narrowed(rows, line, _COPIES_OF_TASKS).filter(others)
            yield Part(rows, key="ticket_id", repeats="assigned" in self._chosen)

    def _open_tasks(self, rows: "QuerySet[OpenTask]") -> "QuerySet[OpenTask]":
        """Filter open tasks by the chosen title and assignees."""
        if self._chosen.get("waits_for", NOTHING) != NOTHING:
            rows = rows.filter(title=self._chosen["waits_for"])
        return rows if self._assignees is None else rows.filter(_one_of("assignee", self._assignees))

    def _of_values(self) -> Iterator[Part]:
        line, first = self._chosen["workflow"], next(iter(self._fields))
        others = self._other_conditions(first, path="ticket__")
        for is_finished in self._ends:
            rows = self._values(first).filter(is_finished=is_finished)
            rows = self._narrowed(rows, line, _COPIES_OF_VALUES).filter(others)
            yield Part(rows, key="ticket_id")

    def _values(self, field: str) -> "QuerySet[TicketFieldValue]":
        rows = TicketFieldValue.objects.filter(line=self._chosen["workflow"], field=field)
        return rows.filter(_one_of("value", self._fields[field]))

    def _narrowed(self, rows: "QuerySet[Any]", line: int, copies: Mapping[str, str]) -> "QuerySet[Any]":
        """Return the rows of a denormalised table that meet the conditions on columns of the ticket."""
        found = {}
        for name, value in {**self._more, **self._status_condition("status")}.items():
            column, _separator, lookup = name.partition("__")
            path = copies.get(column, f"ticket__{column}")
            found[f"{path}__{lookup}" if lookup else path] = value
        return rows.filter(self._scope.version_condition(line, "ticket__"), self._still_condition, **found)


def assignees(chosen: str, person: CustomUser) -> list[int]:
    """Return the assignees of open tasks for a value of the filter; NO_ASSIGNEE stands for nobody."""
    if chosen == NOBODY:
        return [NO_ASSIGNEE]
    if chosen == GONE:
        # Few of them have tasks, because deactivating a person includes handing on their tasks.
        theirs = TaskInstance.objects.filter(assigned_to=OuterRef("pk"), status__in=UNFINISHED_STATUSES)
        return list(CustomUser.objects.absent().filter(Exists(theirs)).values_list("pk", flat=True))
    return named_people(chosen, person)


def _past_its_date(path: str = "") -> Q:
    return Q(**{f"{path}{name}": value for name, value in held_past(timezone.now()).items()})


def _one_of(column: str, values: Collection[Any]) -> Q:
    """Return the condition for any of these values; a single one uses "=", which keeps the index order."""
    return Q(**{column: next(iter(values))}) if len(values) == 1 else Q(**{f"{column}__in": list(values)})
