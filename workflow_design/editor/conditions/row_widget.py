"""HTML of one row of a condition: field, comparison, and the control for the value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from workflow_design.definition.fields import Field, Fields
from workflow_design.editor.buttons import button, line_error, options, swap_attributes
from workflow_design.editor.conditions import Comparison, comparable_fields
from workflow_design.editor.conditions.comparisons import (
    MULTIPLE_VALUES,
    TO_FIELD,
    WITHOUT_VALUE,
)
from workflow_design.editor.conditions.state import Place, TypedRow
from workflow_design.editor.conditions.values import comparison_codes
from workflow_design.wording.rules import Vocabulary
from workflow_design.workspace.field_types import input_attributes

NOTHING: Final = SafeString("")


@dataclass(frozen=True)
class ConditionContext:
    """Name, id and options of an editor that is being rendered."""

    name: str
    id: str
    fields: Fields
    problems: Mapping[Place, str]

    @cached_property
    def choices(self) -> list[tuple[str, str]]:
        """The fields to choose from."""
        return [(field.name, field.title) for field in self.fields.values()]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary for sentences about the fields."""
        return Vocabulary.of_fields(self.fields)

    @property
    def sentence_id(self) -> str:
        """The id of the element with the condition in words."""
        return f"{self.id}-sentence"

    @property
    def update(self) -> str:
        """The action of a control that changed."""
        return f"{self.name}:update"

    def name_at(self, place: Place) -> str:
        """Return the prefix of the names of controls at a place."""
        return "-".join([self.name, *map(str, place)])

    def id_at(self, place: Place) -> str:
        """Return the prefix of the ids of controls at a place."""
        return "-".join([self.id, *map(str, place)])


def render_row(row: TypedRow, place: Place, context: ConditionContext, *, has_focus: bool) -> SafeString:
    """Return one row."""
    problem, row_id = context.problems.get(place, ""), context.id_at(place)
    number = ".".join(str(each + 1) for each in place)
    if field := context.fields.get(row.field):
        rest = _RowControls(row, field, place, number, context).render()
    else:
        rest = button(context.name, "update", _("Next"), css="tf-without-scripts")
    return format_html(
        '<div class="tf-condition-row{}" id="{}">{}<div class="tf-row-controls">{}{}{}</div></div>',
        " has-error" if problem else "",
        row_id,
        line_error(problem, row_id) if problem else NOTHING,
        _field_control(row, place, number, context, has_focus=has_focus),
        rest,
        button(
            context.name,
            f"remove:{'.'.join(map(str, place))}",
            _("Remove"),
            css="btn-link tf-row-remove",
            icon="x-mark",
            is_icon_only=True,
            about=_("row %(number)s") % {"number": number},
            id=f"{row_id}-remove",
            more=swap_attributes(context.id),
        ),
    )


def _field_control(
    row: TypedRow, place: Place, number: str, context: ConditionContext, *, has_focus: bool
) -> SafeString:
    row_id = context.id_at(place)
    return format_html(
        '<select class="form-select" name="{}-field" id="{}-field" aria-label="{}"{}{}>{}</select>',
        context.name_at(place),
        row_id,
        _("Field of row %(number)s") % {"number": number},
        SafeString(" autofocus") if has_focus else NOTHING,
        swap_attributes(row_id, action=context.update, also=context.sentence_id),
        options(context.choices, [row.field], blank=_("Choose a field")),
    )


@dataclass(frozen=True)
class _RowControls:
    """The HTML of the comparison of a row and of the value that it needs."""

    row: TypedRow
    field: Field
    place: Place
    number: str
    context: ConditionContext

    def render(self) -> SafeString:
        return format_html("{}{}", self._comparison(), self._value())

    @property
    def _id(self) -> str:
        return self.context.id_at(self.place)

    @property
    def _attributes(self) -> SafeString:
        """Attributes of every value control: its error, and the update of the sentence on a change."""
        has_problem = self.place in self.context.problems
        refused = format_html(' aria-invalid="true" aria-describedby="{}-error"', self._id)
        return format_html(
            ' name="{}-value"{}{}',
            self.context.name_at(self.place),
            refused if has_problem else NOTHING,
            swap_attributes(self.context.sentence_id, action=self.context.update),
        )

    @property
    def _invalid(self) -> str:
        return " is-invalid" if self.place in self.context.problems else ""

    def _label(self, words: str) -> str:
        return words % {"number": self.number}

    def _comparison(self) -> SafeString:
        plain, others = (
            [(code, self.field.type.comparison_label(code)) for code in codes]
            for codes in comparison_codes(self.field, self.context.fields)
        )
        beside = format_html(
            '<optgroup label="{}">{}</optgroup>', _("Another field"), options(others, [self.row.comparison])
        )
        return format_html(
            '<select class="form-select" name="{}-comparison" id="{}-comparison" aria-label="{}"{}>'
            "{}{}</select>",
            self.context.name_at(self.place),
            self._id,
            self._label(_("Comparison of row %(number)s")),
            swap_attributes(self._id, action=self.context.update, also=self.context.sentence_id),
            options(plain, [self.row.comparison]),
            beside if others else NOTHING,
        )

    def _value(self) -> SafeString:
        code, values = self.row.comparison or "is", self.row.values
        if code.endswith(TO_FIELD):
            names = [
                (other.name, other.title) for other in comparable_fields(self.field, self.context.fields)
            ]
            return self._select(names, blank=_("Choose a field"))
        if code in WITHOUT_VALUE:
            return NOTHING
        if code in MULTIPLE_VALUES:
            return self._boxes() if self.field.choices else self._lines()
        if self.field.choices:
            return self._select(self._choices(), blank=_("Choose a value"))
        if code == Comparison.BETWEEN:
            low, high = (*values, "", "")[:2]
            words = format_html('<span class="tf-row-and">{}</span>', _("and"))
            first = self._input(low, self._label(_("From, row %(number)s")), "from")
            return format_html(
                "{}{}{}", first, words, self._input(high, self._label(_("To, row %(number)s")), "to")
            )
        return self._input(values[0] if values else "", self._label(_("Value of row %(number)s")), "value")

    def _choices(self) -> list[tuple[str, str]]:
        """Return the field's choices, and former choices that the rule still contains."""
        # A select without the stored value would silently change it on saving.
        offered = {str(choice.value): choice.label for choice in self.field.choices}
        gone = {value: _("%(value)s (not offered)") % {"value": value} for value in self.row.values if value}
        return list(
            (offered | {value: label for value, label in gone.items() if value not in offered}).items()
        )

    def _select(self, choices: Sequence[tuple[str, str]], *, blank: str) -> SafeString:
        return format_html(
            '<select class="form-select{}" id="{}-value" aria-label="{}"{}>{}</select>',
            self._invalid,
            self._id,
            self._label(_("Value of row %(number)s")),
            self._attributes,
            options(choices, self.row.values[:1], blank=blank),
        )

    def _boxes(self) -> SafeString:
        boxes = format_html_join(
            "",
            '<div class="form-check"><input class="form-check-input" type="checkbox" id="{}" value="{}"{}{}>'
            '<label class="form-check-label" for="{}">{}</label></div>',
            (
                (
                    f"{self._id}-value-{number}",
                    value,
                    SafeString(" checked") if value in self.row.values else "",
                    self._attributes,
                    f"{self._id}-value-{number}",
                    label,
                )
                for number, (value, label) in enumerate(self._choices())
            ),
        )
        label = self._label(_("Values of row %(number)s"))
        return format_html('<div class="tf-row-boxes" role="group" aria-label="{}">{}</div>', label, boxes)

    def _lines(self) -> SafeString:
        return format_html(
            '<textarea class="form-control{}" id="{}-value" aria-label="{}" placeholder="{}" rows="3"{}>'
            "\n{}</textarea>",
            self._invalid,
            self._id,
            self._label(_("Values of row %(number)s, one on each line")),
            _("One on each line"),
            self._attributes,
            "\n".join(self.row.values),
        )

    def _input(self, value: str, label: str, part: str) -> SafeString:
        """Return a typed input, or a text input if the typed one could not show the entered value."""
        # A date input shows an invalid value as empty, and the user could not correct it.
        attributes = input_attributes(self.field, value)
        return format_html(
            '<input class="form-control{}" type="{}" id="{}-{}" value="{}" aria-label="{}"{}{}>',
            self._invalid,
            attributes.get("type", "text"),
            self._id,
            part,
            value,
            label,
            format_html(' inputmode="{}"', attributes["inputmode"]) if "inputmode" in attributes else NOTHING,
            self._attributes,
        )
