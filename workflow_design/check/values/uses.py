"""What conditions do with each field, which decides the values that are tried (`docs/check.md`)."""

import json
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any, Final

from workflow_design.check.values.linear import Linear, NotLinearError, find_forms
from workflow_design.check.work import UNLIMITED, Work
from workflow_design.definition.fields import Field
from workflow_design.definition.file_json import count_values
from workflow_design.definition.type_families import ListType, TextType
from workflow_design.engine.conditions.bounds import SCOPED, RuleObject, rule_objects, split_operation
from workflow_design.engine.conditions.moments import COMPARISONS, CONVERSIONS
from workflow_design.engine.conditions.validation import fields_read

_USING_CONSTANTS: Final = SCOPED | COMPARISONS | {"in", "max", "min"}
TRUTH_OPERATORS: Final = frozenset({"!", "!!", "and", "or", "if", "?:"})
"""Operators that use only the truth of their arguments."""
MISSING_OPERATORS: Final = frozenset({"missing", "missing_some"})
"""Operators that use only whether fields are filled."""


@dataclass(slots=True)
class Uses:
    """The uses of one field in all rules together."""

    constants: list[Any] = field(default_factory=list)
    """The constants that the field, or a field that it is compared with, is compared with."""
    thresholds: set[Fraction] = field(default_factory=set)
    """Numbers at which the result of a comparison changes, also of one that computes."""
    period: int = 0
    """After so many whole numbers, each remainder of a division is the same; 0 if no remainder counts."""
    atoms: list[Any] = field(default_factory=list)
    """Rules about this field alone, of which only the truth counts."""
    all_atoms: list[Any] = field(default_factory=list)
    """All rules about this field of which only the truth counts, also those about others."""
    compared_with: frozenset[str] = frozenset()
    """The fields that it is compared with, directly or through other fields."""
    boundaries: set[Linear] = field(default_factory=set)
    """Forms in this and other fields: where one of them is 0, the result of a comparison may change."""
    is_entangled: bool = False
    """Whether it is compared or computed with other fields, so that the atoms are not enough."""
    is_ordered: bool = False
    """Whether it is compared by size."""
    unknown: list[Any] = field(default_factory=list)
    """Atoms of which it is not known at which values their result changes."""


def collect_uses(
    rules: Iterable[Any],
    *,
    fields: Mapping[str, Field] | None = None,
    computed_with: Set[str] = frozenset(),
    work: Work | None = None,
) -> dict[str, Uses]:
    """Return the uses of each field that one of these valid conditions reads.

    `computed_with` are fields whose values are also part of the output of actions.
    """
    work = work or Work(UNLIMITED)
    collector = _Collector(fields or {}, work)
    collector.found.update({name: Uses(is_entangled=True) for name in computed_with})
    for rule in rules:
        for node in rule_objects(rule):
            collector.add_constants(node)
        for atom in iterate_atoms(rule):
            collector.add_atom(atom)
    collector.share()
    return collector.found


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


class _Collector:
    """Collects the uses of fields, rule after rule."""

    def __init__(self, fields: Mapping[str, Field], work: Work) -> None:
        self.found: dict[str, Uses] = {}
        self._links: list[Set[str]] = []
        self._fields = fields
        self._numbers = {name for name, field in fields.items() if field.type.is_number(field)}
        # Texts can be numbers, too.
        self._texts = {name for name, field in fields.items() if type(field.type) is TextType}
        self._work = work

    def add_constants(self, node: RuleObject) -> None:
        """Collect the constants of a part of a rule."""
        if node.operator not in _USING_CONSTANTS or node.over_items:
            return
        self._work.spend(2 * count_values(node.members))
        names = fields_read(node.members)
        self._links.append(names)
        constants = list(_constants(node.members))
        self._work.spend(len(names) * (1 + len(constants) // 16))
        for name in names:
            self.found.setdefault(name, Uses()).constants += constants

    def add_atom(self, atom: Any) -> None:
        """Collect what decides about the result of an atom."""
        size = count_values(atom)
        self._work.spend(4 * size)
        names = fields_read(atom)
        operator, arguments = split_operation(atom)
        for name in names:
            uses = self.found.setdefault(name, Uses())
            uses.all_atoms.append(atom)
            if len(names) == 1:
                uses.atoms.append(atom)
            # Which of several fields is missing does not depend on their values.
            elif operator not in MISSING_OPERATORS:
                uses.is_entangled = True
            uses.is_ordered |= operator in ("<", "<=", ">", ">=")
        if self._is_plain(operator, arguments):
            return
        try:
            forms = find_forms(
                atom, self._numbers | self._texts.intersection(names if len(names) == 1 else ())
            )
        except NotLinearError:
            for name in names:
                self.found[name].unknown.append(atom)
            return
        self._work.spend(size * (1 + len(forms.boundaries)))
        for boundary in forms.boundaries:
            self._add_boundary(boundary)
        for name, period in forms.periods.items():
            self.found[name].period = lcm(period, self.found[name].period or 1)

    def _add_boundary(self, boundary: Linear) -> None:
        names = boundary.names
        for name in names:
            if len(names) == 1:
                self.found[name].thresholds.add(-boundary.constant / boundary.factor(name))
            else:
                self.found[name].boundaries.add(boundary)

    def _is_plain(self, operator: str, arguments: list[Any]) -> bool:
        """Return whether an atom only says which fields are empty, equal, before or after, or chosen."""
        if operator in MISSING_OPERATORS or (operator == "var" and self._numbers.isdisjoint(arguments[:1])):
            return True
        operands = [_without_conversion(argument) for argument in arguments]
        names = [name for operand in operands if (name := self._plain_field(operand))]
        if operator == "in":
            item, container = operands
            listed = isinstance(container, list) and not any(isinstance(each, dict) for each in container)
            chosen = self._fields.get(self._plain_field(container) or "")
            of_choices = chosen is not None and isinstance(chosen.type, ListType)
            plain_item = self._plain_field(item) is not None or not isinstance(item, dict | list)
            return plain_item and (listed or of_choices) and not self._numbers.intersection(names)
        if operator not in COMPARISONS or self._numbers.intersection(names):
            return False
        if not all(self._plain_field(each) or isinstance(each, str | None) for each in operands):
            return False
        # A choice may hold numbers, and a yes or no is equal to none.
        return len({self._fields[name].type.family(self._fields[name]) for name in names}) == 1

    def _plain_field(self, operand: Any) -> str | None:
        """Return the field that an operand only names, if it does."""
        if not isinstance(operand, dict):
            return None
        operator, arguments = split_operation(operand)
        name = arguments[0] if operator == "var" and len(arguments) == 1 else None
        return name if isinstance(name, str) and name in self._fields else None

    def share(self) -> None:
        """Share constants among fields that are compared with each other, directly or through others."""
        group_of: dict[str, set[str]] = {}
        # Merge the groups that a comparison connects. Most comparisons connect nothing new.
        for names in self._links:
            if names and names <= group_of.get(next(iter(names)), frozenset()):
                continue
            merged = set(names).union(*(group_of[name] for name in names if name in group_of))
            self._work.spend(2 * len(merged))
            group_of.update(dict.fromkeys(merged, merged))
        for name, uses in self.found.items():
            uses.compared_with = frozenset(group_of.get(name, set()) - {name})
        for group in {id(group): group for group in group_of.values()}.values():
            constants: dict[str, Any] = {}
            for name in sorted(group):
                self._work.spend(1 + len(self.found[name].constants))
                # As JSON, 1 and true are not the same.
                constants.update((json.dumps(constant), constant) for constant in self.found[name].constants)
            for name in group:
                self.found[name].constants = list(constants.values())


def _without_conversion(operand: Any) -> Any:
    """Return an operand without the conversion to a moment or time that `compile_rule` put around it."""
    if isinstance(operand, dict) and len(operand) == 1 and next(iter(operand)) in CONVERSIONS:
        return split_operation(operand)[1][0]
    return operand


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
