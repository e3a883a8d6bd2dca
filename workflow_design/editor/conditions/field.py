"""Form field that edits a condition as rows, or as JSON if rows cannot show it.

It works without JavaScript: its buttons show the form again (`buttons.py`). With JavaScript, htmx
submits the same form and replaces the changed elements.
"""

import json
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from workflow_design.definition.fields import Fields
from workflow_design.editor.buttons import NOT_SAVED, requested_action, requests_redisplay
from workflow_design.editor.conditions import rows_to_rule, rule_to_rows
from workflow_design.editor.conditions.row_widget import ConditionContext
from workflow_design.editor.conditions.state import (
    JSON,
    MAX_ROWS,
    NEW_GROUP,
    ROWS,
    Place,
    TypedCondition,
    TypedGroup,
    TypedRow,
    parse_place,
    read_typed,
)
from workflow_design.editor.conditions.values import (
    comparison_codes,
    group_to_typed,
    parse_group,
    parse_rule,
    refuse_invalid,
)
from workflow_design.editor.conditions.widget import render_editor
from workflow_design.engine.conditions import fields_read


class ConditionWidget(forms.Widget):
    """Renders the editor, reads the form data, and performs the actions of its buttons."""

    use_fieldset = True
    fields: Fields
    problems: dict[Place, str] = {}

    def id_for_label(self, id_: str) -> str:
        """Return the id of the whole editor."""
        return id_

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Return whether the form was submitted without an editor."""
        return f"{name}-view" not in data

    def value_from_datadict(self, data: Any, files: Any, name: str) -> TypedCondition:
        """Return the submitted condition after the action of the pressed button."""
        typed = replace(read_typed(data, name), is_redisplay=requests_redisplay(data))
        action, _dot, where = requested_action(data, name).partition(":")
        if not action:
            return typed
        return _apply_action(replace(typed, focus=()), action, parse_place(where), self.fields)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Render the editor, with the problems beside their rows if the form shows its errors."""
        attrs = attrs or {}
        is_refused = "is-invalid" in attrs.get("class", "")
        typed = value if isinstance(value, TypedCondition) else rule_to_typed(value, self.fields)
        context = ConditionContext(
            name=name,
            id=attrs.get("id") or f"id_{name}",
            fields=self.fields,
            problems=self.problems if is_refused else {},
        )
        return render_editor(typed, context, is_refused=is_refused)


class ConditionField(forms.Field):
    """A condition on `fields`: cleaned to a rule, or to None for no condition.

    Rejects values that their field can't have and incomplete rows, with the problem beside the row. An
    unchanged rule is returned as it was, even if rows would express it differently.
    """

    widget = ConditionWidget

    def __init__(self, fields: Fields, **kwargs: Any) -> None:
        super().__init__(**{"required": False} | kwargs)
        self.workspace_fields = self.widget.fields = fields

    def prepare_value(self, value: Any) -> Any:
        """Convert a rule to the state of the editor."""
        return value if isinstance(value, TypedCondition) else rule_to_typed(value, self.workspace_fields)

    def clean(self, value: Any) -> Any:
        """Return the rule, or None. Raise ValidationError with all its problems."""
        typed: TypedCondition = value
        if typed.is_redisplay:  # must never be saved, even if the view tries
            raise ValidationError(NOT_SAVED, code="redisplay")
        rule = self._rule_from_json(typed.text) if typed.view == JSON else self._rule_from_rows(typed)
        # `Field.clean` would check this, but this method replaces it.
        if rule is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return rule

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the submitted rule differs from the initial one, as invalid ones do."""
        try:
            return bool(self.clean(data) != initial)
        except ValidationError:
            return True

    def _rule_from_json(self, text: str) -> Any:
        rule = parse_rule(text)
        unknown = () if rule is None else sorted(fields_read(rule) - self.workspace_fields.keys())
        if unknown:
            message = _("There is no field “%(name)s”.")
            raise ValidationError([message % {"name": name[:100]} for name in unknown])
        return rule

    def _rule_from_rows(self, typed: TypedCondition) -> Any:
        group, problems = parse_group(typed.group, self.workspace_fields)
        self.widget.problems = problems
        if problems:
            template = _("Row %(row)s: %(problem)s")
            raise ValidationError(
                [
                    template % {"row": format_place(place), "problem": message}
                    for place, message in problems.items()
                ]
            )
        rule = rows_to_rule(group, self.workspace_fields)
        # Compare what the rules mean as rows, so that only a real change rewrites the rule.
        original = _parse_original(typed.original)
        if original is not None and rule == normalized_rule(original, self.workspace_fields):
            return original
        refuse_invalid(rule)
        return rule


def rule_to_typed(rule: Any, fields: Fields) -> TypedCondition:
    """Convert a stored rule to the editor's initial state: rows if possible, otherwise JSON."""
    rows = rule_to_rows(rule, fields)
    group = group_to_typed(rows, fields) if rows is not None else TypedGroup()
    # Leave room to add rows, because the form data is only read up to the limit.
    has_room = sum(1 for _row in group.rows()) <= MAX_ROWS // 2
    view = ROWS if rows is not None and has_room else JSON
    return TypedCondition(view=view, group=group, text=_format_rule(rule), original=json.dumps(rule))


def normalized_rule(rule: Any, fields: Fields) -> Any:
    """Return the rule as its rows express it, or an object unequal to any rule if it has no rows."""
    rows = rule_to_rows(rule, fields)
    return object() if rows is None else rows_to_rule(rows, fields)


def format_place(place: Place) -> str:
    """Return the row number for users: the second row of the first group is 1.2."""
    return ".".join(str(number + 1) for number in place)


def _parse_original(text: str) -> Any:
    """Return the original rule from the form, or None if the form data was tampered with."""
    try:
        return parse_rule(text)
    except ValidationError:
        return None


def _format_rule(rule: Any) -> str:
    return "" if rule is None else json.dumps(rule, ensure_ascii=False, indent=2)


def _apply_action(typed: TypedCondition, action: str, place: Place, fields: Fields) -> TypedCondition:
    if action == "add":
        group = typed.group.with_added(place, TypedRow())
        return replace(typed, group=group, focus=_last_place(group, place))
    if action == "add-group":
        group = typed.group.with_added((), NEW_GROUP)
        return replace(typed, group=group, focus=(len(group.items) - 1, 0))
    if action == "remove" and place:
        return replace(typed, group=typed.group.without(place))
    if action == "json":
        return _switch_to_json(typed, fields)
    if action == "rows":
        return _switch_to_rows(typed, fields)
    return replace(typed, group=_fit_comparisons(typed.group, fields))


def _last_place(group: TypedGroup, place: Place) -> Place:
    below = [at for at, _row in group.rows() if at[:-1] == place]
    return below[-1] if below else ()


def _fit_comparisons(group: TypedGroup, fields: Fields) -> TypedGroup:
    """Return the group with each comparison that does not fit its field replaced."""
    items = (
        _fit_comparisons(item, fields) if isinstance(item, TypedGroup) else _fit_comparison(item, fields)
        for item in group.items
    )
    return replace(group, items=tuple(items))


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
    rule, original = rows_to_rule(group, fields), _parse_original(typed.original)
    if original is not None and rule == normalized_rule(original, fields):
        rule = original
    return replace(typed, view=JSON, text=_format_rule(rule))


def _switch_to_rows(typed: TypedCondition, fields: Fields) -> TypedCondition:
    try:
        rule = parse_rule(typed.text)
    except ValidationError as error:
        return replace(typed, notice=" ".join(error.messages))
    as_typed = rule_to_typed(rule, fields)
    if as_typed.view == JSON:
        return replace(typed, notice=_("Rows can't show this rule. It remains in JSON."))
    return replace(typed, view=ROWS, group=as_typed.group, original=as_typed.original)
