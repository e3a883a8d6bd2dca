"""Conditions that no values can ever fulfil: a misspelt choice, two choices at once."""

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod
from typing import Any, Final

from workflow_design.definition.fields import Field, FieldKind, without_empty
from workflow_design.engine.conditions import (
    ConditionError,
    evaluate,
    fields_read,
    is_constantly_false,
    is_true,
)
from workflow_design.engine.conditions.operators import SCOPED, rule_objects

_MOST_OPERATIONS: Final = 40
_MOST_COMBINATIONS: Final = 200


class ConstantConditions:
    """Looks for conditions that are constantly false on the values that fields can have.

    Proves it by trying: all combinations of the values of choices and of yes and no, each of them
    empty too. Other fields have too many values, and what reads one counts as possible. Bounded
    by numbers, also over all conditions that one object is asked about.
    """

    def __init__(self, fields: Mapping[str, Field], *, evaluations: int = 5_000) -> None:
        self._fields = fields
        self._evaluations_left = evaluations

    def is_never_true(self, rule: Any) -> bool:
        """Whether a valid rule provably never holds."""
        if is_constantly_false(rule) or self._never_holds_by_trying(rule):
            return True
        if not isinstance(rule, dict):
            return False
        ((operator, written),) = rule.items()
        parts = written if isinstance(written, list) else [written]
        if operator == "and":
            return any(map(self.is_never_true, parts))
        return operator == "or" and bool(parts) and all(map(self.is_never_true, parts))

    def _never_holds_by_trying(self, rule: Any) -> bool:
        combinations = self._combinations(rule)
        if combinations is None:
            return False
        for data in combinations:
            try:
                if is_true(evaluate(rule, data)):
                    return False
            except ConditionError:  # it fails, which is another finding than that it is false
                return False
        return True

    def _combinations(self, rule: Any) -> Iterator[dict[str, Any]] | None:
        """All workspaces that differ in what the rule reads; None if there are too many."""
        names = sorted(fields_read(rule))
        domains = [_values_of(self._fields[name]) for name in names if name in self._fields]
        if not names or len(domains) < len(names) or not all(domains) or not _is_small(rule):
            return None
        number = prod(map(len, domains))
        if number > min(_MOST_COMBINATIONS, self._evaluations_left):
            return None
        self._evaluations_left -= number
        return (without_empty(dict(zip(names, values, strict=True))) for values in product(*domains))


def _values_of(field: Field) -> list[Any]:
    """All values of a field, empty included; no value at all if nobody can count them."""
    if field.kind is FieldKind.YES_NO:
        return [None, False, True]
    return [None, *(choice.value for choice in field.choices)] if field.kind is FieldKind.CHOICE else []


def _is_small(rule: Any) -> bool:
    operations = list(rule_objects(rule))
    return len(operations) <= _MOST_OPERATIONS and SCOPED.isdisjoint(each.operator for each in operations)
