"""Form field whose widget edits a value as lines, or as JSON in their place."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from workflow_design.editor.form_fields import (
    BUTTON,
    ItemT,
    RedisplayWidget,
    button_attributes,
    requests_redisplay,
    swap_attributes,
)

NOT_SAVED: Final = gettext_lazy("Not saved yet: the form was only updated.")
JSON: Final = "json"
_SELECTED, _NOTHING = SafeString(" selected"), SafeString("")


def options(choices: Iterable[tuple[str, str]], selected: str | None) -> SafeString:
    """Return the options of a select. A loop in a template would take three times as long."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, _SELECTED if value == selected else _NOTHING, label) for value, label in choices),
    )


def read_lines(read: Callable[[str], ItemT | None], name: str, budget: Iterable[int]) -> Iterator[ItemT]:
    """Yield what `read` finds under `name-0`, `name-1` … up to the first gap, or while `budget` lasts."""
    for number, _left in enumerate(budget):
        item = read(f"{name}-{number}")
        if item is None:
            return
        yield item


def error_attributes(id: str) -> SafeString:
    """Return the attributes of an invalid control of the line with this id."""
    return format_html(' aria-invalid="true" aria-describedby="{}-error"', id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The content of an editor: its lines as entered, which may be incomplete or wrong, or JSON text."""

    view: str
    text: str = ""
    original: str = ""
    """The initial value as JSON, so that an unchanged one keeps its notation."""
    notice: str = ""
    focus: str | None = None
    """The end of the id of the control to focus; "" for the whole editor."""
    is_redisplay: bool = False


TypedT = TypeVar("TypedT", bound=Typed)


def read_frame(typed: TypedT, data: Mapping[str, Any], name: str) -> TypedT:
    """Return the content with what the form data says besides its lines."""
    return replace(
        typed,
        view=JSON if data.get(f"{name}-view") == JSON else typed.view,
        text=str(data.get(f"{name}-json") or ""),
        original=str(data.get(f"{name}-original") or typed.original),
        is_redisplay=requests_redisplay(data),
    )


class EditorWidget(RedisplayWidget):
    """Controls for a value with a JSON view in their place; templates extend editor_widget.html."""

    json_rows = 8
    result: str
    """The end of the id of the element that shows the result below."""
    problems: Mapping[Any, str] = {}
    """The problems of lines, shown beside them if the form shows its errors."""

    def id_for_label(self, id_: str) -> str:
        """Return the id of the whole editor."""
        return id_

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return the context of the template."""
        attrs = attrs or {}
        id, is_refused = attrs.get("id") or f"id_{name}", "is-invalid" in attrs.get("class", "")
        widget = {
            "name": name,
            "id": id,
            "typed": value,
            "is_refused": is_refused,
            "json_rows": self.json_rows,
            "button": button_attributes(id),
            "update": swap_attributes(id, action=f"{name}:update"),
            "update_button": format_html('name="{}" value="{}:update" formnovalidate', BUTTON, name),
            "result_id": f"{id}-{self.result}",
            "update_result": swap_attributes(f"{id}-{self.result}", action=f"{name}:update"),
        }
        problems = self.problems if is_refused else {}
        return {"widget": widget | self.describe(value, name=name, id=id, problems=problems)}

    def describe(self, typed: Any, *, name: str, id: str, problems: Mapping[Any, str]) -> dict[str, Any]:
        """Return what the template shows of this kind of editor."""
        raise NotImplementedError


class EditorField(forms.Field):
    """A value that an EditorWidget edits, cleaned from its lines or from its JSON text."""

    widget: EditorWidget

    def to_typed(self, value: Any) -> Typed:
        """Return the initial content of the editor for a stored value."""
        raise NotImplementedError

    def clean_text(self, text: str) -> Any:
        """Return the value of the JSON text. Raise ValidationError with all its problems."""
        raise NotImplementedError

    def clean_lines(self, typed: Any) -> Any:
        """Return the value of the lines. Raise ValidationError with all their problems."""
        raise NotImplementedError

    def prepare_value(self, value: Any) -> Typed:
        """Convert a stored value to the content of the editor."""
        return value if isinstance(value, Typed) else self.to_typed(value)

    def clean(self, value: Any) -> Any:
        """Return the value. Raise ValidationError with all its problems."""
        if value.is_redisplay:  # must never be saved, even if the view tries
            raise ValidationError(NOT_SAVED, code="redisplay")
        found = self.clean_text(value.text) if value.view == JSON else self.clean_lines(value)
        # `Field.clean` would check this, but this method replaces it.
        if found is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return found
