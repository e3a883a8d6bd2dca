"""Queries of the audit log: the changes in a company, over all audited models, newest first.

A page takes one statement. It reads the rows next to the cursor from each event table (in index
order), picks the newest of all of them, and joins the row before and after each change.
"""

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import Q, Value
from django.utils.dateparse import parse_datetime

from ticketflower.listing import COUNT_UP_TO, PAGE_SIZE
from ticketflower.tenancy.constraints import CompanyWall
from users.audit import AuditEvent

_PICKED = ("kind", "pgh_id", "pgh_created_at", "pgh_obj_id")


@dataclass(frozen=True)
class AuditKind:
    """An audited model and the table of its events."""

    number: int
    event: type[AuditEvent]
    model: type[models.Model]
    company_column: str

    @property
    def hidden(self) -> set[str]:
        """Columns that are not shown: the id and the company."""
        return {self.company_column, str(self.model._meta.pk.attname)}

    @property
    def name(self) -> str:
        """The kind's name in URLs, such as "users.companyrole"."""
        return self.model._meta.label_lower

    @property
    def table(self) -> str:
        """The quoted name of the event table."""
        return connection.ops.quote_name(self.event._meta.db_table)


@cache
def audit_kinds() -> tuple[AuditKind, ...]:
    """Return all audited models of the site, in a fixed order."""
    events = [model for model in apps.get_models() if issubclass(model, AuditEvent)]
    events.sort(key=lambda event: _tracked_model(event)._meta.label_lower)
    return tuple(_build_kind(number, event) for number, event in enumerate(events))


def _tracked_model(event: type[AuditEvent]) -> type[models.Model]:
    model: type[models.Model] = event.pgh_tracked_model  # type: ignore[assignment]
    return model


def _build_kind(number: int, event: type[AuditEvent]) -> AuditKind:
    wall = next(rule for rule in event._meta.constraints if isinstance(rule, CompanyWall))
    return AuditKind(number, event, _tracked_model(event), wall.column)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position between two events."""

    at: datetime
    kind: int
    pgh_id: int

    def __str__(self) -> str:
        text = json.dumps([self.at.isoformat(), audit_kinds()[self.kind].name, self.pgh_id])
        return base64.urlsafe_b64encode(text.encode()).decode()


def read_cursor(text: str) -> Cursor | None:
    """Return the position in a URL parameter, or None if it is invalid."""
    numbers = {kind.name: kind.number for kind in audit_kinds()}
    try:
        at, name, pgh_id = json.loads(base64.urlsafe_b64decode(text.encode()))
        when = parse_datetime(at)
        if when is None or when.tzinfo is None or abs(int(pgh_id)) >= 2**63:
            return None
        return Cursor(when, numbers[name], int(pgh_id))
    except (ValueError, TypeError, KeyError, OverflowError, binascii.Error, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class Search:
    """The part of the log to read: `only` one kind (by name), and events that match `condition`."""

    only: str = ""
    condition: Q = field(default_factory=Q)

    @property
    def kinds(self) -> list[AuditKind]:
        """The kinds whose events are searched."""
        return [kind for kind in audit_kinds() if self.only in {"", kind.name}]


@dataclass(frozen=True, slots=True)
class Event:
    """A change: the row before and after it (None if it did not exist), the time and the actor."""

    kind: AuditKind
    cursor: Cursor
    person_id: int | None
    impersonator_id: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def row(self) -> dict[str, Any]:
        """The row after the change, or before its deletion."""
        return self.after or self.before or {}


@dataclass(frozen=True, slots=True)
class Page:
    """Events of the company whose scope is open, newest first, and the cursors of the neighbouring pages."""

    events: list[Event]
    newer: Cursor | None
    older: Cursor | None


def read_events(search: Search, *, cursor: Cursor | None, backwards: bool, size: int = PAGE_SIZE) -> Page:
    """Return the page next to the cursor (with `backwards`, the newer side), or the newest page.

    This takes one statement.
    """
    # One more than needed, to know whether there is another page.
    events = _fetch(search, cursor, backwards=backwards, limit=size + 1)
    more = len(events) > size
    events = events[:size]
    if backwards:
        events.reverse()
    has_older = bool(events) and (more or backwards)
    has_newer = bool(events) and cursor is not None and (more or not backwards)
    return Page(
        events=events,
        newer=events[0].cursor if has_newer else None,
        older=events[-1].cursor if has_older else None,
    )


def count_events(search: Search) -> int:
    """Return the number of events, but at most COUNT_UP_TO + 1, using one statement."""
    most = COUNT_UP_TO + 1
    sql, parameters = _union(
        [kind.event.objects.filter(search.condition).values_list("pgh_id")[:most] for kind in search.kinds]
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT FROM ({sql}) AS found LIMIT {most}) AS counted",  # noqa: S608
            parameters,
        )
        count: int = cursor.fetchone()[0]
    return count


def _union(querysets: Iterable["models.QuerySet[Any, Any]"]) -> tuple[str, list[Any]]:
    parts: list[str] = []
    parameters: list[Any] = []
    for queryset in querysets:
        sql, values = queryset.query.sql_with_params()
        parts.append(f"({sql})")
        parameters.extend(values)
    return " UNION ALL ".join(parts), parameters


def _beyond_cursor(kind: AuditKind, cursor: Cursor | None, beyond: str) -> Q:
    if cursor is None:
        return Q()
    # Events of the same time are ordered by the number of their kind, then by their id.
    if kind.number == cursor.kind:
        return Q(**{f"pgh_created_at__{beyond}e": cursor.at}) & (
            Q(**{f"pgh_created_at__{beyond}": cursor.at}) | Q(**{f"pgh_id__{beyond}": cursor.pgh_id})
        )
    comes_after = (kind.number < cursor.kind) == (beyond == "lt")
    return Q(**{f"pgh_created_at__{beyond}{'e' if comes_after else ''}": cursor.at})


def _fetch(search: Search, cursor: Cursor | None, *, backwards: bool, limit: int) -> list[Event]:
    # Raw SQL, because the ORM can't select from a union of tables and look up each row's neighbours.
    beyond, direction, sign = ("gt", "ASC", "") if backwards else ("lt", "DESC", "-")
    picked, parameters = _union(
        kind.event.objects.filter(search.condition, _beyond_cursor(kind, cursor, beyond))
        .order_by(f"{sign}pgh_created_at", f"{sign}pgh_id")
        .annotate(kind=Value(kind.number))
        .values_list(*_PICKED)[:limit]
        for kind in search.kinds
    )
    order = ", ".join(f"{column} {direction}" for column in ("pgh_created_at", "kind", "pgh_id"))
    after = _for_each_kind(search, "SELECT to_jsonb(e) FROM {table} e WHERE e.pgh_id = picked.pgh_id")
    before = _for_each_kind(
        search,
        "SELECT to_jsonb(e) FROM {table} e WHERE e.pgh_obj_id = picked.pgh_obj_id "
        "AND e.pgh_id < picked.pgh_id ORDER BY e.pgh_id DESC LIMIT 1",
    )
    columns = ", ".join(_PICKED)
    sql = (
        f"SELECT kind, pgh_id, pgh_created_at, {after}, {before} "  # noqa: S608 - our own names only
        f"FROM (SELECT * FROM ({picked}) AS beside ({columns}) ORDER BY {order} LIMIT {limit}) AS picked "
        f"ORDER BY {order}"
    )
    with connection.cursor() as database:
        database.execute(sql, parameters)
        return [_build_event(*row) for row in database.fetchall()]


def _for_each_kind(search: Search, sql: str) -> str:
    cases = (f"WHEN {kind.number} THEN ({sql.format(table=kind.table)})" for kind in search.kinds)
    return f"CASE kind {' '.join(cases)} END"


def _build_event(number: int, pgh_id: int, at: datetime, after: Any, before: Any) -> Event:
    # Django's database wrapper returns JSON as text, because it expects a JSONField to parse it.
    row, earlier = (value and json.loads(value) for value in (after, before))
    label = row["pgh_label"]
    return Event(
        kind=audit_kinds()[number],
        cursor=Cursor(at, number, pgh_id),
        person_id=row["pgh_person_id"],
        impersonator_id=row["pgh_impersonator_id"],
        before=row if label == "delete" else None if label == "insert" else earlier,
        after=None if label == "delete" else row,
    )


def foreign_keys(kind: AuditKind) -> list["models.ForeignKey[Any, Any]"]:
    """Return the kind's foreign keys, whose values are shown as names."""
    return [
        column
        for column in kind.model._meta.concrete_fields
        if isinstance(column, models.ForeignKey) and column.attname not in kind.hidden
    ]
