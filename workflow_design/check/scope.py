"""The fields of a definition, and the checks of what refers to them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from workflow_design.check.constant_conditions import ConstantConditions
from workflow_design.check.constants import MAX_WRONG, Holder, find_wrong_constants
from workflow_design.definition.layouts import LayoutError, parse_layout
from workflow_design.definition.members import RULE
from workflow_design.definition.problems import Problem, pointer, under
from workflow_design.definition.schema import SchemaError, data_validator, read_fields
from workflow_design.definition.workflow import PartFile, WorkflowFile
from workflow_design.engine.conditions.validation import (
    find_rule_problems,
    is_readable,
    paths_read,
)


class Scope:
    """The fields of a definition, and the checks of everything that refers to them."""

    def __init__(self, file: WorkflowFile) -> None:
        self.schema_problems: list[Problem] = []
        try:
            self.fields = data_validator(file.fields_schema).fields
            self.declared: Collection[str] = self.fields
        except SchemaError as error:
            self.schema_problems = under(pointer("fields_schema"), error.problems)
            self.fields = read_fields(file.fields_schema)
            # Use the names of the invalid schema, so that they are not also reported as unknown fields.
            self.declared = _property_names(file.fields_schema)
        self._file = file
        self.holders = {name: Holder(field) for name, field in self.fields.items()}
        self._wrong = 0
        self._constants = ConstantConditions(self.fields)

    @cached_property
    def writers(self) -> dict[str, str]:
        """The title of the first ticket or task whose form or answer writes a field, by the field."""
        parts: list[PartFile] = [*self._file.tickets, *self._file.tasks]
        return {name: part.title for part in reversed(parts) for name in part.writes}

    def names(self, where: str, names: Sequence[str]) -> Iterator[Problem]:
        """Yield the problems of a list of field names at the pointer `where`."""
        seen: set[str] = set()
        for position, name in enumerate(names):
            if name not in self.declared:
                yield self.unknown(f"{where}/{position}", name)
            if name in seen:
                message = _("The field “%(name)s” appears here twice.") % {"name": name}
                yield Problem(f"{where}/{position}", message, "doubled-field")
            seen.add(name)

    def unknown(self, where: str, name: str) -> Problem:
        """Return the problem of a field that the schema does not declare."""
        message = _("The workflow has no field “%(name)s”.") % {"name": name[:100]}
        return Problem(where, message, "unknown-field", name)

    def paths(self, where: str, paths: Iterable[str]) -> Iterator[Problem]:
        """Yield the problems of what a rule reads: a field, or an item of one with several values."""
        # Each field that is not declared is reported once.
        unknown = {path.partition(".")[0]: path for path in sorted(paths, reverse=True)}
        for name, path in sorted(unknown.items()):
            if name not in self.declared:
                yield replace(self.unknown(where, name), about=path)
        for path in sorted(paths):
            name, dot, rest = path.partition(".")
            is_item = rest.isascii() and rest.isdecimal()
            if dot and name in self.fields and not (self.fields[name].type.item and is_item):
                message = _("“%(path)s” is always empty: “%(name)s” has no parts.")
                yield Problem(where, message % {"path": path[:100], "name": name}, "unknown-field", path)

    def condition(self, where: str, rule: Any) -> Iterator[Problem]:
        """Yield the problems of a condition."""
        if rule is None:
            return
        if not isinstance(rule, dict | bool):
            yield Problem(where, _(RULE["description"]), "wrong-type")
            return
        problems = find_rule_problems(rule)
        if problems:
            yield from under(where, problems)
        if not is_readable(problems):
            return
        unknown = [*self.paths(where, paths_read(rule))]
        yield from unknown
        wrong = self.wrong_constants(where, find_wrong_constants(rule, self.holders))
        yield from wrong
        # With a wrong constant it would be the same fault, told twice.
        if not problems and not unknown and not wrong and self._constants.is_never_true(rule):
            yield Problem(
                where, _("This condition never holds, whatever the values of the fields."), "never-true"
            )

    def wrong_constants(self, where: str, problems: Iterable[Problem]) -> list[Problem]:
        """Return the problem of each constant that its field can't hold; the same one is reported once."""
        # Looking for what was meant takes time, so no more are looked at than are told.
        found = list(dict.fromkeys(islice(problems, MAX_WRONG - self._wrong)))
        self._wrong += len(found)
        return under(where, found)

    def layout(
        self, where: str, layout: Sequence[Any], form_fields: Sequence[str] | None = None
    ) -> Iterator[Problem]:
        """Yield the problems of a layout; one of a form must use each of its fields exactly once."""
        # An empty one displays all fields.
        if not layout:
            return
        fields = self.declared if form_fields is None else tuple(dict.fromkeys(form_fields))
        try:
            parse_layout(list(layout), fields=fields, exactly_once=form_fields is not None)
        except LayoutError as error:
            yield from under(where, error.problems)


def _property_names(fields_schema: Any) -> Collection[str]:
    """Return the names that a schema with problems tries to declare."""
    properties = fields_schema.get("properties") if isinstance(fields_schema, dict) else None
    return list(properties) if isinstance(properties, dict) else []
