"""The JSON Schema of `accepted`: findings of the check that are meant so (`docs/check.md`)."""

from typing import Any, Final

from django.utils.translation import gettext_noop

MAX_ACCEPTED: Final = 200
MAX_REASON_LENGTH: Final = 500
_MAX_POINTER_LENGTH: Final = 500
_MAX_DIGEST_LENGTH: Final = 64


def accepted_schema(title: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the member `accepted`, given that of a title."""
    entry = {
        "code": {"type": "string", "maxLength": 100},
        "pointer": {"type": "string", "maxLength": _MAX_POINTER_LENGTH},
        "title": title,
        "digest": {"type": "string", "maxLength": _MAX_DIGEST_LENGTH},
        "reason": {
            "type": "string",
            "maxLength": MAX_REASON_LENGTH,
            "pattern": r"\S",
            "description": gettext_noop("Say why this is meant so."),
        },
    }
    required = ["code", "pointer", "reason"]
    item = {"type": "object", "properties": entry, "required": required, "additionalProperties": False}
    return {"type": "array", "items": item, "maxItems": MAX_ACCEPTED}
