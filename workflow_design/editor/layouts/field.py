"""Form field that edits a layout as lines that move up and down, or as JSON, with a preview.

It works without JavaScript: its buttons show the form again (`form_fields.py`). With JavaScript, htmx
submits the same form and replaces the editor, or only the preview.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ticketflower.clean_json import format_json
from workflow_design.definition.fields import Fields
from workflow_design.definition.schema import DataValidator
from workflow_design.editor.editor_field import JSON, EditorField, EditorWidget, read_frame, read_lines
from workflow_design.editor.form_fields import parse_position, rearrange
from workflow_design.editor.layouts.context import describe_layout
from workflow_design.editor.layouts.lines import (
    EndLine,
    FieldLine,
    HeadingLine,
    LayoutOptions,
    Line,
    TextLine,
    TypedLayout,
    lines_to_json,
)

MAX_LINES: Final = 400
_NEW_LINES: Final[dict[str, Line]] = {"heading": HeadingLine(""), "text": TextLine(""), "end": EndLine()}


class LayoutWidget(EditorWidget):
    """Lines of fields, headings and texts, with buttons that move them, and a preview below."""

    template_name = "workflow_design/editor/layout_widget.html"
    json_rows = 10
    result = "preview"
    layout_options: LayoutOptions

    def read(self, data: Mapping[str, Any], name: str) -> TypedLayout:
        """Return the submitted layout, adapted to the fields that it may show."""
        lines: list[Line] = list(read_lines(partial(_read_line, data), name, range(MAX_LINES)))
        return read_frame(TypedLayout(lines=self.layout_options.fit(lines)), data, name)

    def change(self, value: TypedLayout, action: str, argument: str) -> TypedLayout:
        """Return the layout after the action of a button."""
        options = self.layout_options
        changed = value if action == "update" else _apply(value, action, argument, options)
        return replace(changed, lines=options.fit(changed.lines), is_redisplay=True)

    def describe(self, typed: Any, *, name: str, id: str, problems: Mapping[Any, str]) -> dict[str, Any]:
        """Return the lines, the fields that are not shown, and the preview."""
        return describe_layout(typed, self.layout_options, name=name, id=id, problems=problems)


class LayoutField(EditorField):
    """The layout of a form or page, cleaned to its JSON: a list, empty for the default.

    `names` are the fields that the empty layout lists. With `exactly_once`, as for a form, the layout
    shows each of these once: newly chosen fields are appended, and fields that are no longer chosen are
    removed. Without it, as for reading, the layout may show any of `fields`. With a `validator` of the
    workflow's schema, the editor shows a preview of the form; layouts for reading are previewed with
    sample values.
    """

    widget: LayoutWidget = LayoutWidget  # type: ignore[assignment]  # Django makes it an object

    def __init__(
        self,
        names: Sequence[str],
        fields: Fields,
        *,
        exactly_once: bool,
        validator: DataValidator | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)  # required: even the default is a layout
        known = tuple(name for name in fields if name in set(names))
        options = LayoutOptions(known, fields, exactly_once, validator)
        self.layout_options = self.widget.layout_options = options

    def to_typed(self, value: Any) -> TypedLayout:
        """Convert a stored layout to the content of the editor."""
        return self.layout_options.to_typed(value)

    def clean_text(self, text: str) -> Any:
        """Return the layout in the JSON text."""
        return self.layout_options.parse_text(text)

    def clean_lines(self, typed: TypedLayout) -> Any:
        """Return the layout of the lines."""
        message = _("Line %(number)d: enter a text for the heading, or remove it.")
        self.widget.problems = {
            number: message % {"number": number + 1}
            for number, line in enumerate(typed.lines)
            if isinstance(line, HeadingLine) and not line.title
        }
        if self.widget.problems:
            raise ValidationError(list(self.widget.problems.values()))
        if not typed.lines and self.layout_options.names:
            raise ValidationError(_("Show at least one field; “Reset” restores them."))
        return self.layout_options.validate(self.layout_options.from_lines(typed))


def _read_line(data: Any, place: str) -> Line | None:
    kind, text = data.get(f"{place}-kind"), str(data.get(f"{place}-text") or "")
    if kind == "field":
        return FieldLine(text, beside=bool(data.get(f"{place}-beside")))
    if kind == "heading":
        return HeadingLine(text.strip(), inside=bool(data.get(f"{place}-inside")))
    if kind == "text":
        return TextLine(text.replace("\r\n", "\n").strip())
    return EndLine() if kind == "end" else None


def _apply(typed: TypedLayout, action: str, argument: str, options: LayoutOptions) -> TypedLayout:
    lines, typed = list(typed.lines), replace(typed, focus="")
    added = FieldLine(argument) if action == "show" else _NEW_LINES.get(action)
    if added is not None:
        focus = f"-{len(lines)}-{'up' if action == 'show' else 'text'}"
        return replace(typed, lines=(*lines, added), focus=focus)
    if action == "reset":
        return replace(options.to_typed([]), original=typed.original, focus="")
    if action == "json":
        return replace(typed, view=JSON, text=format_json(lines_to_json(lines)))
    if action == "lines":
        return _switch_to_lines(typed, options)
    number = parse_position(argument, len(lines))
    # An invalid or outdated number: just show the editor again.
    return typed if number is None else _rearrange(typed, action, number)


def _switch_to_lines(typed: TypedLayout, options: LayoutOptions) -> TypedLayout:
    try:
        return replace(options.to_typed(options.parse_text(typed.text)), focus="")
    except ValidationError as error:
        return replace(typed, notice=" ".join(error.messages))


def _rearrange(typed: TypedLayout, action: str, number: int) -> TypedLayout:
    lines = list(typed.lines)
    new = rearrange(lines, action, number)
    if new == number:
        return replace(typed, lines=tuple(lines))
    # At the end of the list, the pressed button becomes disabled, so focus the opposite one.
    part = {0: "down", len(lines) - 1: "up"}.get(new, action)
    return replace(typed, lines=tuple(lines), focus=f"-{new}-{part}")
