"""The page on which submitters correct their own ticket."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ticketflower.http import PageRequest, company_page, show_or_submit
from workflow_design.workspace.forms import WorkspaceForm
from workflow_ops.access import submitted
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.history.changes import changes_since
from workflow_ops.models import RunStatus, TaskInstance, TicketInstance
from workflow_ops.refusals import DataChangedError, RefusedError
from workflow_ops.work.corrections import (
    correct_ticket,
    correction_form,
    data_shown,
    edit_context,
    edited_values,
    form_step,
    reason_against_correction,
    waiting_seen,
)
from workflow_ops.work.finding import find_ticket
from workflow_ops.work.forms import store_form_files


@show_or_submit
@company_page()
def ticket_correct(request: PageRequest, number: int) -> HttpResponse:
    """Show the form of a submitted ticket with its current data; on POST, write the changed fields."""
    ticket = find_ticket(request.user, number)
    if not submitted(request.user, ticket):
        raise PermissionDenied
    run = ticket.workflow_instance
    if request.method != "POST":
        tasks = TaskInstance.objects.filter(workflow_instance=run).select_related("task_definition")
        if reason := reason_against_correction(run, tasks.defer("input_data", "output_data", "draft")):
            messages.info(request, reason)
            return redirect("ticket_detail", number)
        return _show(request, ticket, correction_form(ticket, by=request.user, draft=run.data), run.step)
    form, step = _sent_form(request, ticket), form_step(request)
    if not form.is_valid():
        return _show(request, ticket, form, step)
    try:
        write = correct_ticket(
            ticket,
            values=edited_values(run, form),
            by=request.user,
            expected_step=step,
            expected_waiting=waiting_seen(request),
            file_ids=form.file_ids(),
        )
    except DataChangedError:
        return _show_outdated(request, ticket, form, step)
    except RefusedError as refusal:
        form.add_error(None, str(refusal))
        return _show(request, ticket, form, step)
    messages.success(request, _done(is_change=write is not None, is_on_hold=run.status == RunStatus.ON_HOLD))
    return redirect("ticket_detail", number)


def _done(*, is_change: bool, is_on_hold: bool) -> str:
    if not is_change:
        return _("Nothing was changed: the data is as you sent it.")
    if is_on_hold:
        return _("Your correction is saved and takes effect when the ticket is resumed.")
    return _("Your correction is saved.")


def _sent_form(request: PageRequest, ticket: TicketInstance) -> WorkspaceForm:
    """Return the form that was sent. Its files are stored at once, even if it turns out to be invalid."""
    definition, run = ticket.ticket_definition, ticket.workflow_instance
    fields = get_rules(run.workflow_id).validator.fields
    data, refused = store_form_files(fields, definition.fields, request.POST, request.FILES, by=request.user)
    before = data_shown(run, form_step(request))
    return correction_form(ticket, by=request.user, post=data, draft=before, refused=refused)


def _show_outdated(
    request: PageRequest, ticket: TicketInstance, form: WorkspaceForm, step: int
) -> HttpResponse:
    """Show the current data with the person's changes, and list what others have changed."""
    run = ticket.workflow_instance
    run.refresh_from_db(fields=["data", "step"])
    form = correction_form(ticket, by=request.user, post=form.data_onto(run.data), draft=run.data)
    foreign = changes_since(ticket, step, only=ticket.ticket_definition.fields)
    return _show(request, ticket, form, run.step, is_outdated=True, foreign=foreign)


def _show(
    request: PageRequest, ticket: TicketInstance, form: WorkspaceForm, step: int, **context: Any
) -> HttpResponse:
    context |= edit_context(ticket, form, step) | {
        "title": _("Correct your ticket"),
        "lead": _("You can do this until work on it begins. Only what you change is written."),
        "submit": _("Save the correction"),
        "held": _("The ticket is on hold: your correction waits until it is resumed."),
        "ticket_url": reverse("ticket_detail", args=[ticket.number]),
    }
    return render(request, "workflow_ops/ticket_edit.html", context)
