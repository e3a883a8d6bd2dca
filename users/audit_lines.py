"""The lines of the audit page: events of the log with everything in them called by its name."""

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
from users.audit_log import Event, foreign_keys, kinds
from users.audit_words import MOST_CHANGES, Change, changes_of
from users.models import CustomUser
from users.system_roles import system_role_label

Model = type[models.Model]


@dataclass(frozen=True, slots=True)
class Line:
    """One change, ready to be read: who did what to what, when, and from what to what."""

    at: datetime
    who: str
    done: str
    tone: str
    icon: str
    is_change: bool
    kind: str
    name: str
    changes: list[Change]
    left_out: int


def lines_of(events: Iterable[Event]) -> list[Line]:
    """The events that changed anything a reader can see: one statement."""
    events = list(events)
    names = Names(events)
    lines = (_line(event, names) for event in events)
    return [line for line in lines if line is not None]


class Names:
    """What the rows are called that events name by their ids, and were called if they are gone."""

    def __init__(self, events: Iterable[Event]) -> None:
        ids: dict[Model, set[int]] = defaultdict(set)
        for event in events:
            ids[CustomUser] |= {id_ for id_ in (event.person_id, event.impersonator_id) if id_}
            for column in foreign_keys(event.kind):
                ids[column.related_model] |= {
                    row[column.column] for row in (event.before, event.after) if row and row[column.column]
                }
        self._rows: dict[tuple[Model, int], models.Model] = {}
        self._look_up(ids)

    def get(self, model: Model, pk: int) -> models.Model | None:
        """The row, as far as its name needs it."""
        return self._rows.get((model, pk))

    def of(self, model: Model, pk: Any) -> str:
        """What a reader calls the row."""
        row = self.get(model, pk)
        if isinstance(row, Group):
            return system_role_label(row.name)
        return f"#{pk}" if row is None else str(row)

    def _look_up(self, ids: dict[Model, set[int]]) -> None:
        sql: list[str] = []
        parameters: list[Any] = []
        audited = {kind.model: kind for kind in kinds()}
        for number, model in enumerate(_targets()):
            parameters.append(list(ids.get(model, ())))
            if model in audited:
                sql.append(_LATEST.format(number=number, kind=audited[model]))
                parameters.append(current_company_id())
            else:
                sql.append(_UNAUDITED.format(number=number, meta=model._meta))
        sql.append(_STAFF.format(number=_targets().index(CustomUser)))
        parameters.append(list(ids.get(CustomUser, ())))
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(sql), parameters)
            for number, text in cursor.fetchall():
                model = _targets()[number]
                row = _instance(model, json.loads(text))
                self._rows[model, row.pk] = row


# Of a row that is gone, the log still has the name. One step into the index for each row:
# some rows have changed a hundred thousand times.
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
def _targets() -> tuple[Model, ...]:
    """The models that events point at."""
    targets = {column.related_model for kind in kinds() for column in foreign_keys(kind)} | {CustomUser}
    return tuple(sorted(targets, key=lambda model: str(model._meta.label_lower)))


def _instance(model: Model, row: dict[str, Any]) -> models.Model:
    """The model's instance as the log has it; what the log does not store is not loaded."""
    columns = [column for column in model._meta.concrete_fields if column.column in row]
    values = [column.to_python(row[str(column.column)]) for column in columns]
    return model.from_db(connection.alias, [column.attname for column in columns], values)


def _line(event: Event, names: Names) -> Line | None:
    model = event.kind.model
    name = _name(event, names)
    done, tone, icon = _what_was_done(event)
    is_change = event.before is not None and event.after is not None
    changes = changes_of(model, event.before, event.after, hidden=event.kind.hidden, name_of=names.of)
    if not is_change:
        changes = [change for change in changes if (change.after or change.before) not in name]
    elif not changes:
        return None
    return Line(
        at=event.cursor.at,
        who=_who(event, names),
        done=done,
        tone=tone,
        icon=icon,
        is_change=is_change,
        kind=str(capfirst(model._meta.verbose_name)),
        name=name,
        changes=changes[:MOST_CHANGES],
        left_out=max(0, len(changes) - MOST_CHANGES),
    )


def _what_was_done(event: Event) -> tuple[str, str, str]:
    if event.after is None:
        return _("Deleted"), "neutral", "trash"
    if event.before is None:
        return _("Added"), "success", "plus-circle"
    return _("Changed"), "info", "pencil-square"


def _name(event: Event, names: Names) -> str:
    instance = _instance(event.kind.model, event.row)
    for column in foreign_keys(event.kind):
        pk = event.row[column.column]
        target = None if pk is None else names.get(column.related_model, pk)
        if pk is not None and target is None:
            return f"#{instance.pk}"
        column.set_cached_value(instance, target)
    return str(instance)


def _who(event: Event, names: Names) -> str:
    if event.impersonator_id is not None:
        return _("%(name)s (TicketFlower staff)") % {"name": names.of(CustomUser, event.impersonator_id)}
    return _("The system") if event.person_id is None else names.of(CustomUser, event.person_id)
