"""What the template of the condition editor shows: controls for each row, and the condition in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.html import escape, format_html
from django.utils.translation import gettext as _

from workflow_design.definition.comparisons import Comparison
from workflow_design.definition.fields import Field, Fields
from workflow_design.editor.conditions.rows import Group, Join, Place, TypedCondition, TypedRow
from workflow_design.editor.conditions.rules import rows_to_rule
from workflow_design.editor.conditions.values import (
    MULTIPLE_VALUES,
    TO_FIELD,
    WITHOUT_VALUE,
    comparable_fields,
    comparison_codes,
    parse_group,
    parse_rule,
)
from workflow_design.editor.editor_field import JSON, error_attributes, options
from workflow_design.editor.form_fields import swap_attributes
from workflow_design.wording.rules import Vocabulary, describe_rule
from workflow_design.workspace.field_types import input_attributes


def describe_condition(
    typed: TypedCondition, fields: Fields, *, name: str, id: str, problems: Mapping[Place, str]
) -> dict[str, Any]:
    """Return the members of the template's `widget`."""
    words, note = _describe_json(typed.text, fields) if typed.view == JSON else _describe_rows(typed, fields)
    # Every row lists all fields, so they are escaped once.
    choices = [(field.name, escape(field.title)) for field in fields.values()]
    rows = _Rows(typed, fields, [("", _("Choose a field")), *choices], name, id, problems)
    return {
        # One row is joined to nothing.
        "group": {**rows.group(typed.group, ()), "can_choose": len(typed.group.items) > 1},
        "items": [rows.item(item, number) for number, item in enumerate(typed.group.items)],
        "words": words,
        "note": note,
        "other_view": "rows" if typed.view == JSON else JSON,
    }


def format_place(place: Place) -> str:
    """Return the row number for users: the second row of the first group is 1.2."""
    return ".".join(str(number + 1) for number in place)


@dataclass(frozen=True, slots=True)
class _Rows:
    typed: TypedCondition
    fields: Fields
    choices: list[tuple[str, str]]
    name: str
    id: str
    problems: Mapping[Place, str]

    def item(self, item: TypedRow | Group[TypedRow], number: int) -> dict[str, Any]:
        """Return a row, or a group with its rows."""
        if isinstance(item, TypedRow):
            return {"rows": [self.row(item, (number,))]}
        return {
            "group": self.group(item, (number,)),
            "rows": [self.row(row, place) for place, row in item.rows((number,))],
        }

    def group(self, group: Group[TypedRow], place: Place) -> dict[str, Any]:
        """Return how the rows of a group are joined."""
        joins = [(Join.ALL, _("All of these are true")), (Join.ANY, _("Any of these is true"))]
        return {
            **self._at(place),
            "label": _("Group %(number)s") % {"number": format_place(place)},
            "join": group.join,
            "joins": options(joins, group.join),
            "joiner": _("and") if group.join == Join.ALL else _("or"),
            "can_choose": True,
        }

    def row(self, row: TypedRow, place: Place) -> dict[str, Any]:
        """Return the controls of a row: its field and, if that is known, comparison and value."""
        at, field, number = self._at(place), self.fields.get(row.field), {"number": format_place(place)}
        id, problem, update = at["id"], self.problems.get(place, ""), f"{self.name}:update"
        context = {
            **at,
            "fields": options(self.choices, row.field),
            "problem": problem,
            "swap": swap_attributes(id, action=update, also=f"{self.id}-sentence"),
            "has_focus": self.typed.focus == f"{id.removeprefix(self.id)}-field",
            "field_label": _("Field of row %(number)s") % number,
            "about": _("row %(number)s") % number,
        }
        if field is None:
            return context
        plain, others = (
            options([(code, field.type.comparison_label(code)) for code in codes], row.comparison)
            for codes in comparison_codes(field, self.fields)
        )
        return {
            **context,
            "invalid": " is-invalid" if problem else "",
            "attributes": format_html(
                'name="{}-value"{} {}',
                at["name"],
                error_attributes(id) if problem else "",
                swap_attributes(f"{self.id}-sentence", action=update),
            ),
            "comparison_label": _("Comparison of row %(number)s") % number,
            "comparisons": plain,
            "field_comparisons": others,
            **self._value(row, field, id, number),
        }

    def _at(self, place: Place) -> dict[str, str]:
        numbers = list(map(str, place))
        return {
            "place": ".".join(numbers),
            "name": "-".join([self.name, *numbers]),
            "id": "-".join([self.id, *numbers]),
        }

    def _value(self, row: TypedRow, field: Field, id: str, number: dict[str, str]) -> dict[str, Any]:
        """Return the control for the value of a comparison, if it has one."""
        code, values = row.comparison or "is", row.values
        label, chosen = _("Value of row %(number)s") % number, values[0] if values else None
        if code.endswith(TO_FIELD):
            others = [(other.name, other.title) for other in comparable_fields(field, self.fields)]
            return {"label": label, "choices": options([("", _("Choose a field")), *others], chosen)}
        if code in WITHOUT_VALUE:
            return {}
        if code in MULTIPLE_VALUES and field.choices:
            boxes = [
                (f"{id}-value-{at}", value, word, "checked" if value in values else "")
                for at, (value, word) in enumerate(_choices(field, values))
            ]
            return {"label": _("Values of row %(number)s") % number, "boxes": boxes}
        if code in MULTIPLE_VALUES:
            label = _("Values of row %(number)s, one on each line") % number
            return {"label": label, "is_text": True, "value": "\n".join(values)}
        if field.choices:
            choices = [("", _("Choose a value")), *_choices(field, values)]
            return {"label": label, "choices": options(choices, chosen)}
        low, high = (*values, "", "")[:2]
        inputs = [(f"{id}-value", low, label)]
        if code == Comparison.BETWEEN:
            from_label, to_label = _("From, row %(number)s") % number, _("To, row %(number)s") % number
            inputs = [(f"{id}-from", low, from_label), (f"{id}-to", high, to_label)]
        attributes = input_attributes(field)
        return {"inputs": [(*each, attributes) for each in inputs]}


def _choices(field: Field, values: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the field's choices, and former choices that the rule still contains."""
    # A select without the stored value would silently change it on saving.
    offered = {str(choice.value): choice.label for choice in field.choices}
    gone = [value for value in dict.fromkeys(values) if value and value not in offered]
    return [*offered.items(), *((value, _("%(value)s (not offered)") % {"value": value}) for value in gone)]


def _describe_rows(typed: TypedCondition, fields: Fields) -> tuple[str, str]:
    """Return the rows in words, and a note if some are left out."""
    group, problems = parse_group(typed.group, fields)
    # Blank rows are no problems, but the sentence would look complete without a note.
    has_blank = any(row.is_blank for _place, row in typed.group.rows())
    rule = rows_to_rule(group, fields)
    words = "" if rule is None else describe_rule(rule, Vocabulary(fields))
    return words, _("Unfinished rows are not included here.") if problems or has_blank else ""


def _describe_json(text: str, fields: Fields) -> tuple[str, str]:
    """Return the rule in words, or why it has none."""
    try:
        rule = parse_rule(text)
    except ValidationError as error:
        return "", " ".join(error.messages)
    return "" if rule is None else describe_rule(rule, Vocabulary(fields)), ""
