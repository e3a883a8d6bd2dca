"""What every part of the check needs to know, and what several parts ask."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from workflow_design.constant_conditions import ConstantConditions
from workflow_design.definition.fields import Fields
from workflow_design.definition.layouts import LayoutError, parse_layout
from workflow_design.definition.problems import Problem, pointer, under
from workflow_design.definition.schema import SchemaError, parse_fields
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.engine.conditions import ConditionError, fields_read, validate


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
