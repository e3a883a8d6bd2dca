"""Layouts: where the fields of a form or page stand (`docs/workflow-format.md`, "Layouts").

A layout is a list of field names, rows (lists of names), sections and plain texts. Nothing in it
is ever read as a template, which would be a program.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, clean_json
from workflow_design.definition.problems import DefinitionError, Problem, pointer

MAX_LAYOUT_BYTES = 64 * 1024
MAX_SECTION_LEVELS = 3
MAX_ROW_LENGTH = 6
MAX_TITLE_LENGTH = 200
MAX_TEXT_LENGTH = 5000

_MAX_JSON_DEPTH = 2 * MAX_SECTION_LEVELS + 4  # a section is an object around a list

Path = tuple[str | int, ...]


class LayoutError(DefinitionError):
    """A layout that is not allowed; `problems` says all that is wrong with it."""


@dataclass(frozen=True, slots=True)
class FieldItem:
    """One field on a line of its own."""

    name: str


@dataclass(frozen=True, slots=True)
class RowItem:
    """Fields beside each other."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextItem:
    """Plain text between the fields."""

    text: str


@dataclass(frozen=True, slots=True)
class SectionItem:
    """Items under a title."""

    title: str
    items: tuple["Item", ...]


Item = FieldItem | RowItem | TextItem | SectionItem


@dataclass(frozen=True, slots=True)
class Layout:
    """What a form or page shows, from top to bottom."""

    items: tuple[Item, ...]
    fields_in_order: tuple[str, ...] = field(init=False, compare=False)
    """The names of the fields that it shows, from top to bottom."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields_in_order", tuple(_names_in(self.items)))


def parse_layout(layout: Any, *, fields: Collection[str], exactly_once: bool) -> Layout:
    """The layout that this JSON describes; raises LayoutError with all its problems.

    `fields` are those that it may show, in the order of the schema; an empty list shows them all,
    one below the other. With `exactly_once`, as for a form, it must show each of them.
    """
    try:
        clean_json(layout, max_bytes=MAX_LAYOUT_BYTES, max_depth=_MAX_JSON_DEPTH)
    except JsonError as error:
        raise LayoutError([Problem(error.pointer, error.message, error.code)]) from error
    if layout == []:
        return Layout(tuple(FieldItem(name) for name in fields))
    parser = _Parser(fields)
    parsed = Layout(parser.items(layout, (), level=0))
    if exactly_once and isinstance(layout, list):
        parser.note_left_out()
    if parser.problems:
        raise LayoutError(parser.problems)
    return parsed


def _names_in(items: tuple[Item, ...]) -> Iterator[str]:
    for item in items:
        match item:
            case FieldItem(name):
                yield name
            case RowItem(names):
                yield from names
            case SectionItem(_title, inner):
                yield from _names_in(inner)


class _Parser:
    """Reads the items of one layout, and remembers which fields it has met."""

    def __init__(self, fields: Collection[str]) -> None:
        self.problems: list[Problem] = []
        self._fields = fields
        self._placed: set[str] = set()

    def items(self, value: Any, path: Path, *, level: int) -> tuple[Item, ...]:
        """The items of a list, without those that can't be read."""
        if not isinstance(value, list):
            message = _("This must be a list of field names, rows, sections and texts.")
            self._note(path, message, "wrong-type")
            return ()
        read = [self._item(item, (*path, position), level) for position, item in enumerate(value)]
        return tuple(item for item in read if item is not None)

    def note_left_out(self) -> None:
        """Note each field that the layout should show and does not."""
        for name in self._fields:
            if name not in self._placed:
                message = _("The field “%(name)s” is left out.") % {"name": name}
                self._note((), message, "missing-field")

    def _item(self, value: Any, path: Path, level: int) -> Item | None:
        if isinstance(value, str):
            return FieldItem(value) if self._place(value, path) else None
        if isinstance(value, list):
            return self._row(value, path)
        if isinstance(value, dict) and "section" in value:
            return self._section(value, path, level)
        if isinstance(value, dict) and "text" in value:
            self._refuse_others(value, ("text",), path)
            return TextItem(self._text(value["text"], (*path, "text"), MAX_TEXT_LENGTH))
        message = _("This must be a field name, a list of names, or an object with section or text.")
        self._note(path, message, "wrong-type")
        return None

    def _row(self, value: list[Any], path: Path) -> RowItem:
        if not 1 <= len(value) <= MAX_ROW_LENGTH:
            message = _("A row holds 1 to %(number)d fields.") % {"number": MAX_ROW_LENGTH}
            self._note(path, message, "wrong-number-of-fields")
        named = [name for position, name in enumerate(value) if self._place(name, (*path, position))]
        return RowItem(tuple(named))

    def _section(self, value: dict[str, Any], path: Path, level: int) -> SectionItem | None:
        self._refuse_others(value, ("section", "items"), path)
        title = self._text(value["section"], (*path, "section"), MAX_TITLE_LENGTH)
        if level >= MAX_SECTION_LEVELS:
            message = _("Sections stand in each other up to %(levels)d deep.") % {
                "levels": MAX_SECTION_LEVELS
            }
            self._note(path, message, "too-deep")
            return None
        return SectionItem(title, self.items(value.get("items"), (*path, "items"), level=level + 1))

    def _place(self, name: Any, path: Path) -> bool:
        """Whether a field can stand at this place."""
        if not isinstance(name, str):
            self._note(path, _("This must be a field name."), "wrong-type")
        elif name not in self._fields:
            message = _("There is no field “%(name)s” to show here.") % {"name": name[:100]}
            self._note(path, message, "unknown-field")
        elif name in self._placed:
            message = _("The field “%(name)s” stands here a second time.") % {"name": name}
            self._note(path, message, "doubled-field")
        else:
            self._placed.add(name)
            return True
        return False

    def _text(self, value: Any, path: Path, longest: int) -> str:
        if isinstance(value, str) and value.strip() and len(value) <= longest:
            return value
        message = _("This must be a text of 1 to %(longest)d characters.") % {"longest": longest}
        self._note(path, message, "wrong-value")
        return ""

    def _refuse_others(self, value: dict[str, Any], allowed: Collection[str], path: Path) -> None:
        for member in value:
            if member not in allowed:
                message = _("There is no “%(name)s” here.") % {"name": member[:100]}
                self._note((*path, member), message, "unknown-member")

    def _note(self, path: Path, message: str, code: str) -> None:
        self.problems.append(Problem(pointer(*path), message, code))


Renaming = Callable[[str], str | None]


def with_names(layout: Sequence[Any], renaming: Renaming) -> tuple[Any, ...]:
    """The layout with each field's name put through `renaming`; without those that become None.

    Rows and sections that held nothing else go with them. Titles and texts stay.
    """
    items = (_item(item, renaming) for item in layout)
    return tuple(item for item in items if item is not None)


def fitted(layout: Sequence[Any], fields: Collection[str]) -> tuple[Any, ...]:
    """The layout of a form for exactly these fields: those that it lacks stand at its end.

    The empty layout shows all fields, and stays so. One that can't be read stays as it is, too:
    what is wrong with it is for the check to say.
    """
    if not layout:
        return ()
    known = set(fields)
    kept = with_names(layout, lambda name: name if name in known else None)
    try:
        shown = parse_layout(list(kept), fields=tuple(fields), exactly_once=False).fields_in_order
    except LayoutError:
        return tuple(layout)
    return (*kept, *(name for name in fields if name not in shown)) if kept else ()


def _item(item: Any, renaming: Renaming) -> Any:
    if isinstance(item, str):
        return renaming(item)
    if isinstance(item, list):
        return [new for new in map(renaming, item) if new is not None] or None
    if isinstance(item, dict) and isinstance(item.get("items"), list):
        inner = list(with_names(item["items"], renaming))
        return {**item, "items": inner} if inner or not item["items"] else None
    return item
