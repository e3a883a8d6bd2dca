"""Layouts as a list of lines that can be moved up and down, as people arrange them.

A layout is a tree of rows and sections (`layouts.py`); a list is easier to hold. A heading begins a
section that goes on to the next heading; `EndLine` ends it before that. A heading that is `inside`
stands in the section around it and does not end it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workflow_design.definition.layouts import (
    MAX_ROW_LENGTH,
    FieldItem,
    Item,
    Layout,
    RowItem,
    SectionItem,
    TextItem,
)


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field; `beside` puts it into the row of the field above."""

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
    """The end of a section that does not end with the next heading."""


Line = FieldLine | HeadingLine | TextLine | EndLine


def lines_of(layout: Layout) -> list[Line]:
    """A layout as lines, in their normal form: without an end where a section ends by itself."""
    lines: list[Line] = []
    for line in _lines(layout.items, level=0):
        if isinstance(line, HeadingLine) and not line.inside:
            _drop_ends(lines)
        lines.append(line)
    _drop_ends(lines)
    return lines


def layout_of(lines: Iterable[Line]) -> Layout:
    """The layout that lines mean. What can't be is left out: an end of nothing, a row of nothing."""
    reader = _Reader()
    for line in lines:
        reader.take(line)
    return reader.layout()


def depths_of(lines: Sequence[Line]) -> list[int]:
    """In how many sections each line stands; a heading or an end stands where its section does."""
    reader, depths = _Reader(), []
    for line in lines:
        before = reader.depth
        reader.take(line)
        depths.append(min(before, reader.depth) if not isinstance(line, HeadingLine) else reader.depth - 1)
    return depths


def with_fields(lines: Sequence[Line], names: Sequence[str], *, exactly_once: bool) -> list[Line]:
    """The lines for these fields only, each at most once; with `exactly_once` those that lack come last."""
    kept: list[Line] = []
    met: set[str] = set()
    for line in lines:
        if isinstance(line, FieldLine):
            if line.name not in names or line.name in met:
                continue
            met.add(line.name)
        kept.append(line)
    missing = [FieldLine(name) for name in names if name not in met] if exactly_once else []
    return [*kept, *missing]


def written(layout: Layout, *, names: Sequence[str]) -> list[Any]:
    """The layout as JSON. Empty, the default, if it only lists all of `names` in their order."""
    if layout.items == tuple(FieldItem(name) for name in names):
        return []
    return [_written(item) for item in layout.items]


def _drop_ends(lines: list[Line]) -> None:
    while lines and isinstance(lines[-1], EndLine):
        lines.pop()


def _lines(items: Sequence[Item], *, level: int) -> Iterator[Line]:
    """All lines, each section with its end."""
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


def _written(item: Item) -> Any:
    match item:
        case FieldItem(name):
            return name
        case RowItem(names):
            return list(names)
        case TextItem(text):
            return {"text": text}
        case SectionItem(title, inner):
            return {"section": title, "items": [_written(each) for each in inner]}


@dataclass(slots=True)
class _Section:
    title: str
    items: list[Item] = field(default_factory=list)


class _Reader:
    """Reads lines one after the other."""

    def __init__(self) -> None:
        self._open = [_Section("")]

    @property
    def depth(self) -> int:
        return len(self._open) - 1

    def take(self, line: Line) -> None:
        items = self._open[-1].items
        match line:
            case FieldLine(name, beside):
                self._field(items, name, beside=beside)
            case TextLine(text):
                items.append(TextItem(text))
            case HeadingLine(title, inside):
                while self.depth and not inside:
                    self._close()
                self._open.append(_Section(title))
            case EndLine() if self.depth:
                self._close()

    def layout(self) -> Layout:
        while self.depth:
            self._close()
        return Layout(tuple(self._open[0].items))

    def _field(self, items: list[Item], name: str, *, beside: bool) -> None:
        last = items[-1] if items else None
        if beside and isinstance(last, FieldItem):
            items[-1] = RowItem((last.name, name))
        elif beside and isinstance(last, RowItem) and len(last.names) < MAX_ROW_LENGTH:
            items[-1] = replace(last, names=(*last.names, name))
        else:
            items.append(FieldItem(name))

    def _close(self) -> None:
        section = self._open.pop()
        self._open[-1].items.append(SectionItem(section.title, tuple(section.items)))
