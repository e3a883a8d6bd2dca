"""Pages of ticket admins: who is responsible for a ticket, and its links to others."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ticketflower.http import PageRequest, company_page, show_or_submit
from workflow_ops.desk.forms import LinkForm, ResponsibleForm
from workflow_ops.desk.links import find_links, link_tickets, unlink_tickets
from workflow_ops.desk.responsible import set_responsible
from workflow_ops.desk.shared import find_ticket
from workflow_ops.models import LinkKind
from workflow_ops.refusals import RefusedError
from workflow_ops.work.confirmation import confirm_and_perform, perform


@show_or_submit
@company_page()
def manage_ticket_responsible(request: PageRequest, number: int) -> HttpResponse:
    """Choose the person who is responsible for the ticket."""
    ticket = find_ticket(request, number)
    form = ResponsibleForm(request.POST if request.method == "POST" else None, ticket=ticket)
    return confirm_and_perform(
        request,
        title=_("Who is responsible for the ticket?"),
        about=ticket.name,
        text=_("That person looks after the ticket as a whole. Its tasks may be with others."),
        submit=_("Save"),
        is_harmless=True,
        form=form,
        act=lambda: set_responsible(
            ticket, to=form.cleaned_data["person"], note=form.cleaned_data["note"], by=request.user
        ),
        done=_("The responsible person has been saved."),
        to=reverse("manage_ticket", args=[number]),
    )


@show_or_submit
@company_page()
def manage_ticket_link(request: PageRequest, number: int) -> HttpResponse:
    """Link the ticket to another; for a duplicate, continue with the page that cancels it."""
    ticket = find_ticket(request, number)
    form = LinkForm(request.POST if request.method == "POST" else None, reader=request.user)
    here = reverse("manage_ticket", args=[number])
    if form.is_valid():
        kind, other = LinkKind(form.cleaned_data["kind"]), form.cleaned_data["other"]
        try:
            link_tickets(ticket, other, kind=kind, by=request.user)
        except RefusedError as refusal:
            form.add_error("other", str(refusal))
        else:
            if kind == LinkKind.DUPLICATE and not ticket.workflow_instance.is_final:
                reason = _("Duplicate of #%(number)d.") % {"number": other.number}
                cancel = reverse("manage_ticket_cancel", args=[number])
                return redirect(f"{cancel}?{urlencode({'reason': reason})}")
            return redirect(here)
    context = {
        "title": _("Link to another ticket"),
        "about": ticket.name,
        "text": _("Both tickets show the link to those who may see the other."),
        "form": form,
        "submit": _("Link"),
        "is_harmless": True,
        "cancel_url": here,
    }
    return render(request, "components/confirm.html", context)


@require_POST
@company_page()
def manage_ticket_unlink(request: PageRequest, number: int, link_id: int) -> HttpResponse:
    """Remove a link of the ticket."""
    ticket = find_ticket(request, number)
    link = get_object_or_404(find_links(), pk=link_id)
    if ticket.pk not in (link.ticket_id, link.other_id):
        raise PermissionDenied
    here = reverse("manage_ticket", args=[number])
    done = _("The link has been removed.")
    return perform(request, act=lambda: unlink_tickets(link, by=request.user), done=done, to=here)
