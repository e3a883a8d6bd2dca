"""Pages on which ticket admins edit the data of a ticket: the form, and what would follow."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ticketflower.http import PageRequest, company_page, show_or_submit
from ticketflower.tenancy.context import company_scope
from workflow_design.persistence.plans import load_fields
from workflow_design.wording.rules import Vocabulary, join_words
from workflow_design.workspace.forms import WorkspaceForm
from workflow_ops.desk import actions
from workflow_ops.desk.edits.form import SAVE, edit_form, edit_form_again, hidden_controls, waiting_changes
from workflow_ops.desk.edits.preview import Preview, preview_edit
from workflow_ops.desk.shared import find_ticket
from workflow_ops.history.changes import changed_values, changes_since
from workflow_ops.history.names import names_in
from workflow_ops.history.timeline_wording import FOLLOWING_KINDS, describe_following
from workflow_ops.models import (
    RunStatus,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
    WorkflowData,
    WorkflowWrite,
    WriteSource,
    WriteStatus,
)
from workflow_ops.refusals import DataChangedError, RefusedError
from workflow_ops.work.corrections import (
    edit_context,
    edited_values,
    form_step,
    refuse_outdated,
    waiting_seen,
)

_CORRECT = "correct"
_KINDS: Final = (*FOLLOWING_KINDS, TimelineKind.TASK_REFRESHED)


@show_or_submit
@company_page()
def manage_ticket_edit(request: PageRequest, number: int) -> HttpResponse:
    """Edit the data of an unfinished ticket. If the edit has consequences, show them first, and ask."""
    ticket = find_ticket(request, number)
    if ticket.workflow_instance.is_final:
        messages.error(request, _("The ticket is finished, so its data can't be changed."))
        return redirect("manage_ticket", number)
    form = edit_form(ticket, request)
    step = form_step(request) if request.method == "POST" else ticket.workflow_instance.step
    if not form.is_valid():
        return _show_form(request, ticket, form, step)
    try:
        return _save_or_ask(request, ticket, form, step)
    except DataChangedError:
        form = edit_form_again(ticket, form, request.user)
        changes = changes_since(ticket, step)
        context = {"is_outdated": True, "foreign": changes}
        step = ticket.workflow_instance.step
        if SAVE in request.POST and form.is_valid():
            return _ask(request, ticket, form, step, **context)
        return _show_form(request, ticket, form, step, **context)
    except RefusedError as refusal:
        form.add_error(None, str(refusal))
        return _show_form(request, ticket, form, step)


def _save_or_ask(
    request: PageRequest, ticket: TicketInstance, form: WorkspaceForm, step: int
) -> HttpResponse:
    values, waiting = edited_values(ticket.workflow_instance, form), waiting_seen(request)
    if SAVE not in request.POST and values:
        refuse_outdated(ticket.workflow_instance, step, waiting)
        if _says_something(preview_edit(ticket, values)):
            return _ask(request, ticket, form, step)
    write = actions.edit_data(
        ticket,
        values=values,
        expected_step=step,
        expected_waiting=waiting,
        by=request.user,
        file_ids=form.file_ids(),
        only_corrects=request.POST.get(SAVE) == _CORRECT,
    )
    if write is None:
        messages.info(request, _("Nothing was changed: the data is as you sent it."))
    elif ticket.workflow_instance.status == RunStatus.ON_HOLD:
        text = _("Your change has been saved and takes effect when the ticket is resumed.")
        messages.success(request, text)
    else:
        _tell_what_followed(request, ticket, write)
    return redirect("manage_ticket", ticket.number)


def _says_something(preview: Preview) -> bool:
    return bool(preview.follows or preview.warnings)


def _show_form(
    request: PageRequest, ticket: TicketInstance, form: WorkspaceForm, step: int, **context: Any
) -> HttpResponse:
    context |= edit_context(ticket, form, step) | {
        "title": _("Edit data"),
        "lead": _(
            "Only what you change is written, and any field may be left empty. You see first what follows."
        ),
        "submit": _("Save"),
        "held": _("The ticket is on hold: what you save, a correction too, waits until it is resumed."),
        "ticket_url": reverse("manage_ticket", args=[ticket.number]),
    }
    if context["is_on_hold"]:
        context["waiting"] = waiting_changes(ticket)
    return render(request, "workflow_ops/ticket_edit.html", context)


def _ask(
    request: PageRequest, ticket: TicketInstance, form: WorkspaceForm, step: int, **context: Any
) -> HttpResponse:
    """Show what the edit changes and what follows from it, with the form's data in hidden controls."""
    run = ticket.workflow_instance
    values, fields = edited_values(ticket.workflow_instance, form), load_fields(run.workflow)
    after = {name: value for name, value in {**run.data, **values}.items() if value is not None}
    context |= {
        **edit_context(ticket, form, step),
        "changes": changed_values(run.data, after, fields, names_in(fields, ticket, run.data, after)),
        "preview": preview_edit(ticket, values),
        "typed": hidden_controls(form),
    }
    return render(request, "workflow_ops/manage_ticket_edit_preview.html", context)


def _tell_what_followed(request: PageRequest, ticket: TicketInstance, write: WorkflowWrite) -> None:
    """Add a message about the effects once the write is applied: after the commit, in the same request."""
    company_id, person_id = request.company.pk, request.user.pk

    def tell() -> None:
        with company_scope(company_id, person_id=person_id), transaction.atomic():
            write.refresh_from_db(fields=["status"])
            if write.status == WriteStatus.APPLIED:
                messages.success(request, _what_followed(ticket, write))
            elif write.status == WriteStatus.FAILED:
                messages.error(request, _("Saved, but it could not take effect: see the error below."))
            else:
                messages.success(request, _("Saved. It takes effect within a minute."))

    # Robust: a failure here must not result in an error page, because the edit is already committed.
    transaction.on_commit(tell, robust=True)


def _what_followed(ticket: TicketInstance, write: WorkflowWrite) -> str:
    vocabulary = Vocabulary(load_fields(ticket.workflow_instance.workflow))
    events = TimelineEvent.objects.filter(ticket=ticket, workflow_data__write=write)
    sentences = describe_following(events, vocabulary, kinds=_KINDS)
    step = WorkflowData.objects.filter(write=write).first()
    if step is not None and step.reset_fields:
        titles = join_words([vocabulary.title(name) for name in step.reset_fields], _("and"))
        sentences.append(_("%(fields)s was emptied") % {"fields": titles})
    is_correction = write.source == WriteSource.CORRECTION
    saved = _("Corrected, and nothing started.") if is_correction else _("The data has been saved.")
    return " ".join([saved, *(f"{sentence}." for sentence in sentences)])
