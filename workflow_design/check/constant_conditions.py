"""Conditions that are false, or true, for all values that their fields can have."""

from collections.abc import Collection, Iterator, Mapping
from itertools import product
from math import prod
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.check.constants import COMPARISONS
from workflow_design.check.findings import Finding, Severity
from workflow_design.check.fixes.names import find_forgotten_field
from workflow_design.check.fixes.place import write_var
from workflow_design.check.values.samples import are_complete, build_samples
from workflow_design.check.values.uses import Uses, collect_uses
from workflow_design.check.work import UNLIMITED, Work
from workflow_design.definition.fields import Field, Fields, without_empty
from workflow_design.definition.problems import pointer
from workflow_design.definition.workflow import CompletionFile, TaskFile, WorkflowFile
from workflow_design.engine.conditions.bounds import (
    SCOPED,
    RuleObject,
    list_arguments,
    rule_objects,
    split_operation,
)
from workflow_design.engine.conditions.evaluation import holds
from workflow_design.engine.conditions.moments import compile_rule
from workflow_design.engine.conditions.validation import fields_read

_MAX_OPERATIONS: Final = 40
_MAX_COMBINATIONS: Final = 200
_LOGIC: Final = frozenset({"and", "or", "!", "!!", "if", "?:", "missing"})


class ConstantConditions:
    """Detects conditions that are false, or true, for all values that their fields can have.

    It tries all combinations of the values of choice and yes/no fields, including empty. Other fields have
    too many values. If a condition only compares them with constants, some values stand for all. The number
    of evaluations is limited, also in total for all conditions that one object is asked about.
    """

    def __init__(self, fields: Mapping[str, Field], *, evaluations: int = 5_000) -> None:
        self._fields = fields
        self._evaluations_left = evaluations

    def is_never_true(self, rule: Any) -> bool:
        """Return whether a valid rule provably never holds; one that always fails is a different error."""
        names = fields_read(rule)
        if not names:
            return holds(rule, {}) is False
        combinations = self._list_combinations(rule, names)
        if combinations is not None and all(holds(rule, data) is False for data in combinations):
            return True
        if not isinstance(rule, dict):
            return False
        # Parts with too many combinations together may still be decidable one by one.
        operator, parts = split_operation(rule)
        if operator == "and":
            return any(map(self.is_never_true, parts))
        return operator == "or" and bool(parts) and all(map(self.is_never_true, parts))

    def is_always_true(self, rule: Any) -> bool:
        """Return whether a valid rule provably holds, also while fields are empty."""
        if not isinstance(rule, dict):
            return bool(rule)
        # Hardly any condition holds while all fields are empty, so the others are soon decided.
        if holds(rule, {}) is not True:
            return False
        names = fields_read(rule)
        if not names:
            return _is_small(rule)
        operator, arguments = split_operation(rule)
        parts = map(self.is_always_true, arguments)
        if (operator == "or" and any(parts)) or (operator == "and" and all(parts)):
            return True
        compiled = compile_rule(rule, self._fields)
        combinations = self._list_combinations(compiled, names, is_plain=is_plain(rule))
        return combinations is not None and all(holds(compiled, data) is True for data in combinations)

    def _list_combinations(
        self, rule: Any, names: Collection[str], *, is_plain: bool = False
    ) -> Iterator[dict[str, Any]] | None:
        """Return all workspaces that differ in the fields that the rule reads; None if there are too many.

        If it is plain, values that it does not tell apart count as one.
        """
        names = sorted(names)
        fields = [self._fields[name] for name in names if name in self._fields]
        uses = collect_uses([rule], fields=self._fields) if is_plain else {}
        domains = [
            [None, *values]
            for field in fields
            if (
                values := field.type.all_values(field)
                or (_representatives(field, uses[field.name]) if is_plain else [])
            )
        ]
        # Fields with too many values have no domain, so nothing can be proved about them.
        if len(domains) < len(names) or not _is_small(rule):
            return None
        number = prod(map(len, domains))
        if number > min(_MAX_COMBINATIONS, self._evaluations_left):
            return None
        # A definition may have hundreds of conditions, so their total cost is limited too.
        self._evaluations_left -= number
        return (without_empty(dict(zip(names, values, strict=True))) for values in product(*domains))


def _is_small(rule: Any) -> bool:
    operations = rule_objects(rule)
    # The cost of a scoped operation depends on the length of a list.
    return len(operations) <= _MAX_OPERATIONS and SCOPED.isdisjoint(each.operator for each in operations)


def is_plain(rule: Any) -> bool:
    """Return whether a rule only compares single fields with constants, and joins such comparisons."""
    return all(
        found.operator in _LOGIC
        or (found.operator == "var" and len(found.arguments) == 1)
        or (found.operator in COMPARISONS and _compared(found) is not None)
        for found in rule_objects(rule)
    )


def _compared(found: RuleObject) -> tuple[str, list[Any]] | None:
    """Return the field that a comparison compares with constants, and these; None for other comparisons."""
    *others, last = found.arguments
    items = [*others, *last] if found.operator == "in" and isinstance(last, list) else found.arguments
    names = [each["var"] for each in items if isinstance(each, dict) and isinstance(each.get("var"), str)]
    constants = [each for each in items if not isinstance(each, list | dict)]
    is_text = found.operator == "in" and not isinstance(last, list)
    is_one = len(names) == 1 and len(constants) == len(items) - 1
    return (names[0], constants) if is_one and not is_text else None


def _representatives(field: Field, uses: Uses) -> list[Any]:
    """Return values that stand for all that a field can hold in a plain rule; [] if that is not known."""
    samples = build_samples(field, uses)
    return list(samples) if are_complete(field, samples, uses, Work(UNLIMITED)) else []


def find_always_true(file: WorkflowFile, fields: Fields) -> Iterator[Finding]:
    """Yield a finding for each condition, or part of an “and”, that holds whatever the fields hold."""
    conditions = ConstantConditions(fields)
    parts: list[TaskFile | CompletionFile] = [*file.tasks, *file.completions]
    for number, part in enumerate(parts):
        position = number if number < len(file.tasks) else number - len(file.tasks)
        where = pointer(part.kind.members, position, "condition")
        # A condition that is just true is meant so.
        if not isinstance(part.condition, dict):
            continue
        if conditions.is_always_true(part.condition):
            message = _("The condition of “%(title)s” always holds, whatever is filled in.")
            yield _always_true(where, message % {"title": part.title}, part.condition, fields)
            continue
        for at, inner in enumerate(list_arguments(part.condition.get("and", []))):
            if isinstance(inner, dict | str) and conditions.is_always_true(inner):
                message = _("A part of the condition of “%(title)s” always holds, whatever is filled in.")
                yield _always_true(f"{where}/and/{at}", message % {"title": part.title}, inner, fields)


def _always_true(where: str, message: str, rule: Any, fields: Fields) -> Finding:
    parts = list_arguments(rule.get("or", [])) if isinstance(rule, dict) else []
    is_none_of = len(parts) > 1 and all(isinstance(each, dict) and {*each} <= {"!=", "!=="} for each in parts)
    fix = write_var(find_forgotten_field({"and": [rule]}, fields))
    if is_none_of:
        fix = _("Join the parts by “and”: with “or”, one of them always holds.")
    fix = fix or _("Change it, or leave it out if that is meant.")
    return Finding("always-true", Severity.WARNING, where, message, fix)
