"""Actions that need no JSON: an e-mail, a post to a chat (docs/workflow-format.md, "Ready-made actions").

    {"email": {"to": {"role": "HR"}, "subject": "…", "text": "…"}}
    {"email": {"to": {"field": "manager"}, "subject": "…", "text": "…"}}
    {"chat": {"connection": "Team chat", "text": "New incident: {title}"}}

`to.field` is a field that holds a person or an e-mail address. Texts contain fields as `{name}`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext_noop

MAX_CONNECTION_LENGTH: Final = 100
MAX_SUBJECT_LENGTH: Final = 200
MAX_TEXT_LENGTH: Final = 10_000
TEXTS: Final = ("subject", "text")
"""The members of a message that contain fields."""

Schema = dict[str, Any]
Action = Mapping[str, Any] | None

SAMPLE_RESPONSE: Final[Schema] = {
    "properties": {"status": {"type": "integer", "minimum": 100, "maximum": 599}, "body": {}},
    "required": ["body"],
    "additionalProperties": False,
}
"""A sample of an answer: forms and the try-out show what becomes of it. Its status is 200 by default."""


def action_schema() -> Schema:
    """Return the JSON Schema of the member `action` of a task."""
    not_blank = {"type": "string", "pattern": r"\S", "description": gettext_noop("Write some text.")}
    text = {**not_blank, "maxLength": MAX_TEXT_LENGTH}
    name = {**not_blank, "maxLength": MAX_CONNECTION_LENGTH}
    subject = {
        **text,
        "maxLength": MAX_SUBJECT_LENGTH,
        "pattern": r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$",
        "description": gettext_noop("Write one line of text."),
    }
    email = _object(to=_one_of(role=name, field=name), subject=subject, text=text)
    chat = _object(connection=name, text=text)
    return {**_one_of(email=email, chat=chat), "type": ["object", "null"], "description": _SHAPE}


_SHAPE: Final = gettext_noop("A message is an object with “email” or “chat”, or null.")


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _one_of(**properties: Schema) -> Schema:
    """Return the JSON Schema of an object with exactly one of these members."""
    return {**_object(**properties), "required": [], "minProperties": 1, "maxProperties": 1}


# --- What a message names ------------------------------------------------------------


def message_of(action: Action) -> Mapping[str, Any]:
    """Return the e-mail or the post of an action; empty if it has none."""
    return (action or {}).get("email") or (action or {}).get("chat") or {}


def connection_of(connection: str, action: Action) -> str:
    """Return the connection that a call, or a post to a chat, goes over; empty if it needs none."""
    return connection or message_of(action).get("connection", "")


def recipient_role(action: Action) -> str:
    """Return the role whose people get the e-mail; empty if a field names who gets it."""
    role: str = message_of(action).get("to", {}).get("role", "")
    return role


def recipient_field(action: Action) -> str:
    """Return the field with the person or address that gets the e-mail; empty if a role does."""
    field: str = message_of(action).get("to", {}).get("field", "")
    return field


def with_recipient(action: Action, **to: str) -> Action:
    """Return an e-mail that goes to another `role` or `field`."""
    return {"email": {**message_of(action), "to": to}}


def fields_of_message(action: Action) -> set[str]:
    """Return the fields that a message names: in its texts, and as its recipient."""
    message = message_of(action)
    named = {name for text in TEXTS for name in fields_in_text(message.get(text, ""))}
    return named | ({recipient_field(action)} - {""})


def rename_in_message(action: Action, renaming: Callable[[str], str]) -> Action:
    """Return the message with other names of fields."""
    if not message_of(action):
        return action
    (kind,) = action or {}
    message = dict(message_of(action))
    for member in TEXTS:
        if member in message:
            message[member] = rename_in_text(message[member], renaming)
    if name := recipient_field(action):
        message["to"] = {"field": renaming(name)}
    return {kind: message}


# --- Texts ---------------------------------------------------------------------------

_FIELD: Final = re.compile(r"\{\{|\{([^{}]*)\}")


def fields_in_text(text: str) -> list[str]:
    """Return what stands between braces in a text: the names of the fields that it shows."""
    return [found[1] for found in _FIELD.finditer(text) if found[1] is not None]


def has_open_brace(text: str) -> bool:
    """Return whether a brace opens and is neither closed nor doubled."""
    return "{" in _FIELD.sub("", text)


def fill_in(text: str, display: Mapping[str, str]) -> str:
    """Return a text in which each `{name}` is what people see of the field, and `{{` a brace."""
    return _FIELD.sub(lambda found: "{" if found[1] is None else display.get(found[1], ""), text)


def rename_in_text(text: str, renaming: Callable[[str], str]) -> str:
    """Return a text with other names of fields."""
    return _FIELD.sub(lambda found: found[0] if found[1] is None else f"{{{renaming(found[1])}}}", text)
