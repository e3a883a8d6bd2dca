"""Views in which people submit tickets and follow them."""

from collections.abc import Sequence
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.db.models.functions import Lower
from django.forms import HiddenInput
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.filters import ChoiceFilter, FilterSet, SearchFilter
from ticketflower.http import PageRequest, company_page, show_or_submit
from ticketflower.listing import Sort, list_page
from ticketflower.template_tags import due, time
from users.models import CustomUser
from workflow_design.access import may_design
from workflow_ops.access import may_see_ticket, submittable_by, submitted
from workflow_ops.history.own_tickets import OwnTicket, read_own_tickets
from workflow_ops.models import TicketInstance
from workflow_ops.work import submissions
from workflow_ops.work.confirmation import confirm_and_perform
from workflow_ops.work.forms import ReasonForm
from workflow_ops.work.ticket_page import path_page, ticket_page
from workflow_ops.work.ticket_rows import read_ticket

CATALOGUE_SORTS = (Sort("title", gettext_lazy("Title"), "title_in_order"),)
CATALOGUE_SIZE = 60
TICKET_SORTS = (
    # Numbers rise with ids, by which the index of a person's tickets is sorted.
    Sort("number", gettext_lazy("Submitted"), "id", descending=True),
    Sort("title", gettext_lazy("Ticket"), "subject"),
)
TICKET_COLUMNS = (
    {"label": gettext_lazy("Ticket"), "key": "title"},
    {"label": gettext_lazy("Status")},
    {"label": gettext_lazy("Submitted"), "key": "number"},
)


class CatalogueFilter(FilterSet):
    """A search for kinds of tickets."""

    q = SearchFilter("title", "description", label=gettext_lazy("What do you need?"))


class OwnTicketFilter(FilterSet):
    """A search in the person's running tickets, or in the archive of ended ones."""

    q = SearchFilter(
        *("subject", "type_title"), number="number", label=gettext_lazy("Subject, number or kind of ticket")
    )
    status = ChoiceFilter(
        choices=[("archive", gettext_lazy("Archive"))],
        conditions={"": Q(is_finished=False), "archive": Q(is_finished=True)},
        widget=HiddenInput,
    )


@require_safe
@company_page()
def ticket_catalogue(request: PageRequest) -> HttpResponse:
    """Show the kinds of tickets that the person may submit, as cards with a search."""
    offered = submittable_by(request.user, for_others=True)
    kinds = offered.annotate(title_in_order=Lower("title"))
    found = CatalogueFilter(request.GET, kinds)
    page = list_page(request, found.qs, sorts=CATALOGUE_SORTS, size=CATALOGUE_SIZE)
    context = {"form": found.form, "page": page, "may_design": may_design(request.user)}
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
    mine = TicketInstance.objects.filter(**request.user.as_author())
    found = OwnTicketFilter(request.GET, mine)
    read = partial(read_own_tickets, reader=request.user)
    page = list_page(request, found.qs, sorts=TICKET_SORTS, read=read)
    in_archive = bool(found.form.cleaned_data.get("status"))
    context = {
        "form": found.form,
        "page": page,
        "rows": page.rows,
        "cells": _cells(page.rows),
        "columns": TICKET_COLUMNS,
        "in_archive": in_archive,
        "tabs": [
            {"label": _("Active"), "url": reverse("ticket_list"), "is_current": not in_archive},
            {"label": _("Archive"), "url": "?status=archive", "is_current": in_archive},
        ],
        # An empty list offers the same in its middle.
        "actions": [_SUBMIT] if page.rows or in_archive or found.form.is_narrowed else [],
    }
    return render(request, "workflow_ops/ticket_list.html", context)


def _cells(rows: Sequence[OwnTicket]) -> list[dict[str, object]]:
    """Return what the pattern of a row is filled in with."""
    top, now = reverse("ticket_list"), timezone.localtime()
    return [
        {
            "url": f"{top}{row.number}/",
            "heading": row.heading,
            "below": row.below,
            "standing": row.standing,
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


def find_ticket(person: CustomUser, number: int) -> TicketInstance:
    """Return the ticket of this number. Raise Http404, or PermissionDenied for those who may not see it."""
    ticket = read_ticket(number, reader=person)
    if not may_see_ticket(person, ticket):
        raise PermissionDenied
    return ticket
