"""The sample values of a field: those that conditions can tell apart (`docs/check.md`)."""

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
TRUTH_OPERATORS: Final = frozenset({"!", "!!", "and", "or", "if", "?:"})
"""Operators that use only the truth of their arguments."""
MISSING_OPERATORS: Final = frozenset({"missing", "missing_some"})
"""Operators that use only whether fields are filled."""


@dataclass(slots=True)
class Uses:
    """The uses of one field in all rules together."""

    constants: list[Any] = field(default_factory=list)
    """The constants that the field, or a field that it is compared with, is compared with."""
    atoms: list[Any] = field(default_factory=list)
    """Rules about this field alone, of which only the truth counts."""
    compared_with: frozenset[str] = frozenset()
    """The fields that it is compared with, directly or through other fields."""
    is_entangled: bool = False
    """Whether it is compared or computed with other fields, so that the atoms are not enough."""


def collect_uses(rules: Iterable[Any], *, computed_with: Set[str] = frozenset()) -> dict[str, Uses]:
    """Return the uses of each field that one of these valid conditions reads.

    `computed_with` are fields whose values are also part of the output of actions.
    """
    found: dict[str, Uses] = {name: Uses(is_entangled=True) for name in computed_with}
    links: list[Set[str]] = []
    for rule in rules:
        for node in rule_objects(rule):
            _collect_constants(node, found, links)
        for atom in iterate_atoms(rule):
            _collect_atom(atom, found)
    _share_constants(found, links)
    return found


def split_operation(node: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """Return the operator of a rule object, and its arguments as a list."""
    ((operator, written),) = node.items()
    return operator, list_arguments(written)


def iterate_atoms(rule: Any) -> Iterator[Any]:
    """Yield the smallest parts of a condition of which only the truth counts."""
    if not isinstance(rule, dict):
        return
    operator, arguments = split_operation(rule)
    if operator in TRUTH_OPERATORS:
        for argument in arguments:
            yield from iterate_atoms(argument)
    else:
        yield rule


def _collect_constants(node: RuleObject, found: dict[str, Uses], links: list[Set[str]]) -> None:
    if node.operator not in COMPARISONS or node.over_items:
        return
    names = fields_read(node.members)
    links.append(names)
    constants = list(_constants(node.members))
    for name in names:
        found.setdefault(name, Uses()).constants += constants


def _collect_atom(atom: Any, found: dict[str, Uses]) -> None:
    names = fields_read(atom)
    operator, _arguments = split_operation(atom)
    for name in names:
        uses = found.setdefault(name, Uses())
        if len(names) == 1:
            uses.atoms.append(atom)
        # Which of several fields is missing does not depend on their values.
        elif operator not in MISSING_OPERATORS:
            uses.is_entangled = True


def _constants(rule: Any) -> Iterator[Any]:
    if isinstance(rule, list):
        for item in rule:
            yield from _constants(item)
    elif isinstance(rule, dict):
        operator, arguments = split_operation(rule)
        if operator != "var":
            yield from _constants(arguments)
    elif rule is not None and not isinstance(rule, bool):
        yield rule


def _share_constants(found: Mapping[str, Uses], links: Iterable[Set[str]]) -> None:
    """Share constants among fields that are compared with each other, directly or through others."""
    groups: list[set[str]] = []
    # Merge the groups that a comparison connects (a small union-find).
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
_DEFAULT_STEP: Final = 0.01


def build_samples(field: Field, uses: Uses) -> tuple[Any, ...]:
    """Return the values to try for a field: none is empty, and all are valid for its schema.

    Of values that no condition can tell apart, there is only one. There is at least one value: if no
    candidate is valid, a placeholder of the right kind.
    """
    allowed = FieldValidator(field)
    found: list[Any] = []
    distinguished: set[tuple[bool | None, ...]] = set()
    for value in _candidates(field, uses):
        if is_empty(value) or _contains(value, found) or allowed.problems(value):
            continue
        # Values for which all rules about the field have the same results are equivalent.
        truths = None if uses.is_entangled else _evaluate_atoms(uses.atoms, field.name, value)
        if truths is None or truths not in distinguished:
            found.append(value)
        if truths is not None:
            distinguished.add(truths)
    return tuple(found) or (_placeholder(field),)


def _evaluate_atoms(atoms: Iterable[Any], name: str, value: Any) -> tuple[bool | None, ...]:
    """Return the result of each rule about the field alone for the value; None if the rule fails."""
    return tuple(_evaluate_atom(atom, {name: value}) for atom in atoms)


def _evaluate_atom(atom: Any, data: dict[str, Any]) -> bool | None:
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
        yield from _choice_lists(field, uses)
    elif field.kind in _NUMBER_KINDS:
        yield from _numbers(field, uses)
    elif field.kind is FieldKind.TEXT:
        yield from _texts(field, uses)
    else:
        yield from _references(field, uses)


def _choice_lists(field: Field, uses: Uses) -> Iterator[Any]:
    """Yield each choice alone, all choices, and those that rules name."""
    values = [choice.value for choice in field.choices]
    least = field.min_items or 1
    for value in values:
        yield [value, *[other for other in values if other != value][: least - 1]]
    yield values[: field.max_items or len(values)]
    yield [value for value in values if _contains(value, uses.constants)]


def _numbers(field: Field, uses: Uses) -> Iterator[int | float]:
    constants = sorted({value for value in uses.constants if isinstance(value, int | float)})
    step = 1.0 if field.kind is FieldKind.INTEGER else _step(field, constants)
    for constant in constants:
        yield from map(_shortest_number, (constant, constant - step, constant + step))
    lowest, highest = field.exclusive_minimum, field.exclusive_maximum
    edges = (field.minimum, field.maximum, _shift(lowest, step), _shift(highest, -step))
    yield from (_shortest_number(edge) for edge in edges if edge is not None)
    # In JsonLogic, 0 is false, so it may give other results than 1.
    yield from (0, _shortest_number(field.multiple_of or 1))


def _step(field: Field, constants: list[float]) -> float:
    """Return the distance to a value "just beside" a constant: closer than any other constant."""
    if field.multiple_of:
        return field.multiple_of
    gaps = [right - left for left, right in pairwise(constants)]
    return min([_DEFAULT_STEP, *(gap / 3 for gap in gaps)])


def _shift(edge: float | None, by: float) -> float | None:
    return None if edge is None else edge + by


def _shortest_number(value: float) -> int | float:
    return int(value) if float(value).is_integer() else round(value, 10)


def _texts(field: Field, uses: Uses) -> Iterator[str]:
    constants = [value for value in uses.constants if isinstance(value, str) and value]
    yield from constants
    yield from (beside for constant in constants for beside in _neighbours(constant))
    yield from (text for text in (field.default,) if isinstance(text, str))
    yield from _other_text(field, constants)


def _other_text(field: Field, constants: list[str]) -> Iterator[str]:
    """Yield one text that is none of the constants."""
    allowed = FieldValidator(field)
    long = "x" * min(field.min_length or 1, 10_000)
    fitting = (text for text in (*_TEXTS, long) if text not in constants and not allowed.problems(text))
    yield from [text for text in [next(fitting, None)] if text]


def _neighbours(constant: str) -> Iterator[str]:
    """Yield the texts just before and after a text in sort order; for a date, the days beside it."""
    try:
        day = date.fromisoformat(constant)
        yield from (str(day - timedelta(days=1)), str(day + timedelta(days=1)))
    except (ValueError, OverflowError):
        last = ord(constant[-1])
        yield constant[:-1] + (chr(last - 1) if last > ord("!") else "")
        yield constant + "a"


def _references(field: Field, uses: Uses) -> Iterator[Any]:
    """Yield people or files: those that a rule names, and another one."""
    named = [value for value in uses.constants if isinstance(value, str) and value.isdecimal()]
    another = next(str(number) for number in range(1, len(named) + 2) if str(number) not in named)
    for key in (*named, another):
        yield [key] if field.kind is FieldKind.FILES else key


def _placeholder(field: Field) -> Any:
    if field.kind in _NUMBER_KINDS:
        return 1
    return ["1"] if field.kind.holds_several else "1"


def _contains(value: Any, values: Iterable[Any]) -> bool:
    return any(value == other and isinstance(value, bool) is isinstance(other, bool) for other in values)
