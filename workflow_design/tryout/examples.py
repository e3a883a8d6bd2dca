"""Example values for the fields of a form, which fill it with one click in a try-out. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.definition.fields import Field, FieldKind, Fields, TextFormat
from workflow_design.definition.schema import DataValidator


@dataclass(frozen=True, slots=True)
class Examples:
    """The sources of examples: a day, and ids of people and files."""

    today: date
    people: Sequence[str]
    files: Sequence[str]

    def build(self, fields: Fields, validator: DataValidator) -> dict[str, Any]:
        """Return a valid value for each field; leave out fields without one, such as those with a pattern."""
        values = {name: _EXAMPLES[field.kind](field, self) for name, field in fields.items()}
        # A pattern may refuse the example; the person has to enter such a value.
        return {
            name: value
            for name, value in values.items()
            if value not in (None, "", []) and not validator.problems({name: value})
        }


def _text(field: Field, examples: Examples) -> str:
    day = examples.today.isoformat()
    known = {
        TextFormat.EMAIL: "somebody@example.com",
        TextFormat.URI: "https://example.com/",
        TextFormat.DATE: day,
        TextFormat.TIME: "09:00",
        TextFormat.DATE_TIME: f"{day}T09:00:00Z",
    }
    if field.format in known:
        return known[field.format]
    # Dots fill the example up to the minimum length.
    text = _("Example").ljust(field.min_length or 0, ".")
    return text[: field.max_length]


def _number(field: Field, _examples: Examples) -> float | None:
    """Return the smallest allowed number that is at least 1, or else the largest one."""
    step = field.multiple_of or 1
    lowest = max(
        (bound for bound in (field.minimum, _above(field.exclusive_minimum, step)) if bound is not None),
        default=min(step, 1) if field.maximum is None else min(step, field.maximum),
    )
    number = -(-lowest // step) * step  # the next multiple of `step`, rounded up
    return int(number) if float(number).is_integer() else number


def _above(bound: float | None, step: float) -> float | None:
    return None if bound is None else bound + step


def _first_choices(field: Field, _examples: Examples) -> list[Any]:
    return [choice.value for choice in field.choices[: max(field.min_items or 1, 1)]]


_EXAMPLES: Final[dict[FieldKind, Callable[[Field, Examples], Any]]] = {
    FieldKind.TEXT: _text,
    FieldKind.CHOICE: lambda field, _examples: field.choices[0].value if field.choices else None,
    FieldKind.NUMBER: _number,
    FieldKind.INTEGER: _number,
    FieldKind.YES_NO: lambda _field, _examples: True,
    FieldKind.CHOICES: _first_choices,
    FieldKind.USER: lambda _field, examples: next(iter(examples.people), None),
    FieldKind.FILE: lambda _field, examples: next(iter(examples.files), None),
    FieldKind.FILES: lambda field, examples: list(examples.files[: max(field.min_items or 1, 1)]),
}
