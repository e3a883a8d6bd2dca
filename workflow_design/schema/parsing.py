"""A `fields_schema` made into fields: JSON Schema 2020-12, as far as forms can show it.

Everything that strangers write here is bounded before it is looked at, and every keyword is on a
list: nothing is silently ignored (`data-model.md`, "A field"; `dependable.md`, "Definitions from
strangers"). References stay inside the document, so nothing is ever fetched.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, clean_json
from workflow_design.fields import Field, Fields
from workflow_design.problems import DefinitionError, Problem
from workflow_design.schema.properties import MAX_DESCRIPTION_LENGTH, MAX_TITLE_LENGTH, FieldReader
from workflow_design.schema.reader import Findings, SchemaObject

MAX_SCHEMA_BYTES = 256 * 1024
MAX_SCHEMA_DEPTH = 20
MAX_SCHEMA_NODES = 500
"""Objects and lists, the schema itself included."""

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
OF_THE_SITE: Final = "csrfmiddlewaretoken"
"""The one control of the site's own in every form whose name could be a field's; ours begin with `_`."""
FIELD_NAME: Final = re.compile(rf"(?!{OF_THE_SITE}\Z)[a-z][a-z0-9_]{{0,99}}")

_ABOUT: Final = ("$schema", "$comment", "title", "description")
_ROOT: Final = (*_ABOUT, "type", "properties", "required", "additionalProperties", "$defs")


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
