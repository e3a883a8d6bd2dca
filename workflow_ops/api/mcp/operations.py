"""The operations of the API, with their arguments in one flat object as MCP tools expect them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from workflow_ops.api.service import openapi_document

Json = dict[str, Any]
JSON: Final = "application/json"
MULTIPART: Final = "multipart/form-data"
MEMBER, WHOLE, FILE = "member", "whole", "file"
"""Places of arguments in a body: a member of its object, the whole of it, or an uploaded file."""
_SCHEMAS = ("items", "additionalProperties", "not")
_LISTS = ("anyOf", "allOf", "oneOf", "prefixItems")


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of an operation; `sent_as` is its name in the request, `place` where it goes there."""

    name: str
    place: str
    sent_as: str
    schema: Json
    is_required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the API. `answer` is the schema of its JSON, or None if it answers with a file."""

    name: str
    method: str
    path: str
    scopes: frozenset[str]
    description: str
    arguments: tuple[Argument, ...]
    answer: Json | None

    @property
    def is_upload(self) -> bool:
        """True if the operation takes a file."""
        return any(each.place == FILE for each in self.arguments)

    def at(self, *places: str) -> Iterator[Argument]:
        """Yield the arguments at these places of the request."""
        return (each for each in self.arguments if each.place in places)


@cache
def all_operations() -> Mapping[str, Operation]:
    """Return the operations in the OpenAPI document by their names. Raise ValueError if names collide."""
    document = openapi_document()
    schemas: Json = document["components"]["schemas"]
    found = {}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            operation = _read(method, path, described, schemas)
            names = [each.name for each in operation.arguments]
            if len(names) != len(set(names)):
                raise ValueError(f"{operation.name} has two arguments of one name: {names}")
            found[operation.name] = operation
    return found


def _read(method: str, path: str, described: Json, schemas: Json) -> Operation:
    parameters = [
        Argument(
            name=each["name"].lower().replace("-", "_") if each["in"] == "header" else each["name"],
            place=each["in"],
            sent_as=each["name"],
            schema=_with_text(inlined(each["schema"], schemas), each.get("description", "")),
            is_required=each.get("required", False),
        )
        for each in described.get("parameters", ())
    ]
    parameters.sort(key=lambda each: ("path", "query", "header").index(each.place))
    headers = [each for each in parameters if each.place == "header"]
    return Operation(
        name=described["operationId"],
        method=method.upper(),
        path=path,
        scopes=frozenset(described["x-scope"].split()),
        description=described["description"],
        arguments=(*parameters[: len(parameters) - len(headers)], *_body(described, schemas), *headers),
        answer=_answer(described, schemas),
    )


def _body(described: Json, schemas: Json) -> Iterator[Argument]:
    content: Json = described.get("requestBody", {}).get("content", {})
    if MULTIPART in content:
        yield from (
            Argument(name, FILE, name, {}, is_required=True)
            for name in inlined(content[MULTIPART]["schema"], schemas)["properties"]
        )
    if JSON not in content:
        return
    given: Json = content[JSON]["schema"]
    schema = inlined(given, schemas)
    if "properties" not in schema:
        name = str(given["title"]).lower()
        yield Argument(name, WHOLE, name, schema, is_required=True)
        return
    for name, each in schema["properties"].items():
        yield Argument(name, MEMBER, name, each, is_required=name in schema.get("required", ()))


def _answer(described: Json, schemas: Json) -> Json | None:
    found = [
        inlined(response["content"][JSON]["schema"], schemas)
        for status, response in described["responses"].items()
        if str(status).startswith("2") and JSON in response.get("content", {})
    ]
    different = [each for number, each in enumerate(found) if each not in found[:number]]
    return {"anyOf": different} if len(different) > 1 else next(iter(different), None)


def inlined(schema: Json, schemas: Json) -> Json:
    """Return a schema with all references replaced by what they refer to, and without titles.

    Some models can't follow references, and titles only repeat the names.
    """
    if "$ref" in schema:
        referred = schemas[schema["$ref"].rpartition("/")[2]]
        return inlined({**referred, **{key: each for key, each in schema.items() if key != "$ref"}}, schemas)
    plain: Json = {}
    for key, each in schema.items():
        if key == "properties":
            plain[key] = {name: inlined(inner, schemas) for name, inner in each.items()}
        elif key in _SCHEMAS and isinstance(each, dict):
            plain[key] = inlined(each, schemas)
        elif key in _LISTS:
            plain[key] = [inlined(inner, schemas) for inner in each]
        elif key != "title":
            plain[key] = each
    return plain


def _with_text(schema: Json, text: str) -> Json:
    return {**schema, "description": text} if text else schema
