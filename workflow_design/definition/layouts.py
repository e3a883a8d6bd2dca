"""Layouts: the arrangement of fields on a form or page (`docs/workflow-format.md`, "Layouts").

A layout is a list of field names, rows (lists of names), sections and plain texts. It is data and never
rendered as a template, because a template is a program.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, clean_json
from workflow_design.definition.problems import DefinitionError, Problem, pointer
from workflow_design.definition.workflow import FIELD_NAME_PATTERN, MAX_TITLE_LENGTH

MAX_LAYOUT_BYTES = 64 * 1024
MAX_SECTION_LEVELS = 3
MAX_ROW_LENGTH = 6
MAX_TEXT_LENGTH = 5000

_MAX_JSON_DEPTH = 2 * MAX_SECTION_LEVELS + 4  # a section is an object around a list

Path = tuple[str | int, ...]


class LayoutError(DefinitionError):
    """A layout that is not allowed; `problems` lists everything that is wrong with it."""


@dataclass(frozen=True, slots=True)
class FieldItem:
    """One field on its own line."""

    name: str


@dataclass(frozen=True, slots=True)
class RowItem:
    """Fields side by side."""

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
    """The items that a form or page displays, from top to bottom."""

    items: tuple[Item, ...]
    fields_in_order: tuple[str, ...] = field(init=False, compare=False)
    """The names of the displayed fields, from top to bottom."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields_in_order", tuple(_iterate_names(self.items)))


def layout_definitions() -> dict[str, Any]:
    """Return the `$defs` of a file's schema that describe layouts: one for each level of sections."""
    names = ["layout", *(f"layout_{level}" for level in range(1, MAX_SECTION_LEVELS + 1))]
    return {name: _layout_schema(inner) for name, inner in zip(names, [*names[1:], ""], strict=True)}


def _layout_schema(inner: str) -> dict[str, Any]:
    """Return the schema of a layout whose sections have items of the definition `inner`."""
    name = {"type": "string", "pattern": f"^{FIELD_NAME_PATTERN}$"}
    row = {"type": "array", "items": name, "minItems": 1, "maxItems": MAX_ROW_LENGTH}
    kinds = [name, row, _object_schema(text=_text_schema(MAX_TEXT_LENGTH))]
    if inner:
        items = {"$ref": f"#/$defs/{inner}"}
        kinds.append(_object_schema(section=_text_schema(MAX_TITLE_LENGTH), items=items))
    return {"type": "array", "items": {"anyOf": kinds}}


def _text_schema(longest: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest, "pattern": r"\S"}


def _object_schema(**members: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": members,
        "required": list(members),
        "additionalProperties": False,
    }


def parse_layout(layout: Any, *, fields: Collection[str], exactly_once: bool) -> Layout:
    """Parse a layout from JSON; raise LayoutError with all its problems.

    `fields` are the names that the layout may use, in schema order. An empty layout displays all of them,
    one below the other. With `exactly_once`, as for a form, the layout must use each of them.
    """
    try:
        clean_json(layout, max_bytes=MAX_LAYOUT_BYTES, max_depth=_MAX_JSON_DEPTH)
    except JsonError as error:
        raise LayoutError([Problem(error.pointer, error.message, error.code)]) from error
    # Without a layout, a form is still usable.
    if layout == []:
        return Layout(tuple(FieldItem(name) for name in fields))
    parser = _Parser(fields)
    # Parse everything before raising, so that all problems are reported at once.
    parsed = Layout(parser.items(layout, (), level=0))
    if exactly_once and isinstance(layout, list):
        parser.report_missing_fields()
    if parser.problems:
        raise LayoutError(parser.problems)
    return parsed


def _iterate_names(items: tuple[Item, ...]) -> Iterator[str]:
    for item in items:
        match item:
            case FieldItem(name):
                yield name
            case RowItem(names):
                yield from names
            case SectionItem(_title, inner):
                yield from _iterate_names(inner)


class _Parser:
    """Parser of one layout. It remembers which fields were already placed."""

    def __init__(self, fields: Collection[str]) -> None:
        self.problems: list[Problem] = []
        self._fields = fields
        self._placed: set[str] = set()

    def items(self, value: Any, path: Path, *, level: int) -> tuple[Item, ...]:
        """Parse the items of a list, skipping those that are not valid."""
        if not isinstance(value, list):
            message = _("This must be a list of field names, rows, sections and texts.")
            self._report(path, message, "wrong-type")
            return ()
        parsed_items = [self._item(item, (*path, position), level) for position, item in enumerate(value)]
        return tuple(item for item in parsed_items if item is not None)

    def report_missing_fields(self) -> None:
        """Report each field that the layout must use but does not."""
        for name in self._fields:
            if name not in self._placed:
                message = _("The field “%(name)s” is missing.") % {"name": name}
                self._report((), message, "missing-field")

    def _item(self, value: Any, path: Path, level: int) -> Item | None:
        if isinstance(value, str):
            return FieldItem(value) if self._place(value, path) else None
        if isinstance(value, list):
            return self._row(value, path)
        if isinstance(value, dict) and "section" in value:
            return self._section(value, path, level)
        if isinstance(value, dict) and "text" in value:
            # An unknown member is reported, but the item is still usable.
            self._check_members(value, ("text",), path)
            return TextItem(self._text(value["text"], (*path, "text"), MAX_TEXT_LENGTH))
        message = _("This must be a field name, a list of names, or an object with section or text.")
        self._report(path, message, "wrong-type")
        return None

    def _row(self, value: list[Any], path: Path) -> RowItem:
        if not 1 <= len(value) <= MAX_ROW_LENGTH:
            message = _("A row must have 1 to %(number)d fields.") % {"number": MAX_ROW_LENGTH}
            self._report(path, message, "wrong-number-of-fields")
        named = [name for position, name in enumerate(value) if self._place(name, (*path, position))]
        return RowItem(tuple(named))

    def _section(self, value: dict[str, Any], path: Path, level: int) -> SectionItem | None:
        self._check_members(value, ("section", "items"), path)
        title = self._text(value["section"], (*path, "section"), MAX_TITLE_LENGTH)
        if level >= MAX_SECTION_LEVELS:
            message = _("Sections can be nested at most %(levels)d levels deep.") % {
                "levels": MAX_SECTION_LEVELS
            }
            self._report(path, message, "too-deep")
            return None
        return SectionItem(title, self.items(value.get("items"), (*path, "items"), level=level + 1))

    def _place(self, name: Any, path: Path) -> bool:
        """Return whether the field can be placed here; if so, mark it as placed."""
        if not isinstance(name, str):
            self._report(path, _("This must be a field name."), "wrong-type")
        elif name not in self._fields:
            message = _("The field “%(name)s” can't be used here.") % {"name": name[:100]}
            self._report(path, message, "unknown-field")
        elif name in self._placed:
            message = _("The field “%(name)s” appears here twice.") % {"name": name}
            self._report(path, message, "doubled-field")
        else:
            self._placed.add(name)
            return True
        return False

    def _text(self, value: Any, path: Path, longest: int) -> str:
        if isinstance(value, str) and value.strip() and len(value) <= longest:
            return value
        message = _("This must be text of 1 to %(longest)d characters.") % {"longest": longest}
        self._report(path, message, "wrong-value")
        return ""

    def _check_members(self, value: dict[str, Any], allowed: Collection[str], path: Path) -> None:
        for member in value:
            if member not in allowed:
                message = _("“%(name)s” is not allowed here.") % {"name": member[:100]}
                self._report((*path, member), message, "unknown-member")

    def _report(self, path: Path, message: str, code: str) -> None:
        self.problems.append(Problem(pointer(*path), message, code))


Renaming = Callable[[str], str | None]


def rename_fields(layout: Sequence[Any], renaming: Renaming) -> tuple[Any, ...]:
    """Return the layout with each field name replaced by `renaming(name)`; None removes the field.

    Rows and sections that become empty are removed too. Titles and texts do not change.
    """
    items = (_rename_item(item, renaming) for item in layout)
    return tuple(item for item in items if item is not None)


def fit_layout(layout: Sequence[Any], fields: Collection[str]) -> tuple[Any, ...]:
    """Return the layout of a form for exactly these fields; missing fields are appended.

    An empty layout displays all fields, so it stays empty. A layout that can't be parsed is returned
    unchanged: the check reports what is wrong with it.
    """
    if not layout:
        return ()
    # Fields that no longer exist are removed, and new ones appended, so that the layout stays valid.
    known = set(fields)
    remaining = rename_fields(layout, lambda name: name if name in known else None)
    try:
        displayed = parse_layout(list(remaining), fields=tuple(fields), exactly_once=False).fields_in_order
    except LayoutError:
        return tuple(layout)
    return (*remaining, *(name for name in fields if name not in displayed)) if remaining else ()


def _rename_item(item: Any, renaming: Renaming) -> Any:
    """Return the item with its names replaced, or None if nothing of it is left."""
    if isinstance(item, str):
        return renaming(item)
    if isinstance(item, list):
        return [new for new in map(renaming, item) if new is not None] or None
    if isinstance(item, dict) and isinstance(item.get("items"), list):
        inner = list(rename_fields(item["items"], renaming))
        # A section that was already empty is kept: it is not this change that emptied it.
        return {**item, "items": inner} if inner or not item["items"] else None
    return item
