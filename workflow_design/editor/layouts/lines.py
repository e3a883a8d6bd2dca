"""Conversion between layouts and the flat list of lines that users move up and down.

A layout is a tree of rows and sections (`layouts.py`), but a list is easier to edit. A heading starts a
section that continues until the next heading, or until an `EndLine`. A heading that is `inside` is
nested in the surrounding section and does not end it.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from ticketflower.clean_json import JsonError, format_json, parse_json
from workflow_design.definition.fields import Fields
from workflow_design.definition.layouts import (
    MAX_LAYOUT_BYTES,
    MAX_ROW_LENGTH,
    FieldItem,
    Item,
    Layout,
    LayoutError,
    RowItem,
    SectionItem,
    TextItem,
    parse_layout,
)
from workflow_design.definition.schema import DataValidator
from workflow_design.editor.editor_field import JSON, Typed


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field; `beside` puts it in the same row as the field above."""

    name: str
    beside: bool = False


@dataclass(frozen=True, slots=True)
class HeadingLine:
    """The heading of a section."""

    title: str
    inside: bool = False


@dataclass(frozen=True, slots=True)
class TextLine:
    """A plain text between the fields."""

    text: str


@dataclass(frozen=True, slots=True)
class EndLine:
    """The end of a section that does not end at the next heading."""


Line = FieldLine | HeadingLine | TextLine | EndLine


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedLayout(Typed):
    """The content of the editor of a layout."""

    view: str = "lines"
    lines: tuple[Line, ...] = ()


def layout_to_lines(layout: Layout) -> list[Line]:
    """Convert a layout to lines in normal form: without ends where a section ends anyway."""
    lines: list[Line] = []
    for line in _lines(layout.items, level=0):
        if isinstance(line, HeadingLine) and not line.inside:
            _drop_ends(lines)
        lines.append(line)
    _drop_ends(lines)
    return lines


def lines_to_json(lines: Iterable[Line], *, default: Sequence[str] = ()) -> list[Any]:
    """Convert lines to a layout in JSON; ignore unmatched section ends.

    Return the empty layout for lines that only list the fields of the `default` in their order.
    """
    reader = _Reader()
    for line in lines:
        reader.take(line)
    return [] if reader.layout == list(default) else reader.layout


def line_depths(lines: Sequence[Line]) -> list[int]:
    """Return the nesting depth of each line; a heading or end has the depth around its section."""
    reader, depths = _Reader(), []
    for line in lines:
        before = reader.depth
        reader.take(line)
        # A heading is indented like the section's surroundings, and so is the end of a section.
        depths.append(min(before, reader.depth) if not isinstance(line, HeadingLine) else reader.depth - 1)
    return depths


def with_fields(lines: Sequence[Line], names: Sequence[str], *, exactly_once: bool) -> list[Line]:
    """Keep only these fields, each at most once; with `exactly_once`, append the missing ones."""
    fitting: list[Line] = []
    seen: set[str] = set()
    for line in lines:
        if isinstance(line, FieldLine):
            if line.name not in names or line.name in seen:
                continue
            seen.add(line.name)
        fitting.append(line)
    missing = [FieldLine(name) for name in names if name not in seen] if exactly_once else []
    return [*fitting, *missing]


def _drop_ends(lines: list[Line]) -> None:
    while lines and isinstance(lines[-1], EndLine):
        lines.pop()


def _lines(items: Sequence[Item], *, level: int) -> Iterator[Line]:
    """Yield all lines, with an end for each section."""
    for item in items:
        match item:
            case FieldItem(name):
                yield FieldLine(name)
            case RowItem(names):
                yield from (FieldLine(name, beside=number > 0) for number, name in enumerate(names))
            case TextItem(text):
                yield TextLine(text)
            case SectionItem(title, inner):
                yield HeadingLine(title, inside=level > 0)
                yield from _lines(inner, level=level + 1)
                yield EndLine()


@dataclass(frozen=True, slots=True)
class LayoutOptions:
    """The fields that a layout may show; `names` are those of the empty layout. Forms show each once."""

    names: tuple[str, ...]
    fields: Fields
    exactly_once: bool
    validator: DataValidator | None = None
    """Checks data against the schema of the fields; needed for a preview of a form."""

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
            return TypedLayout(view=JSON, text=format_json(layout), original=json.dumps(layout))
        fitting = self.fit(lines)
        text = format_json(layout or lines_to_json(fitting))
        return TypedLayout(lines=fitting, text=text, original=json.dumps(layout or []))

    def fit(self, lines: Sequence[Line]) -> tuple[Line, ...]:
        """Return the lines without the fields that are not allowed."""
        return tuple(with_fields(lines, self.allowed, exactly_once=self.exactly_once))

    def parse(self, layout: Any, *, exactly_once: bool) -> Layout:
        """Parse a layout; the empty one lists `names`. Raise LayoutError."""
        return parse_layout(layout, fields=self.allowed if layout else self.names, exactly_once=exactly_once)

    def validate(self, layout: Any) -> Any:
        """Return the layout if it is valid. Raise ValidationError with all its problems."""
        try:
            self.parse(layout, exactly_once=self.exactly_once)
        except LayoutError as error:
            raise ValidationError([str(problem) for problem in error.problems]) from error
        return layout

    def parse_text(self, text: str) -> Any:
        """Return the layout in the JSON text, empty for no text. Raise ValidationError."""
        try:
            layout = parse_json(text, max_bytes=2 * MAX_LAYOUT_BYTES) if text.strip() else []
        except JsonError as error:
            raise ValidationError(str(error)) from error
        return self.validate(layout)

    def from_lines(self, typed: TypedLayout) -> Any:
        """Return the layout of the lines, or the original one if its meaning did not change."""
        # Blank texts are not finished yet; saving drops them.
        lines = [line for line in typed.lines if line != TextLine("")]
        try:
            original = parse_json(typed.original, max_bytes=MAX_LAYOUT_BYTES)
            before = layout_to_lines(self.parse(original, exactly_once=False))
        except (JsonError, LayoutError):
            return lines_to_json(lines, default=self.names)
        # Lines have one normal form, but JSON may differ in notation: do not rewrite it without a change.
        is_same = lines_to_json(before) == lines_to_json(lines)
        return original if is_same else lines_to_json(lines, default=self.names)


class _Reader:
    """Builds a layout in JSON from one line after the other."""

    def __init__(self) -> None:
        self.layout: list[Any] = []
        # The items of the layout, and those of the sections that are open.
        self._open = [self.layout]

    @property
    def depth(self) -> int:
        return len(self._open) - 1

    def take(self, line: Line) -> None:
        items = self._open[-1]
        match line:
            case FieldLine(name, beside):
                last = items[-1] if beside and items else None
                if isinstance(last, str):
                    items[-1] = [last, name]
                elif isinstance(last, list) and len(last) < MAX_ROW_LENGTH:
                    last.append(name)
                else:
                    items.append(name)
            case TextLine(text):
                items.append({"text": text})
            case HeadingLine(title, inside):
                if not inside:
                    del self._open[1:]
                inner: list[Any] = []
                self._open[-1].append({"section": title, "items": inner})
                self._open.append(inner)
            case EndLine() if self.depth:
                self._open.pop()
