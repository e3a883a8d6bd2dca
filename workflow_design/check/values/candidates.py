"""The values that may be tried for a field, given the constants in conditions (`docs/check.md`).

They may be too many, or not valid. `number` is how many different values are needed beside each constant: as
many as there are fields that are compared with each other.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import chain, combinations, islice
from typing import Any, Final

from workflow_design.check.values.pattern_texts import texts_matching
from workflow_design.check.values.scales import DAY, count_steps, scale_of, shortest_number
from workflow_design.definition.fields import Field
from workflow_design.definition.type_families import (
    DatedType,
    ListType,
    NumberType,
    ReferenceType,
    TextType,
    is_among,
)
from workflow_design.definition.values import FieldValidator, compile_pattern
from workflow_design.engine.conditions.numbers import exact

_PLAIN_TEXTS: Final = ("Text", DAY, "09:00", f"{DAY}T09:00:00Z", "A-100", "100", "a", "AB")
_MAX_PARTS: Final = 6
_MAX_BASES: Final = 8
_MAX_PLACES: Final = 60
MAX_LISTED: Final = 24
"""Of so few numbers, each is tried if they are compared with others."""
_MAX_ITEMS: Final = 1_000
_MAX_COUNTED: Final = 16
MAX_NAMED: Final = 6
"""Of so many choices, each subset is tried."""


def candidates(
    field: Field,
    constants: Sequence[Any],
    *,
    number: int = 1,
    spend: Callable[[int], None] = lambda _units: None,
) -> Iterator[Any]:
    """Yield the values that may be tried. `spend` counts the work of finding them."""
    match field.type:
        case ListType():
            yield from _lists(field, field.type, constants, number)
        case NumberType():
            yield from _numbers(field, constants, number)
        case DatedType():
            yield from _dates(field, field.type, constants, number)
        case TextType():
            yield from _texts(field, field.type, constants, number, spend)
        case ReferenceType():
            yield from _references(constants, number)
        case _:
            yield from field.type.all_values(field)
    yield from (value for value in (field.default, *field.examples) if value is not None)


# --- Numbers, days and moments -------------------------------------------------------------


def _numbers(field: Field, constants: Sequence[Any], number: int) -> Iterator[int | float]:
    """Yield the numbers that are named and the bounds, and those just beside them."""
    scale, most = scale_of(field), count_steps(field)
    if number > 1 and scale.step and most is not None and most <= MAX_LISTED:
        # So few that each may be tried.
        yield from (
            shortest_number((scale.edges[0] // scale.step + more) * scale.step) for more in range(most + 1)
        )
        return
    # In JsonLogic, 0 is false, so it may give other results than 1.
    thresholds = [Fraction(exact(each)) for each in constants if isinstance(each, int | float | Fraction)]
    yield from map(shortest_number, scale.around([*thresholds, *scale.edges, Fraction(0)], number))


def _dates(field: Field, kind: DatedType, constants: Sequence[Any], number: int) -> Iterator[str]:
    """Yield the days or moments that are named, those just beside them, and another one."""
    scale = scale_of(field)
    named = [value for value in constants if isinstance(value, str) and kind.conforms(value)]
    others = [*named, kind.sample.format(day=DAY)]
    # A form stores "22:00" for "22:00:00", so the constants are tried in its spelling, too.
    for position in scale.around(map(scale.position, named or others), number):
        with suppress(ValueError, OverflowError):  # at the edge of the calendar
            yield scale.value(position)
    yield from others[-1:]


# --- Texts ---------------------------------------------------------------------------------


def _texts(
    field: Field, kind: TextType, constants: Sequence[Any], number: int, spend: Callable[[int], None]
) -> Iterator[str]:
    """Yield the constants, the texts beside them, and others; with a pattern, texts that match it."""
    texts = [value for value in constants if isinstance(value, str) and value]
    yield from texts
    for text in texts:
        yield from _neighbours(text, number)
    numbers = [Fraction(exact(value)) for value in constants if isinstance(value, int | float | Fraction)]
    yield from (str(shortest_number(threshold + away)) for threshold in numbers for away in (0, -1, 1))
    allowed = FieldValidator(field)
    program = compile_pattern(field.pattern).programsize if field.pattern else 0

    def fits(text: str) -> bool:
        spend(10 + len(text) * (1 + program // 128))
        return not allowed.problems(text)

    spend(20 * len(field.pattern or ""))
    others = filter(fits, (text for text in _other_texts(field, kind) if text and text not in texts))
    # A pattern may have branches, so one text that matches it shows little.
    found = list(islice(others, max(number, 4 + 4 * len(texts)) if field.pattern else number))
    yield from found
    if len(texts) <= _MAX_PARTS:
        for part in texts:
            # A part that a condition looks for can stand anywhere in a text that fits, also beside others.
            found += _embedded(part, found[:_MAX_BASES], fits)
        yield from found


def _embedded(part: str, bases: Sequence[str], fits: Callable[[str], bool]) -> Iterator[str]:
    """Yield texts with this part: two that have it early, and one that has it late."""
    for text in bases:
        places = [
            made
            for at in range(min(len(text), _MAX_PLACES))
            for made in (
                text[:at] + part + text[at + len(part) :],
                text[:at] + part + text[at:],
                text[:at] + part,
            )
        ]
        places += [f"{part} {text}", text + part]
        yield from islice(filter(fits, dict.fromkeys(places)), 2)
        yield from islice(filter(fits, reversed(places)), 1)


def _other_texts(field: Field, kind: TextType) -> Iterator[str]:
    own, length = kind.sample.format(day=DAY), min(field.min_length or 1, 10_000)
    samples = (each for each in (field.default, *field.examples) if isinstance(each, str))
    matching = texts_matching(field.pattern, length=length) if field.pattern else ()
    yield from (*samples, own, *matching, *_PLAIN_TEXTS, "x" * length)
    yield from (text for more in range(2, 10) for text in (f"{own}{more}", f"{'a' * more}{own}"))


def _neighbours(constant: str, number: int) -> Iterator[str]:
    """Yield the texts just before and after a text in sort order, this many of each."""
    last = ord(constant[-1])
    before = constant[:-1] + (chr(last - 1) if last > ord("!") else "")
    for more in range(number):
        yield before + "a" * more
        yield constant + "a" * (more + 1)


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
