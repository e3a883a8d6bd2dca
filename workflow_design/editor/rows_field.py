"""A form field of several rows, each of a few texts: choices, references. Works without a script.

Buttons beside the rows add, move and remove them: the form is shown again (`redisplay.py`). A row that is
blank counts as none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from workflow_design.editor.buttons import action_for, exchange

MAX_ROWS: Final = 1_000
_FEWEST_SHOWN: Final = 3

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """One text of each row: its key, its label, and what is written in it while it is empty."""

    key: str
    label: Any
    hint: Any = ""
    is_wide: bool = False


class RowsWidget(forms.Widget):
    """Rows of text boxes, with buttons to rearrange them and some empty rows at the end."""

    template_name = "workflow_design/rows_widget.html"
    use_fieldset = True

    def __init__(self, columns: Sequence[Column], *, can_move: bool = False) -> None:
        super().__init__()
        self.columns = columns
        self.can_move = can_move

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[Row]:
        """The rows that were sent, rearranged as the pressed button says."""
        lists = {column.key: _all(data, f"{name}_{column.key}") for column in self.columns}
        count = min(max(map(len, lists.values()), default=0), MAX_ROWS)
        rows = [
            {key: texts[number] if number < len(texts) else "" for key, texts in lists.items()}
            for number in range(count)
        ]
        return _rearranged(rows, action_for(data, name))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Whether no row was sent at all."""
        return all(f"{name}_{column.key}" not in data for column in self.columns)

    def id_for_label(self, id_: str) -> str:
        """None: the group has a legend, each box a label of its own."""
        return ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """What the template draws."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        filled = [row for row in value or [] if any(row.values())]
        blank = max(_FEWEST_SHOWN - len(filled), 1)
        rows = [*filled, *({} for _number in range(blank))]
        html_id = context["widget"]["attrs"].get("id", name)
        context["widget"] |= {
            "columns": self.columns,
            "can_move": self.can_move,
            "exchange": exchange(html_id),
            "filled": len(filled),
            "rows": [self._drawn(row, number, name, html_id) for number, row in enumerate(rows)],
        }
        return context

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """Drawn with the site's own templates, which a form's renderer does not know."""
        return SafeString(get_template(self.template_name).render(self.get_context(name, value, attrs)))

    def _drawn(self, row: Mapping[str, str], number: int, name: str, html_id: str) -> dict[str, Any]:
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
    """Gives the rows that are not blank, each a dict by the keys of the columns."""

    widget: RowsWidget

    def __init__(self, columns: Sequence[Column], *, can_move: bool = False, **options: Any) -> None:
        super().__init__(widget=RowsWidget(columns, can_move=can_move), **options)

    def to_python(self, value: Any) -> list[Row]:
        """The rows, without spaces around their texts."""
        rows = [{key: text.strip() for key, text in row.items()} for row in value or []]
        return [row for row in rows if any(row.values())]

    def validate(self, value: list[Row]) -> None:
        """Refuse what no text can hold; and no row at all where one is asked for."""
        super().validate(value)
        if any("\0" in text for row in value for text in row.values()):
            raise ValidationError(_("Null characters are not allowed."))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other rows were sent than were shown."""
        return bool(self.to_python(initial) != self.to_python(data))


def _all(data: Mapping[str, Any], name: str) -> list[str]:
    found = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
    return [str(text) for text in found] if isinstance(found, list) else [str(found)]


def _rearranged(rows: list[Row], action: str) -> list[Row]:
    """The rows as a button asks for them; as they are if it asks for nothing, or for nonsense."""
    what, _colon, number = action.partition(":")
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
