"""Form field that edits a layout as lines that move up and down, or as JSON, with a preview.

It works without JavaScript: its buttons show the form again (`buttons.py`). With JavaScript, htmx
submits the same form and replaces the editor, or only the preview.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, parse_json
from workflow_design.definition.fields import Fields
from workflow_design.definition.layouts import MAX_LAYOUT_BYTES, LayoutError, parse_layout
from workflow_design.definition.problems import Problem
from workflow_design.definition.schema import DataValidator
from workflow_design.editor.buttons import NOT_SAVED, requested_action, requests_redisplay
from workflow_design.editor.layouts.line_widget import LayoutContext
from workflow_design.editor.layouts.lines import (
    FieldLine,
    HeadingLine,
    Line,
    TextLine,
    layout_to_json,
    layout_to_lines,
    lines_to_layout,
    with_fields,
)
from workflow_design.editor.layouts.state import JSON, TypedLayout, apply_action, format_layout, read_typed
from workflow_design.editor.layouts.widget import render_editor


@dataclass(frozen=True, slots=True)
class LayoutOptions:
    """The fields that a layout may show; `names` are those of the empty layout. Forms show each once."""

    names: tuple[str, ...]
    fields: Fields
    exactly_once: bool

    @property
    def allowed(self) -> tuple[str, ...]:
        """The names that the layout may contain: `names` in a form, otherwise all fields."""
        return self.names if self.exactly_once else tuple(self.fields)

    def to_typed(self, layout: Any) -> TypedLayout:
        """Convert a stored layout to the editor's initial state, adapted to the fields that it may show."""
        try:
            allowed = tuple(self.fields) if layout else self.names
            lines = layout_to_lines(parse_layout(layout or [], fields=allowed, exactly_once=False))
        except LayoutError:
            return TypedLayout(view=JSON, text=format_layout(layout), original=json.dumps(layout))
        fitting = self.fit(lines)
        return TypedLayout(
            lines=fitting,
            text=format_layout(layout or self.to_json(fitting)),
            original=json.dumps(layout or []),
        )

    def follow_choice(self, typed: TypedLayout) -> Sequence[Line]:
        """Return the lines; if they are still the default, update them to the currently chosen fields."""
        # The lines are still those of the empty layout, which follows the choice of fields.
        is_default = typed.default is not None and typed.lines == tuple(map(FieldLine, typed.default))
        return [FieldLine(name) for name in self.names] if is_default else typed.lines

    def fit(self, lines: Sequence[Line]) -> tuple[Line, ...]:
        """Return the lines without the fields that are not allowed."""
        return tuple(with_fields(lines, self.allowed, exactly_once=self.exactly_once))

    def to_json(self, lines: Sequence[Line]) -> list[Any]:
        """Return the layout as JSON, with all names even if it equals the default."""
        return layout_to_json(lines_to_layout(lines), names=())

    def validate(self, layout: Any) -> Any:
        """Return the layout if it is valid. Raise ValidationError with all its problems."""
        try:
            parse_layout(
                layout, fields=self.allowed if layout else self.names, exactly_once=self.exactly_once
            )
        except LayoutError as error:
            raise ValidationError([_format_problem(problem) for problem in error.problems]) from error
        return layout

    def from_lines(self, typed: TypedLayout) -> Any:
        """Return the layout of the lines, or the original one if its meaning did not change."""
        # Blank texts are not finished yet; saving drops them.
        layout = lines_to_layout(line for line in typed.lines if line != TextLine(""))
        try:
            original = parse_json(typed.original, max_bytes=MAX_LAYOUT_BYTES)
            before = parse_layout(
                original, fields=self.allowed if original else self.names, exactly_once=False
            )
        except (JsonError, LayoutError):
            return layout_to_json(layout, names=self.names)
        # Lines have one normal form, but JSON may differ in notation: do not rewrite it without a change.
        is_same = layout_to_lines(before) == layout_to_lines(layout)
        return original if is_same else layout_to_json(layout, names=self.names)


class LayoutWidget(forms.Widget):
    """Renders the editor, reads the form data, and performs the actions of its buttons."""

    use_fieldset = True
    layout_options: LayoutOptions
    validator: DataValidator | None = None
    follows = ""
    problems: dict[int, str] = {}

    def id_for_label(self, id_: str) -> str:
        """Return the id of the whole editor."""
        return id_

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Return whether the form was submitted without an editor."""
        return f"{name}-view" not in data

    def value_from_datadict(self, data: Any, files: Any, name: str) -> TypedLayout:
        """Return the submitted layout after the action of a button, adapted to the fields it may show."""
        typed = read_typed(data, name)
        lines = self.layout_options.fit(self.layout_options.follow_choice(typed))
        typed = replace(typed, lines=lines, is_redisplay=requests_redisplay(data))
        action, _colon, argument = requested_action(data, name).partition(":")
        if not action:
            return typed
        changed = self._apply_action(typed, action, argument)
        return replace(changed, lines=self.layout_options.fit(changed.lines), is_redisplay=True)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Render the editor, with the problems beside their lines if the form shows its errors."""
        attrs = attrs or {}
        is_refused = "is-invalid" in attrs.get("class", "")
        typed = value if isinstance(value, TypedLayout) else self.layout_options.to_typed(value)
        context = LayoutContext(
            name=name,
            id=attrs.get("id") or f"id_{name}",
            fields=self.layout_options.fields,
            names=self.layout_options.names,
            allowed=self.layout_options.allowed,
            exactly_once=self.layout_options.exactly_once,
            validator=self.validator,
            follows=self.follows,
            problems=self.problems if is_refused else {},
        )
        return render_editor(typed, context, is_refused=is_refused)

    def _apply_action(self, typed: TypedLayout, action: str, argument: str) -> TypedLayout:
        if action == "reset":
            return replace(self.layout_options.to_typed([]), original=typed.original, focus=-1)
        if action == "json":
            return replace(
                typed, view=JSON, text=format_layout(self.layout_options.to_json(typed.lines)), focus=-1
            )
        if action == "lines":
            return self._switch_to_lines(typed)
        return apply_action(typed, action, argument) if action != "update" else typed

    def _switch_to_lines(self, typed: TypedLayout) -> TypedLayout:
        try:
            layout = parse_layout_text(typed.text)
            self.layout_options.validate(layout)
        except ValidationError as error:
            return replace(typed, notice=" ".join(error.messages), focus=-1)
        return replace(self.layout_options.to_typed(layout), focus=-1)


class LayoutField(forms.Field):
    """The layout of a form or page, cleaned to its JSON: a list, empty for the default.

    `names` are the fields that the empty layout lists. With `exactly_once`, as for a form, the layout
    shows each of these once: newly chosen fields are appended, and fields that are no longer chosen are
    removed. Without it, as for reading, the layout may show any of `fields`. With a `validator` of the
    workflow's schema, the editor shows a preview of the form; layouts for reading are previewed with
    sample values. `follows` is the name of the form field that chooses `names`, so that the list follows
    it at once.
    """

    widget = LayoutWidget

    def __init__(
        self,
        names: Sequence[str],
        fields: Fields,
        *,
        exactly_once: bool,
        validator: DataValidator | None = None,
        follows: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)  # required: even the default is a layout
        known = tuple(name for name in fields if name in set(names))
        self.layout_options = self.widget.layout_options = LayoutOptions(known, fields, exactly_once)
        self.widget.validator, self.widget.follows = validator, follows

    def prepare_value(self, value: Any) -> Any:
        """Convert a stored layout to the state of the editor."""
        return value if isinstance(value, TypedLayout) else self.layout_options.to_typed(value)

    def clean(self, value: Any) -> Any:
        """Return the layout. Raise ValidationError with all its problems."""
        typed: TypedLayout = value
        if typed.is_redisplay:  # must never be saved, even if the view tries
            raise ValidationError(NOT_SAVED, code="redisplay")
        if typed.view == JSON:
            return self.layout_options.validate(parse_layout_text(typed.text))
        self.widget.problems = dict(_unfinished_lines(typed.lines))
        if self.widget.problems:
            raise ValidationError(list(self.widget.problems.values()))
        if not typed.lines and self.layout_options.names:
            raise ValidationError(_("Show at least one field; “Reset” restores them."))
        return self.layout_options.validate(self.layout_options.from_lines(typed))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the submitted layout differs from the initial one, as invalid ones do."""
        try:
            return bool(self.clean(data) != (initial or []))
        except ValidationError:
            return True


def parse_layout_text(text: str) -> Any:
    """Parse the layout that a user entered as JSON, empty for no text. Raise ValidationError."""
    if not text.strip():
        return []
    try:
        return parse_json(text, max_bytes=2 * MAX_LAYOUT_BYTES)
    except JsonError as error:
        raise ValidationError(str(error)) from error


def _unfinished_lines(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines):
        if isinstance(line, HeadingLine) and not line.title:
            yield (
                number,
                _("Line %(number)d: enter a text for the heading, or remove it.") % {"number": number + 1},
            )


def _format_problem(problem: Problem) -> str:
    return f"{problem.pointer}: {problem.message}" if problem.pointer else problem.message
