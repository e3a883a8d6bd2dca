"""Audit triggers of rows that concern a ticket."""

from typing import Any

from users.audit import AuditKind, AuditTrigger

OF_WORKFLOW = "ticket.workflow_instance_id = {row}.workflow_instance_id"


def ticket_trigger(
    kind: AuditKind, *, where: str = "ticket.id = {row}.ticket_id", **options: Any
) -> AuditTrigger:
    """Return a trigger whose events name the ticket; `where` finds it from `{row}`, in SQL."""
    about = (
        "SELECT ticket.number, kind.workflow_id, coalesce(nullif(ticket.subject, ''), kind.title) "  # noqa: S608 - our own names only
        "FROM workflow_ops_ticketinstance AS ticket "
        "JOIN workflow_design_ticketdefinition AS kind ON kind.id = ticket.ticket_definition_id "
        f"WHERE {where}"
    )
    return AuditTrigger(kind, about=about, **options)
