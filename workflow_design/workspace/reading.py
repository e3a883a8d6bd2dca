"""Read-only views of workspace data: dates, names, files and choices formatted for people.

All pages that show workspace data convert values to escaped HTML here.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.html import linebreaks
from django.utils.safestring import SafeString

from workflow_design.definition.fields import Field, Fields, FieldType
from workflow_design.definition.layouts import (
    FieldItem,
    Item,
    Layout,
    LayoutError,
    RowItem,
    SectionItem,
    TextItem,
    parse_layout,
)
from workflow_design.engine.plan import is_same_json
from workflow_design.workspace.controls import DisplayNames
from workflow_design.workspace.field_types import PRESENTATIONS, in_words

FIRST_LEVEL = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One field: its label, and its value as HTML, or "" if it is empty.

    `was` is the value that it had before; None if it has not changed.
    """

    label: str
    value: SafeString
    was: SafeString | None = None


@dataclass(slots=True)
class Block:
    """A part of the page: a heading, a text, entries, or the labels of all fields that are empty.

    `level` is the level of the heading.
    """

    title: str = ""
    text: str = ""
    entries: list[Entry] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    level: int = FIRST_LEVEL


def collect_ids(fields: Iterable[Field], of: FieldType, *data: Mapping[str, Any]) -> set[str]:
    """Return the ids in the fields of a type, USER or FILE, and of lists of it."""
    names = [known.name for known in fields if known.type.base is of]
    found = (each.get(name) for name in names for each in data)
    return {str(key) for value in found for key in (value if isinstance(value, list) else [value]) if key}


def format_ids(
    fields: Fields, names: DisplayNames, *data: Mapping[str, Any]
) -> dict[str, dict[str | float, str]]:
    """Return the display names of the ids in each field of people or files, as plain text."""
    found: dict[str, dict[str | float, str]] = {}
    for known in fields.values():
        if name := PRESENTATIONS[known.type].name:
            ids = collect_ids([known], known.type.base, *data)
            found[known.name] = {key: name(key, names) for key in ids}
    return found


def build_read_view(
    data: Mapping[str, Any],
    *,
    fields: Fields,
    names: DisplayNames,
    layout: Any = None,
    only: Collection[str] | None = None,
    also: Collection[str] = (),
    narrowed_to: Collection[str] | None = None,
    before: Mapping[str, Any] | None = None,
) -> list[Block]:
    """Return the data in the order of the layout, which may show any field of the workspace.

    Without a layout, or with one that is no longer valid, list the fields `only`, or all fields of the
    workspace. The fields `also` follow if they are not among these. `narrowed_to` restricts the result to
    these fields. Entries that differ from the data `before` say what they were.
    """

    def entry(name: str) -> Entry:
        value = in_words(fields[name], data.get(name), names)
        if before is None or is_same_json(before.get(name), data.get(name)):
            return Entry(fields[name].title, value)
        return Entry(fields[name].title, value, was=in_words(fields[name], before.get(name), names))

    laid_out = read_layout(layout, fields=fields, only=only, also=also)
    missing = [name for name in fields if name in also and name not in laid_out.fields_in_order]
    items = (*laid_out.items, *map(FieldItem, missing))
    if narrowed_to is not None:
        items = _narrow(items, narrowed_to)
    blocks: list[Block] = []
    _lay_out(items, blocks, entry)
    return _fold_empty(blocks)


def split_blocks(blocks: list[Block], *, after: int) -> tuple[list[Block], list[Block]]:
    """Return the blocks with the first `after` entries, and the others.

    Nothing is split off if that would leave a single entry for the second part.
    """
    first: list[Block] = []
    rest: list[Block] = []
    left = after
    for block in blocks:
        if rest or (block.title and not left):
            rest.append(block)
            continue
        first.append(replace(block, entries=block.entries[:left]))
        if block.entries[left:]:
            rest.append(replace(block, entries=block.entries[left:]))
        left = max(left - len(block.entries), 0)
    has_more = sum(len(block.entries) for block in rest) > 1
    return (first, rest) if has_more else (blocks, [])


def read_layout(
    layout: Any, *, fields: Fields, only: Collection[str] | None = None, also: Collection[str] = ()
) -> Layout:
    """Return the layout by which `build_read_view` shows data."""
    default = tuple(name for name in fields if only is None or name in only or name in also)
    try:
        return parse_layout(layout or [], fields=tuple(fields) if layout else default, exactly_once=False)
    except LayoutError:
        return Layout(tuple(FieldItem(name) for name in default))


def _fold_empty(blocks: Iterable[Block]) -> list[Block]:
    """Name empty fields in one block at the end, and leave out headings under which nothing is left."""
    empty: list[str] = []
    left: list[Block] = []
    for block in blocks:
        empty += [entry.label for entry in block.entries if not (entry.value or entry.was)]
        filled = [entry for entry in block.entries if entry.value or entry.was]
        if block.title:
            while left and left[-1].title and left[-1].level >= block.level:
                left.pop()
        if block.title or block.text or filled:
            left.append(Block(block.title, block.text, filled, level=block.level))
    while left and left[-1].title:
        left.pop()
    return [*left, Block(empty=empty)] if empty else left


def _narrow(items: Collection[Item], names: Collection[str]) -> tuple[Item, ...]:
    """Return the items that show one of these fields, without texts and without empty sections."""
    left: list[Item] = []
    for item in items:
        match item:
            case FieldItem(name) if name in names:
                left.append(item)
            case RowItem(in_row) if in_layout := tuple(name for name in in_row if name in names):
                left.append(RowItem(in_layout))
            case SectionItem(title, inner) if inner_items := _narrow(inner, names):
                left.append(SectionItem(title, inner_items))
    return tuple(left)


def _lay_out(
    items: Collection[Item], blocks: list[Block], entry: Callable[[str], Entry], level: int = FIRST_LEVEL
) -> None:
    for item in items:
        match item:
            case FieldItem(name):
                _open_list(blocks).append(entry(name))
            case RowItem(in_row):
                _open_list(blocks).extend(entry(name) for name in in_row)
            case TextItem(text):
                blocks.append(Block(text=paragraphs(text)))
            case SectionItem(title, inner):
                blocks.append(Block(title=title, level=level))
                _lay_out(inner, blocks, entry, level + 1)
                blocks.append(Block())  # ends the section: later fields must not join its list


def _open_list(blocks: list[Block]) -> list[Entry]:
    if not blocks or blocks[-1].title or blocks[-1].text:
        blocks.append(Block())
    return blocks[-1].entries


def paragraphs(text: str) -> SafeString:
    """Return a designer's text as escaped HTML, preserving its line breaks."""
    return SafeString(linebreaks(text, autoescape=True))
