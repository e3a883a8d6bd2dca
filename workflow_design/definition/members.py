"""Members of the classes that describe the workflow file format, each with its JSON Schema."""

from dataclasses import MISSING, field, fields
from typing import Any, Final

from django.utils.translation import gettext_noop

Schema = dict[str, Any]

RULE: Final[Schema] = {
    "type": ["object", "boolean", "null"],
    "description": gettext_noop("A condition must be a JsonLogic rule, which is an object, or null."),
}


def member(schema: Schema, *, default: Any = MISSING) -> Any:
    """Return a dataclass field with this JSON Schema; with a default, the member is optional."""
    return field(default=default, metadata={"schema": schema})


def parts(kind: type, *, at_most: int, default: Any = MISSING) -> Any:
    """Return a dataclass field for a list of objects of such a class."""
    return field(
        default=default,
        metadata={
            "schema": {"type": "array", "items": object_schema(kind), "maxItems": at_most},
            "kind": kind,
        },
    )


def object_schema(kind: type) -> Schema:
    """Return the JSON Schema of the objects that a class of the format describes."""
    # Unknown members are errors, so that a misspelt name is not silently ignored.
    properties, required = {}, []
    for each in fields(kind):
        schema = dict(each.metadata["schema"])
        if each.default is MISSING:
            required.append(each.name)
        else:
            schema["default"] = list(each.default) if isinstance(each.default, tuple) else each.default
        properties[each.name] = schema
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
