"""Form fields that the editor's forms share: JSON values, rows of texts, titles and descriptions.

Some widgets have buttons that update the form without saving ("Add a row", "Move up"). Such a button is
named `_redisplay`. Its value names the field and the action: `condition:add`. The widget performs the
action while it reads the form data, so the view only has to show the form again, without errors
(`draft_page.DraftForm` does this). A field with such data is never valid.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.clean_json import JsonError, format_json, parse_json
from ticketflower.http import REDISPLAY
from workflow_design.definition.field_types import INTEGER
from workflow_design.definition.fields import Field, FieldType
from workflow_design.definition.workflow import MAX_DESCRIPTION_LENGTH, MAX_TITLE_LENGTH
from workflow_design.workspace.controls import LinesField, Sources
from workflow_design.workspace.field_types import form_control

BUTTON: Final = REDISPLAY
MAX_ROWS: Final = 1_000
_MIN_ROWS: Final = 3

ItemT = TypeVar("ItemT")
Row = dict[str, str]


def requests_redisplay(post: Mapping[str, Any]) -> bool:
    """Return whether the user pressed a button that does not save."""
    return BUTTON in post


def requested_action(post: Mapping[str, Any], name: str) -> str:
    """Return the action that the pressed button requests of the field `name`, or "" if none."""
    field, _colon, action = str(post.get(BUTTON, "")).partition(":")
    return action if field == name else ""


def swap_attributes(id: str, *, action: str = "", also: str = "") -> SafeString:
    """Return attributes that make htmx submit the form and replace the elements `id` and `also`.

    A control needs an `action` for its changes; a button has one as its value. Replaced controls respond
    at once, because a quick user changes them before htmx's usual delay is over.
    """
    return format_html(
        'hx-post="" hx-target="#{}" hx-select="#{}" hx-swap="outerHTML settle:0ms"{}{}',
        id,
        id,
        format_html(' hx-vals="{}"', json.dumps({BUTTON: action})) if action else "",
        format_html(' hx-select-oob="#{}"', also) if also else "",
    )


class RedisplayWidget(forms.Widget):
    """A group of controls with buttons that change them; a subclass reads, changes and describes them."""

    use_fieldset = True
    template_name: str

    def read(self, data: Mapping[str, Any], name: str) -> Any:
        """Return the submitted value. Never fail, whatever the data contains."""
        raise NotImplementedError

    def change(self, value: Any, action: str, argument: str) -> Any:
        """Return the value after the action of a button; an invalid action changes nothing."""
        raise NotImplementedError

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """Return the submitted value after the action of the pressed button."""
        value = self.read(data, name)
        action, _colon, argument = requested_action(data, name).partition(":")
        return self.change(value, action, argument) if action else value


def read_texts(data: Any, name: str) -> list[str]:
    """Return the submitted texts of a name that may occur several times."""
    found = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
    return [str(text) for text in found] if isinstance(found, list) else [str(found)]


def parse_position(text: str, count: int) -> int | None:
    """Return the position in a button's value, or None if no item of so many is there."""
    # `isdigit` alone also accepts characters that `int` rejects, such as “²”.
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(count))
    return int(text) if is_number and int(text) < count else None


def rearrange(items: list[ItemT], action: str, number: int) -> int:
    """Remove an item, or move it up or down, and return where it is now; other actions change nothing."""
    if action == "remove":
        del items[number]
        return number
    other = number + {"up": -1, "down": 1}.get(action, 0)
    if not 0 <= other < len(items):
        return number
    items[number], items[other] = items[other], items[number]
    return other


def button_attributes(id: str) -> SafeString:
    """Return the attributes, besides its value, of a button that replaces the element with this id."""
    return format_html('name="{}" formnovalidate {}', BUTTON, swap_attributes(id))


class JsonField(forms.CharField):
    """Any JSON value, or None if the text is empty. The check of the draft decides what it means."""

    # Django's default also treats "", [] and {} as empty, but these are JSON values.
    empty_values = [None]

    def __init__(self, *, rows: int = 6, **options: Any) -> None:
        attrs = {"rows": rows, "spellcheck": "false", "autocapitalize": "off", "class": "tf-code"}
        super().__init__(widget=forms.Textarea(attrs=attrs), **options)

    def to_python(self, value: Any) -> Any:
        """Return the value in the JSON text."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_json(text)
        except JsonError as error:
            raise ValidationError(str(error), code=error.code) from None

    def prepare_value(self, value: Any) -> Any:
        """Return the text for the textarea: the submitted text, or the value formatted."""
        return value if value is None or isinstance(value, str) else format_json(value)


class ExamplesField(LinesField):
    """Examples of what a `control` takes, one a line."""

    def __init__(self, control: forms.Field) -> None:
        super().__init__(
            label=_("Examples"),
            required=False,
            help_text=_("Values that fit, one per line. Forms show the first one, and the check tries all."),
        )
        self._control = control
        self.widget.attrs["rows"] = 3

    def prepare_value(self, value: Any) -> Any:
        """Return the lines of stored values; what was typed stays as it is."""
        return "\n".join(map(self._control.prepare_value, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Return the values, or raise ValidationError."""
        return [self._control.clean(line) for line in super().to_python(value).splitlines() if line.strip()]


def number_field(label: Any, field_type: FieldType = INTEGER) -> forms.Field:
    """Return an optional control for a number, which reads what people type as forms of tickets do."""
    field = Field(name="", type=field_type, title=label)
    return form_control(field, Sources(people=list, files=lambda _ids: {}))


@dataclass(frozen=True, slots=True)
class Column:
    """One text input of each row: its key, its label, and its placeholder."""

    key: str
    label: Any
    hint: Any = ""
    is_wide: bool = False


class RowsWidget(RedisplayWidget):
    """Rows of text inputs, with buttons to rearrange them and some empty rows at the end."""

    template_name = "workflow_design/editor/rows_widget.html"

    def __init__(self, columns: Sequence[Column], *, can_move: bool = False) -> None:
        super().__init__()
        self.columns = columns
        self.can_move = can_move

    def read(self, data: Mapping[str, Any], name: str) -> list[Row]:
        """Return the submitted rows."""
        # Each column is a list of its own in the form data, so a forged request may send uneven lists.
        lists = {column.key: read_texts(data, f"{name}_{column.key}") for column in self.columns}
        # Cap the number of rows, because a forged request may contain any number.
        count = min(max(map(len, lists.values()), default=0), MAX_ROWS)
        return [
            {key: texts[number] if number < len(texts) else "" for key, texts in lists.items()}
            for number in range(count)
        ]

    def change(self, value: list[Row], action: str, argument: str) -> list[Row]:
        """Return the rows after the action of a button, which counts only rows that are filled."""
        filled = [row for row in value if any(row.values())]
        number = parse_position(argument, len(filled))
        if number is None:
            return value
        rearrange(filled, action, number)
        return filled

    def id_for_label(self, id_: str) -> str:
        """Return no id: the group has a legend, and each input has its own label."""
        return ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return the context of the template."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        # Blank rows in between would make the numbers of the buttons wrong, so they move to the end.
        filled = [row for row in value or [] if any(row.values())]
        blank = max(_MIN_ROWS - len(filled), 1)
        id = context["widget"]["attrs"].get("id", name)
        rows = [
            {
                "number": number,
                "cells": self._cells(row, name, f"{id}_{number - 1}"),
                "buttons": self._buttons(number, len(filled)) if number <= len(filled) else [],
            }
            for number, row in enumerate([*filled, *({} for _number in range(blank))], 1)
        ]
        context["widget"] |= {"button": button_attributes(id), "rows": rows}
        return context

    def _cells(self, row: Mapping[str, str], name: str, id: str) -> list[dict[str, Any]]:
        return [
            {
                "column": column,
                "name": f"{name}_{column.key}",
                "id": f"{id}_{column.key}" if place else id,
                "value": row.get(column.key, ""),
            }
            for place, column in enumerate(self.columns)
        ]

    def _buttons(self, number: int, count: int) -> list[tuple[str, str, str, str]]:
        row = {"number": number}
        is_first, is_last = number == 1, number == count
        moves = [
            ("up", _("Move row %(number)s up") % row, "arrow-up", "disabled" if is_first else ""),
            ("down", _("Move row %(number)s down") % row, "arrow-down", "disabled" if is_last else ""),
        ]
        remove = ("remove", _("Remove row %(number)s") % row, "x-mark", "")
        return [*(moves if self.can_move else []), remove]


class RowsField(forms.Field):
    """Cleans to the rows that are not blank, each as a dict by the keys of the columns."""

    widget: RowsWidget

    def __init__(self, columns: Sequence[Column], *, can_move: bool = False, **options: Any) -> None:
        super().__init__(widget=RowsWidget(columns, can_move=can_move), **options)

    def to_python(self, value: Any) -> list[Row]:
        """Return the rows that are not blank, with their texts stripped."""
        rows = [{key: text.strip() for key, text in row.items()} for row in value or []]
        return [row for row in rows if any(row.values())]

    def validate(self, value: list[Row]) -> None:
        """Reject null characters, which the database cannot store, and no rows if the field is required."""
        super().validate(value)
        if any("\0" in text for row in value for text in row.values()):
            raise ValidationError(_("Null characters are not allowed."))


def title_field(help_text: Any = "") -> forms.CharField:
    """Return a field for the title of a workflow or part."""
    label = gettext_lazy("Title")
    return forms.CharField(label=label, max_length=MAX_TITLE_LENGTH, help_text=help_text)


def description_field(help_text: Any) -> forms.CharField:
    """Return a field for the description of a workflow or part."""
    return forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        max_length=MAX_DESCRIPTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=help_text,
    )


def references_field() -> RowsField:
    """Return a field for links to further information."""
    columns = (
        Column("Label", gettext_lazy("Label"), gettext_lazy("Travel policy")),
        Column("Desc", gettext_lazy("Description")),
        Column("URI", gettext_lazy("Address"), "https://", is_wide=True),
    )
    help_text = gettext_lazy("Links to more information. Addresses begin with https://, http:// or mailto:.")
    return RowsField(columns, label=gettext_lazy("References"), required=False, help_text=help_text)
