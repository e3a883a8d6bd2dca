"""The JSON Schema of scenarios: moves, and what must stand after them.

`docs/workflow-format.md`, "Scenarios", says what they mean.
The moves of a scenario, of a try-out and of `play_workflow` are the same objects.
"""

from typing import Any, Final

Schema = dict[str, Any]

MAX_SCENARIOS: Final = 100
MAX_MOVES: Final = 100
MAX_PEOPLE_OF_TASK: Final = 100
MAX_NAME_LENGTH: Final = 255

# What a name refers to may be renamed or deleted; a scenario that still names it fails and says so.
_NAME: Final[Schema] = {"type": "string", "maxLength": MAX_NAME_LENGTH}
_NAMES: Final[Schema] = {
    "type": "array",
    "items": _NAME,
    "maxItems": MAX_PEOPLE_OF_TASK,
    "uniqueItems": True,
}
_VALUES: Final[Schema] = {"type": "object"}


def _object(required: list[str], **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_MOVE: Final[Schema] = {
    **_object(
        ["kind"],
        kind={"type": "string", "enum": ["ticket", "task", "overdue", "edit", "correct", "resume"]},
        title=_NAME,
        by=_NAME,
        values=_VALUES,
    ),
    "if": {"properties": {"kind": {"enum": ["ticket", "task", "overdue"]}}, "required": ["kind"]},
    "then": {"required": ["title"]},
}
MOVES: Final[Schema] = {"type": "array", "items": _MOVE, "maxItems": MAX_MOVES}
PEOPLE: Final[Schema] = {"type": "object", "patternProperties": {"": _NAMES}}
EXPECT: Final = _object(
    [],
    status={"type": "string", "enum": ["IN_PROGRESS", "ON_HOLD", "COMPLETED", "CANCELLED"]},
    completion={"type": ["string", "null"], "maxLength": MAX_NAME_LENGTH},
    unfinished={"type": "array", "items": _NAME, "maxItems": 200, "uniqueItems": True},
    values=_VALUES,
    assignees={"type": "object", "patternProperties": {"": _NAMES}},
    refused={"type": ["boolean", "string"], "maxLength": MAX_NAME_LENGTH},
)
PLAYED: Final = _object(["moves"], title=_NAME, people=PEOPLE, moves=MOVES, expect=EXPECT)
"""What `play_workflow` takes beside a list of moves: a scenario, which may lack title and expectations."""


def scenarios_schema(title: Schema) -> Schema:
    """Return the schema of the member `scenarios`, given that of a title."""
    scenario = _object(
        ["title", "moves", "expect"],
        title=title,
        people={**PEOPLE, "default": {}},
        moves=MOVES,
        expect=EXPECT,
    )
    return {"type": "array", "items": scenario, "maxItems": MAX_SCENARIOS}
