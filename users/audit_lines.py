"""The lines of the audit page: events in which every id is replaced by a name."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection, models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ticketflower.tenancy.context import current_company_id
from users.audit_log import Event, audit_kinds, foreign_keys
from users.audit_wording import MOST_CHANGES, ValueChange, describe_changes
from users.models import CustomUser
from users.system_roles import system_role_label

Model = type[models.Model]


@dataclass(frozen=True, slots=True)
class Line:
    """A readable change: who changed what, when, and the values before and after."""

    at: datetime
    who: str
    done: str
    tone: str
    icon: str
    is_change: bool
    kind: str
    name: str
    changes: list[ValueChange]
    left_out: int


def build_lines(events: Iterable[Event]) -> list[Line]:
    """Return lines for the events that changed anything visible, using one statement."""
    events = list(events)
    names = RowNames(events)
    lines = (_build_line(event, names) for event in events)
    return [line for line in lines if line is not None]


class RowNames:
    """The names of all rows to which events refer; for deleted rows, their last name."""

    def __init__(self, events: Iterable[Event]) -> None:
        ids: dict[Model, set[int]] = defaultdict(set)
        for event in events:
            ids[CustomUser] |= {id_ for id_ in (event.person_id, event.impersonator_id) if id_}
            for column in foreign_keys(event.kind):
                ids[column.related_model] |= {
                    row[column.column] for row in (event.before, event.after) if row and row[column.column]
                }
        self._rows: dict[tuple[Model, int], models.Model] = {}
        self._load(ids)

    def get(self, model: Model, pk: int) -> models.Model | None:
        """Return the row, with the columns that its name needs."""
        return self._rows.get((model, pk))

    def label(self, model: Model, pk: Any) -> str:
        """Return the name of the row."""
        row = self.get(model, pk)
        if isinstance(row, Group):
            return system_role_label(row.name)
        return f"#{pk}" if row is None else str(row)

    def _load(self, ids: dict[Model, set[int]]) -> None:
        sql: list[str] = []
        parameters: list[Any] = []
        audited = {kind.model: kind for kind in audit_kinds()}
        for number, model in enumerate(_referenced_models()):
            parameters.append(list(ids.get(model, ())))
            if model in audited:
                sql.append(_LATEST.format(number=number, kind=audited[model]))
                parameters.append(current_company_id())
            else:
                sql.append(_UNAUDITED.format(number=number, meta=model._meta))
        sql.append(_STAFF.format(number=_referenced_models().index(CustomUser)))
        parameters.append(list(ids.get(CustomUser, ())))
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(sql), parameters)
            for number, text in cursor.fetchall():
                model = _referenced_models()[number]
                row = _instance(model, json.loads(text))
                self._rows[model, row.pk] = row


# The log still has the name of a deleted row. LATERAL with LIMIT 1 reads one index entry per row,
# although some rows have changed a hundred thousand times.
_LATEST = (
    "SELECT {number}, to_jsonb(e) FROM unnest(%s::bigint[]) AS wanted CROSS JOIN LATERAL "
    "(SELECT * FROM {kind.table} WHERE pgh_obj_id = wanted AND {kind.company_column} = %s "
    "ORDER BY pgh_id DESC LIMIT 1) AS e"
)
_UNAUDITED = (
    'SELECT {number}, to_jsonb(e) FROM "{meta.db_table}" e WHERE "{meta.pk.column}" = ANY (%s::bigint[])'
)
_STAFF = (
    "SELECT {number}, jsonb_build_object('id', id, 'first_name', name, 'last_name', '') "
    "FROM staff_names(%s::bigint[])"
)


@cache
def _referenced_models() -> tuple[Model, ...]:
    """Return the models to which events refer."""
    targets = {column.related_model for kind in audit_kinds() for column in foreign_keys(kind)} | {CustomUser}
    return tuple(sorted(targets, key=lambda model: str(model._meta.label_lower)))


def _instance(model: Model, row: dict[str, Any]) -> models.Model:
    """Return an instance of the model from a logged row; columns that the log does not store are deferred."""
    columns = [column for column in model._meta.concrete_fields if column.column in row]
    values = [column.to_python(row[str(column.column)]) for column in columns]
    return model.from_db(connection.alias, [column.attname for column in columns], values)


def _build_line(event: Event, names: RowNames) -> Line | None:
    model = event.kind.model
    name = _row_name(event, names)
    done, tone, icon = _describe_action(event)
    is_change = event.before is not None and event.after is not None
    changes = describe_changes(
        model, event.before, event.after, hidden=event.kind.hidden, name_of=names.label
    )
    if not is_change:
        changes = [change for change in changes if (change.after or change.before) not in name]
    elif not changes:
        return None
    return Line(
        at=event.cursor.at,
        who=_actor_name(event, names),
        done=done,
        tone=tone,
        icon=icon,
        is_change=is_change,
        kind=str(capfirst(model._meta.verbose_name)),
        name=name,
        changes=changes[:MOST_CHANGES],
        left_out=max(0, len(changes) - MOST_CHANGES),
    )


def _describe_action(event: Event) -> tuple[str, str, str]:
    if event.after is None:
        return _("Deleted"), "neutral", "trash"
    if event.before is None:
        return _("Added"), "success", "plus-circle"
    return _("Changed"), "info", "pencil-square"


def _row_name(event: Event, names: RowNames) -> str:
    instance = _instance(event.kind.model, event.row)
    for column in foreign_keys(event.kind):
        pk = event.row[column.column]
        target = None if pk is None else names.get(column.related_model, pk)
        if pk is not None and target is None:
            return f"#{instance.pk}"
        column.set_cached_value(instance, target)
    return str(instance)


def _actor_name(event: Event, names: RowNames) -> str:
    if event.impersonator_id is not None:
        return _("%(name)s (TicketFlower staff)") % {"name": names.label(CustomUser, event.impersonator_id)}
    return _("The system") if event.person_id is None else names.label(CustomUser, event.person_id)
