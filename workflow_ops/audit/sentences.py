"""The sentence for an act: what the most important of its changes means."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from users.models import (
    AuditEvent,
    AuditOperation,
    Company,
    CompanyRole,
    CompanyRoleMembership,
    CustomUser,
    Invitation,
    InvitationRole,
    StaffVisit,
    SystemRoleMembership,
)
from workflow_design.models import (
    ExecutorRole,
    SubmitterRole,
    TaskDefinition,
    TicketAdminRole,
    TicketDefinition,
    WorkflowCompletion,
    WorkflowDefinition,
    WorkflowLine,
    WorkflowStatus,
)
from workflow_ops.models import (
    Comment,
    ErrorStatus,
    FileUpload,
    RunStatus,
    TaskAllowedUser,
    TaskInstance,
    TaskStatus,
    TicketError,
    TicketInstance,
    WorkflowInstance,
    WorkflowWrite,
)

Condition = Callable[[AuditEvent], bool]
INSERT, UPDATE, DELETE = AuditOperation.INSERT, AuditOperation.UPDATE, AuditOperation.DELETE


@dataclass(frozen=True, slots=True)
class Rule:
    """The sentence for one kind of change, in which {name} is the name in the column `name_in`."""

    model: type[Model]
    operation: AuditOperation
    text: StrPromise
    condition: Condition | None = None
    name_in: str = ""


def find_rule(events: Iterable[AuditEvent]) -> tuple[Rule, AuditEvent]:
    """Return the first rule that matches any of the changes of an act, and the first such change."""
    _rank, _position, rule, event = min(
        (rank, position, rule, event)
        for position, event in enumerate(events)
        for rank, rule in _ranked_rules()[event.table, event.operation]
        if rule.condition is None or rule.condition(event)
    )
    return rule, event


@cache
def _ranked_rules() -> dict[tuple[str, str], list[tuple[int, Rule]]]:
    rules: dict[tuple[str, str], list[tuple[int, Rule]]] = defaultdict(list)
    for rank, rule in enumerate(RULES):
        rules[rule.model._meta.db_table, rule.operation].append((rank, rule))
    return dict(rules)


def _becomes(column: str, *values: Any) -> Condition:
    return lambda event: column in event.changes and event.values(column)[1] in values


def _was(column: str, value: Any) -> Condition:
    return lambda event: column in event.changes and event.values(column)[0] == value


def _changes(column: str) -> Condition:
    return lambda event: column in event.changes


def _given_to_oneself(event: AuditEvent) -> bool:
    person = event.values("assigned_to_id")[1]
    return person is not None and person["id"] == event.person_id


def _given_back(event: AuditEvent) -> bool:
    before, after = event.values("assigned_to_id")
    return after is None and before is not None and before["id"] == event.person_id


# The order matters: an act is told by the first rule that matches one of its changes. Every model has a rule
# without a condition for each operation that its trigger records.
RULES: tuple[Rule, ...] = (
    # What people do with tickets
    Rule(TicketInstance, INSERT, _("{who} submitted {subject}")),
    Rule(
        TaskInstance,
        UPDATE,
        _("{who} completed {label} on {subject}"),
        _becomes("status", TaskStatus.COMPLETED),
    ),
    Rule(WorkflowInstance, UPDATE, _("{who} cancelled {subject}"), _becomes("status", RunStatus.CANCELLED)),
    Rule(WorkflowInstance, UPDATE, _("{who} put {subject} on hold"), _becomes("status", RunStatus.ON_HOLD)),
    Rule(WorkflowInstance, UPDATE, _("{who} resumed {subject}"), _was("status", RunStatus.ON_HOLD)),
    Rule(
        TaskInstance,
        UPDATE,
        _("{who} cancelled {label} on {subject}"),
        _becomes("status", TaskStatus.CANCELLED),
    ),
    Rule(TaskInstance, UPDATE, _("{who} took {label} on {subject}"), _given_to_oneself),
    Rule(TaskInstance, UPDATE, _("{who} gave back {label} on {subject}"), _given_back),
    Rule(
        TaskInstance,
        UPDATE,
        _("{who} unassigned {label} on {subject}"),
        _becomes("assigned_to_id", None),
    ),
    Rule(
        TaskInstance,
        UPDATE,
        _("{who} assigned {label} on {subject} to {name}"),
        _changes("assigned_to_id"),
        "assigned_to_id",
    ),
    Rule(TaskAllowedUser, INSERT, _("{who} restricted {name} on {subject} to {label}"), name_in="task_id"),
    Rule(
        TaskAllowedUser,
        DELETE,
        _("{who} no longer restricted {name} on {subject} to {label}"),
        name_in="task_id",
    ),
    Rule(WorkflowWrite, INSERT, _("{who} edited {label} of {subject}"), lambda event: bool(event.label)),
    Rule(WorkflowWrite, INSERT, _("{who} had {subject} tried again")),
    Rule(
        TicketError,
        UPDATE,
        _("{who} reviewed an error of {subject}"),
        _becomes("error_status", ErrorStatus.REVIEWED),
    ),
    Rule(
        TicketError,
        UPDATE,
        _("{who} resolved an error of {subject}"),
        _becomes("error_status", ErrorStatus.RESOLVED),
    ),
    Rule(Comment, INSERT, _("{who} commented on {subject}")),
    Rule(
        TaskInstance,
        UPDATE,
        _("{who} began {label} on {subject}"),
        _becomes("status", TaskStatus.IN_PROGRESS),
    ),
    # What the engine does, where it is an act of its own
    Rule(WorkflowInstance, UPDATE, _("{who} completed {subject}"), _becomes("status", RunStatus.COMPLETED)),
    Rule(WorkflowInstance, UPDATE, _("{who} continued {subject}")),
    Rule(TaskInstance, INSERT, _("{who} started {label} on {subject}")),
    Rule(TaskInstance, UPDATE, _("{who} changed {label} on {subject}")),
    Rule(TicketError, INSERT, _("{who} recorded an error of {subject}")),
    Rule(TicketError, UPDATE, _("{who} changed an error of {subject}")),
    Rule(TicketInstance, UPDATE, _("{who} changed {subject}")),
    Rule(Comment, UPDATE, _("{who} changed a comment on {subject}")),
    Rule(FileUpload, INSERT, _("{who} uploaded {label}")),
    Rule(FileUpload, UPDATE, _("{who} attached {label} to {subject}"), _changes("ticket_id")),
    Rule(FileUpload, UPDATE, _("{who} changed the file {label}")),
    Rule(TicketInstance, DELETE, _("{who} deleted a ticket")),
    Rule(TaskInstance, DELETE, _("{who} deleted {label} of {subject}")),
    Rule(TaskAllowedUser, UPDATE, _("{who} changed who may do a task of {subject}")),
    Rule(TicketError, DELETE, _("{who} deleted an error of {subject}")),
    Rule(Comment, DELETE, _("{who} deleted a comment on {subject}")),
    Rule(FileUpload, DELETE, _("{who} deleted the file {label}")),
    # The company and its people
    Rule(Company, INSERT, _("{who} signed up {label}")),
    Rule(Company, UPDATE, _("{who} changed the settings of {label}")),
    Rule(Company, DELETE, _("{who} deleted the company {label}")),
    Rule(StaffVisit, INSERT, _("{who} entered the company")),
    Rule(StaffVisit, UPDATE, _("{who} left the company")),
    Rule(StaffVisit, DELETE, _("{who} deleted a visit")),
    Rule(Invitation, UPDATE, _("{who} accepted the invitation of {label}"), _changes("accepted_at")),
    Rule(Invitation, INSERT, _("{who} invited {label}")),
    Rule(Invitation, UPDATE, _("{who} withdrew the invitation of {label}"), _changes("withdrawn_at")),
    Rule(Invitation, UPDATE, _("{who} sent the invitation of {label} again")),
    Rule(Invitation, DELETE, _("{who} deleted the invitation of {label}")),
    Rule(CustomUser, INSERT, _("{who} added {label}")),
    Rule(CustomUser, DELETE, _("{who} deleted {label}")),
    Rule(CustomUser, UPDATE, _("{who} deactivated {label}"), _becomes("is_active", False)),
    Rule(CustomUser, UPDATE, _("{who} reactivated {label}"), _becomes("is_active", True)),
    Rule(CustomUser, UPDATE, _("{who} changed the password of {label}"), _changes("password_changed_at")),
    Rule(CustomUser, UPDATE, _("{who} marked {label} as away"), _becomes("is_away", True)),
    Rule(CustomUser, UPDATE, _("{who} marked {label} as back"), _becomes("is_away", False)),
    Rule(CustomUser, UPDATE, _("{who} changed the profile of {label}")),
    # A new workflow may bring new roles, so it comes before them.
    Rule(
        WorkflowDefinition,
        UPDATE,
        _("{who} published version {label} of {subject}"),
        _becomes("status", WorkflowStatus.ACTIVE),
    ),
    Rule(WorkflowLine, INSERT, _("{who} created the workflow {subject}")),
    Rule(WorkflowLine, DELETE, _("{who} deleted the workflow {subject}")),
    Rule(WorkflowDefinition, INSERT, _("{who} began version {label} of {subject}")),
    Rule(WorkflowDefinition, DELETE, _("{who} discarded version {label} of {subject}")),
    Rule(CompanyRole, INSERT, _("{who} created the role {label}")),
    Rule(CompanyRole, UPDATE, _("{who} changed the role {label}")),
    Rule(CompanyRole, DELETE, _("{who} deleted the role {label}")),
    *(
        rule
        for model in (SystemRoleMembership, CompanyRoleMembership)
        for rule in (
            Rule(model, INSERT, _("{who} gave {subject} the role {label}")),
            Rule(model, UPDATE, _("{who} changed a role of {subject}")),
            Rule(model, DELETE, _("{who} took the role {label} from {subject}")),
        )
    ),
    Rule(InvitationRole, INSERT, _("{who} added the role {label} to the invitation of {subject}")),
    Rule(InvitationRole, UPDATE, _("{who} changed a role of the invitation of {subject}")),
    Rule(InvitationRole, DELETE, _("{who} took the role {label} from the invitation of {subject}")),
    # Definitions
    Rule(
        WorkflowDefinition,
        UPDATE,
        _("{who} archived version {label} of {subject}"),
        _becomes("status", WorkflowStatus.ARCHIVED),
    ),
    Rule(TaskDefinition, INSERT, _("{who} added the task {label} to {subject}")),
    Rule(TaskDefinition, DELETE, _("{who} deleted the task {label} from {subject}")),
    Rule(TicketDefinition, INSERT, _("{who} added the ticket {label} to {subject}")),
    Rule(TicketDefinition, DELETE, _("{who} deleted the ticket {label} from {subject}")),
    Rule(WorkflowCompletion, INSERT, _("{who} added the completion {label} to {subject}")),
    Rule(WorkflowCompletion, DELETE, _("{who} deleted the completion {label} from {subject}")),
    Rule(WorkflowLine, UPDATE, _("{who} renamed a workflow to {subject}")),
    Rule(WorkflowDefinition, UPDATE, _("{who} changed version {label} of {subject}")),
    Rule(TaskDefinition, UPDATE, _("{who} changed the task {label} of {subject}")),
    Rule(TicketDefinition, UPDATE, _("{who} changed the ticket {label} of {subject}")),
    Rule(WorkflowCompletion, UPDATE, _("{who} changed the completion {label} of {subject}")),
    Rule(TicketAdminRole, INSERT, _("{who} let {label} administer {subject}")),
    Rule(TicketAdminRole, UPDATE, _("{who} changed who administers {subject}")),
    Rule(TicketAdminRole, DELETE, _("{who} no longer let {label} administer {subject}")),
    Rule(
        SubmitterRole,
        INSERT,
        _("{who} let {label} submit {name} of {subject}"),
        name_in="ticket_definition_id",
    ),
    Rule(SubmitterRole, UPDATE, _("{who} changed who may submit a ticket of {subject}")),
    Rule(
        SubmitterRole,
        DELETE,
        _("{who} no longer let {label} submit {name} of {subject}"),
        name_in="ticket_definition_id",
    ),
    Rule(ExecutorRole, INSERT, _("{who} let {label} do {name} of {subject}"), name_in="task_definition_id"),
    Rule(ExecutorRole, UPDATE, _("{who} changed who may do a task of {subject}")),
    Rule(
        ExecutorRole,
        DELETE,
        _("{who} no longer let {label} do {name} of {subject}"),
        name_in="task_definition_id",
    ),
)
