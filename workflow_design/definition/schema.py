"""A `fields_schema` made into fields: JSON Schema 2020-12, as far as forms can show it.

Everything that strangers write here is bounded before it is looked at, and every keyword is on a
list: nothing is silently ignored (`docs/workflow-format.md`, "Fields"; `docs/security.md`,
"Untrusted input"). References stay inside the document, so nothing is ever fetched.
"""

import json
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, Final

from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, clean_json
from workflow_design.definition.fields import Field, FieldKind, Fields, is_empty
from workflow_design.definition.problems import DefinitionError, Problem, pointer, under
from workflow_design.definition.schema_keywords import details_of
from workflow_design.definition.schema_reader import Findings, Path, SchemaObject, open_object
from workflow_design.definition.values import FieldValidator

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


MAX_SCHEMA_BYTES = 256 * 1024
MAX_SCHEMA_DEPTH = 20
MAX_SCHEMA_NODES = 500
"""Objects and lists, the schema itself included."""

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
OF_THE_SITE: Final = "csrfmiddlewaretoken"
"""The one control of the site's own in every form whose name could be a field's; ours begin with `_`."""
FIELD_NAME: Final = re.compile(rf"(?!{OF_THE_SITE}\Z)[a-z][a-z0-9_]{{0,99}}")

_ROOT_ABOUT: Final = ("$schema", "$comment", "title", "description")
_ROOT: Final = (*_ROOT_ABOUT, "type", "properties", "required", "additionalProperties", "$defs")


class SchemaError(DefinitionError):
    """A `fields_schema` that is not allowed; `problems` says all that is wrong with it."""


def parse_fields(schema: Any) -> Fields:
    """The fields that a `fields_schema` declares, in its order; raises SchemaError with all problems.

    The order is that of `properties`: keep the schema where members keep their order, which
    PostgreSQL's jsonb does not do.
    """
    _refuse_large(schema)
    findings = Findings()
    root = SchemaObject((), schema, {}, findings)
    _check_root(root)
    definitions = _members(root, "$defs")
    reader = FieldReader(definitions=definitions, findings=findings)
    properties = _members(root, "properties")
    required = _required(root, properties)
    fields = [_field(reader, root, name, value, required) for name, value in properties.items()]
    for name, value in definitions.items():  # also those that nothing refers to
        reader.read(name, value, ("$defs", name))
    if findings.problems:
        raise SchemaError(findings.problems)
    return Fields([field for field in fields if field is not None])


def _refuse_large(schema: Any) -> None:
    """The bounds come first: no other check has to bear more than this."""
    try:
        clean_json(schema, max_bytes=MAX_SCHEMA_BYTES, max_depth=MAX_SCHEMA_DEPTH)
    except JsonError as error:
        raise SchemaError([Problem(error.pointer, error.message, error.code)]) from error
    if not isinstance(schema, dict):
        raise SchemaError([Problem("", _("A schema of fields is an object."), "wrong-type")])
    if _nodes(schema) > MAX_SCHEMA_NODES:
        message = _("This schema has more than %(number)d objects and lists.") % {"number": MAX_SCHEMA_NODES}
        raise SchemaError([Problem("", message, "too-large")])


def _nodes(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_nodes, value.values()))
    return 1 + sum(map(_nodes, value)) if isinstance(value, list) else 0


def _check_root(root: SchemaObject) -> None:
    root.refuse_others(_ROOT, _("a schema of fields"))
    root.text("title", longest=MAX_TITLE_LENGTH)
    root.text("description", longest=MAX_DESCRIPTION_LENGTH)
    if root.has("$schema") and root.get("$schema") != DIALECT:
        root.note("$schema", _("The schema follows %(dialect)s.") % {"dialect": DIALECT}, "unknown-dialect")
    if root.get("type") != "object":
        root.note("type", _("The type of a schema of fields is “object”."), "wrong-value")
    if root.has("additionalProperties") and root.get("additionalProperties") is not False:
        message = _("A workspace has no fields but those in properties: false, or left out.")
        root.note("additionalProperties", message, "wrong-value")


def _members(root: SchemaObject, keyword: str) -> Mapping[str, Any]:
    value = root.get(keyword)
    if isinstance(value, dict):
        return value
    if root.has(keyword):
        root.note(keyword, _("This must be an object."), "wrong-type")
    return {}


def _required(root: SchemaObject, properties: Mapping[str, Any]) -> frozenset[str]:
    names = root.get("required")
    if not isinstance(names, list):
        if root.has("required"):
            root.note("required", _("This must be a list of field names."), "wrong-type")
        return frozenset()
    for position, name in enumerate(names):
        path = (*root.place("required"), position)
        if not isinstance(name, str) or name not in properties:
            root.findings.add(path, _("This must be the name of a field in properties."), "unknown-field")
        elif name in names[:position]:
            root.findings.add(path, _("This name stands here twice."), "doubled")
    return frozenset(name for name in names if isinstance(name, str))


def _field(
    reader: FieldReader, root: SchemaObject, name: str, value: Any, required: frozenset[str]
) -> Field | None:
    path = (*root.place("properties"), name)
    if name == OF_THE_SITE:
        message = _("The site's own forms use this name. Please choose another.")
        root.findings.add(path, message, "bad-name")
    elif not FIELD_NAME.fullmatch(name):
        message = _("A field name is a small letter and up to 99 small letters, digits and underscores.")
        root.findings.add(path, message, "bad-name")
    return reader.read(name, value, path, required=name in required)


KEPT_VALIDATORS = 500


class DataValidator:
    """Checks data against a `fields_schema`; made once for each, see `data_validator`."""

    __slots__ = ("_validators", "fields")

    def __init__(self, schema: Any) -> None:
        """Raise SchemaError if the schema itself is not allowed."""
        self.fields: Fields = parse_fields(schema)
        self._validators = {name: FieldValidator(field) for name, field in self.fields.items()}

    def problems(self, data: Any, *, required: Collection[str] = ()) -> list[Problem]:
        """All that is wrong with `data`, clean JSON: a whole workspace, or the values of one write.

        A field that is not there is empty, which is a problem for those in `required` only: the
        `required` of the schema binds forms and answers that ask for a field, not the workspace
        (`docs/engine.md`, "Words"). A value that means "empty" is a problem, as its key must be absent.
        """
        if not isinstance(data, dict):
            return [Problem("", _("The values of fields come as an object."), "wrong-type")]
        found = [problem for name, value in data.items() for problem in self._problems_of(name, value)]
        missing = [name for name in required if name not in data]
        return found + [Problem(pointer(name), _("This must be filled in."), "required") for name in missing]

    def _problems_of(self, name: str, value: Any) -> list[Problem]:
        where = pointer(name)
        validator = self._validators.get(name)
        if validator is None:
            return [
                Problem(where, _("There is no field “%(name)s”.") % {"name": name[:100]}, "unknown-field")
            ]
        if is_empty(value):
            return [Problem(where, _("An empty field is left out."), "empty-value")]
        found = validator.problems(value)
        return under(where, found) if found else []


def data_validator(schema: Any) -> DataValidator:
    """The validator of a `fields_schema`, kept for the next time; raises SchemaError."""
    try:
        text = json.dumps(schema, separators=(",", ":"))
    except (RecursionError, TypeError, ValueError):
        return DataValidator(schema)  # no JSON, and it says so
    return _kept(text)


@lru_cache(maxsize=KEPT_VALIDATORS)
def _kept(text: str) -> DataValidator:
    return DataValidator(json.loads(text))
