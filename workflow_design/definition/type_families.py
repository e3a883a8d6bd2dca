"""Types of field whose values behave alike: texts, dates, numbers, answers, choices, references, lists."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ticketflower.formats import own_words
from ticketflower.relative_times import moment_in_words, relative_and_exact
from workflow_design.definition.comparisons import (
    CONTAINMENT,
    EQUALITY,
    MEMBERSHIP,
    ORDER,
    PRESENCE,
    SIZES,
    Comparison,
)
from workflow_design.definition.fields import FILTERABLE, Examples, Field, FieldType, number_in_words

BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
LENGTHS: Final = ("minLength", "maxLength")
COUNTS: Final = ("minItems", "maxItems")


@dataclass(frozen=True, kw_only=True, eq=False)
class TextType(FieldType):
    """Texts without an order."""

    keywords: tuple[str, ...] = (*LENGTHS, "pattern")
    limits: tuple[str, ...] = LENGTHS
    sample: str = ""
    """An example; {day} stands for a date."""
    comparisons: tuple[Comparison, ...] = (*EQUALITY, *CONTAINMENT, *MEMBERSHIP, *PRESENCE)
    field_comparisons: tuple[Comparison, ...] = EQUALITY
    kin: type | None = str

    def example(self, field: Field, examples: Examples) -> str:
        """Return the sample, or a text of the right length."""
        if self.sample:
            return self.sample.format(day=examples.today.isoformat())
        # Dots fill the example up to the minimum length.
        return gettext("Example").ljust(field.min_length or 0, ".")[: field.max_length]


@dataclass(frozen=True, kw_only=True, eq=False)
class DatedType(TextType):
    """Dates and times: texts that sort like the days and moments that they mean."""

    limits: tuple[str, ...] = ()
    sortable: re.Pattern[str] | None = None
    """The only spelling that a condition may compare with, if the format has several."""
    moved: Callable[[str, int], str]
    """Return a value that is so many days or minutes later, as forms write it."""
    comparisons: tuple[Comparison, ...] = (*EQUALITY, *ORDER, *PRESENCE)
    field_comparisons: tuple[Comparison, ...] = (*EQUALITY, *SIZES)
    kin: type | None = None
    words: Mapping[str, Any] = field(
        default_factory=lambda: {
            "less": _("is before"),
            "at-most": _("is no later than"),
            "at-least": _("is no earlier than"),
            "more": _("is after"),
            "less-field": _("is before the field"),
            "at-most-field": _("is no later than the field"),
            "at-least-field": _("is no earlier than the field"),
            "more-field": _("is after the field"),
        }
    )

    def can_show(self, text: str) -> bool:
        """Return whether the text is of the spelling that sorts."""
        return (self.sortable is None or bool(self.sortable.fullmatch(text))) and bool(self.conforms(text))

    def in_sentence(self, field: Field, value: Any) -> str:
        """Return a day, a time, or a moment in the user's time zone, as people write it."""
        try:
            if "T" in value:
                return moment_in_words(datetime.fromisoformat(value))
            # Seconds that nobody typed are left out.
            if ":" in value:
                return _EMPTY_SECONDS.sub(r"\1", value)
            day = date.fromisoformat(value)
            return own_words(day) or relative_and_exact(day, None)[1]
        except (TypeError, ValueError, OverflowError):
            return ""


_EMPTY_SECONDS: Final = re.compile(r"^(\d\d:\d\d):00(\.0+)?(?![.\d])")


@dataclass(frozen=True, kw_only=True, eq=False)
class NumberType(FieldType):
    """Numbers."""

    json_type: str = "number"
    keywords: tuple[str, ...] = BOUNDS
    limits: tuple[str, ...] = ("minimum", "maximum")
    refusal: Any = _("%(what)s is not a number, such as 1250 or 2.5.")
    is_true: Any = _("%(field)s is filled in and not 0")
    is_false: Any = _("%(field)s is empty or 0")

    def example(self, field: Field, examples: Examples) -> float:
        """Return the smallest allowed number that is at least 1, or else the largest one."""
        step = field.multiple_of or 1
        above = None if field.exclusive_minimum is None else field.exclusive_minimum + step
        lowest = max(
            (bound for bound in (field.minimum, above) if bound is not None),
            default=min(step, 1) if field.maximum is None else min(step, field.maximum),
        )
        number = -(-lowest // step) * step  # the next multiple of `step`, rounded up
        return int(number) if float(number).is_integer() else number

    def holds_numbers(self, field: Field) -> bool:
        """Return True."""
        return True

    def can_compare(self, value: Any, field: Field) -> bool:
        """Return as for other fields, and False for more digits than a row can show."""
        return super().can_compare(value, field) and (
            isinstance(value, int) or float(f"{value:.15g}") == value
        )

    def in_sentence(self, field: Field, value: Any) -> str:
        """Return a number with its thousands marks, and an amount with its cents."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return number_in_words(value, field.decimals) if is_number else ""


@dataclass(frozen=True, kw_only=True, eq=False)
class ChoiceType(FieldType):
    """Texts or numbers from a list that the schema offers."""

    keywords: tuple[str, ...] = ("enum", "oneOf", FILTERABLE)
    is_typed: bool = False
    comparisons: tuple[Comparison, ...] = (*EQUALITY, *MEMBERSHIP, *PRESENCE)
    field_comparisons: tuple[Comparison, ...] = EQUALITY
    kin: type | None = str

    def json_schema(self, field: Field) -> dict[str, Any]:
        """Return that only the choices are valid."""
        return {"enum": frozenset(choice.value for choice in field.choices)}


@dataclass(frozen=True, kw_only=True, eq=False)
class ReferenceType(FieldType):
    """Ids of people or files, of which only the database knows whether they exist."""

    takes_default: bool = False
    is_typed: bool = False
    source: Callable[[Examples], Sequence[str]]
    """Return the ids to take examples from."""
    unnamed: Any
    """What stands in a sentence for an id whose name is not known."""

    def in_sentence(self, field: Field, value: Any) -> str:
        """Return words for an id."""
        return str(self.unnamed) % {"id": value}

    def example(self, field: Field, examples: Examples) -> str | None:
        """Return the first id."""
        return next(iter(self.source(examples)), None)


@dataclass(frozen=True, kw_only=True, eq=False)
class ListType(FieldType):
    """Several values of another type, none of them twice."""

    item: FieldType
    is_typed: bool = False
    json_type: str = "array"
    keywords: tuple[str, ...] = ("items", "uniqueItems", *COUNTS)
    limits: tuple[str, ...] = COUNTS

    def json_schema(self, field: Field) -> dict[str, Any]:
        """Return the number of items, and the schema of each."""
        schema = FieldType.json_schema(self, field)
        return {**schema, "uniqueItems": True, "items": self.item.json_schema(field)}

    def example(self, field: Field, examples: Examples) -> list[Any]:
        """Return as few items as are allowed, but at least one."""
        source = self.item.source(examples) if isinstance(self.item, ReferenceType) else None
        items = self.item.all_values(field) if source is None else list(source)
        return items[: max(field.min_items or 1, 1)]


def is_among(value: Any, values: Iterable[Any]) -> bool:
    """Return whether a JSON value is one of the others; in JSON, 1 is not true."""
    return any(value == other and isinstance(value, bool) is isinstance(other, bool) for other in values)
