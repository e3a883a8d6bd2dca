"""One property of a `fields_schema` made into a field (`data-model.md`, "A field")."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.fields import Field, FieldKind, is_empty
from workflow_design.schema.details import details_of
from workflow_design.schema.reader import Findings, Path, SchemaObject, open_object
from workflow_design.schema.values import FieldValidator

MAX_TITLE_LENGTH = 200
MAX_DESCRIPTION_LENGTH = 2000

_ABOUT: Final = ("title", "description", "$comment")
_BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_ITEMS: Final = ("items", "uniqueItems", "minItems", "maxItems")
_KEYWORDS: Final[dict[FieldKind, tuple[str, ...]]] = {
    FieldKind.TEXT: (*_ABOUT, "default", "type", "minLength", "maxLength", "pattern", "format"),
    FieldKind.CHOICE: (*_ABOUT, "default", "type", "enum", "oneOf"),
    FieldKind.NUMBER: (*_ABOUT, "default", "type", *_BOUNDS),
    FieldKind.INTEGER: (*_ABOUT, "default", "type", *_BOUNDS),
    FieldKind.YES_NO: (*_ABOUT, "default", "type"),
    FieldKind.CHOICES: (*_ABOUT, "default", "type", *_ITEMS),
    # Persons and files are those of one company at one time: no default fits them.
    FieldKind.USER: (*_ABOUT, "type", "format"),
    FieldKind.FILE: (*_ABOUT, "type", "format"),
    FieldKind.FILES: (*_ABOUT, "type", *_ITEMS),
}
_KINDS: Final = {
    "string": FieldKind.TEXT,
    "number": FieldKind.NUMBER,
    "integer": FieldKind.INTEGER,
    "boolean": FieldKind.YES_NO,
}
_OF_ITEMS: Final[dict[FieldKind, tuple[str, ...]]] = {
    FieldKind.CHOICES: ("$comment", "type", "enum", "oneOf"),
    FieldKind.FILES: ("$comment", "type", "format"),
}


class FieldReader:
    """Reads the properties of one schema; problems go into its findings."""

    def __init__(self, *, definitions: Mapping[str, Any], findings: Findings) -> None:
        self._definitions = definitions
        self._findings = findings

    def read(self, name: str, value: Any, path: Path, *, required: bool = False) -> Field | None:
        """The field that the object at `path` describes; None, with notes, if it describes none."""
        notes = self._findings.notes
        source = self._open(value, path)
        if source is None:
            return None
        is_list = source.get("type") == "array"
        items = self._open(source.get("items"), source.place("items")) if is_list else None
        kind = _kind_of_list(items) if is_list else _kind_of(source)
        if kind is None:
            return None
        source.refuse_others(_KEYWORDS[kind], kind.label)
        if items is not None:
            items.refuse_others(_OF_ITEMS[kind], _("the items of a list"))
        field = Field(
            name=name,
            kind=kind,
            title=source.text("title", longest=MAX_TITLE_LENGTH) or name.replace("_", " ").capitalize(),
            help_text=source.text("description", longest=MAX_DESCRIPTION_LENGTH),
            required=required,
            default=source.get("default"),
            **details_of(kind, source, items),
        )
        if self._findings.notes == notes:
            _check_default(source, field)
        return field

    def _open(self, value: Any, path: Path) -> SchemaObject | None:
        return open_object(value, path, definitions=self._definitions, findings=self._findings)


def _kind_of(source: SchemaObject) -> FieldKind | None:
    """Which kind of field an object describes, by the keywords that tell kinds apart."""
    if source.has("enum") or source.has("oneOf"):
        return FieldKind.CHOICE
    kind = _KINDS.get(str(source.get("type")))
    if kind is None:
        message = _("The type of a field is one of string, number, integer, boolean and array.")
        source.note("type", message, "unknown-type")
    elif kind is FieldKind.TEXT and source.get("format") in (FieldKind.USER, FieldKind.FILE):
        return FieldKind(source.get("format"))
    return kind


def _kind_of_list(items: SchemaObject | None) -> FieldKind | None:
    if items is None:
        return None
    if items.has("enum") or items.has("oneOf"):
        return FieldKind.CHOICES
    if items.get("type") == "string" and items.get("format") == "file":
        return FieldKind.FILES
    message = _("A list holds choices (enum or oneOf) or files (string with the format file), nothing else.")
    items.findings.add(items.path, message, "unknown-type")
    return None


def _check_default(source: SchemaObject, field: Field) -> None:
    """A default prefills its field, and nobody should have to correct it."""
    if not source.has("default"):
        return
    if is_empty(field.default):
        source.note("default", _("A default that is empty is left out."), "bad-default")
        return
    for problem in FieldValidator(field).problems(field.default):
        message = _("This default does not fit: %(why)s") % {"why": problem.message}
        source.note("default", message, "bad-default")
