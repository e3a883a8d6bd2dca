"""Views that show what people can submit, their tickets, and the files of tickets."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page, show_or_submit
from ticketflower.template_tags import due, time
from workflow_design.access import may_design
from workflow_ops.access import submitted
from workflow_ops.history.own_tickets import OwnTicket
from workflow_ops.work import submissions
from workflow_ops.work.confirmation import confirm_and_perform
from workflow_ops.work.downloads import send_file
from workflow_ops.work.finding import find_file, find_ticket
from workflow_ops.work.forms import ReasonForm
from workflow_ops.work.own_lists import find_catalogue, find_own_tickets
from workflow_ops.work.ticket_page import path_page, ticket_page

TICKET_COLUMNS = (
    {"label": gettext_lazy("Ticket"), "key": "title"},
    {"label": gettext_lazy("Status")},
    {"label": gettext_lazy("Submitted"), "key": "number"},
)


@require_safe
@company_page()
def ticket_catalogue(request: PageRequest) -> HttpResponse:
    """Show the kinds of tickets that the person may submit, as cards with a search."""
    form, page = find_catalogue(request, request.user)
    context = {"form": form, "page": page, "may_design": may_design(request.user)}
    return render(request, "workflow_ops/ticket_catalogue.html", context)


_SUBMIT = {
    "label": gettext_lazy("Submit a ticket"),
    "url": reverse_lazy("ticket_catalogue"),
    "icon": "plus",
    "is_primary": True,
    "is_wide_only": True,
}


@require_safe
@company_page()
def ticket_list(request: PageRequest) -> HttpResponse:
    """Show the person's own tickets: the running ones, or the archive of ended ones."""
    form, page = find_own_tickets(request, request.user)
    in_archive = bool(form.cleaned_data.get("status"))
    context = {
        "form": form,
        "page": page,
        "rows": page.rows,
        "cells": _cells(page.rows),
        "columns": TICKET_COLUMNS,
        "in_archive": in_archive,
        "tabs": [
            {"label": _("Active"), "url": reverse("ticket_list"), "is_current": not in_archive},
            {"label": _("Archive"), "url": "?status=archive", "is_current": in_archive},
        ],
        # An empty list already offers the same action.
        "actions": [_SUBMIT] if page.rows or in_archive or form.is_narrowed else [],
    }
    return render(request, "workflow_ops/ticket_list.html", context)


def _cells(rows: Sequence[OwnTicket]) -> list[dict[str, object]]:
    """Return the values that fill in the template of a row."""
    top, now = reverse("ticket_list"), timezone.localtime()
    return [
        {
            "url": f"{top}{row.number}/",
            "heading": row.heading,
            "below": row.below,
            "state_sentence": row.state_sentence(now),
            "due": due(row.due_at, now),
            "submitted": time(row.created_at, now),
        }
        for row in rows
    ]


@require_safe
@company_page()
def ticket_detail(request: PageRequest, number: int) -> HttpResponse:
    """Show a ticket: its status, data and timeline."""
    ticket = find_ticket(request.user, number)
    return render(request, "workflow_ops/ticket_detail.html", ticket_page(request, ticket))


@require_safe
@company_page()
def ticket_picture(request: PageRequest, number: int) -> HttpResponse:
    """Show the path of the ticket as a picture; its page loads it when it is unfolded."""
    context = path_page(find_ticket(request.user, number), request.user)
    return render(request, "workflow_ops/ticket_picture.html", context)


@show_or_submit
@company_page()
def ticket_withdraw(request: PageRequest, number: int) -> HttpResponse:
    """Ask for the reason, then withdraw the ticket."""
    ticket = find_ticket(request.user, number)
    if not submitted(request.user, ticket):
        raise PermissionDenied
    if ticket.workflow_instance.is_final:
        messages.info(request, _("This ticket has ended already."))
        return redirect("ticket_detail", ticket.number)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    form.fields["reason"].label = _("Why do you withdraw it?")
    return confirm_and_perform(
        request,
        title=_("Withdraw “%(ticket)s”?") % {"ticket": ticket.name},
        text=_("The ticket ends, and nobody can work on it any more. This can't be undone."),
        submit=_("Withdraw the ticket"),
        form=form,
        act=lambda: submissions.withdraw_ticket(ticket, reason=form.cleaned_data["reason"], by=request.user),
        done=_("“%(ticket)s” has been withdrawn.") % {"ticket": ticket.name},
        to=reverse("ticket_detail", args=[ticket.number]),
    )


@require_safe
@company_page()
def file_download(request: PageRequest, file_id: int) -> HttpResponse:
    """Send a file of a ticket or comment as a download."""
    return send_file(find_file(request.user, file_id))
