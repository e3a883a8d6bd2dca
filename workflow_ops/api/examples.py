"""Examples of requests and responses, generated from the schemas of the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]
JSON: Final = "application/json"

_BY_NAME: Final[Mapping[str, Any]] = {
    "assignee": "Marek Novak",
    "author": "Hanna Weber",
    "comment": "",
    "company_role": "HR",
    "counterexample": [{"kind": "ticket", "title": "Purchase", "values": {"amount": 1200}}],
    "data": {"reason": "The old one is broken", "amount": 1200},
    "detail": "The values are not valid.",
    "digest": "5f0c1b7a9e42",
    "email": "marek@example.com",
    "expected": [],
    "files": ["431"],
    "form": {
        "type": "object",
        "properties": {"reason": {"type": "string"}, "amount": {"type": "number"}},
        "required": ["reason"],
        "additionalProperties": False,
    },
    "id": 57,
    "input": {"reason": "The old one is broken", "amount": 1200},
    "input_version": 1,
    "line": 12,
    "media_type": "application/pdf",
    "mentions": [57],
    "message": "The system answered 503.",
    "moves": [{"kind": "ticket", "title": "Purchase", "values": {"amount": 1200}}],
    "name": "Marek Novak",
    "next": "/api/1/tickets?after=WyIyMDMw",
    "note": "As agreed by phone",
    "number": 215,
    "open_tasks": ["Approve"],
    "output": {"decision": "approve"},
    "outcomes": {"DONE": 2, "REFUSED": 1},
    "previous": None,
    "pointer": "/tasks/0/condition",
    "reason": "It is no longer needed",
    "requester": "Sam Tester",
    "rows": [215, 217],
    "size": 18204,
    "step": 3,
    "submitted": {"reason": "The old one is broken", "amount": 1200},
    "text": "The invoice has come.",
    "ticket": 215,
    "title": "A new laptop",
    "type_title": "Purchase",
    "values": {"reason": "The old one is broken", "amount": 1200},
    "version": 3,
    "waits_for": ["Approve"],
    "workflow": "Purchases",
}
"""Example values by the name of the member, used if they have the type that its schema requires."""
_FILE: Final = {"format_version": 1, "title": "Purchases", "tickets": ["…"], "tasks": ["…"]}
_BY_FORMAT: Final = {"date": "2030-01-31", "date-time": "2030-01-31T09:30:00Z"}
_BY_TYPE: Final[Mapping[str, Any]] = {
    "string": "",
    "integer": 3,
    "number": 3,
    "boolean": False,
    "null": None,
}
_TYPES: Final = {
    "string": str,
    "integer": int,
    "number": int | float,
    "boolean": bool,
    "array": list,
    "object": dict,
}


def example_of(schema: Schema, schemas: Mapping[str, Schema], name: str = "") -> Any:
    """Return an example value for the schema, for a member called `name`.

    `schemas` are the schemas to which it may refer.
    """
    schema = _resolved(schema, schemas)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "")
    if name in _BY_NAME and _fits(_BY_NAME[name], schema, schemas):
        return _BY_NAME[name]
    if kind == "array":
        return [example_of(schema["items"], schemas, name.removesuffix("s"))]
    if kind == "object" and "properties" in schema:
        return {key: example_of(each, schemas, key) for key, each in schema["properties"].items()}
    if kind == "object":
        return _FILE if not name else {}
    return _BY_FORMAT.get(schema.get("format", ""), _BY_TYPE.get(kind))


def follow(schema: Schema, schemas: Mapping[str, Schema]) -> Schema:
    """Return the schema that a reference points to, or the schema itself if it is not a reference."""
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return schema


def _resolved(schema: Schema, schemas: Mapping[str, Schema]) -> Schema:
    """Return the schema that a reference points to, or the first alternative that is not null."""
    schema = follow(schema, schemas)
    if "anyOf" in schema:
        return _resolved(next(each for each in schema["anyOf"] if each.get("type") != "null"), schemas)
    return schema


def _fits(value: Any, schema: Schema, schemas: Mapping[str, Schema]) -> bool:
    if value is None:
        return True
    if not isinstance(value, _TYPES.get(schema.get("type", ""), ())) or isinstance(value, bool):
        return False
    if isinstance(value, list):
        items = _resolved(schema["items"], schemas)
        return all(_fits(each, items, schemas) for each in value)
    # For an object with members, an example built from them says more than one by name.
    return not (isinstance(value, dict) and "properties" in schema)
