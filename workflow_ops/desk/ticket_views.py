"""Pages of tickets for their admins: detail, hold, resume and cancel."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page, show_or_submit, submit_form
from workflow_ops.desk import actions, pages
from workflow_ops.desk.forms import HoldForm, NoteForm
from workflow_ops.desk.lists.neighbours import find_place, remember_place
from workflow_ops.desk.shared import find_ticket
from workflow_ops.work.comment_views import add_from_form
from workflow_ops.work.confirmation import confirm_and_perform
from workflow_ops.work.forms import ReasonForm


@require_safe
@company_page()
def manage_ticket(request: PageRequest, number: int) -> HttpResponse:
    """Show one ticket: its state, data, tasks, errors and timeline."""
    ticket = find_ticket(request, number)
    context = pages.ticket_context(request, ticket) | {"place": find_place(request, ticket)}
    return remember_place(request, render(request, "workflow_ops/manage_ticket.html", context), ticket)


@submit_form
@company_page()
def manage_ticket_comment(request: PageRequest, number: int) -> HttpResponse:
    """Add a comment, or show its errors on the ticket's page."""
    ticket = find_ticket(request, number)
    form = add_from_form(request, ticket)
    if form is None:
        return redirect("manage_ticket", number)
    return render(request, "workflow_ops/manage_ticket.html", pages.ticket_context(request, ticket, form))


@show_or_submit
@company_page()
def manage_ticket_hold(request: PageRequest, number: int) -> HttpResponse:
    """Ask why and until when, then put the ticket on hold."""
    ticket = find_ticket(request, number)
    form = HoldForm(request.POST if request.method == "POST" else None, by=request.user)
    return confirm_and_perform(
        request,
        title=_("Put the ticket on hold?"),
        about=ticket.name,
        text=_("Nobody can complete its tasks until you resume it. Nothing is lost."),
        submit=_("Put on hold"),
        is_harmless=True,
        form=form,
        act=lambda: actions.hold_workflow(ticket, by=request.user, **form.cleaned_data),
        done=_("The ticket has been put on hold."),
        to=reverse("manage_ticket", args=[number]),
    )


@show_or_submit
@company_page()
def manage_ticket_resume(request: PageRequest, number: int) -> HttpResponse:
    """Ask for confirmation and a note, then resume the ticket."""
    ticket = find_ticket(request, number)
    form = NoteForm(request.POST if request.method == "POST" else None)
    return confirm_and_perform(
        request,
        title=_("Resume the ticket?"),
        about=ticket.name,
        text=_("Its tasks can be completed again, and changes made in the meantime take effect."),
        submit=_("Resume"),
        is_harmless=True,
        form=form,
        act=lambda: actions.resume_workflow(ticket, note=form.cleaned_data["note"], by=request.user),
        done=_("The ticket has been resumed."),
        to=reverse("manage_ticket", args=[number]),
    )


@show_or_submit
@company_page()
def manage_ticket_cancel(request: PageRequest, number: int) -> HttpResponse:
    """Ask for a reason, then cancel the ticket. The URL may suggest a reason."""
    ticket = find_ticket(request, number)
    proposed = {"reason": request.GET.get("reason", "")}
    form = ReasonForm(request.POST if request.method == "POST" else None, initial=proposed)
    return confirm_and_perform(
        request,
        title=_("Cancel the ticket?"),
        about=ticket.name,
        text=_("The ticket and all its open tasks are cancelled permanently. Its data can still be read."),
        submit=_("Cancel the ticket"),
        cancel=_("Keep it"),
        form=form,
        act=lambda: actions.cancel_workflow(ticket, reason=form.cleaned_data["reason"], by=request.user),
        done=_("The ticket has been cancelled."),
        to=reverse("manage_ticket", args=[number]),
    )
