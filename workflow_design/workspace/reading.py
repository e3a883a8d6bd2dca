"""Read-only views of workspace data: dates, names, files and choices formatted for people.

All pages that show workspace data convert values to escaped HTML here.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.utils.formats import localize
from django.utils.html import format_html, format_html_join, linebreaks
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ticketflower.relative_times import relative_and_exact
from workflow_design.definition.fields import Field, FieldKind, Fields, TextFormat
from workflow_design.definition.layouts import (
    FieldItem,
    Item,
    LayoutError,
    RowItem,
    SectionItem,
    TextItem,
    parse_layout,
)
from workflow_design.definition.values import is_address, is_email
from workflow_design.workspace.controls import FileInfo

FIRST_LEVEL = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One field: its label, and its value as HTML, or "" if it is empty."""

    label: str
    value: SafeString


@dataclass(slots=True)
class Block:
    """A section of the page: a heading, a text, or entries; `level` is the level of the heading."""

    title: str = ""
    text: str = ""
    entries: list[Entry] = field(default_factory=list)
    level: int = FIRST_LEVEL


@dataclass(frozen=True, slots=True)
class DisplayNames:
    """Display names for ids in the data; ids of deleted people and files are missing."""

    people: Mapping[str, str]
    files: Mapping[str, FileInfo]


def collect_ids(data: Mapping[str, Any], fields: Fields, *kinds: FieldKind) -> set[str]:
    """Return the ids of people or files in the fields of these kinds."""
    found = (data.get(name) for name, known in fields.items() if known.kind in kinds)
    return {str(key) for value in found for key in (value if isinstance(value, list) else [value]) if key}


def format_ids(
    fields: Fields, names: DisplayNames, *data: Mapping[str, Any]
) -> dict[str, dict[str | float, str]]:
    """Return the display names of the ids in each field of people or files, as plain text."""
    found: dict[str, dict[str | float, str]] = {}
    for field_name, known in fields.items():
        namer = _NAMERS.get(known.kind)
        if namer is not None:
            ids = {key for each in data for key in collect_ids(each, Fields([known]), known.kind)}
            found[field_name] = {key: namer(key, names) for key in ids}
    return found


def build_read_view(
    data: Mapping[str, Any],
    *,
    fields: Fields,
    names: DisplayNames,
    layout: Any = None,
    only: Collection[str] | None = None,
    narrowed_to: Collection[str] | None = None,
) -> list[Block]:
    """Return the data in the order of the layout, which may show any field of the workspace.

    Without a layout, or with one that is no longer valid, list the fields `only`, or all fields of the
    workspace. `narrowed_to` restricts the result to these fields.
    """
    default = tuple(name for name in fields if only is None or name in only)
    try:
        items = parse_layout(
            layout or [], fields=tuple(fields) if layout else default, exactly_once=False
        ).items
    except LayoutError:
        items = tuple(FieldItem(name) for name in default)
    if narrowed_to is not None:
        items = _narrow(items, narrowed_to)
    blocks: list[Block] = []
    _lay_out(
        items, blocks, lambda name: Entry(fields[name].title, in_words(fields[name], data.get(name), names))
    )
    return blocks


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


def in_words(known: Field, value: Any, names: DisplayNames) -> SafeString:
    """Return a value as HTML for people, or "" if it is empty."""
    if value is None or value in ("", []):
        return SafeString("")
    return _FORMATTERS[known.kind](known, value, names)


def _text(known: Field, value: Any, _names: DisplayNames) -> SafeString:
    text = str(value)
    if known.format is TextFormat.MULTILINE:
        return format_html('<div class="tf-lines-kept">{}</div>', text)
    if known.format is TextFormat.URI and is_address(text):
        # A designer or submitter wrote the text, so only link what is surely an address.
        return format_html('<a href="{}" rel="noopener noreferrer nofollow">{}</a>', text, text)
    if known.format is TextFormat.EMAIL and is_email(text):
        return format_html('<a href="mailto:{}">{}</a>', text, text)
    if known.format in (TextFormat.DATE, TextFormat.DATE_TIME):
        return _moment(text, date if known.format is TextFormat.DATE else datetime)
    return format_html("{}", text)


def _moment(text: str, kind: type[date]) -> SafeString:
    try:
        moment = kind.fromisoformat(text)
    except ValueError:
        return format_html("{}", text)
    # Without an offset, converting to the user's time zone would be a guess.
    if isinstance(moment, datetime) and moment.tzinfo is None:
        return format_html("{}", text)
    return format_html('<time datetime="{}">{}</time>', text, relative_and_exact(moment, None)[1])


def _number(_known: Field, value: Any, _names: DisplayNames) -> SafeString:
    return format_html("{}", localize(value))


def _yes_no(_known: Field, value: Any, _names: DisplayNames) -> SafeString:
    return format_html("{}", _("Yes") if value else _("No"))


def _choice(known: Field, value: Any, _names: DisplayNames) -> SafeString:
    return format_html("{}", known.label_for(value))


def _choices(known: Field, value: Any, _names: DisplayNames) -> SafeString:
    return format_html("{}", ", ".join(known.label_for(item) for item in value))


def _person(_known: Field, value: Any, names: DisplayNames) -> SafeString:
    return format_html("{}", _person_name(str(value), names))


def _person_name(key: str, names: DisplayNames) -> str:
    return names.people.get(key) or _("A person who is no longer here")


def _file_name(key: str, names: DisplayNames) -> str:
    found = names.files.get(key)
    return found.name if found else _("A file that no longer exists")


def _files(_known: Field, value: Any, names: DisplayNames) -> SafeString:
    ids = [str(key) for key in (value if isinstance(value, list) else [value])]
    return format_html_join(SafeString("<br>"), "{}", ((_file(key, names),) for key in ids))


def _file(key: str, names: DisplayNames) -> SafeString:
    found = names.files.get(key)
    if found is None or not found.url:
        return format_html("{}", _file_name(key, names))
    return format_html('<a href="{}">{}</a>', found.url, found.name)


_NAMERS: Final[dict[FieldKind, Callable[[str, DisplayNames], str]]] = {
    FieldKind.USER: _person_name,
    FieldKind.FILE: _file_name,
    FieldKind.FILES: _file_name,
}


_FORMATTERS: Final[dict[FieldKind, Callable[[Field, Any, DisplayNames], SafeString]]] = {
    FieldKind.TEXT: _text,
    FieldKind.CHOICE: _choice,
    FieldKind.NUMBER: _number,
    FieldKind.INTEGER: _number,
    FieldKind.YES_NO: _yes_no,
    FieldKind.CHOICES: _choices,
    FieldKind.USER: _person,
    FieldKind.FILE: _files,
    FieldKind.FILES: _files,
}
