"""What every part of the check needs to know, and what several parts ask."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.definition.fields import Field, FieldKind, Fields, without_empty
from workflow_design.definition.layouts import LayoutError, parse_layout
from workflow_design.definition.problems import Problem, pointer, under
from workflow_design.definition.schema import SchemaError, parse_fields
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.engine.conditions import (
    ConditionError,
    evaluate,
    fields_read,
    is_constantly_false,
    is_true,
    validate,
)
from workflow_design.engine.conditions.bounds import SCOPED, rule_objects

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


class Scope:
    """The fields of a definition, and what is wrong with what refers to them."""

    def __init__(self, file: WorkflowFile) -> None:
        self.schema_problems: list[Problem] = []
        try:
            self.fields = parse_fields(file.fields_schema)
            self.declared: Collection[str] = self.fields
        except SchemaError as error:
            self.schema_problems = under(pointer("fields_schema"), error.problems)
            self.fields = Fields([])
            self.declared = _names_of_properties(file.fields_schema)
        self._constants = ConstantConditions(self.fields)

    def names(self, where: str, names: Sequence[str]) -> Iterator[Problem]:
        """Problems of a list of field names that stands at the pointer `where`."""
        for position, name in enumerate(names):
            if name not in self.declared:
                yield self.unknown(f"{where}/{position}", name)
            if name in names[:position]:
                message = _("The field “%(name)s” stands here a second time.") % {"name": name}
                yield Problem(f"{where}/{position}", message, "doubled-field")

    def unknown(self, where: str, name: str) -> Problem:
        """The problem of a field that the schema does not declare."""
        message = _("The schema declares no field “%(name)s”.") % {"name": name[:100]}
        return Problem(where, message, "unknown-field")

    def condition(self, where: str, rule: Any) -> Iterator[Problem]:
        """Problems of a condition."""
        if rule is None:
            return
        try:
            validate(rule)
        except ConditionError as error:
            yield from under(where, error.problems)
            return
        undeclared = sorted(fields_read(rule).difference(self.declared))
        yield from (self.unknown(where, name) for name in undeclared)
        if not undeclared and self._constants.is_never_true(rule):
            yield Problem(where, _("This condition never holds, whatever the fields say."), "never-true")

    def form(self, where: str, layout: Sequence[Any], fields: Sequence[str]) -> Iterator[Problem]:
        """Problems of the layout of a form, which must name each of its fields exactly once."""
        yield from self._layout(where, layout, tuple(dict.fromkeys(fields)), exactly_once=True)

    def display(self, where: str, layout: Sequence[Any]) -> Iterator[Problem]:
        """Problems of a layout for reading, which may show any field of the workspace."""
        yield from self._layout(where, layout, self.declared, exactly_once=False)

    def _layout(
        self, where: str, layout: Sequence[Any], fields: Collection[str], *, exactly_once: bool
    ) -> Iterator[Problem]:
        try:
            parse_layout(list(layout), fields=fields, exactly_once=exactly_once)
        except LayoutError as error:
            yield from under(where, error.problems)


def _names_of_properties(fields_schema: Any) -> Collection[str]:
    """The names that a schema with problems means to declare, so that they are not reported again."""
    properties = fields_schema.get("properties") if isinstance(fields_schema, dict) else None
    return list(properties) if isinstance(properties, dict) else []
