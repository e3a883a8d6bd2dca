"""Form buttons that update the form without saving ("Add a row", "Move up"), and a field of rows.

Such a button is named `_redisplay`. Its value names the field and the action: `condition:add`. The
field's widget performs the action while it reads the form data, so the view only has to show the form
again, without errors (`draft_page.DraftForm` does this). A field with such data is never valid.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import get_template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.template_tags import icon as drawn_icon

BUTTON: Final = "_redisplay"
NOT_SAVED: Final = gettext_lazy("Not saved yet: the form was only updated.")


def requests_redisplay(post: Mapping[str, Any]) -> bool:
    """Return whether the user pressed a button that does not save."""
    return BUTTON in post


def requested_action(post: Mapping[str, Any], name: str) -> str:
    """Return the action that the pressed button requests of the field `name`, or "" if none."""
    field, _colon, action = str(post.get(BUTTON, "")).partition(":")
    return action if field == name else ""


SWAP_EDITOR: Final = SafeString(' hx-post=""')
"""Attribute with which a button replaces the whole editor, whose element has the htmx target."""


def button(
    name: str,
    action: str,
    label: str,
    *,
    css: str = "",
    id: str = "",
    more: str = "",
    icon: str = "",
    sign: str = "",
    about: str = "",
    is_icon_only: bool = False,
    is_off: bool = False,
) -> SafeString:
    """Return a button that updates the form. `about` is read out after the label; `more` are attributes.

    `sign` is a character in place of an icon, for lists with so many buttons that icons would make the
    page heavy.
    """
    picture = drawn_icon(icon, 18) if icon else _sign(sign)
    style = css if "btn-" in css else f"btn-secondary {css}".strip()
    hidden_words = format_html('<span class="visually-hidden"> {}</span>', about) if about else ""
    text = format_html('<span class="visually-hidden">{}</span>', label) if is_icon_only else label
    return format_html(
        '<button class="btn btn-sm {}" name="{}" value="{}:{}" formnovalidate{}{}{}>{}{}{}</button>',
        style,
        BUTTON,
        name,
        action,
        format_html(' id="{}"', id) if id else "",
        SafeString(" disabled") if is_off else "",
        more,
        picture,
        text,
        hidden_words,
    )


def _sign(sign: str) -> SafeString:
    return format_html('<span aria-hidden="true">{}</span>', sign) if sign else SafeString("")


def swap_attributes(id: str, *, action: str = "", also: str = "", trigger: str = "") -> SafeString:
    """Return attributes that make htmx submit the form and replace the elements `id` and `also`.

    A control needs an `action` for its changes; a button has one as its value. Replaced controls respond
    at once, because a quick user changes them before htmx's usual delay is over.
    """
    return format_html(
        ' hx-post="" hx-target="#{}" hx-select="#{}" hx-swap="outerHTML settle:0ms"{}{}{}',
        id,
        id,
        format_html(' hx-vals="{}"', json.dumps({BUTTON: action})) if action else "",
        format_html(' hx-select-oob="#{}"', also) if also else "",
        format_html(' hx-trigger="{}"', trigger) if trigger else "",
    )


def editor(id: str, content: SafeString, *, has_focus: bool) -> SafeString:
    """Return the element around a whole editor, which its buttons replace.

    Its requests are queued, so that the response to the newest one is the last to arrive.
    """
    return format_html(
        '<div class="tf-editor" id="{}" tabindex="-1" hx-sync="this:queue all" hx-target="#{}" '
        'hx-select="#{}" hx-swap="outerHTML settle:0ms"{}>{}</div>',
        id,
        id,
        id,
        SafeString(" autofocus") if has_focus else "",
        content,
    )


def hidden(name: str, value: str) -> SafeString:
    """Return a hidden input."""
    return format_html('<input type="hidden" name="{}" value="{}">', name, value)


def notice(text: str) -> SafeString:
    """Return a notice about an action that could not be performed."""
    return format_html(
        '<div class="tf-notice tf-tone-info" role="status">{}<p>{}</p></div>',
        drawn_icon("information-circle"),
        text,
    )


def line_error(problem: str, id: str) -> SafeString:
    """Return the error of one line of an editor; its controls name this element in aria-describedby."""
    return format_html(
        '<div class="tf-field-error" id="{}-error">{}<div>'
        '<p><span class="visually-hidden">{} </span>{}</p></div></div>',
        id,
        drawn_icon("exclamation-circle", 18),
        _("Error:"),
        problem,
    )


def options(choices: Iterable[tuple[str, str]], selected: Collection[str], *, blank: str = "") -> SafeString:
    """Return the options of a select; `blank` is the label of the empty choice."""
    listed = [("", blank), *choices] if blank else list(choices)
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, SafeString(" selected") if value in selected else "", label) for value, label in listed),
    )


def default_submit_button() -> SafeString:
    """Return a hidden submit button that saves: on Enter, browsers press the first button of a form."""
    return SafeString('<button class="visually-hidden" tabindex="-1" aria-hidden="true"></button>')


MAX_ROWS: Final = 1_000
_MIN_ROWS: Final = 3

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """One text input of each row: its key, its label, and its placeholder."""

    key: str
    label: Any
    hint: Any = ""
    is_wide: bool = False


class RowsWidget(forms.Widget):
    """Rows of text inputs, with buttons to rearrange them and some empty rows at the end."""

    template_name = "workflow_design/editor/rows_widget.html"
    use_fieldset = True

    def __init__(self, columns: Sequence[Column], *, can_move: bool = False) -> None:
        super().__init__()
        self.columns = columns
        self.can_move = can_move

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[Row]:
        """Return the submitted rows, after the action of the pressed button."""
        # Each column is a list of its own in the form data, so a forged request may send uneven lists.
        lists = {column.key: _texts(data, f"{name}_{column.key}") for column in self.columns}
        # Cap the number of rows, because a forged request may contain any number.
        count = min(max(map(len, lists.values()), default=0), MAX_ROWS)
        rows = [
            {key: texts[number] if number < len(texts) else "" for key, texts in lists.items()}
            for number in range(count)
        ]
        return _rearrange(rows, requested_action(data, name))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Return whether no row was submitted."""
        return all(f"{name}_{column.key}" not in data for column in self.columns)

    def id_for_label(self, id_: str) -> str:
        """Return no id: the group has a legend, and each input has its own label."""
        return ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return the context of the template."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        # Blank rows in between would make the numbers of the buttons wrong, so they move to the end.
        filled = [row for row in value or [] if any(row.values())]
        blank = max(_MIN_ROWS - len(filled), 1)
        rows = [*filled, *({} for _number in range(blank))]
        html_id = context["widget"]["attrs"].get("id", name)
        context["widget"] |= {
            "columns": self.columns,
            "can_move": self.can_move,
            "exchange": swap_attributes(html_id),
            "filled": len(filled),
            "rows": [self._row_context(row, number, name, html_id) for number, row in enumerate(rows)],
        }
        return context

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """Render with the site's own templates, which Django's form renderer does not find."""
        return SafeString(get_template(self.template_name).render(self.get_context(name, value, attrs)))

    def _row_context(self, row: Mapping[str, str], number: int, name: str, html_id: str) -> dict[str, Any]:
        cells = [
            {
                "column": column,
                "name": f"{name}_{column.key}",
                "id": f"{html_id}_{number}" + (f"_{column.key}" if place else ""),
                "value": row.get(column.key, ""),
            }
            for place, column in enumerate(self.columns)
        ]
        return {"number": number, "label": number + 1, "cells": cells, "is_filled": any(row.values())}


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

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the submitted rows differ from the initial ones."""
        return bool(self.to_python(initial) != self.to_python(data))


def _texts(data: Mapping[str, Any], name: str) -> list[str]:
    found = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
    return [str(text) for text in found] if isinstance(found, list) else [str(found)]


def _rearrange(rows: list[Row], action: str) -> list[Row]:
    """Return the rows after the action; unchanged for no action or an invalid one."""
    what, _colon, number = action.partition(":")
    # `isdigit` alone also accepts characters that `int` rejects, such as “²”.
    if not number.isascii() or not number.isdigit() or len(number) > len(str(MAX_ROWS)):
        return rows
    place = int(number)
    filled = [row for row in rows if any(row.values())]
    if place >= len(filled):
        return rows
    if what == "remove":
        del filled[place]
    elif what in ("up", "down"):
        other = max(place - 1, 0) if what == "up" else min(place + 1, len(filled) - 1)
        filled[place], filled[other] = filled[other], filled[place]
    return filled
