"""The sample values of a field: those that conditions can tell apart (`docs/check.md`)."""

import json
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Final

from workflow_design.check.scope import UNLIMITED, Work
from workflow_design.definition.fields import Field, is_empty
from workflow_design.definition.file_json import count_values
from workflow_design.definition.type_families import DatedType, TextType, is_among
from workflow_design.definition.values import FieldValidator, compile_pattern
from workflow_design.engine.conditions.bounds import SCOPED, RuleObject, list_arguments, rule_objects
from workflow_design.engine.conditions.validation import fields_read

COMPARISONS: Final = SCOPED | {"==", "===", "!=", "!==", "<", "<=", ">", ">=", "in", "max", "min"}
_MAX_COMPARED: Final = 4
"""Of more fields that are compared with each other, not every order is tried."""
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


def collect_uses(
    rules: Iterable[Any], *, computed_with: Set[str] = frozenset(), work: Work | None = None
) -> dict[str, Uses]:
    """Return the uses of each field that one of these valid conditions reads.

    `computed_with` are fields whose values are also part of the output of actions.
    """
    work = work or Work(UNLIMITED)
    found: dict[str, Uses] = {name: Uses(is_entangled=True) for name in computed_with}
    links: list[Set[str]] = []
    for rule in rules:
        for node in rule_objects(rule):
            _collect_constants(node, found, links, work)
        for atom in iterate_atoms(rule):
            _collect_atom(atom, found, work)
    _share_constants(found, links, work)
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


def _collect_constants(node: RuleObject, found: dict[str, Uses], links: list[Set[str]], work: Work) -> None:
    if node.operator not in COMPARISONS or node.over_items:
        return
    work.spend(2 * count_values(node.members))
    names = fields_read(node.members)
    links.append(names)
    constants = list(_constants(node.members))
    work.spend(len(names) * (1 + len(constants) // 16))
    for name in names:
        found.setdefault(name, Uses()).constants += constants


def _collect_atom(atom: Any, found: dict[str, Uses], work: Work) -> None:
    work.spend(2 * count_values(atom))
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


def _share_constants(found: Mapping[str, Uses], links: Iterable[Set[str]], work: Work) -> None:
    """Share constants among fields that are compared with each other, directly or through others."""
    group_of: dict[str, set[str]] = {}
    # Merge the groups that a comparison connects. Most comparisons connect nothing new.
    for names in links:
        if names and names <= group_of.get(next(iter(names)), frozenset()):
            continue
        merged = set(names).union(*(group_of[name] for name in names if name in group_of))
        work.spend(2 * len(merged))
        group_of.update(dict.fromkeys(merged, merged))
    for name, uses in found.items():
        uses.compared_with = frozenset(group_of.get(name, set()) - {name})
    for group in {id(group): group for group in group_of.values()}.values():
        constants: dict[str, Any] = {}
        for name in sorted(group):
            work.spend(1 + len(found[name].constants))
            # As JSON, 1 and true are not the same.
            constants.update((json.dumps(constant), constant) for constant in found[name].constants)
        for name in group:
            found[name].constants = list(constants.values())


def build_samples(field: Field, uses: Uses, work: Work | None = None) -> tuple[Any, ...]:
    """Return the values to try for a field: none is empty, and all are valid for its schema.

    Of values that no condition can tell apart, there is only one. There is none if no valid value is known.
    """
    work = work or Work(UNLIMITED)
    allowed = FieldValidator(field)
    found: list[Any] = []
    distinguished: set[tuple[bool | None, ...]] = set()
    # A candidate is compared with the choices, with those found before it, and tried in each rule.
    cost = 10 + len(field.choices) // 8
    # RE2 takes a step for each character and each part of the pattern.
    program = compile_pattern(field.pattern).programsize if field.pattern else 0
    work.spend(program)
    atoms = [(atom, count_values(atom)) for atom in uses.atoms]
    number = min(1 + len(uses.compared_with), _MAX_COMPARED)
    for value in field.type.candidates(field, uses.constants, number=number):
        work.spend(cost + len(found) // 8 + _cost_of_text(value, program))
        if is_empty(value) or is_among(value, found) or allowed.problems(value):
            continue
        # Values for which all rules about the field have the same results are equivalent.
        truths = None if uses.is_entangled else _evaluate_atoms(atoms, field.name, value, work)
        if truths is None or truths not in distinguished:
            found.append(value)
        if truths is not None:
            distinguished.add(truths)
    return tuple(found)


def _cost_of_text(value: Any, program: int) -> int:
    """Return the work of validating a text, or the items of a list."""
    if isinstance(value, list):
        return len(value) + sum(_cost_of_text(item, 0) for item in value)
    return len(value) // 64 + len(value) * program // 128 if isinstance(value, str) else 0


def share_samples(
    fields: Mapping[str, Field], uses: Mapping[str, Uses], samples: Mapping[str, tuple[Any, ...]], work: Work
) -> dict[str, tuple[Any, ...]]:
    """Return the samples of all fields, together with those of the fields that they are compared with."""
    shared = {}
    for name, own in samples.items():
        found, allowed = list(own), FieldValidator(fields[name])
        for other in sorted(uses[name].compared_with.intersection(samples)):
            for value in samples[other]:
                work.spend(10 + len(found) // 8)
                if not (is_among(value, found) or allowed.problems(value)):
                    found.append(value)
        shared[name] = tuple(found)
    return shared


def are_enough(field: Field, samples: tuple[Any, ...], uses: Uses, work: Work) -> bool:
    """Return whether it can be said that no other value leads elsewhere.

    What a text can look like that has to match a pattern is only known from those that were found. So each
    rule about the field alone has to be true for one of them and false for another.
    """
    if not samples:
        return False
    is_free = field.pattern is None and (not isinstance(field.type, TextType) or not field.type.sample)
    if is_free or isinstance(field.type, DatedType):
        return True
    atoms = [(atom, count_values(atom)) for atom in uses.atoms]
    results = [_evaluate_atoms(atoms, field.name, value, work) for value in (*samples, None)]
    return all(len(set(of_one_atom)) > 1 for of_one_atom in zip(*results, strict=True))


def _evaluate_atoms(
    atoms: Iterable[tuple[Any, int]], name: str, value: Any, work: Work
) -> tuple[bool | None, ...]:
    """Return the result of each rule about the field alone, given with its size; None if the rule fails."""
    return tuple(work.holds(atom, {name: value}, size=size) for atom, size in atoms)
