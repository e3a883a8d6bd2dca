"""The values of a field that are tried: those that conditions can tell apart (`docs/check.md`)."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

from workflow_design.definition.fields import Field, FieldKind, is_empty
from workflow_design.definition.values import FieldValidator
from workflow_design.engine.conditions import ConditionError, evaluate, fields_read, is_true
from workflow_design.engine.conditions.bounds import SCOPED, RuleObject, list_arguments, rule_objects

COMPARISONS: Final = SCOPED | {"==", "===", "!=", "!==", "<", "<=", ">", ">=", "in", "max", "min"}
TRUTHS: Final = frozenset({"!", "!!", "and", "or", "if", "?:"})
"""Operators that look only at whether their arguments are true, where only their own truth counts."""
NAMING: Final = frozenset({"missing", "missing_some"})
"""Operators that look only at whether fields are filled."""


@dataclass(slots=True)
class Uses:
    """What all rules together do with one field."""

    constants: list[Any] = field(default_factory=list)
    """What it is compared with, itself or a field that it is compared with."""
    atoms: list[Any] = field(default_factory=list)
    """The rules about this field alone of which only the truth counts."""
    compared_with: frozenset[str] = frozenset()
    """The fields that it is compared with, itself or over a third."""
    is_entangled: bool = False
    """Whether it is compared or computed with other fields, so that atoms do not say all."""


def uses_of(rules: Iterable[Any], *, computed_with: Set[str] = frozenset()) -> dict[str, Uses]:
    """The uses of each field that one of these valid conditions reads.

    `computed_with` are fields whose values also go into what actions write.
    """
    found: dict[str, Uses] = {name: Uses(is_entangled=True) for name in computed_with}
    links: list[Set[str]] = []
    for rule in rules:
        for node in rule_objects(rule):
            _note_constants(node, found, links)
        for atom in atoms_of(rule):
            _note_atom(atom, found)
    _share(found, links)
    return found


def operation_of(node: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The operator of a rule object, and its arguments as a list."""
    ((operator, written),) = node.items()
    return operator, list_arguments(written)


def atoms_of(rule: Any) -> Iterator[Any]:
    """The parts of a condition of which only the truth counts, the smallest ones."""
    if not isinstance(rule, dict):
        return
    operator, arguments = operation_of(rule)
    if operator in TRUTHS:
        for argument in arguments:
            yield from atoms_of(argument)
    else:
        yield rule


def _note_constants(node: RuleObject, found: dict[str, Uses], links: list[Set[str]]) -> None:
    if node.operator not in COMPARISONS or node.over_items:
        return
    names = fields_read(node.members)
    links.append(names)
    constants = list(_constants(node.members))
    for name in names:
        found.setdefault(name, Uses()).constants += constants


def _note_atom(atom: Any, found: dict[str, Uses]) -> None:
    names = fields_read(atom)
    operator, _arguments = operation_of(atom)
    for name in names:
        uses = found.setdefault(name, Uses())
        if len(names) == 1:
            uses.atoms.append(atom)
        elif operator not in NAMING:
            uses.is_entangled = True


def _constants(rule: Any) -> Iterator[Any]:
    if isinstance(rule, list):
        for item in rule:
            yield from _constants(item)
    elif isinstance(rule, dict):
        operator, arguments = operation_of(rule)
        if operator != "var":
            yield from _constants(arguments)
    elif rule is not None and not isinstance(rule, bool):
        yield rule


def _share(found: Mapping[str, Uses], links: Iterable[Set[str]]) -> None:
    """Fields that are compared with each other share their constants, also over a third."""
    groups: list[set[str]] = []
    for names in links:
        touched = [group for group in groups if not group.isdisjoint(names)]
        groups = [group for group in groups if group.isdisjoint(names)]
        groups.append(set(names).union(*touched))
    for group in groups:
        shared = [constant for name in sorted(group) for constant in found[name].constants]
        for name in group:
            found[name].constants = shared
            found[name].compared_with = frozenset(group - {name})


_TEXTS: Final = (
    "Text",
    "2030-06-15",
    "12:30:00",
    "2030-06-15T12:30:00Z",
    "somebody@example.com",
    "https://example.com/",
    "A-100",
    "100",
    "a",
    "AB",
)
_NUMBER_KINDS: Final = (FieldKind.NUMBER, FieldKind.INTEGER)
_BESIDE: Final = 0.01


def samples_of(field: Field, uses: Uses) -> tuple[Any, ...]:
    """The values to try for a field, none of them empty and all of them allowed by its schema.

    Of values that no condition can tell apart there is one. At least one: what none of our values
    fits is stood for by a value of its kind.
    """
    allowed = FieldValidator(field)
    found: list[Any] = []
    kept: set[tuple[bool | None, ...]] = set()
    for value in _candidates(field, uses):
        if is_empty(value) or _is_among(value, found) or allowed.problems(value):
            continue
        told = None if uses.is_entangled else _told_by(uses.atoms, field.name, value)
        if told is None or told not in kept:
            found.append(value)
        if told is not None:
            kept.add(told)
    return tuple(found) or (_stand_in(field),)


def _told_by(atoms: Iterable[Any], name: str, value: Any) -> tuple[bool | None, ...]:
    """What each rule about the field alone says of the value; None if it fails on it."""
    return tuple(_truth(atom, {name: value}) for atom in atoms)


def _truth(atom: Any, data: dict[str, Any]) -> bool | None:
    try:
        return is_true(evaluate(atom, data))
    except ConditionError:
        return None


def _candidates(field: Field, uses: Uses) -> Iterator[Any]:
    if field.kind is FieldKind.YES_NO:
        yield from (True, False)
    elif field.kind is FieldKind.CHOICE:
        yield from (choice.value for choice in field.choices)
    elif field.kind is FieldKind.CHOICES:
        yield from _sets(field, uses)
    elif field.kind in _NUMBER_KINDS:
        yield from _numbers(field, uses)
    elif field.kind is FieldKind.TEXT:
        yield from _texts(field, uses)
    else:
        yield from _references(field, uses)


def _sets(field: Field, uses: Uses) -> Iterator[Any]:
    """One of the choices at a time, all of them, and those that rules name."""
    values = [choice.value for choice in field.choices]
    least = field.min_items or 1
    for value in values:
        yield [value, *[other for other in values if other != value][: least - 1]]
    yield values[: field.max_items or len(values)]
    yield [value for value in values if _is_among(value, uses.constants)]


def _numbers(field: Field, uses: Uses) -> Iterator[int | float]:
    constants = sorted({value for value in uses.constants if isinstance(value, int | float)})
    step = 1.0 if field.kind is FieldKind.INTEGER else _step(field, constants)
    for constant in constants:
        yield from map(_plain, (constant, constant - step, constant + step))
    lowest, highest = field.exclusive_minimum, field.exclusive_maximum
    edges = (field.minimum, field.maximum, _moved(lowest, step), _moved(highest, -step))
    yield from (_plain(edge) for edge in edges if edge is not None)
    yield from (0, _plain(field.multiple_of or 1))


def _step(field: Field, constants: list[float]) -> float:
    """How far "just beside a constant" is: nearer than any other constant."""
    if field.multiple_of:
        return field.multiple_of
    gaps = [right - left for left, right in pairwise(constants)]
    return min([_BESIDE, *(gap / 3 for gap in gaps)])


def _moved(edge: float | None, by: float) -> float | None:
    return None if edge is None else edge + by


def _plain(value: float) -> int | float:
    return int(value) if float(value).is_integer() else round(value, 10)


def _texts(field: Field, uses: Uses) -> Iterator[str]:
    constants = [value for value in uses.constants if isinstance(value, str) and value]
    yield from constants
    yield from (beside for constant in constants for beside in _beside(constant))
    yield from (text for text in (field.default,) if isinstance(text, str))
    yield from _another(field, constants)


def _another(field: Field, constants: list[str]) -> Iterator[str]:
    """One text that is none of the constants."""
    allowed = FieldValidator(field)
    long = "x" * min(field.min_length or 1, 10_000)
    fitting = (text for text in (*_TEXTS, long) if text not in constants and not allowed.problems(text))
    yield from [text for text in [next(fitting, None)] if text]


def _beside(constant: str) -> Iterator[str]:
    """Texts just before and after one, in the order of texts; of a date the days beside it."""
    try:
        day = date.fromisoformat(constant)
        yield from (str(day - timedelta(days=1)), str(day + timedelta(days=1)))
    except (ValueError, OverflowError):
        last = ord(constant[-1])
        yield constant[:-1] + (chr(last - 1) if last > ord("!") else "")
        yield constant + "a"


def _references(field: Field, uses: Uses) -> Iterator[Any]:
    """People and files: those that a rule names, and another one."""
    named = [value for value in uses.constants if isinstance(value, str) and value.isdecimal()]
    another = next(str(number) for number in range(1, len(named) + 2) if str(number) not in named)
    for key in (*named, another):
        yield [key] if field.kind is FieldKind.FILES else key


def _stand_in(field: Field) -> Any:
    if field.kind in _NUMBER_KINDS:
        return 1
    return ["1"] if field.kind.holds_several else "1"


def _is_among(value: Any, values: Iterable[Any]) -> bool:
    return any(value == other and isinstance(value, bool) is isinstance(other, bool) for other in values)
