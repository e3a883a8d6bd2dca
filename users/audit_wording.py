"""The wording of changes in the audit log. Pure: it takes rows and names, and returns text."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from ticketflower.ordered_json import stored_json
from ticketflower.template_tags import exact_time

LONGEST_VALUE = 200
MOST_CHANGES = 12

Row = Mapping[str, Any]
NameOf = Callable[[type[models.Model], Any], str]

if TYPE_CHECKING:
    Column = models.Field[Any, Any]


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One value before and after a change; an empty string means no value."""

    label: str
    before: str
    after: str


def describe_changes(
    model: type[models.Model], before: Row | None, after: Row | None, *, hidden: set[str], name_of: NameOf
) -> list[ValueChange]:
    """Return the differences between two rows of the model; `None` stands for a row that does not exist.

    For a new or deleted row, list its values except the defaults that every new row has.
    `name_of(model, id)` returns the name of a referenced row.
    """
    whole = after if before is None else before if after is None else None
    changes: list[ValueChange] = []
    for field in model._meta.concrete_fields:
        column = field.column or ""
        if field.attname in hidden or column not in (whole or after or {}):
            continue
        if whole is not None and _is_default(field, whole[column]):
            continue
        old, new = (row and row.get(column) for row in (before, after))
        changes.extend(_describe_field(field, old, new, name_of))
    return changes


def _is_default(field: "Column", value: Any) -> bool:
    if field.default is timezone.now or getattr(field, "auto_now_add", False):
        return True
    return value in (None, "", [], {}) or (field.has_default() and value == field.get_default())


def _describe_field(field: "Column", old: Any, new: Any, name_of: NameOf) -> Iterator[ValueChange]:
    if old == new or getattr(field, "auto_now", False):
        return
    label = str(capfirst(field.verbose_name))
    if not isinstance(field, models.JSONField):
        yield ValueChange(label, *(_truncate(_format_value(field, value, name_of)) for value in (old, new)))
        return
    old_leaves, new_leaves = (dict(_leaves(stored_json(field, value))) for value in (old, new))
    for path in [*old_leaves, *(path for path in new_leaves if path not in old_leaves)]:
        values = (old_leaves.get(path), new_leaves.get(path))
        if values[0] != values[1]:
            yield ValueChange(
                " / ".join((label, *path)), *(_truncate(_format_scalar(value)) for value in values)
            )


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each scalar value in a JSON document with its path."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves(part, (*path, key))
    elif isinstance(value, list):
        for number, part in enumerate(value, start=1):
            yield from _leaves(part, (*path, str(number)))
    elif value is not None:
        yield path, value


def _format_value(field: "Column", value: Any, name_of: NameOf) -> str:
    if value in (None, ""):
        return ""
    if field.related_model is not None:
        return name_of(field.related_model, value)
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, ArrayField):
        return ", ".join(_format_value(field.base_field, part, name_of) for part in value)
    if isinstance(field, models.DateField):  # includes DateTimeField
        return exact_time((parse_datetime if isinstance(field, models.DateTimeField) else parse_date)(value))
    return _format_scalar(value)


def _format_scalar(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "" if value is None else str(value)


def _truncate(text: str) -> str:
    return Truncator(text).chars(LONGEST_VALUE)
