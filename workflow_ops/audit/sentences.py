"""The sentence for an act, derived from the most important of its changes."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from users.models import AuditEvent

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Condition = Callable[[AuditEvent], bool]


def _to(column: str, value: Any) -> Condition:
    return lambda event: column in event.changes and event.values(column)[1] == value


def _from(column: str, value: Any) -> Condition:
    return lambda event: event.values(column)[0] == value


def _changed(column: str) -> Condition:
    return lambda event: column in event.changes


def _by_assignee(place: int) -> Condition:
    """Return the condition that the actor is the assignee before (place 0) or after (1) the change."""
    return lambda event: (event.values("assigned_to_id")[place] or {}).get("id", 0) == event.person_id


_fields, _scenarios = _changed("fields_schema"), _changed("scenarios")
_accepts = _changed("accepted")


def _paused(event: AuditEvent) -> bool:
    return event.values("paused_at")[1] is not None


def _only_resumed(event: AuditEvent) -> bool:
    """Return whether a connection was resumed and nothing else of it changed."""
    return set(event.changes) == {"paused_at", "resumed_at"}


def _gives_back(event: AuditEvent) -> bool:
    """Return whether the actor was the assignee, and the task has no assignee now."""
    return _by_assignee(0)(event) and event.values("assigned_to_id")[1] is None


def _for_another(event: AuditEvent) -> bool:
    """Return whether a new ticket was submitted by another person than its requester."""
    requester = event.values("created_by_id")[1]
    return requester is not None and requester["id"] != event.person_id


def _given(event: AuditEvent) -> bool:
    """Return whether the assignee changed for another reason than a prepared or dropped answer."""
    return "assigned_to_id" in event.changes and "prepared_by_id" not in event.changes


def _prepared(event: AuditEvent) -> bool:
    return event.values("prepared_by_id")[1] is not None and "prepared_by_id" in event.changes


_publishes, _archives = _to("status", "ACTIVE"), _to("status", "ARCHIVED")

# Model, operation, condition and sentence. The order matters: the first rule that matches a change of the act
# provides its sentence. {label} and {subject} are columns of the event; {task_id} is the name in that column.
RULES: "tuple[tuple[str, str, Condition | None, StrPromise], ...]" = (
    # Tickets and tasks: first what people do, then what the engine does on its own
    ("TicketInstance", "insert", _for_another, _("{who} submitted {subject} for {created_by_id}")),
    ("TicketInstance", "insert", None, _("{who} submitted {subject}")),
    ("TicketLink", "insert", None, _("{who} linked {subject} to {label}")),
    ("TicketLink", "delete", None, _("{who} removed the link of {subject} to {label}")),
    (
        "TicketInstance",
        "update",
        _to("responsible_id", None),
        _("{who} made nobody responsible for {subject}"),
    ),
    (
        "TicketInstance",
        "update",
        _changed("responsible_id"),
        _("{who} made {responsible_id} responsible for {subject}"),
    ),
    ("TaskInstance", "update", _changed("overdue_at"), _("{who} found {label} on {subject} overdue")),
    ("TaskInstance", "update", _prepared, _("{who} prepared {label} on {subject}")),
    (
        "TaskInstance",
        "update",
        _changed("sent_back_times"),
        _("{who} sent back what was prepared for {label} on {subject}"),
    ),
    ("TaskInstance", "update", _to("status", "COMPLETED"), _("{who} completed {label} on {subject}")),
    ("WorkflowInstance", "update", _to("status", "CANCELLED"), _("{who} cancelled {subject}")),
    ("WorkflowInstance", "update", _to("status", "ON_HOLD"), _("{who} put {subject} on hold")),
    ("WorkflowInstance", "update", _from("status", "ON_HOLD"), _("{who} resumed {subject}")),
    ("TaskInstance", "update", _to("status", "CANCELLED"), _("{who} cancelled {label} on {subject}")),
    ("TaskInstance", "update", _by_assignee(1), _("{who} took {label} on {subject}")),
    ("TaskInstance", "update", _gives_back, _("{who} gave back {label} on {subject}")),
    ("TaskInstance", "update", _to("assigned_to_id", None), _("{who} unassigned {label} on {subject}")),
    ("TaskInstance", "update", _given, _("{who} assigned {label} on {subject} to {assigned_to_id}")),
    ("TaskAllowedUser", "insert", None, _("{who} restricted {task_id} on {subject} to {label}")),
    ("TaskAllowedUser", "delete", None, _("{who} no longer restricted {task_id} on {subject} to {label}")),
    (
        "WorkflowWrite",
        "insert",
        _to("source", "correct"),
        _("{who} corrected {label} of {subject}, which started nothing"),
    ),
    ("WorkflowWrite", "insert", _to("source", "ticket"), _("{who} corrected {label} of their {subject}")),
    ("WorkflowWrite", "insert", lambda event: bool(event.label), _("{who} edited {label} of {subject}")),
    ("WorkflowWrite", "insert", None, _("{who} had {subject} tried again")),
    ("TicketError", "update", _to("error_status", "REVIEWED"), _("{who} reviewed an error of {subject}")),
    ("TicketError", "update", _to("error_status", "RESOLVED"), _("{who} resolved an error of {subject}")),
    ("Comment", "insert", None, _("{who} commented on {subject}")),
    ("Comment", "update", _changed("deleted_at"), _("{who} deleted a comment on {subject}")),
    ("Comment", "update", None, _("{who} edited a comment on {subject}")),
    ("TaskInstance", "update", _to("status", "IN_PROGRESS"), _("{who} began {label} on {subject}")),
    ("TaskInstance", "update", _changed("due_at"), _("{who} moved when {label} on {subject} is due")),
    ("WorkflowInstance", "update", _to("status", "COMPLETED"), _("{who} completed {subject}")),
    ("WorkflowInstance", "update", None, _("{who} continued {subject}")),
    ("TaskInstance", "insert", None, _("{who} started {label} on {subject}")),
    ("TicketError", "insert", None, _("{who} recorded an error of {subject}")),
    ("FileUpload", "insert", None, _("{who} uploaded {label}")),
    ("FileUpload", "update", _changed("ticket_id"), _("{who} attached {label} to {subject}")),
    # The company and its people
    ("Company", "insert", None, _("{who} signed up {label}")),
    ("Company", "update", None, _("{who} changed the settings of {label}")),
    ("Connection", "insert", None, _("{who} added the connection {label}")),
    ("Connection", "delete", None, _("{who} deleted the connection {label}")),
    ("Connection", "update", _paused, _("{who} paused calls over {label}, since all of them failed")),
    ("Connection", "update", _only_resumed, _("{who} had the calls over {label} tried again")),
    ("Connection", "update", None, _("{who} changed the connection {label}")),
    ("Webhook", "insert", None, _("{who} registered the webhook {label}")),
    ("Webhook", "delete", None, _("{who} deleted the webhook {label}")),
    ("Webhook", "update", _to("state", "PAUSED"), _("{who} paused the webhook {label}")),
    ("Webhook", "update", _to("state", "ACTIVE"), _("{who} resumed the webhook {label}")),
    ("Webhook", "update", _to("state", "OFF"), _("{who} switched off the webhook {label}, since it failed")),
    (
        "Webhook",
        "update",
        _changed("secrets_changed_at"),
        _("{who} made a new secret of the webhook {label}"),
    ),
    ("Webhook", "update", None, _("{who} changed the webhook {label}")),
    ("SigningSecret", "insert", None, _("{who} made a signing secret of the company")),
    ("SigningSecret", "update", None, _("{who} made a new signing secret of the company")),
    ("StaffVisit", "insert", None, _("{who} entered the company")),
    ("StaffVisit", "update", None, _("{who} left the company")),
    ("Invitation", "update", _changed("accepted_at"), _("{who} accepted the invitation of {label}")),
    ("Invitation", "insert", None, _("{who} invited {label}")),
    ("Invitation", "update", _changed("withdrawn_at"), _("{who} withdrew the invitation of {label}")),
    ("Invitation", "update", None, _("{who} sent the invitation of {label} again")),
    ("CustomUser", "insert", None, _("{who} added {label}")),
    ("CustomUser", "delete", None, _("{who} deleted {label}")),
    ("CustomUser", "update", _to("is_active", False), _("{who} deactivated {label}")),
    ("CustomUser", "update", _to("is_active", True), _("{who} reactivated {label}")),
    ("CustomUser", "update", _changed("password_changed_at"), _("{who} changed the password of {label}")),
    ("CustomUser", "update", _changed("email"), _("{who} changed the e-mail address of {label}")),
    ("CustomUser", "update", _to("away_from", None), _("{who} marked {label} as back")),
    ("CustomUser", "update", _changed("away_from"), _("{who} marked {label} as away")),
    ("CustomUser", "update", None, _("{who} changed the profile of {label}")),
    # Versions of workflows come before roles, because a new workflow may bring new roles.
    ("WorkflowDefinition", "update", _publishes, _("{who} published version {label} of {subject}")),
    ("WorkflowLine", "insert", None, _("{who} created the workflow {subject}")),
    ("WorkflowDefinition", "insert", None, _("{who} began version {label} of {subject}")),
    ("WorkflowDefinition", "delete", None, _("{who} discarded version {label} of {subject}")),
    ("WorkflowDefinition", "update", _archives, _("{who} archived version {label} of {subject}")),
    ("CompanyRole", "insert", None, _("{who} created the role {label}")),
    ("CompanyRole", "update", None, _("{who} changed the role {label}")),
    ("CompanyRole", "delete", None, _("{who} deleted the role {label}")),
    ("SystemRoleMembership", "insert", None, _("{who} gave {subject} the role {label}")),
    ("SystemRoleMembership", "delete", None, _("{who} took the role {label} from {subject}")),
    ("CompanyRoleMembership", "insert", None, _("{who} gave {subject} the role {label}")),
    ("CompanyRoleMembership", "delete", None, _("{who} took the role {label} from {subject}")),
    # Parts of a version. A deleted part moves others up, and a renamed field changes what uses it.
    ("TaskDefinition", "insert", None, _("{who} added the task {label} to {subject}")),
    ("TaskDefinition", "delete", None, _("{who} deleted the task {label} from {subject}")),
    ("TicketDefinition", "insert", None, _("{who} added the ticket {label} to {subject}")),
    ("TicketDefinition", "delete", None, _("{who} deleted the ticket {label} from {subject}")),
    ("WorkflowCompletion", "insert", None, _("{who} added the completion {label} to {subject}")),
    ("WorkflowCompletion", "delete", None, _("{who} deleted the completion {label} from {subject}")),
    ("WorkflowDefinition", "update", _fields, _("{who} changed the fields of version {label} of {subject}")),
    ("TaskDefinition", "update", None, _("{who} changed the task {label} of {subject}")),
    ("TicketDefinition", "update", None, _("{who} changed the ticket {label} of {subject}")),
    ("WorkflowCompletion", "update", None, _("{who} changed the completion {label} of {subject}")),
    ("WorkflowDefinition", "update", _accepts, _("{who} changed what version {label} of {subject} accepts")),
    (
        "WorkflowDefinition",
        "update",
        _scenarios,
        _("{who} changed the scenarios of version {label} of {subject}"),
    ),
    ("WorkflowDefinition", "update", None, _("{who} changed version {label} of {subject}")),
    ("TicketAdminRole", "insert", None, _("{who} let {label} administer {subject}")),
    ("TicketAdminRole", "delete", None, _("{who} no longer let {label} administer {subject}")),
    ("SubmitterRole", "insert", None, _("{who} let {label} submit {ticket_definition_id} of {subject}")),
    ("SubmitterRole", "delete", None, _("{who} no longer let {label} submit a ticket of {subject}")),
    ("ExecutorRole", "insert", None, _("{who} let {label} do {task_definition_id} of {subject}")),
    ("ExecutorRole", "delete", None, _("{who} no longer let {label} do {task_definition_id} of {subject}")),
)
# Changes that no page makes, and changes for which another change of the same act has a sentence.
OTHERS = {
    "insert": _("{who} added: {thing}"),
    "update": _("{who} changed: {thing}"),
    "delete": _("{who} deleted: {thing}"),
}


def find_sentence(events: Sequence[AuditEvent]) -> "tuple[StrPromise, AuditEvent]":
    """Return the sentence of the first rule that matches a change of an act, and the first such change."""
    by_kind: dict[tuple[str, str], list[AuditEvent]] = defaultdict(list)
    for event in events:
        by_kind[event.model.__name__, event.operation].append(event)
    for model, operation, condition, text in RULES:
        for event in by_kind.get((model, operation), ()):
            if condition is None or condition(event):
                return text, event
    return OTHERS[events[0].operation], events[0]
