"""The values that may be tried for a field, given the constants in conditions (`docs/check.md`).

They may be too many, or not valid. `number` is how many different values are needed beside each constant: as
many as there are fields that are compared with each other.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import chain, combinations, islice, pairwise, product
from typing import Any, Final

from workflow_design.check.exploration.pattern_texts import texts_matching
from workflow_design.definition.fields import Field
from workflow_design.definition.type_families import (
    DatedType,
    ListType,
    NumberType,
    ReferenceType,
    TextType,
    is_among,
)
from workflow_design.definition.values import FieldValidator
from workflow_design.engine.conditions.numbers import exact

_DAY: Final = "2030-06-15"
_PLAIN_TEXTS: Final = ("Text", _DAY, "09:00", f"{_DAY}T09:00:00Z", "A-100", "100", "a", "AB")
_SMALLEST_STEP: Final = Fraction(1, 100)
_MAX_STEPS: Final = 24
_MAX_ITEMS: Final = 1_000
_MAX_COUNTED: Final = 16
MAX_NAMED: Final = 6
"""Of so many choices, each subset is tried."""


def candidates(field: Field, constants: Sequence[Any], *, number: int = 1) -> Iterator[Any]:
    """Yield the values that may be tried."""
    match field.type:
        case ListType():
            yield from _lists(field, field.type, constants, number)
        case NumberType():
            yield from _numbers(field, constants, number)
        case DatedType():
            yield from _dates(field, field.type, constants, number)
        case TextType():
            yield from _texts(field, field.type, constants, number)
        case ReferenceType():
            yield from _references(constants, number)
        case _:
            yield from field.type.all_values(field)
    yield from (value for value in (field.default,) if value is not None)


# --- Numbers -------------------------------------------------------------------------------


def step_of(field: Field) -> Fraction | None:
    """Return the distance of the numbers that a field can hold, None if they lie densely."""
    unit = None if field.multiple_of is None else Fraction(exact(field.multiple_of))
    if field.type.json_type == "integer":
        return Fraction(unit.numerator if unit else 1)
    return Fraction(1, 10**field.type.decimals) if field.type.decimals is not None else unit


def edges_of(field: Field) -> list[Fraction]:
    """Return the bounds of a number."""
    bounds = (field.minimum, field.maximum, field.exclusive_minimum, field.exclusive_maximum)
    return [Fraction(exact(bound)) for bound in bounds if bound is not None]


def _numbers(field: Field, constants: Sequence[Any], number: int) -> Iterator[int | float]:
    """Yield the constants and the bounds, the numbers just beside them, and 0."""
    given = {Fraction(exact(value)) for value in constants if isinstance(value, int | float | Fraction)}
    # In JsonLogic, 0 is false, so it may give other results than 1.
    marks = [*sorted(given), *edges_of(field), Fraction(0)]
    step, edges = step_of(field), edges_of(field)
    if step and number > 1 and len(edges) > 1 and max(edges) - min(edges) <= _MAX_STEPS * step:
        # So few that each may be tried.
        first = min(edges) // step
        yield from (shortest_number((first + more) * step) for more in range(_MAX_STEPS + 2))
        return
    for mark in marks:
        base = mark if step is None else mark // step * step
        around = step or min([_SMALLEST_STEP, *(gap / (2 * number + 1) for gap in _gaps(marks))])
        yield shortest_number(base)
        for away in range(1, number + 1):
            yield shortest_number(base - away * around)
            yield shortest_number(base + away * around)
        if base != mark:
            yield shortest_number(base + (number + 1) * around)


def _gaps(marks: Iterable[Fraction]) -> list[Fraction]:
    return [right - left for left, right in pairwise(sorted(set(marks)))]


def shortest_number(value: Fraction) -> int | float:
    """Return a number as JSON has it."""
    return int(value) if value.denominator == 1 else round(float(value), 10)


# --- Texts ---------------------------------------------------------------------------------


def _texts(field: Field, kind: TextType, constants: Sequence[Any], number: int) -> Iterator[str]:
    """Yield the constants, the texts beside them, and others; with a pattern, texts that match it."""
    texts = [value for value in constants if isinstance(value, str) and value]
    yield from texts
    for text in texts:
        yield from _neighbours(text, number)
    numbers = [Fraction(exact(value)) for value in constants if isinstance(value, int | float | Fraction)]
    yield from (str(shortest_number(mark + away)) for mark in numbers for away in (0, -1, 1))
    allowed = FieldValidator(field)
    others = (text for text in _other_texts(field, kind) if text and text not in texts)
    fitting = (text for text in others if not allowed.problems(text))
    # A pattern may have branches, so one text that matches it shows little.
    found = list(islice(fitting, max(number, 4) if field.pattern else number))
    yield from found
    if field.pattern or kind.sample:
        # A part that a condition looks for can stand anywhere in a text that fits.
        for text, part in product(found, texts):
            for at in range(len(text)):
                yield text[:at] + part + text[at + len(part) :]
                yield text[:at] + part


def _other_texts(field: Field, kind: TextType) -> Iterator[str]:
    own, long = kind.sample.format(day=_DAY), "x" * min(field.min_length or 1, 10_000)
    yield from (own, *(texts_matching(field.pattern) if field.pattern else ()), *_PLAIN_TEXTS, long)
    yield from (text for more in range(2, 10) for text in (f"{own}{more}", f"{'a' * more}{own}"))


def _neighbours(constant: str, number: int) -> Iterator[str]:
    """Yield the texts just before and after a text in sort order, this many of each."""
    last = ord(constant[-1])
    before = constant[:-1] + (chr(last - 1) if last > ord("!") else "")
    for more in range(number):
        yield before + "a" * more
        yield constant + "a" * (more + 1)


# --- Days and moments ----------------------------------------------------------------------


def _dates(field: Field, kind: DatedType, constants: Sequence[Any], number: int) -> Iterator[str]:
    """Yield the constants, what is just before and after, and as many others as are needed."""
    own = kind.sample.format(day=_DAY)
    texts = [value for value in constants if isinstance(value, str) and kind.conforms(value)]
    yield from filter(kind.can_show, texts)
    for text in texts:
        yield from _moved(kind, text, number)
    free = dict.fromkeys((own, *_moved(kind, own, number)))
    yield from [text for text in free if text not in texts][:number]


def _moved(kind: DatedType, constant: str, number: int) -> Iterator[str]:
    """Yield the same day or minute as forms write it, and those just before and after."""
    with suppress(ValueError, OverflowError):  # at the edge of the calendar
        for steps in (0, *(sign * step for step in range(1, number + 1) for sign in (-1, 1))):
            yield kind.moved(constant, steps)


# --- People, files and lists ---------------------------------------------------------------


def _references(constants: Sequence[Any], number: int) -> Iterator[str]:
    """Yield the ids that conditions name, and as many others as are needed."""
    named = [value for value in constants if isinstance(value, str) and value.isdecimal()]
    yield from named
    others = (str(each) for each in range(1, len(named) + number + 1) if str(each) not in named)
    yield from islice(others, number)


def _lists(field: Field, kind: ListType, constants: Sequence[Any], number: int) -> Iterator[list[Any]]:
    """Yield the subsets of the items that conditions name, each with some of the others beside them."""
    values, least, most = kind.item.all_values(field), field.min_items or 1, field.max_items or _MAX_ITEMS
    if not values:
        yield from _countable(field, kind, constants, number)
        return
    # What it is compared with may name each of them.
    are_all = number > 1 or len(values) <= MAX_NAMED
    named = [at for at, value in enumerate(values) if are_all or is_among(value, constants)]
    others = sorted(set(range(len(values))).difference(named))
    for chosen in _subsets(named):
        fitting = range(max(0, least - len(chosen)), min(len(others), most - len(chosen)) + 1)
        few = (*fitting[:2], *fitting[-1:])
        for count in fitting if len(values) <= _MAX_COUNTED else few:
            yield [values[at] for at in sorted((*chosen, *others[:count]))]


def _subsets(values: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield all subsets; of many values only small ones, and those that lack few."""
    number = len(values)
    sizes = range(number + 1) if number <= MAX_NAMED else (0, 1, 2, number - 2, number - 1, number)
    yield from chain.from_iterable(combinations(values, size) for size in dict.fromkeys(sizes) if size >= 0)


def _countable(field: Field, kind: ListType, constants: Sequence[Any], number: int) -> Iterator[list[Any]]:
    """Yield lists of items that can't be listed, of each length that can make a difference."""
    least, most = field.min_items or 1, field.max_items or _MAX_ITEMS
    counts = [
        math.floor(value) for value in constants if isinstance(value, int | float) and 0 <= value < most
    ]
    lengths = {
        least,
        most if field.max_items else least,
        *(count + by for count in counts for by in (0, 1, 2)),
    }
    longest = min(max(lengths), _MAX_ITEMS)
    # Which files or people they are makes no difference.
    items = list(_references(constants, number + longest - 1))
    for length in sorted(each for each in lengths if least <= each <= min(most, longest)):
        yield from (items[at : at + length] for at in range(min(number, len(items) - length + 1)))
