"""Actions that need no JSON: an e-mail, a post to a chat (docs/workflow-format.md, "Ready-made actions").

    {"email": {"to": {"role": "HR"}, "subject": "…", "text": "…"}}
    {"email": {"to": {"field": "manager"}, "subject": "…", "text": "…"}}
    {"chat": {"connection": "Team chat", "text": "New incident: {title}"}}

`to.field` is a field that holds a person or an e-mail address. Texts contain fields as `{name}`.
"""

from typing import Any, Final

MAX_CONNECTION_LENGTH: Final = 100
MAX_SUBJECT_LENGTH: Final = 200
MAX_TEXT_LENGTH: Final = 10_000

Schema = dict[str, Any]

SAMPLE_RESPONSE: Final[Schema] = {
    "properties": {"status": {"type": "integer", "minimum": 100, "maximum": 599}, "body": {}},
    "required": ["body"],
    "additionalProperties": False,
}
"""A sample of an answer: forms and the try-out show what becomes of it. Its status is 200 by default."""


def ready_made_action_schema() -> Schema:
    """Return the JSON Schema of the member `action` of a task."""
    text = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT_LENGTH}
    name = {"type": "string", "minLength": 1, "maxLength": MAX_CONNECTION_LENGTH}
    subject = {"type": "string", "minLength": 1, "maxLength": MAX_SUBJECT_LENGTH}
    email = _object(to={"oneOf": [_object(role=name), _object(field=name)]}, subject=subject, text=text)
    chat = _object(connection=name, text=text)
    return {"oneOf": [_object(email=email), _object(chat=chat)]}


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
