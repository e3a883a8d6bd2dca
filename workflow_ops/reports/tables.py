"""The tables of a report: results of its statements, as text for pages and as numbers for CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ticketflower.formats import write_count
from users.models import CustomUser
from workflow_ops.models import Report, WriteSource
from workflow_ops.reports.making import AGES
from workflow_ops.reports.periods import unit_of

MOST_SHOWN: Final = 30
"""Maximum number of rows of a table on the page; its CSV file has all."""


class Holds(Enum):
    """The type of a column's values."""

    TEXT = 1
    NUMBER = 2
    SECONDS = 3
    DAY = 4


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    label: str
    holds: Holds = Holds.NUMBER

    def show(self, value: Any) -> str:
        """Return a value as the page shows it."""
        if value is None or value == "":
            return ""
        if self.holds is Holds.SECONDS:
            return write_duration(value)
        if self.holds is Holds.DAY:
            return date_format(value, "j F Y")
        return write_count(value) if self.holds is Holds.NUMBER else str(value)

    def export(self, value: Any) -> str:
        """Return a value as a CSV file has it: times in hours."""
        if value is None:
            return ""
        return f"{value / 3600:.2f}" if self.holds is Holds.SECONDS else str(value)

    @property
    def export_label(self) -> str:
        """The head in a CSV file."""
        return _("%(label)s (hours)") % {"label": self.label} if self.holds is Holds.SECONDS else self.label


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `drawn` are the columns that are also shown as a bar in each row, the longest first."""

    name: str
    title: str
    note: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    drawn: Sequence[int] = ()

    @property
    def heads(self) -> list[dict[str, Any]]:
        """The columns as <c-table> expects them; the last one is for bars."""
        heads = [
            {"label": each.label, "is_number": each.holds in (Holds.NUMBER, Holds.SECONDS)}
            for each in self.columns
        ]
        return [*heads, {"label": _("As a bar"), "is_hidden": True}] if self.drawn else heads

    @property
    def first_rows(self) -> list[dict[str, Any]]:
        """The first rows as <c-table> expects them."""
        most = max((row[self.drawn[0]] or 0 for row in self.rows), default=0) if self.drawn else 0
        return [
            {
                "title": self.columns[0].show(row[0]),
                "cells": [
                    {
                        "label": column.label,
                        "text": column.show(value),
                        "is_number": column.holds != Holds.TEXT,
                    }
                    for column, value in zip(self.columns[1:], row[1:], strict=True)
                ],
                "bars": [f"{100 * (row[place] or 0) / most:.1f}" for place in self.drawn] if most else [],
            }
            for row in self.rows[:MOST_SHOWN]
        ]

    @property
    def left_out(self) -> int:
        """The number of rows that only the CSV file has."""
        return max(len(self.rows) - MOST_SHOWN, 0)

    def export(self) -> Iterator[list[str]]:
        """Yield the rows of its CSV file, the heads first."""
        yield [column.export_label for column in self.columns]
        for row in self.rows:
            yield [column.export(value) for column, value in zip(self.columns, row, strict=True)]


def write_duration(seconds: float) -> str:
    """Return a length of time in its two largest units: "2 d 4 h", "3 h 5 min", "12 min", "40 s"."""
    minutes, hours, days = int(seconds // 60), int(seconds // 3600), int(seconds // 86400)
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours % 24}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes % 60}
    if minutes:
        return _("%(minutes)d min") % {"minutes": minutes}
    return _("%(seconds)d s") % {"seconds": seconds}


def build_tables(report: Report) -> dict[str, Table]:
    """Return the tables of a report that is ready, by their names, using one statement (people's names)."""
    return {name: build(report, report.result[name]) for name, build in _BUILDERS.items()}


Rows = list[list[Any]]


def _of_workflow(report: Report, rows: Rows) -> tuple[list[Column], Rows]:
    """Return the column of the workflow, which is left out in a report on one workflow, and the rows."""
    if report.line_id is None:
        return [Column(_("Workflow"), Holds.TEXT)], rows
    return [], [row[1:] for row in rows]


def _split(rows: Rows) -> Rows:
    """Return the rows with median and 90th percentile in two columns."""
    return [[*row[:-1], *(row[-1] or (None, None))] for row in rows]


def _quantiles() -> list[Column]:
    return [Column(_("Median"), Holds.SECONDS), Column(_("90 %"), Holds.SECONDS)]


def _flow(report: Report, rows: Rows) -> Table:
    unit = unit_of(report.first_day, report.last_day)
    labels = {"day": _("Day"), "week": _("Week from"), "month": _("Month from")}
    days = [[max(date.fromisoformat(row[0]), report.first_day), *row[1:]] for row in rows]
    return Table(
        "flow",
        _("Submitted, finished and open"),
        _("Open are tickets that had not ended at the end of the day, week or month."),
        [Column(labels[unit], Holds.DAY), *map(Column, (_("Submitted"), _("Finished"), _("Open")))],
        days,
    )


def _types(report: Report, rows: Rows) -> Table:
    first, rows = _of_workflow(report, _split(rows))
    return Table(
        "types",
        _("Kinds of tickets"),
        _("The times are those from submission to completion, holds included."),
        [
            *first,
            Column(_("Type"), Holds.TEXT),
            *map(Column, (_("Submitted"), _("Finished"), _("Open at the end"))),
            *_quantiles(),
        ],
        rows,
        drawn=[len(first) + 1],
    )


def _ages(report: Report, rows: Rows) -> Table:
    names = [
        _("Up to 1 day"),
        _("1 to 7 days"),
        _("7 to 30 days"),
        _("30 to 90 days"),
        _("More than 90 days"),
    ]
    found = {row[0]: row[1] for row in rows}
    return Table(
        "ages",
        _("Age of what is open"),
        _("Tickets that had not ended at the end of the period, by the time since they were submitted."),
        [Column(_("Age"), Holds.TEXT), Column(_("Tickets"))],
        [[name, found.get(place, 0)] for place, name in zip(range(len(AGES) + 1), names, strict=True)],
        drawn=[1],
    )


def _ends(report: Report, rows: Rows) -> Table:
    by_hand = {"WITHDRAWN": _("Withdrawn"), "CANCELLED": _("Cancelled"), "COMPLETED": _("Completed")}
    named = [[row[0], row[1] or by_hand[row[2]], *row[3:]] for row in _split(rows) if row[0] is not None]
    first, named = _of_workflow(report, named)
    return Table(
        "ends",
        _("How tickets ended, and time to finish"),
        _("From submission to the end, holds included. Nine in ten took no longer than the time of 90 %."),
        [*first, Column(_("Ended as"), Holds.TEXT), Column(_("Tickets")), *_quantiles()],
        named,
        drawn=[len(first) + 1],
    )


def _tasks(report: Report, rows: Rows) -> Table:
    first, rows = _of_workflow(report, _split(rows))
    return Table(
        "tasks",
        _("Time for each task"),
        _("Tasks that were done in the period: from their start to done, without holds. Dark: the median."),
        [*first, Column(_("Task"), Holds.TEXT), Column(_("Done")), *_quantiles()],
        rows,
        drawn=[len(first) + 3, len(first) + 2],
    )


def _returns(report: Report, rows: Rows) -> Table:
    sources = dict(WriteSource.choices)
    rows = [[*row[:2], row[2] or str(sources.get(row[3], "")), *row[4:]] for row in rows]
    first, rows = _of_workflow(report, rows)
    return Table(
        "returns",
        _("Where tickets come back"),
        _("Tasks that started for the second time or more, and what led back to them."),
        [
            *first,
            Column(_("Task"), Holds.TEXT),
            Column(_("Led back by"), Holds.TEXT),
            Column(_("After the answer"), Holds.TEXT),
            Column(_("Tickets")),
            Column(_("Times")),
        ],
        rows,
        drawn=[len(first) + 4],
    )


def _overdue(report: Report, rows: Rows) -> Table:
    first, rows = _of_workflow(report, rows)
    return Table(
        "overdue",
        _("Due and overdue"),
        _("Tasks that were due in the period. Cancelled ones are not counted."),
        [
            *first,
            Column(_("Task"), Holds.TEXT),
            *map(Column, (_("Due"), _("Done in time"), _("Done late"), _("Overdue at the end"))),
        ],
        rows,
        drawn=[len(first) + 1],
    )


def _load(report: Report, rows: Rows) -> Table:
    people = CustomUser.objects.in_bulk([row[0] for row in rows])
    return Table(
        "load",
        _("Load of each person"),
        _("Tasks that each person had when the report was made, and tasks that they did in the period."),
        [Column(_("Person"), Holds.TEXT), Column(_("Open")), Column(_("Done"))],
        [[people[row[0]].get_name_and_state(), *row[1:]] for row in rows if row[0] in people],
        drawn=[2],
    )


_BUILDERS: Final[dict[str, Callable[[Report, Rows], Table]]] = {
    "flow": _flow,
    "types": _types,
    "ages": _ages,
    "ends": _ends,
    "tasks": _tasks,
    "returns": _returns,
    "overdue": _overdue,
    "load": _load,
}
