"""The rows of errors in the ticket admins' lists, and names of tasks that the desk's pages share.

The rows of tickets and tasks are in `workflow_ops/history/list_rows.py`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from ticketflower.fast_sql import read_in_order
from workflow_ops.models import ErrorReason, ErrorType, TaskInstance
from workflow_ops.models.errors import summarize
from workflow_ops.models.tickets import two_lines

SYSTEM_COLUMNS = ("task_type", "action_url", "connection", "action")
"""The columns of a task definition from which the name of another system is derived."""

_ERRORS = """
    SELECT error.id, left(error.error_message, 200), error.error_type, error.reason, error.error_status,
        error.created_at, error.task_id, ticket.subject, ticket.type_title, ticket.number
    FROM workflow_ops_ticketerror AS error
    JOIN workflow_ops_ticketinstance AS ticket ON ticket.id = error.ticket_id
    WHERE error.id = ANY(%s::bigint[])
"""


class ErrorRow(NamedTuple):
    """An error with the two lines that name its ticket; `kind` and `reason` are texts."""

    id: int
    message: str
    error_type: ErrorType
    reason_code: ErrorReason
    status: str
    created_at: datetime
    task_id: int | None
    number: int
    type_title: str
    heading: str
    below: str

    @property
    def kind(self) -> str:
        """What failed, in a few words."""
        return summarize(self.error_type, self.reason_code)

    @property
    def reason(self) -> str:
        """Why it failed, in a word or two."""
        return str(self.reason_code.label)


def read_error_rows(ids: Sequence[int]) -> list[ErrorRow]:
    """Return the errors of these ids, in their order."""
    return [
        ErrorRow(
            pk,
            message,
            ErrorType(error_type),
            ErrorReason(reason),
            status,
            created_at,
            task_id,
            number,
            type_title,
            *two_lines(subject, type_title, number),
        )
        for pk, message, error_type, reason, status, created_at, task_id, subject, type_title, number in (
            read_in_order(_ERRORS, ids)
        )
    ]


def assignee_name(task: TaskInstance) -> str:
    """Return the name of a task's assignee: a person, another system, or a text for nobody."""
    if task.assigned_to is not None:
        return task.assigned_to.get_name_and_state()
    return task.system_name or _("nobody yet")


def task_title(task: TaskInstance) -> str:
    """Return the title of a task, with a number from its second run on."""
    return f"{task.task_definition.title} #{task.run}" if task.run > 1 else task.task_definition.title
