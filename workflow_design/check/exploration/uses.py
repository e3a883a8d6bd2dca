"""How conditions use fields: what they compare them with, and which values they tell apart."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Final

from workflow_design.engine.conditions import fields_read
from workflow_design.engine.conditions.bounds import SCOPED, RuleObject, arguments_of, rule_objects

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
    return operator, arguments_of(written)


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
