"""What the pages of ticket admins have in common: fetch and authorize, ask for a reason, do and tell."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from ticketflower.http import PageRequest
from workflow_ops.access import may_administer
from workflow_ops.models import TaskInstance, TicketError, TicketInstance
from workflow_ops.refusals import RefusedError

show_or_submit = require_http_methods(["GET", "HEAD", "POST"])


def find_ticket(request: PageRequest, number: int) -> TicketInstance:
    """The company's ticket of this number, for who may administer it; else 404, or 403."""
    rows = TicketInstance.objects.select_related(
        "ticket_definition", "workflow_instance__workflow", "created_by"
    )
    ticket = get_object_or_404(rows, number=number)
    if not may_administer(request.user, ticket.workflow_instance.workflow):
        raise PermissionDenied
    return ticket


def find_task(request: PageRequest, task_id: int) -> TaskInstance:
    """The company's task of this id, for who may administer it; else 404, or 403."""
    rows = TaskInstance.objects.select_related(
        "task_definition",
        "workflow_instance__workflow",
        "workflow_instance__ticket__ticket_definition",
        "workflow_instance__ticket__created_by",
        "assigned_to",
        "completed_by",
    )
    task = get_object_or_404(rows, pk=task_id)
    if not may_administer(request.user, task.workflow_instance.workflow):
        raise PermissionDenied
    return task


def find_error(request: PageRequest, error_id: int) -> TicketError:
    """The company's error of this id, for who may administer its ticket; else 404, or 403."""
    rows = TicketError.objects.select_related(
        "ticket__ticket_definition",
        "ticket__workflow_instance__workflow",
        "ticket__created_by",
        "task__task_definition",
    )
    error = get_object_or_404(rows, pk=error_id)
    if not may_administer(request.user, error.ticket.workflow_instance.workflow):
        raise PermissionDenied
    return error


def confirm_and_perform(
    request: PageRequest,
    *,
    question: dict[str, object],
    form: Form | None,
    act: Callable[[], object],
    done: str,
    to: str,
    template: str = "components/confirm.html",
) -> HttpResponse:
    """Ask before the POST, as `components/confirm.html` does; then do it, tell, and go on `to`.

    What the domain refuses becomes a message. A form that is not filled in is shown again.
    """
    if request.method != "POST" or (form is not None and not form.is_valid()):
        return render(request, template, {**question, "form": form, "cancel_url": to})
    return perform(request, act=act, done=done, to=to)


def perform(request: PageRequest, *, act: Callable[[], object], done: str, to: str) -> HttpResponse:
    """Do it, and say on the page `to` that it is done, or why it can't be."""
    try:
        act()
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(to)
