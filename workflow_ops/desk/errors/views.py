"""Pages of errors for ticket admins: list, detail, retry, review and resolve."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ticketflower.http import PageRequest, company_page, safe_next, submit_form
from workflow_design.wording.rules import Vocabulary
from workflow_ops.actions.connections.pausing import find_resumable, resume
from workflow_ops.desk.errors.actions import resolve_error, review_error
from workflow_ops.desk.errors.page import error_context
from workflow_ops.desk.errors.retries import retry_error
from workflow_ops.desk.forms import NotesForm
from workflow_ops.desk.shared import find_error
from workflow_ops.history.timeline_wording import describe_following
from workflow_ops.models import ErrorReason, ErrorStatus, TicketError, TimelineEvent
from workflow_ops.refusals import RefusedError
from workflow_ops.work.confirmation import perform

MOST_OF_REASON = 300
"""Maximum length of a reason in a message, because messages are stored in a cookie."""


@require_POST
@company_page()
def manage_connection_resume(request: PageRequest, connection_id: int) -> HttpResponse:
    """Resume a paused connection, which retries the calls that wait for it."""
    connection = find_resumable(request.user, connection_id)
    if resume(connection):
        messages.success(request, _("The calls over “%(name)s” are tried again.") % {"name": connection.name})
    else:
        messages.info(request, _("“%(name)s” is not paused any more.") % {"name": connection.name})
    return redirect(safe_next(request, reverse("manage_errors")))


@require_safe
@company_page()
def manage_error(request: PageRequest, error_id: int) -> HttpResponse:
    """Show one error: its message, causes, ticket, task and notes."""
    error = find_error(request, error_id)
    context = error_context(error, person=request.user)
    context["form"] = NotesForm(initial={"notes": error.resolution_notes})
    return render(request, "workflow_ops/manage_error.html", context)


@require_POST
@company_page()
def manage_error_retry(request: PageRequest, error_id: int) -> HttpResponse:
    """Retry exactly what failed."""
    error = find_error(request, error_id)
    newest = TimelineEvent.objects.filter(ticket=error.ticket).order_by("-pk").values_list("pk", flat=True)
    before = newest.first() or 0
    try:
        retry_error(error, by=request.user)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        if error.reason == ErrorReason.ACTION:  # a job does it
            messages.success(request, _("It is tried again in a moment."))
        else:  # most retries run after the commit; this runs after them
            transaction.on_commit(lambda: _tell_result(request, error, before))
    return redirect(_page(error))


def _tell_result(request: PageRequest, before: TicketError, newest_event: int) -> None:
    """Say in a message what the retry has started, or whether it failed for the same or another reason."""
    with transaction.atomic():
        error = find_error(request, before.pk)
        events = TimelineEvent.objects.filter(ticket=error.ticket, pk__gt=newest_event)
        workflow = error.ticket.workflow_instance.workflow
        followed = describe_following(events, Vocabulary.of_schema(workflow.fields_schema))
    if error.error_status == ErrorStatus.RESOLVED:
        sentences = [_("It worked: the error is resolved."), *(f"{sentence}." for sentence in followed)]
        messages.success(request, " ".join(sentences))
    elif error.error_message == before.error_message:
        messages.error(request, _("It failed again, for the same reason."))
    else:
        text = _("It failed again, for another reason: %(reason)s")
        messages.error(request, text % {"reason": Truncator(error.error_message).chars(MOST_OF_REASON)})


@submit_form
@company_page()
def manage_error_review(request: PageRequest, error_id: int) -> HttpResponse:
    """Mark the error as reviewed."""
    return _save_notes(request, error_id, review_error, _("The error has been marked as reviewed."))


@submit_form
@company_page()
def manage_error_resolve(request: PageRequest, error_id: int) -> HttpResponse:
    """Mark the error as resolved, or change the notes of a resolved one."""
    return _save_notes(request, error_id, resolve_error, _("The error has been marked as resolved."))


def _save_notes(
    request: PageRequest, error_id: int, function: Callable[..., object], done: str
) -> HttpResponse:
    error = find_error(request, error_id)
    form = NotesForm(request.POST)
    if not form.is_valid():
        context = {**error_context(error, person=request.user), "form": form}
        return render(request, "workflow_ops/manage_error.html", context)
    notes = form.cleaned_data["notes"]
    if error.error_status == ErrorStatus.RESOLVED:
        done = _("The notes have been saved.")
    return perform(
        request, act=lambda: function(error, notes=notes, by=request.user), done=done, to=_page(error)
    )


def _page(error: TicketError) -> str:
    return reverse("manage_error", args=[error.pk])
