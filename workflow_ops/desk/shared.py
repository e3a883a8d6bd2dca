"""Functions that the ticket admins' pages share: find a row and authorize."""

from typing import Protocol

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from users.models import CustomUser
from workflow_design.access import may_administer_workflow, may_see_conditions
from workflow_ops.access import may_see_ticket
from workflow_ops.models import ActionCall, ErrorStatus, TaskInstance, TicketError, TicketInstance
from workflow_ops.work.ticket_rows import read_ticket


class PersonRequest(Protocol):
    """A request in the name of a person, from a browser or a program."""

    @property
    def user(self) -> CustomUser:
        """The person in whose name the request is made."""


def find_ticket(request: PersonRequest, number: int) -> TicketInstance:
    """Return the ticket with this number. Raise Http404, or PermissionDenied unless its admin asks."""
    ticket = read_ticket(number, reader=request.user)
    if not may_administer_workflow(request.user, ticket.workflow_instance.workflow):
        raise PermissionDenied
    return ticket


def find_explained_ticket(request: PersonRequest, number: int) -> TicketInstance:
    """Return the ticket, for people who may see it and the decisions about it.

    Raise Http404 or PermissionDenied.
    """
    rows = TicketInstance.objects.select_related("workflow_instance__workflow").prefetch_related(
        "workflow_instance__workflow__ticket_admin_links"  # read more than once
    )
    ticket = get_object_or_404(rows, number=number)
    workflow = ticket.workflow_instance.workflow
    if not (may_see_conditions(request.user, workflow) and may_see_ticket(request.user, ticket)):
        raise PermissionDenied
    return ticket


def find_task(request: PersonRequest, task_id: int) -> TaskInstance:
    """Return the task with this id. Raise Http404, or PermissionDenied unless its admin asks."""
    rows = TaskInstance.objects.select_related(
        "task_definition",
        "workflow_instance__workflow",
        "workflow_instance__ticket__created_by",
        "assigned_to",
        "completed_by",
    )
    task = get_object_or_404(rows, pk=task_id)
    if not may_administer_workflow(request.user, task.workflow_instance.workflow):
        raise PermissionDenied
    return task


def unresolved_errors(ticket: TicketInstance, *, most: int) -> list[TicketError]:
    """Return the newest errors of the ticket that are not resolved."""
    errors = TicketError.objects.filter(ticket=ticket).exclude(error_status=ErrorStatus.RESOLVED)
    return list(errors.order_by("-pk")[:most])


def find_call(request: PersonRequest, call_id: int) -> tuple[ActionCall, TaskInstance]:
    """Return the call with this id, and its task. Raise Http404, or PermissionDenied like `find_task`."""
    call = get_object_or_404(ActionCall.objects.filter(task__isnull=False), pk=call_id)
    assert call.task_id is not None
    return call, find_task(request, call.task_id)


def find_error(request: PersonRequest, error_id: int) -> TicketError:
    """Return the error with this id. Raise Http404, or PermissionDenied unless its admin asks."""
    rows = TicketError.objects.select_related(
        "ticket__workflow_instance__workflow",
        "ticket__created_by",
        "task__task_definition",
    )
    error = get_object_or_404(rows, pk=error_id)
    if not may_administer_workflow(request.user, error.ticket.workflow_instance.workflow):
        raise PermissionDenied
    return error
