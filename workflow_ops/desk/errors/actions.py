"""Actions on errors of tickets: mark as reviewed or resolved. Retries are in `retries.py`."""

from __future__ import annotations

from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_design.access import may_administer_workflow
from workflow_ops.engine.run_rows import one_transaction
from workflow_ops.models import ErrorStatus, TicketError
from workflow_ops.refusals import NotAllowedError, WrongStatusError


def review_error(error: TicketError, *, notes: str, by: CustomUser) -> None:
    """Mark an error as reviewed. Raise NotAllowedError, or WrongStatusError if it is resolved."""
    _set_status(error, ErrorStatus.REVIEWED, notes, by)


def resolve_error(error: TicketError, *, notes: str, by: CustomUser) -> None:
    """Mark an error as resolved, or change the notes of a resolved one. Raise NotAllowedError."""
    _set_status(error, ErrorStatus.RESOLVED, notes, by)


def _set_status(error: TicketError, status: ErrorStatus, notes: str, by: CustomUser) -> None:
    with one_transaction():
        fresh = (
            # Lock only the error, not the joined ticket and definitions.
            TicketError.objects.select_for_update(of=("self",))
            .select_related("ticket__ticket_definition__workflow")
            .get(pk=error.pk)
        )
        if not may_administer_workflow(by, fresh.ticket.ticket_definition.workflow):
            raise NotAllowedError
        if fresh.error_status == ErrorStatus.RESOLVED and status != ErrorStatus.RESOLVED:
            raise WrongStatusError(_("This error is already resolved."))
        fresh.error_status, fresh.resolution_notes = status, notes
        fresh.save(update_fields=["error_status", "resolution_notes", "updated_at"])
