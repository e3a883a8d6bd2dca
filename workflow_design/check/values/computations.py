"""What actions compute from fields, as if conditions computed it themselves, and where that fails.

If an action adds up a total and a condition compares the total, the condition compares the sum of the fields.
"""

from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import Any, Final

from workflow_design.check.values.linear import NotLinearError, find_pieces
from workflow_design.check.values.scales import bounds_of, step_of
from workflow_design.check.values.uses import iterate_atoms
from workflow_design.check.work import Work
from workflow_design.definition.fields import Field
from workflow_design.definition.file_json import count_values
from workflow_design.definition.type_families import TextType
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.engine.conditions.bounds import branches, list_arguments, rule_objects, split_operation
from workflow_design.engine.conditions.numbers import ARITHMETIC
from workflow_design.engine.conditions.validation import fields_read, fields_read_by_transform, paths_read

_PREFIX: Final = "workspace."
_MAX_ATOMS: Final = 40
_SIZES: Final = frozenset({"<", "<=", ">", ">="})
_FAILING: Final = frozenset({*ARITHMETIC, *_SIZES, "in", "substr"})
"""Operators that can't be applied to every value."""
_NUMBER_LENGTH: Final = 24


class Computations:
    """The fields that actions compute from others, without their answer."""

    def __init__(self, file: WorkflowFile, fields: Mapping[str, Field]) -> None:
        self._fields = fields
        rules = [
            (target, rule)
            for task in file.tasks
            if not task.is_form
            for target, rule in (task.answer_rules or {}).items()
            if (paths := paths_read(rule)) and all(path.startswith(_PREFIX) for path in paths)
        ]
        read = {name for _target, rule in rules for name in workspace_fields(rule)}
        self._rules = [(target, rule) for target, rule in rules if target not in read]
        """Those whose results no action computes with again."""
        self.unclear = frozenset(
            name
            for target, rule in rules
            if target in read or not self._is_clear(target, rule)
            for name in workspace_fields(rule)
        )
        """The fields of which not every value that leads to another result is known."""
        requests = [
            rule
            for task in file.tasks
            if not task.is_form
            for rule in (task.input_transform or {}).values()
            if any(node.operator in _FAILING for node in rule_objects(rule))
        ]
        self.sent = frozenset[str]().union(*map(fields_read, requests))
        """The fields of which it depends whether what an action sends can be computed."""
        computed = [(fields[target], _without_prefix(rule)) for target, rule in rules]
        self._risks = [
            risk for rule in (*requests, *(rule for _, rule in computed)) for risk in _find_risks(rule)
        ]
        self._risks += [risk for target, rule in computed for risk in _find_long_texts(target, rule, fields)]

    def rules(self, conditions: Iterable[Any], work: Work) -> list[Any]:
        """Return what conditions, and computing, ask of the fields that something is computed from."""
        work.spend(4 * sum(map(count_values, self._risks)))
        atoms_of: dict[str, list[Any]] = {}
        for atom in (atom for condition in conditions for atom in iterate_atoms(condition)):
            for name in fields_read(atom):
                atoms_of.setdefault(name, []).append(atom)
        found = list(self._risks)
        for target, rule in self._rules:
            computed = _without_prefix(rule)
            # Beyond the bounds, the answer is refused.
            bounds = [{"<": [computed, float(bound)]} for bound in bounds_of(self._fields[target])]
            replaced = [_replaced(atom, target, computed) for atom in atoms_of.get(target, ())[:_MAX_ATOMS]]
            if len(atoms_of.get(target, ())) > _MAX_ATOMS:
                self.unclear |= workspace_fields(rule)
            work.spend(10 + 4 * sum(map(count_values, replaced)))
            found += [*bounds, *replaced]
        return found

    def _is_clear(self, target: str, rule: Any) -> bool:
        """Return whether the field can hold whatever is computed, within its bounds."""
        field = self._fields[target]
        if not field.type.is_number(field) or field.choices:
            return False
        names = workspace_fields(rule)
        numbers = {
            f"{_PREFIX}{name}" for name in names if self._fields[name].type.is_number(self._fields[name])
        }
        try:
            pieces, _boundaries = find_pieces(rule, numbers)
        except NotLinearError:
            return False
        step = step_of(field)
        steps = {f"{_PREFIX}{name}": step_of(self._fields[name]) for name in names}
        return step is None or all(
            (piece.constant / step).denominator == 1
            and all(
                (each := steps[name]) and (factor * each / step).denominator == 1
                for name, factor in piece.factors
            )
            for piece in pieces
        )


def list_results(rule: Any) -> list[Any] | None:
    """Return the constants of which one is the result of a valid rule; None if it computes otherwise."""
    if not isinstance(rule, dict):
        return None if isinstance(rule, list) else [rule]
    operator, arguments = split_operation(rule)
    if operator not in ("if", "?:"):
        return None
    # Without a default, nothing may be the result.
    found: list[Any] = [] if len(arguments) % 2 else [None]
    for branch in branches(arguments):
        results = list_results(branch)
        if results is None:
            return None
        found += results
    return found


def workspace_fields(rule: Any) -> frozenset[str]:
    """Return the fields of the workspace that one rule over an answer reads."""
    return fields_read_by_transform({"": rule}, of_answer=True)


def _find_risks(rule: Any) -> Iterator[Any]:
    """Yield the conditions on which it depends whether a rule can be evaluated."""
    for node in rule_objects(rule):
        if node.over_items:
            continue
        if node.operator in ("/", "%"):
            yield from ({"==": [divisor, 0]} for divisor in node.arguments[1:])
        elif node.operator in ("if", "?:"):
            yield from node.arguments[:-1:2]
        elif node.operator in ("and", "or"):
            yield from node.arguments
        elif node.operator in _SIZES:
            yield node.members


def _find_long_texts(target: Field, rule: Any, fields: Mapping[str, Field]) -> Iterator[Any]:
    """Yield comparisons with texts so long that what a rule puts together may not fit into a field."""
    if target.max_length is None or _longest(rule, fields) <= target.max_length:
        return
    for name in sorted(fields_read(rule)):
        if type(fields[name].type) is TextType:
            longest = min(fields[name].max_length or inf, target.max_length + 1)
            yield {"==": [{"var": name}, "x" * int(longest)]}


def _longest(rule: Any, fields: Mapping[str, Field]) -> float:
    """Return how many characters the text may have that a rule results in."""
    if not isinstance(rule, dict):
        return len(str(rule))
    operator, arguments = split_operation(rule)
    if operator == "cat":
        return sum(_longest(argument, fields) for argument in arguments)
    if operator in ("if", "?:"):
        return max(_longest(branch, fields) for branch in branches(arguments))
    field = fields.get(arguments[0]) if operator == "var" and len(arguments) == 1 else None
    if field is None:
        return inf
    if field.choices and field.type.item is None:
        return max(len(str(choice.value)) for choice in field.choices)
    return _NUMBER_LENGTH if field.type.is_number(field) else field.max_length or inf


def _without_prefix(rule: Any) -> Any:
    """Return a rule of a transform as a condition has it."""
    if isinstance(rule, list):
        return [_without_prefix(part) for part in rule]
    if not isinstance(rule, dict):
        return rule
    ((operator, written),) = rule.items()
    if operator in ("var", "missing"):
        return {operator: [_bare(argument) for argument in list_arguments(written)]}
    return {operator: _without_prefix(written)}


def _bare(name: Any) -> Any:
    if isinstance(name, list):
        return [_bare(each) for each in name]
    return name.removeprefix(_PREFIX) if isinstance(name, str) else name


def _replaced(rule: Any, target: str, computed: Any) -> Any:
    """Return a condition in which a field is replaced by what is computed for it."""
    if isinstance(rule, list):
        return [_replaced(part, target, computed) for part in rule]
    if not isinstance(rule, dict):
        return rule
    ((operator, written),) = rule.items()
    if operator == "var" and list_arguments(written)[:1] == [target]:
        return computed
    return {operator: _replaced(written, target, computed)}
