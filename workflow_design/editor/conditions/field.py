"""Form field that edits a condition as rows, or as JSON if rows cannot show it.

It works without JavaScript: its buttons show the form again (`form_fields.py`). With JavaScript, htmx
submits the same form and replaces the editor, one row, or only the sentence below it, so that a user
who continues to type loses nothing.

Names in the form data contain the place of a row: `condition-0-field`, `condition-1-2-value` …
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ticketflower.clean_json import format_json
from workflow_design.definition.fields import Fields
from workflow_design.editor.conditions.context import describe_condition, format_place
from workflow_design.editor.conditions.rows import Group, Join, Place, Row, TypedCondition, TypedRow
from workflow_design.editor.conditions.rules import rows_to_rule, rule_to_rows
from workflow_design.editor.conditions.values import (
    comparison_codes,
    group_to_typed,
    parse_group,
    parse_rule,
    refuse_invalid,
)
from workflow_design.editor.editor_field import JSON, EditorField, EditorWidget, read_frame, read_lines
from workflow_design.editor.form_fields import parse_position, read_texts
from workflow_design.engine.conditions.validation import fields_read
from workflow_design.workspace.controls import unify_line_ends

MAX_ROWS: Final = 200
_NEW_GROUP: Final = Group(Join.ANY, (TypedRow(), TypedRow()))


class ConditionWidget(EditorWidget):
    """Rows "field, comparison, value" and groups of rows, with the condition in words below."""

    template_name = "workflow_design/editor/condition_widget.html"
    result = "sentence"
    fields: Fields

    def read(self, data: Mapping[str, Any], name: str) -> TypedCondition:
        """Return the submitted condition."""
        group = _read_group(data, name, iter(range(MAX_ROWS)), is_top=True)
        return read_frame(TypedCondition(group=group), data, name)

    def change(self, value: TypedCondition, action: str, argument: str) -> TypedCondition:
        """Return the condition after the action of a button."""
        typed, place = replace(value, focus=""), _parse_place(argument)
        if action == "add":
            group = typed.group.with_added(place, TypedRow())
            below = [at for at, _row in group.rows() if at[:-1] == place]
            return replace(typed, group=group, focus=_end_of_id(below[-1]) if below else "")
        if action == "add-group":
            group = typed.group.with_added((), _NEW_GROUP)
            return replace(typed, group=group, focus=_end_of_id((len(group.items) - 1, 0)))
        if action == "remove" and place:
            return replace(typed, group=typed.group.without(place))
        if action == "json":
            return _switch_to_json(typed, self.fields)
        if action == "rows":
            return _switch_to_rows(typed, self.fields)
        return replace(
            typed, group=typed.group.convert(lambda _place, row: _fit_comparison(row, self.fields))
        )

    def describe(self, typed: Any, *, name: str, id: str, problems: Mapping[Any, str]) -> dict[str, Any]:
        """Return the rows, and the condition in words."""
        return describe_condition(typed, self.fields, name=name, id=id, problems=problems)


class ConditionField(EditorField):
    """A condition on `fields`: cleaned to a rule, or to None for no condition.

    Rejects values that their field can't have and incomplete rows, with the problem beside the row. An
    unchanged rule is returned as it was, even if rows would express it differently.
    """

    widget: ConditionWidget = ConditionWidget  # type: ignore[assignment]  # Django makes it an object

    def __init__(self, fields: Fields, **kwargs: Any) -> None:
        super().__init__(**{"required": False} | kwargs)
        self.workspace_fields = self.widget.fields = fields

    def to_typed(self, value: Any) -> TypedCondition:
        """Convert a stored rule to the content of the editor."""
        return rule_to_typed(value, self.workspace_fields)

    def clean_text(self, text: str) -> Any:
        """Return the rule in the JSON text, which may only read known fields."""
        rule = parse_rule(text)
        unknown = () if rule is None else sorted(fields_read(rule) - self.workspace_fields.keys())
        if unknown:
            message = _("There is no field “%(name)s”.")
            raise ValidationError([message % {"name": name[:100]} for name in unknown])
        return rule

    def clean_lines(self, typed: TypedCondition) -> Any:
        """Return the rule of the rows."""
        group, self.widget.problems = parse_group(typed.group, self.workspace_fields)
        if self.widget.problems:
            template = _("Row %(row)s: %(problem)s")
            raise ValidationError(
                [
                    template % {"row": format_place(place), "problem": message}
                    for place, message in self.widget.problems.items()
                ]
            )
        rule = _group_to_rule(group, typed, self.workspace_fields)
        refuse_invalid(rule)
        return rule


def rule_to_typed(rule: Any, fields: Fields) -> TypedCondition:
    """Convert a stored rule to the editor's initial state: rows if possible, otherwise JSON."""
    rows = rule_to_rows(rule, fields)
    group: Group[TypedRow] = Group() if rows is None else group_to_typed(rows, fields)
    # Leave room to add rows, because the form data is only read up to the limit.
    has_room = sum(1 for _row in group.rows()) <= MAX_ROWS // 2
    view = "rows" if rows is not None and has_room else JSON
    return TypedCondition(view=view, group=group, text=_format_rule(rule), original=json.dumps(rule))


def _group_to_rule(group: Group[Row], typed: TypedCondition, fields: Fields) -> Any:
    """Return the rule of the rows, or the original one if its meaning did not change."""
    rule = rows_to_rule(group, fields)
    try:
        original = parse_rule(typed.original)
    except ValidationError:  # the form data was tampered with
        return rule
    # Compare what the rules mean as rows, so that only a real change rewrites the rule.
    rows = None if original is None else rule_to_rows(original, fields)
    return original if rows is not None and rule == rows_to_rule(rows, fields) else rule


def _format_rule(rule: Any) -> str:
    return "" if rule is None else format_json(rule)


def _end_of_id(place: Place) -> str:
    return "".join(f"-{number}" for number in place) + "-field"


def _parse_place(text: str) -> Place:
    """Parse the place in a button's value: "1.2" is (1, 2); an invalid place matches no row."""
    numbers = [parse_position(part, MAX_ROWS) for part in text.split(".")] if text else []
    return tuple(MAX_ROWS if number is None else number for number in numbers)


def _read_group(data: Any, prefix: str, budget: Iterator[int], *, is_top: bool = False) -> Group[TypedRow]:
    """Read a group of rows; `budget` counts all rows of the condition."""

    def read(place: str) -> TypedRow | Group[TypedRow] | None:
        if f"{place}-field" in data:
            field, comparison = (str(data.get(f"{place}-{part}") or "") for part in ("field", "comparison"))
            values = map(unify_line_ends, read_texts(data, f"{place}-value"))
            return TypedRow(field, comparison, tuple(values))
        # Groups are only read at the top level, so a forged request cannot cause deep recursion.
        return _read_group(data, place, budget) if is_top and f"{place}-join" in data else None

    join = Join.ANY if data.get(f"{prefix}-join") == Join.ANY else Join.ALL
    return Group(join, tuple(read_lines(read, prefix, budget)))


def _fit_comparison(row: TypedRow, fields: Fields) -> TypedRow:
    field = fields.get(row.field)
    if field is None:
        return row
    plain, others = comparison_codes(field, fields)
    # Keep the row if its field has this comparison; otherwise, start with the field's first one.
    return row if row.comparison in (*plain, *others) else TypedRow(row.field, plain[0])


def _switch_to_json(typed: TypedCondition, fields: Fields) -> TypedCondition:
    group, problems = parse_group(typed.group, fields)
    if problems:
        return replace(typed, notice=_("Complete or remove the unfinished rows, then switch."))
    return replace(typed, view=JSON, text=_format_rule(_group_to_rule(group, typed, fields)))


def _switch_to_rows(typed: TypedCondition, fields: Fields) -> TypedCondition:
    try:
        found = rule_to_typed(parse_rule(typed.text), fields)
    except ValidationError as error:
        return replace(typed, notice=" ".join(error.messages))
    if found.view == JSON:
        return replace(typed, notice=_("Rows can't show this rule. It remains in JSON."))
    return replace(typed, view=found.view, group=found.group, original=found.original)
