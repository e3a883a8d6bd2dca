"""Parsing of a `fields_schema` into fields: the part of JSON Schema 2020-12 that forms can display.

Schemas come from untrusted users. So their size is limited before anything else is checked, and unknown
keywords are errors: nothing is silently ignored (`docs/workflow-format.md`, "Fields"; `docs/security.md`,
"Untrusted input"). References stay inside the document, so nothing is ever fetched.
"""

import json
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, Final

from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, clean_json
from workflow_design.definition.field_types import CHOICE, FIELD_TYPES, find_type, formats_of
from workflow_design.definition.fields import FILTERABLE, Field, Fields, FieldType, is_empty, title_from_name
from workflow_design.definition.problems import DefinitionError, Problem, pointer, under
from workflow_design.definition.schema_reader import Path, SchemaObject, open_object, read_details
from workflow_design.definition.values import FieldValidator, refuse_sample
from workflow_design.definition.workflow import FIELD_NAME_PATTERN, MAX_TITLE_LENGTH

MAX_HELP_LENGTH = 2000
MAX_EXAMPLES = 20

_ANNOTATIONS: Final = ("title", "description", "$comment")
_SAMPLES: Final = ("default", "examples")
_OF_TYPES: Final = [keyword for each in FIELD_TYPES.values() for keyword in each.keywords]
_EVERY_KEYWORD: Final = tuple(dict.fromkeys([*_ANNOTATIONS, *_SAMPLES, "type", "format", *_OF_TYPES]))


class FieldReader:
    """Reader of the properties of one schema. Problems are appended to a list."""

    def __init__(self, *, definitions: Mapping[str, Any], problems: list[Problem]) -> None:
        self._definitions = definitions
        self._problems = problems

    def read(self, name: str, value: Any, path: Path, *, required: bool = False) -> Field | None:
        """Read the field that the object at `path` describes. If it is none, report why and return None."""
        count = len(self._problems)
        source = self._open(value, path)
        if source is None:
            return None
        is_list = source.get("type") == "array"
        items = self._open(source.get("items"), source.place("items")) if is_list else None
        # The type decides which keywords are allowed, so it is read first.
        field_type = _read_type(source, items)
        if field_type is None:
            source.refuse_others(_EVERY_KEYWORD, _("a field"))
            return None
        source.refuse_others(_allowed_keywords(field_type), str(field_type.label))
        if items is not None:
            words = ("$comment", *field_type.base.spelling, *field_type.base.keywords)
            items.refuse_others([word for word in words if word != FILTERABLE], _("the items of a list"))
        field = Field(
            name=name,
            type=field_type,
            title=source.text("title", longest=MAX_TITLE_LENGTH) or title_from_name(name),
            help_text=source.text("description", longest=MAX_HELP_LENGTH),
            required=required,
            default=source.get("default"),
            examples=_read_examples(source) if "examples" in source.keywords else (),
            **read_details(field_type, source, items),
        )
        # Values can only be checked against a field that was read, whatever else it says.
        is_read = all(problem.code == "unknown-keyword" for problem in self._problems[count:])
        if is_read and source.keywords.keys() & _SAMPLES:
            _check_samples(source, field)
        return field

    def _open(self, value: Any, path: Path) -> SchemaObject | None:
        return open_object(value, path, definitions=self._definitions, problems=self._problems)


def _read_type(source: SchemaObject, items: SchemaObject | None) -> FieldType | None:
    """Return the type of field that an object describes, or report why there is none."""
    field_type = find_type(source.keywords, items.keywords if items else None)
    if field_type is not None:
        return field_type
    if source.get("type") == "array":
        if items is not None:
            message = _("A list must hold choices (enum or oneOf) or files (string with the format file).")
            items.report(items.path, message, "unknown-type")
        return None
    field_type = find_type({"type": source.get("type")})
    if field_type is None:
        message = _("The type of a field must be string, number, integer, boolean or array.")
        source.note("type", message, "unknown-type")
    elif formats := formats_of(field_type.json_type):
        message = _("Unknown format. Known formats: %(names)s.") % {"names": ", ".join(formats)}
        source.note("format", message, "unknown-format")
    return field_type


def _allowed_keywords(field_type: FieldType) -> tuple[str, ...]:
    samples = _SAMPLES if field_type.takes_default else ()
    # A format that is not known has its own problem.
    formats = ("format",) if field_type.base is not CHOICE and formats_of(field_type.json_type) else ()
    return (*_ANNOTATIONS, *samples, "type", *field_type.keywords, *formats)


def _read_examples(source: SchemaObject) -> tuple[Any, ...]:
    listed = source.get("examples")
    if isinstance(listed, list) and 1 <= len(listed) <= MAX_EXAMPLES:
        return tuple(listed)
    message = _("This must be a list of 1 to %(number)d values.") % {"number": MAX_EXAMPLES}
    source.note("examples", message, "wrong-value")
    return ()


def _check_samples(source: SchemaObject, field: Field) -> None:
    """Report a default or an example that its own field would reject."""
    place = source.place("examples")
    samples = [("bad-example", (*place, at), value) for at, value in enumerate(field.examples)]
    if source.has("default"):
        samples.append(("bad-default", source.place("default"), field.default))
    for code, path, value in samples:
        for message in refuse_sample(field, value, code):
            source.report(path, message, code)


MAX_SCHEMA_BYTES = 256 * 1024
MAX_SCHEMA_DEPTH = 20
MAX_SCHEMA_NODES = 500
"""The number of objects and lists, including the schema itself."""

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
CSRF_FIELD_NAME: Final = "csrfmiddlewaretoken"
"""The one control in every form whose name could also be a field name; our own start with `_`."""
FIELD_NAME: Final = re.compile(rf"(?!{CSRF_FIELD_NAME}\Z){FIELD_NAME_PATTERN}")

_ROOT_NOTES: Final = ("$schema", "$comment", "title", "description")
_ROOT_KEYWORDS: Final = (*_ROOT_NOTES, "type", "properties", "required", "additionalProperties", "$defs")


class SchemaError(DefinitionError):
    """A `fields_schema` that is not allowed; `problems` lists everything that is wrong with it."""


def parse_fields(schema: Any) -> Fields:
    """Parse the fields that a `fields_schema` declares, in its order; raise SchemaError with all problems.

    The order is that of `properties`, so the schema must be stored where the order of members is kept.
    PostgreSQL's jsonb does not keep it.
    """
    _check_size(schema)
    problems: list[Problem] = []
    root = SchemaObject((), schema, {}, problems)
    _check_root(root)
    # Definitions come first, because properties refer to them.
    definitions = _members(root, "$defs")
    reader = FieldReader(definitions=definitions, problems=problems)
    properties = _members(root, "properties")
    required = _required(root, properties)
    fields = [_field(reader, root, name, value, required) for name, value in properties.items()]
    for name, value in definitions.items():  # also those that nothing refers to
        reader.read(name, value, ("$defs", name))
    if problems:
        # A shared definition is read once for each reference.
        raise SchemaError(tuple(dict.fromkeys(problems)))
    return Fields([field for field in fields if field is not None])


def _check_size(schema: Any) -> None:
    """Raise SchemaError if the schema is too large. This runs first, so that no other check is slow."""
    try:
        clean_json(schema, max_bytes=MAX_SCHEMA_BYTES, max_depth=MAX_SCHEMA_DEPTH)
    except JsonError as error:
        raise SchemaError([Problem(error.pointer, error.message, error.code)]) from error
    if not isinstance(schema, dict):
        raise SchemaError([Problem("", _("A fields schema must be an object."), "wrong-type")])
    if _count_nodes(schema) > MAX_SCHEMA_NODES:
        message = _("This schema has more than %(number)d objects and lists.") % {"number": MAX_SCHEMA_NODES}
        raise SchemaError([Problem("", message, "too-large")])


def _count_nodes(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_count_nodes, value.values()))
    return 1 + sum(map(_count_nodes, value)) if isinstance(value, list) else 0


def _check_root(root: SchemaObject) -> None:
    root.refuse_others(_ROOT_KEYWORDS, _("a fields schema"))
    root.text("title", longest=MAX_TITLE_LENGTH)
    root.text("description", longest=MAX_HELP_LENGTH)
    if root.has("$schema") and root.get("$schema") != DIALECT:
        message = _("The dialect of the schema must be %(dialect)s.") % {"dialect": DIALECT}
        root.note("$schema", message, "unknown-dialect")
    if root.get("type") != "object":
        root.note("type", _("The type of a fields schema must be “object”."), "wrong-value")
    if root.has("additionalProperties") and root.get("additionalProperties") is not False:
        message = _("A workspace has only the fields in properties: set this to false or leave it out.")
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
            root.report(path, _("This must be the name of a field in properties."), "unknown-field")
        elif name in names[:position]:
            root.report(path, _("This name is listed twice."), "doubled")
    return frozenset(name for name in names if isinstance(name, str))


def _field(
    reader: FieldReader, root: SchemaObject, name: str, value: Any, required: frozenset[str]
) -> Field | None:
    path = (*root.place("properties"), name)
    if name == CSRF_FIELD_NAME:
        root.report(path, _("This name is reserved. Choose another one."), "bad-name")
    elif not FIELD_NAME.fullmatch(name):
        message = _("A field name is a lowercase letter, then up to 99 lowercase letters, digits and “_”.")
        root.report(path, message, "bad-name")
    return reader.read(name, value, path, required=name in required)


MAX_CACHED_VALIDATORS = 500


class DataValidator:
    """Validator of data against a `fields_schema`; use `data_validator`, which caches it."""

    __slots__ = ("_validators", "fields")

    def __init__(self, schema: Any) -> None:
        """Raise SchemaError if the schema itself is not allowed."""
        self.fields: Fields = parse_fields(schema)
        self._validators = {name: FieldValidator(field) for name, field in self.fields.items()}

    def problems(self, data: Any, *, required: Collection[str] = ()) -> list[Problem]:
        """Return all problems of `data`: clean JSON of a whole workspace or of the values of one write.

        An absent field is empty, which is a problem only for fields in `required`. The `required` of the
        schema applies to forms and answers that ask for a field, not to the workspace (`docs/engine.md`,
        "Words"). A value that means "empty" is a problem, because its key must be absent.
        """
        if not isinstance(data, dict):
            return [Problem("", _("Field values must be an object."), "wrong-type")]
        # Each field is validated alone, because no keyword that we support relates two fields.
        found = [problem for name, value in data.items() for problem in self._problems_of(name, value)]
        missing = [name for name in required if name not in data]
        return found + [Problem(pointer(name), _("Please fill this in."), "required") for name in missing]

    def _problems_of(self, name: str, value: Any) -> list[Problem]:
        where = pointer(name)
        validator = self._validators.get(name)
        if validator is None:
            message = _("There is no field “%(name)s”.") % {"name": name[:100]}
            return [Problem(where, message, "unknown-field")]
        if is_empty(value):
            return [Problem(where, _("Leave out empty fields."), "empty-value")]
        found = validator.problems(value)
        return under(where, found) if found else []


def data_validator(schema: Any) -> DataValidator:
    """Return the cached validator of a `fields_schema`; raise SchemaError if the schema is not allowed."""
    try:
        # The text is the cache key: it tells schemas apart whose fields differ only in their order.
        text = json.dumps(schema, separators=(",", ":"))
    except (RecursionError, TypeError, ValueError):
        return DataValidator(schema)  # not JSON, so this raises SchemaError
    return _cached_validator(text)


def read_fields(schema: Mapping[str, Any]) -> Fields:
    """Return the fields of a `fields_schema` that may have problems, without those that can't be read."""
    try:
        return data_validator(schema).fields
    except SchemaError as error:
        problems: list[Problem] = []
        if any(each.code in ("too-large", "too-deep") and not each.pointer for each in error.problems):
            return Fields([])
        root = SchemaObject((), dict(schema), {}, problems)
        reader = FieldReader(definitions=_members(root, "$defs"), problems=problems)
        fields = (reader.read(name, value, ()) for name, value in _members(root, "properties").items())
        return Fields([field for field in fields if field is not None])


@lru_cache(maxsize=MAX_CACHED_VALIDATORS)
def _cached_validator(text: str) -> DataValidator:
    return DataValidator(json.loads(text))
