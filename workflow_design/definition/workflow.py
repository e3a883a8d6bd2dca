"""The workflow file format: the only source of both the importer's validation and the JSON Schema.

Each class below is one kind of JSON object in the file. Its fields are the object's members in canonical
order, with their JSON Schema as metadata; with a default, one is optional (`docs/workflow-format.md`).
"""
# ruff: noqa: RUF009 - what is called in the defaults returns dataclasses.field()

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar, Final, NamedTuple, Self

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from workflow_design.definition.accepted import accepted_schema
from workflow_design.definition.members import RULE, Schema, member, object_schema, parts
from workflow_design.definition.ready_made import (
    MAX_CONNECTION_LENGTH,
    SAMPLE_RESPONSE,
    action_schema,
    connection_of,
    recipient_role,
    with_recipient,
)
from workflow_design.definition.references import MAX_ADDRESS_LENGTH, references_schema
from workflow_design.definition.scenarios import scenarios_schema
from workflow_design.definition.subjects import SUBJECT_SCHEMA


class TaskType(TextChoices):
    """How a task is done: by a person who fills in a form, or by an HTTP call."""

    FORM = "FORM", _("Form")
    SYNC_ACTION = "SYNC_ACTION", _("Action, answered at once")
    ASYNC_ACTION = "ASYNC_ACTION", _("Action, answered later")


class CompletionStatus(TextChoices):
    """The statuses that a completion can set (`docs/engine.md`, "One write, step by step", 2)."""

    COMPLETED = "COMPLETED", _("Completed")
    CANCELLED = "CANCELLED", _("Cancelled")
    ON_HOLD = "ON_HOLD", _("On hold")

    @property
    def is_final(self) -> bool:
        """Whether the status ends the workflow for good."""
        return self is not CompletionStatus.ON_HOLD


class Kind(StrEnum):
    """The three kinds of definition in a workflow."""

    TICKET = "ticket"
    TASK = "task"
    COMPLETION = "completion"

    @property
    def members(self) -> str:
        """The member of a workflow file that lists the definitions of this kind."""
        return f"{self}s"


class DefinitionKey(NamedTuple):
    """The identity of a definition in a plan. Keys are unique only within a kind."""

    kind: Kind
    key: str


FORMAT: Final = "ticketflower-workflow/1"
SUBMITTER: Final = "$submitter"
"""As an `assignee_field`: the person who submitted the ticket."""

MAX_TITLE_LENGTH: Final = 255
MAX_DESCRIPTION_LENGTH: Final = 5_000
MAX_FIELD_NAME_LENGTH: Final = 100

_ONE_LINE: Final[Schema] = {
    "type": "string",
    "pattern": r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$",
    "description": gettext_noop("Use one line of text without spaces at its start or end."),
}
_TITLE: Final[Schema] = {**_ONE_LINE, "maxLength": MAX_TITLE_LENGTH}
_DESCRIPTION: Final[Schema] = {"type": "string", "maxLength": MAX_DESCRIPTION_LENGTH}
FIELD_NAME_PATTERN: Final = rf"[a-z][a-z0-9_]{{0,{MAX_FIELD_NAME_LENGTH - 1}}}"
_FIELD: Final[Schema] = {
    "type": "string",
    "pattern": f"^{FIELD_NAME_PATTERN}$",
    "description": gettext_noop(
        "Use the name of a field: lowercase letters, digits and “_”, starting with a letter."
    ),
}
_FIELD_OR_NONE: Final[Schema] = {**_FIELD, "type": ["string", "null"]}
_ASSIGNEE: Final[Schema] = {
    "type": ["string", "null"],
    "pattern": rf"^(\{SUBMITTER}|{FIELD_NAME_PATTERN})$",
    "description": gettext_noop("Use the name of a field that holds a person, or $submitter."),
}
_FIELDS: Final[Schema] = {"type": "array", "items": _FIELD, "maxItems": 500, "uniqueItems": True}
_ROLES: Final[Schema] = {**_FIELDS, "items": {**_ONE_LINE, "maxLength": 100}, "maxItems": 100}
_LAYOUT: Final[Schema] = {"type": "array", "maxItems": 1_000}
_HOURS: Final[Schema] = {"type": ["number", "null"], "minimum": 0.25, "maximum": 10_000, "multipleOf": 0.25}
_SECONDS: Final[Schema] = {"type": ["integer", "null"], "minimum": 1, "maximum": 2**31 - 1}
_OBJECT: Final[Schema] = {"type": ["object", "null"]}
References = tuple[Mapping[str, str], ...]
"""Objects with `Label`, `Desc` and `URI`, as stored."""
Layout = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    """The members that come first in a workflow and in each of its parts."""

    title: str = member(_TITLE)
    description: str = member(_DESCRIPTION, default="")
    ext_ref: References = member(references_schema(_TITLE, _DESCRIPTION), default=())


class _Part(_Described):
    """A ticket, task or completion."""

    __slots__ = ()
    role_member: ClassVar = ""
    """The member that names roles, or an empty string."""

    @property
    def roles(self) -> dict[tuple[str | int, ...], str]:
        """The roles that it names by their places: who submits or does it, or gets its e-mail."""
        named: tuple[str, ...] = getattr(self, self.role_member, ())
        return {(self.role_member, number): name for number, name in enumerate(named)}

    def with_roles(self, names: Iterable[str]) -> Self:
        """Return it with these names in place of the roles that it names."""
        changes: dict[str, Any] = {self.role_member: tuple(names)} if self.role_member else {}
        return replace(self, **changes)

    @property
    def reads(self) -> tuple[str, ...]:
        """The fields that trigger it when written."""
        return ()

    @property
    def writes(self) -> tuple[str, ...]:
        """The fields of its form or response."""
        return ()

    @property
    def may_write(self) -> tuple[str, ...]:
        """Those, and the field that the clock writes when it is overdue."""
        return (*self.writes, *filter(None, [getattr(self, "overdue_field", None)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFile(_Part):
    """A ticket type: it writes `fields`."""

    kind: ClassVar = Kind.TICKET
    role_member: ClassVar = "submitter_roles"

    fields: tuple[str, ...] = member(_FIELDS)
    submitter_roles: tuple[str, ...] = member(_ROLES, default=())
    subject: str = member(SUBJECT_SCHEMA, default="")
    priority_field: str | None = member(_FIELD_OR_NONE, default=None)
    edit_layout: Layout = member(_LAYOUT, default=())
    display_layout: Layout = member(_LAYOUT, default=())

    @property
    def writes(self) -> tuple[str, ...]:
        """The fields of its form."""
        return self.fields


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFile(_Part):
    """A task definition: it reads `input_fields` and writes `output_fields`; `shown_fields` start nothing."""

    kind: ClassVar = Kind.TASK
    role_member: ClassVar = "executor_roles"

    task_type: str = member({"type": "string", "enum": [str(kind) for kind in TaskType]})
    input_fields: tuple[str, ...] = member(_FIELDS)
    shown_fields: tuple[str, ...] = member(_FIELDS, default=())
    output_fields: tuple[str, ...] = member(_FIELDS, default=())
    condition: Any = member(RULE, default=None)
    executor_roles: tuple[str, ...] = member(_ROLES, default=())
    assignee_field: str | None = member(_ASSIGNEE, default=None)
    reset_fields: tuple[str, ...] = member(_FIELDS, default=())
    not_submitter: bool = member({"type": "boolean"}, default=False)
    needs_approval: bool = member({"type": "boolean"}, default=False)
    action_url: str = member({"type": "string", "maxLength": MAX_ADDRESS_LENGTH}, default="")
    connection: str = member({"type": "string", "maxLength": MAX_CONNECTION_LENGTH}, default="")
    path: str = member({"type": "string", "maxLength": MAX_ADDRESS_LENGTH}, default="")
    action: Mapping[str, Any] | None = member(action_schema(), default=None)
    input_transform: Mapping[str, Any] | None = member(_OBJECT, default=None)
    output_transform: Mapping[str, Any] | None = member(_OBJECT, default=None)
    timeout_seconds: int | None = member(_SECONDS, default=None)
    sample_response: Mapping[str, Any] | None = member({**_OBJECT, **SAMPLE_RESPONSE}, default=None)
    due_hours: float | None = member(_HOURS, default=None)
    overdue_field: str | None = member(_FIELD_OR_NONE, default=None)
    edit_layout: Layout = member(_LAYOUT, default=())
    display_layout: Layout = member(_LAYOUT, default=())

    @property
    def roles(self) -> dict[tuple[str | int, ...], str]:
        """The roles that do it; the one that gets its e-mail counts as such."""
        if self.action and (role := recipient_role(self.action)):
            return {("action", "email", "to", "role"): role}
        return super(TaskFile, self).roles  # not super(): slots=True makes another class

    def with_roles(self, names: Iterable[str]) -> Self:
        """Return it with these names in place of the roles that it names; an e-mail keeps at least one."""
        if self.action and (role := recipient_role(self.action)):
            return replace(self, action=with_recipient(self.action, role=next(iter(names), role)))
        return super(TaskFile, self).with_roles(names)

    @property
    def reads(self) -> tuple[str, ...]:
        """The fields that trigger it when written."""
        return self.input_fields

    @property
    def writes(self) -> tuple[str, ...]:
        """The fields of its form or response."""
        return self.output_fields

    @property
    def shows(self) -> tuple[str, ...]:
        """The fields that its page shows if no layout arranges them."""
        return (*self.input_fields, *self.shown_fields)

    @property
    def is_form(self) -> bool:
        """Whether a person does it; otherwise, another system does."""
        return self.task_type == TaskType.FORM

    @property
    def connection_name(self) -> str:
        """The name of the connection that it calls, also that of a chat; empty if it needs none."""
        return connection_of(self.connection, self.action)

    @property
    def answer_rules(self) -> Mapping[str, Any] | None:
        """The rules for what it writes: those for the answer, or that a message was sent."""
        return dict.fromkeys(self.output_fields, True) if self.action else self.output_transform


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionFile(_Part):
    """A completion: it ends a workflow or puts it on hold."""

    kind: ClassVar = Kind.COMPLETION

    completion_status: str = member({"type": "string", "enum": [str(status) for status in CompletionStatus]})
    fields: tuple[str, ...] = member(_FIELDS)
    condition: Any = member(RULE, default=None)
    display_layout: Layout = member(_LAYOUT, default=())

    @property
    def reads(self) -> tuple[str, ...]:
        """The fields that trigger it when written."""
        return self.fields

    @property
    def is_final(self) -> bool:
        """Whether it ends the workflow for good; otherwise, it puts it on hold."""
        return CompletionStatus(self.completion_status).is_final


PartFile = TicketFile | TaskFile | CompletionFile


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowFile(_Described):
    """A whole workflow definition. In the file, the member `format` precedes these members."""

    fields_schema: Mapping[str, Any] = member({"type": "object"})
    display_layout: Layout = member(_LAYOUT, default=())
    ticket_admin_roles: tuple[str, ...] = member(_ROLES, default=())
    tickets: tuple[TicketFile, ...] = parts(TicketFile, at_most=50)
    tasks: tuple[TaskFile, ...] = parts(TaskFile, at_most=200, default=())
    completions: tuple[CompletionFile, ...] = parts(CompletionFile, at_most=50, default=())
    scenarios: tuple[Mapping[str, Any], ...] = member(scenarios_schema(_TITLE), default=())
    accepted: tuple[Mapping[str, str], ...] = member(accepted_schema(_TITLE), default=())


def json_schema() -> Schema:
    """Return the JSON Schema (2020-12) of a workflow file."""
    schema = object_schema(WorkflowFile)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "TicketFlower workflow",
        **schema,
        "properties": {"format": {"const": FORMAT}, **schema["properties"]},
        "required": ["format", *schema["required"]],
    }
