"""Types of field whose values behave alike: texts, dates, numbers, choices, references."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice, pairwise, product
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

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
from workflow_design.definition.fields import Examples, Field, FieldType, number_in_words
from workflow_design.definition.pattern_texts import texts_matching
from workflow_design.definition.values import FieldValidator

BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
LENGTHS: Final = ("minLength", "maxLength")
_PLAIN_TEXTS: Final = ("Text", "2030-06-15", "09:00", "2030-06-15T09:00:00Z", "A-100", "100", "a", "AB")
_SMALLEST_STEP: Final = 0.01


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

    def candidates(self, field: Field, constants: Sequence[Any], *, number: int = 1) -> Iterator[str]:
        """Yield the constants, the texts beside them, and others; with a pattern, texts that match it."""
        texts = [value for value in constants if isinstance(value, str) and value]
        yield from texts
        yield from (beside for text in texts for beside in self.neighbours(text, number))
        yield from (text for text in (field.default,) if isinstance(text, str))
        allowed = FieldValidator(field)
        others = (text for text in self._others(field) if text and text not in texts)
        fitting = (text for text in others if not allowed.problems(text))
        # A pattern may have branches, so one text that matches it shows little.
        found = list(islice(fitting, max(number, 4) if field.pattern else number))
        yield from found
        if field.pattern or self.sample:
            # A part that a condition looks for can stand anywhere in a text that fits.
            for text, part in product(found, texts):
                for at in range(len(text)):
                    yield text[:at] + part + text[at + len(part) :]
                    yield text[:at] + part

    def _others(self, field: Field) -> Iterator[str]:
        own, long = self.sample.format(day="2030-06-15"), "x" * min(field.min_length or 1, 10_000)
        yield from (own, *(texts_matching(field.pattern) if field.pattern else ()), *_PLAIN_TEXTS, long)
        yield from (text for more in range(2, 10) for text in (f"{own}{more}", f"{'a' * more}{own}"))

    def neighbours(self, constant: str, number: int) -> Iterator[str]:
        """Yield the texts just before and after a text in sort order, this many of each."""
        last = ord(constant[-1])
        before = constant[:-1] + (chr(last - 1) if last > ord("!") else "")
        for more in range(number):
            yield before + "a" * more
            yield constant + "a" * (more + 1)


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

    def neighbours(self, constant: str, number: int) -> Iterator[str]:
        """Yield the days or minutes just before and after, as forms write them, and the same moment."""
        with suppress(ValueError, OverflowError):  # at the edge of the calendar
            for steps in (0, *(sign * step for step in range(1, number + 1) for sign in (-1, 1))):
                yield self.moved(constant, steps)

    def candidates(self, field: Field, constants: Sequence[Any], *, number: int = 1) -> Iterator[str]:
        """Yield the constants, what is just before and after, and as many others as are needed."""
        own = self.sample.format(day="2030-06-15")
        texts = [value for value in constants if isinstance(value, str) and self.conforms(value)]
        yield from filter(self.can_show, texts)
        yield from (beside for text in texts for beside in self.neighbours(text, number))
        yield from (text for text in (field.default,) if isinstance(text, str))
        free = dict.fromkeys((own, *self.neighbours(own, number)))
        yield from [text for text in free if text not in texts][:number]

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
            return relative_and_exact(date.fromisoformat(value), None)[1]
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

    def candidates(self, field: Field, constants: Sequence[Any], *, number: int = 1) -> Iterator[float]:
        """Yield the constants and the bounds, the numbers just beside them, and 0."""
        numbers = sorted({value for value in constants if isinstance(value, int | float)})
        step = self.step(field, numbers, number)
        away = [0, *(sign * steps * step for steps in range(1, number + 1) for sign in (-1, 1))]
        above, below = field.exclusive_minimum, field.exclusive_maximum
        beside = (None if above is None else above + step, None if below is None else below - step)
        edges = [edge for edge in (field.minimum, field.maximum, *beside) if edge is not None]
        # In JsonLogic, 0 is false, so it may give other results than 1.
        zero, unit = [steps * (field.multiple_of or 1) for steps in range(number + 1)], field.multiple_of
        others = edges if number == 1 else [edge + distance for edge in edges for distance in away]
        multiples = (
            [(edge // unit + up) * unit for edge in (*edges, *numbers) for up in (0, 1)] if unit else []
        )
        constants = [constant + distance for constant in numbers for distance in away]
        yield from map(_shortest_number, (*constants, *others, *zero, *multiples))

    def step(self, field: Field, constants: Sequence[float], number: int) -> float:
        """Return a distance of which this many fit beside a constant, before the middle to the next one."""
        if self.json_type == "integer":
            return 1.0
        gaps = [right - left for left, right in pairwise(constants)]
        return field.multiple_of or min([_SMALLEST_STEP, *(gap / (2 * number + 1) for gap in gaps)])

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

    keywords: tuple[str, ...] = ("enum", "oneOf")
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

    def candidates(self, field: Field, constants: Sequence[Any], *, number: int = 1) -> Iterator[str]:
        """Yield the ids that conditions name, and as many others as are needed."""
        named = [value for value in constants if isinstance(value, str) and value.isdecimal()]
        yield from named
        others = (str(each) for each in range(1, len(named) + number + 1) if str(each) not in named)
        yield from islice(others, number)


def is_among(value: Any, values: Iterable[Any]) -> bool:
    """Return whether a JSON value is one of the others; in JSON, 1 is not true."""
    return any(value == other and isinstance(value, bool) is isinstance(other, bool) for other in values)


def _shortest_number(value: float) -> int | float:
    return int(value) if float(value).is_integer() else round(value, 10)
