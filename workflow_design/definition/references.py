"""References of a workflow or a part: labelled addresses (docs/workflow-format.md, "Members")."""

from typing import Any, Final

from django.utils.translation import gettext_noop

MAX_ADDRESS_LENGTH: Final = 2_000

Schema = dict[str, Any]


def references_schema(title: Schema, description: Schema) -> Schema:
    """Return the JSON Schema of the member `ext_ref`."""
    address = {
        "type": "string",
        "maxLength": MAX_ADDRESS_LENGTH,
        "pattern": r"^(https?://[^\s/?#\x00-\x1f\x7f<>\"\\]|mailto:[^\s@]+@)[^\s\x00-\x1f\x7f<>\"\\]*$",
        "description": gettext_noop("Use an address that starts with https://, http:// or mailto:."),
    }
    reference = {
        "type": "object",
        "properties": {"Label": title, "Desc": {**description, "default": ""}, "URI": address},
        "required": ["Label", "URI"],
        "additionalProperties": False,
    }
    return {"type": "array", "maxItems": 50, "items": reference}
