"""The tools: addresses of tickets, tasks and the desk that take a POST (`docs/access.md`, "Tools")."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ticketflower.lazy_views import LazyView
from workflow_ops.models import RunStatus, WorkflowInstance
from workflow_ops.refusals import WrongStatusError

_ANY: Final = frozenset(RunStatus)
_BEGUN: Final = frozenset({RunStatus.IN_PROGRESS, RunStatus.ON_HOLD})
_OPEN: Final = _BEGUN | {RunStatus.NOT_STARTED}
_OF_NO_TICKET: Final = frozenset[RunStatus]()

TOOLS: Final = {
    "ticket_create": _OF_NO_TICKET,
    "ticket_comment": _ANY,
    "task_comment": _ANY - {RunStatus.NOT_STARTED},
    "comment_edit": _ANY,
    "comment_delete": _ANY,
    "ticket_follow": _ANY,
    "ticket_unfollow": _ANY,
    "ticket_correct": _BEGUN,
    "ticket_withdraw": _OPEN,
    "task_detail": _BEGUN,
    "task_take": _BEGUN,
    "task_give_back": _BEGUN,
    "task_send_back": _BEGUN,
    "manage_ticket_edit": _OPEN,
    "manage_ticket_hold": frozenset({RunStatus.IN_PROGRESS}),
    "manage_ticket_resume": frozenset({RunStatus.ON_HOLD}),
    "manage_ticket_cancel": _OPEN,
    "manage_ticket_responsible": _OPEN,
    "manage_ticket_link": _ANY,
    "manage_ticket_unlink": _ANY,
    "manage_ticket_comment": _ANY,
    "manage_ticket_scenario": _ANY,
    "manage_task_assign": _BEGUN,
    "manage_task_restrict": _BEGUN,
    "manage_task_cancel": _BEGUN,
    "manage_task_retry": _BEGUN,
    "manage_task_fill_in": _BEGUN,
    "manage_error_retry": _OPEN,
    "manage_error_review": _ANY,
    "manage_error_resolve": _ANY,
    "manage_connection_resume": _OF_NO_TICKET,
    "manage_tickets_bulk": _OF_NO_TICKET,
    "manage_tasks_bulk": _OF_NO_TICKET,
    "manage_errors_bulk": _OF_NO_TICKET,
    "saved_view_create": _OF_NO_TICKET,
    "saved_view_edit": _OF_NO_TICKET,
    "saved_view_delete": _OF_NO_TICKET,
    "list_columns": _OF_NO_TICKET,
    "list_file_create": _OF_NO_TICKET,
    "report_create": _OF_NO_TICKET,
}
"""For each tool, by URL name: the statuses of the ticket in which it has an effect."""


def only_tools(patterns: Iterable[URLPattern]) -> list[URLPattern]:
    """Return the URL patterns, with all views that are not tools restricted to safe methods (405)."""
    patterns = list(patterns)
    for pattern in patterns:
        if pattern.name not in TOOLS:
            view = pattern.callback
            pattern.callback = (
                view.decorated(require_safe) if isinstance(view, LazyView) else require_safe(view)
            )
    return patterns


def usable_tools(run: WorkflowInstance) -> set[str]:
    """Return the tools that have an effect in the present status of the ticket."""
    return {name for name, statuses in TOOLS.items() if run.status in statuses}


def refuse_status(run: WorkflowInstance, tool: str, why: str = "") -> None:
    """Raise WrongStatusError, with the text `why`, if the tool has no effect in the present status."""
    if run.status not in TOOLS[tool]:
        raise WrongStatusError(why or _("This ticket has ended already."))
