"""The format of a workflow file, said once: the importer's validation and the JSON Schema come from here.

Each class below is one kind of JSON object in the file. Its fields are the members, in canonical
order; their metadata is the JSON Schema of the member, and a member with a default may be left
out. `docs/workflow-format.md` tells people the same.
"""
# ruff: noqa: RUF009 - what is called in the defaults returns dataclasses.field()

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from enum import StrEnum
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_noop


class TaskType(StrEnum):
    """How a task is done: by a person who fills in a form, or by a call over HTTP."""

    FORM = "FORM"
    SYNC_ACTION = "SYNC_ACTION"
    ASYNC_ACTION = "ASYNC_ACTION"


class CompletionStatus(StrEnum):
    """The statuses that a completion can give a workflow (`docs/engine.md`, "One write, step by step", 2)."""

    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    ON_HOLD = "ON_HOLD"

    @property
    def is_final(self) -> bool:
        """Whether nothing can happen any more in a workflow that has it."""
        return self is not CompletionStatus.ON_HOLD


class Kind(StrEnum):
    """The three kinds of definition inside a workflow."""

    TICKET = "ticket"
    TASK = "task"
    COMPLETION = "completion"


class DefinitionKey(NamedTuple):
    """Names one definition of a plan: keys are unique within a kind only."""

    kind: Kind
    key: str


FORMAT: Final = "ticketflower-workflow/1"
MAX_TITLE_LENGTH: Final = 255
MAX_DESCRIPTION_LENGTH: Final = 5_000
MAX_ROLE_LENGTH: Final = 100
MAX_FIELD_NAME_LENGTH: Final = 100
MAX_ADDRESS_LENGTH: Final = 2_000

Schema = dict[str, Any]

_ONE_LINE: Final[Schema] = {
    "type": "string",
    "pattern": r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$",
    "description": gettext_noop("One line of text, not empty, without spaces at its ends."),
}
_TITLE: Final[Schema] = {**_ONE_LINE, "maxLength": MAX_TITLE_LENGTH}
_DESCRIPTION: Final[Schema] = {"type": "string", "maxLength": MAX_DESCRIPTION_LENGTH}
_FIELD: Final[Schema] = {
    "type": "string",
    "pattern": r"^[a-z][a-z0-9_]{0,99}$",
    "description": gettext_noop("The name of a field: lower-case letters, digits and “_”, a letter first."),
}
_ASSIGNEE: Final[Schema] = {
    "type": ["string", "null"],
    "pattern": r"^(\$submitter|[a-z][a-z0-9_]{0,99})$",
    "description": gettext_noop("The name of a field that holds a person, or $submitter."),
}
_FIELDS: Final[Schema] = {"type": "array", "items": _FIELD, "maxItems": 500, "uniqueItems": True}
_ROLES: Final[Schema] = {
    "type": "array",
    "items": {**_ONE_LINE, "maxLength": MAX_ROLE_LENGTH},
    "maxItems": 100,
    "uniqueItems": True,
}
_LAYOUT: Final[Schema] = {"type": "array", "maxItems": 1_000}
_RULE: Final[Schema] = {"description": gettext_noop("A JsonLogic rule, or null.")}
_TRANSFORM: Final[Schema] = {"type": ["object", "null"]}
_REFERENCES: Final[Schema] = {
    "type": "array",
    "maxItems": 50,
    "items": {
        "type": "object",
        "properties": {
            "Label": _TITLE,
            "Desc": {**_DESCRIPTION, "default": ""},
            "URI": {
                "type": "string",
                "maxLength": MAX_ADDRESS_LENGTH,
                "pattern": r"^(https?://[^\s/?#\x00-\x1f\x7f<>\"\\]|mailto:[^\s@]+@)[^\s\x00-\x1f\x7f<>\"\\]*$",
                "description": gettext_noop("An address that begins with https://, http:// or mailto:."),
            },
        },
        "required": ["Label", "URI"],
        "additionalProperties": False,
    },
}

References = tuple[Mapping[str, str], ...]
"""Objects with `Label`, `Desc` and `URI`, as they are stored."""
Layout = tuple[Any, ...]


def _member(schema: Schema, *, default: Any = MISSING) -> Any:
    """A member with this JSON Schema, which may be left out if it has a default."""
    return field(default=default, metadata={"schema": schema})


def _parts(kind: type, *, at_most: int, default: Any = MISSING) -> Any:
    """A member that lists objects of a class of this module."""
    return field(
        default=default,
        metadata={
            "schema": {"type": "array", "items": object_schema(kind), "maxItems": at_most},
            "kind": kind,
        },
    )


def members_of(kind: type) -> Iterator[Field[Any]]:
    """The members that a class of this module describes, in canonical order."""
    yield from fields(kind)


def object_schema(kind: type) -> Schema:
    """The JSON Schema of the objects that a class of this module describes."""
    properties, required = {}, []
    for member in members_of(kind):
        schema = dict(member.metadata["schema"])
        if member.default is MISSING:
            required.append(member.name)
        else:
            schema["default"] = list(member.default) if isinstance(member.default, tuple) else member.default
        properties[member.name] = schema
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFile:
    """A ticket type."""

    title: str = _member(_TITLE)
    description: str = _member(_DESCRIPTION, default="")
    ext_ref: References = _member(_REFERENCES, default=())
    fields: tuple[str, ...] = _member(_FIELDS)
    submitter_roles: tuple[str, ...] = _member(_ROLES, default=())
    edit_layout: Layout = _member(_LAYOUT, default=())
    display_layout: Layout = _member(_LAYOUT, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFile:
    """A task definition."""

    title: str = _member(_TITLE)
    description: str = _member(_DESCRIPTION, default="")
    ext_ref: References = _member(_REFERENCES, default=())
    task_type: str = _member({"type": "string", "enum": [str(kind) for kind in TaskType]})
    input_fields: tuple[str, ...] = _member(_FIELDS)
    output_fields: tuple[str, ...] = _member(_FIELDS, default=())
    condition: Any = _member(_RULE, default=None)
    executor_roles: tuple[str, ...] = _member(_ROLES, default=())
    assignee_field: str | None = _member(_ASSIGNEE, default=None)
    reset_fields: tuple[str, ...] = _member(_FIELDS, default=())
    not_submitter: bool = _member({"type": "boolean"}, default=False)
    action_url: str = _member({"type": "string", "maxLength": MAX_ADDRESS_LENGTH}, default="")
    input_transform: Mapping[str, Any] | None = _member(_TRANSFORM, default=None)
    output_transform: Mapping[str, Any] | None = _member(_TRANSFORM, default=None)
    timeout_seconds: int | None = _member(
        {"type": ["integer", "null"], "minimum": 1, "maximum": 2**31 - 1}, default=None
    )
    edit_layout: Layout = _member(_LAYOUT, default=())
    display_layout: Layout = _member(_LAYOUT, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionFile:
    """What ends a workflow, or puts it on hold."""

    title: str = _member(_TITLE)
    description: str = _member(_DESCRIPTION, default="")
    ext_ref: References = _member(_REFERENCES, default=())
    completion_status: str = _member({"type": "string", "enum": [str(status) for status in CompletionStatus]})
    fields: tuple[str, ...] = _member(_FIELDS)
    condition: Any = _member(_RULE, default=None)
    display_layout: Layout = _member(_LAYOUT, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowFile:
    """A whole workflow definition. In the file, the member `format` stands before these."""

    title: str = _member(_TITLE)
    description: str = _member(_DESCRIPTION, default="")
    ext_ref: References = _member(_REFERENCES, default=())
    fields_schema: Mapping[str, Any] = _member({"type": "object"})
    display_layout: Layout = _member(_LAYOUT, default=())
    ticket_admin_roles: tuple[str, ...] = _member(_ROLES, default=())
    tickets: tuple[TicketFile, ...] = _parts(TicketFile, at_most=50)
    tasks: tuple[TaskFile, ...] = _parts(TaskFile, at_most=200, default=())
    completions: tuple[CompletionFile, ...] = _parts(CompletionFile, at_most=50, default=())


def json_schema() -> Schema:
    """The JSON Schema (2020-12) of a workflow file."""
    schema = object_schema(WorkflowFile)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "TicketFlower workflow",
        **schema,
        "properties": {"format": {"const": FORMAT}, **schema["properties"]},
        "required": ["format", *schema["required"]],
    }
