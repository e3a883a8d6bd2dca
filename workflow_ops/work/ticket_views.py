"""Views in which people submit tickets and follow them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.db.models.functions import Lower
from django.forms import HiddenInput
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.filters import ChoiceFilter, FilterSet, SearchFilter
from ticketflower.http import PageRequest, company_page, show_or_submit, submit_form
from ticketflower.listing import Sort, list_page
from users.models import CustomUser
from workflow_design.access import may_design
from workflow_design.models import TicketDefinition, WorkflowStatus
from workflow_design.persistence.plans import load_plan
from workflow_design.wording.decisions import describe_next_tasks
from workflow_design.workspace.forms import WorkspaceForm
from workflow_ops.access import may_see_ticket, may_submit, submittable_by, submitted
from workflow_ops.engine.run_rows import find_ticket_definition
from workflow_ops.history.names import with_standing
from workflow_ops.models import TicketInstance
from workflow_ops.refusals import RefusedError
from workflow_ops.work import submissions
from workflow_ops.work.confirmation import confirm_and_perform
from workflow_ops.work.forms import CommentForm, ReasonForm, filled_fields, form_token, ticket_form
from workflow_ops.work.ticket_page import ticket_page

CATALOGUE_SORTS = (Sort("title", gettext_lazy("Title"), "title_in_order"),)
CATALOGUE_SIZE = 60
TICKET_SORTS = (
    Sort("number", gettext_lazy("Number"), "number", descending=True),
    Sort("title", gettext_lazy("Ticket"), "ticket_definition__title"),
)
TICKET_COLUMNS = (
    {"label": gettext_lazy("Number"), "key": "number", "is_number": True},
    {"label": gettext_lazy("Ticket"), "key": "title"},
    {"label": gettext_lazy("Status")},
    {"label": gettext_lazy("Submitted")},
)


class CatalogueFilter(FilterSet):
    """A search for kinds of tickets."""

    q = SearchFilter("title", "description", label=gettext_lazy("What do you need?"))


class OwnTicketFilter(FilterSet):
    """A search in the person's running tickets, or in the archive of ended ones."""

    q = SearchFilter(
        "ticket_definition__title", number="number", label=gettext_lazy("Number or kind of ticket")
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
    kinds = submittable_by(request.user).annotate(title_in_order=Lower("title"))
    found = CatalogueFilter(request.GET, kinds)
    page = list_page(request, found.qs, sorts=CATALOGUE_SORTS, size=CATALOGUE_SIZE)
    context = {"form": found.form, "page": page, "may_design": may_design(request.user)}
    return render(request, "workflow_ops/ticket_catalogue.html", context)


@show_or_submit
@company_page()
def ticket_create(request: PageRequest, ticket_definition_id: int) -> HttpResponse:
    """Show the form of one kind of ticket. Submitted, it becomes a ticket."""
    definition = _get_ticket_definition(request, ticket_definition_id)
    if definition.workflow.status != WorkflowStatus.ACTIVE:
        return _handle_outdated_form(request, definition)
    post = request.POST if request.method == "POST" else None
    form = ticket_form(definition, by=request.user, post=post, uploads=request.FILES)
    token = form_token(post)
    if form.is_valid():
        try:
            ticket = submissions.submit_ticket(
                definition, values=form.values(), form_token=token, by=request.user, file_ids=form.file_ids()
            )
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
            # The token may have made another person's ticket; a new one lets this form be submitted.
            token = form_token(None)
        else:
            text = _("Ticket #%(number)d has been submitted.")
            messages.success(request, text % {"number": ticket.number})
            return redirect("ticket_detail", ticket.number)
    return render(request, "workflow_ops/ticket_create.html", _form_page(definition, form, token))


def _get_ticket_definition(request: PageRequest, definition_id: int) -> TicketDefinition:
    """Return an active ticket definition. For a submitted form, an archived one will do, too.

    Raise Http404 or PermissionDenied.
    """
    definition = find_ticket_definition(definition_id)
    accepted = {WorkflowStatus.ACTIVE, *([WorkflowStatus.ARCHIVED] if request.method == "POST" else [])}
    if definition is None or definition.workflow.status not in accepted:
        raise Http404
    if not may_submit(request.user, definition):
        raise PermissionDenied
    return definition


def _form_page(definition: TicketDefinition, form: WorkspaceForm, token: UUID) -> dict[str, Any]:
    return {
        "definition": definition,
        "form": form,
        "form_token": token,
        "note": describe_next_tasks(load_plan(definition.workflow_id), definition.fields),
    }


def _handle_outdated_form(request: PageRequest, old: TicketDefinition) -> HttpResponse:
    """Answer a form that was opened before its version was archived.

    If it has made a ticket, redirect to that ticket. Otherwise fill what was typed into the form of the
    active version. If there is no such form, only show what was typed.
    """
    person, post, token = request.user, request.POST, form_token(request.POST)
    ticket = submissions.find_submitted_ticket(token, by=person)
    if ticket is not None:
        return redirect("ticket_detail", ticket.number)
    offered = submittable_by(person).filter(workflow__line=old.workflow.line_id, title=old.title)
    successor = offered.select_related("workflow").first()
    dropped = filled_fields(old, post, without=successor.fields if successor else ())
    left = ticket_form(old, by=person, post=post, only=dropped) if dropped else None
    if successor is None:
        context: dict[str, Any] = {"definition": old, "left": left}
        return render(request, "workflow_ops/ticket_not_offered.html", context, status=409)
    form = ticket_form(successor, by=person, post=post, uploads=request.FILES)
    context = {**_form_page(successor, form, token), "is_outdated": True, "left": left}
    return render(request, "workflow_ops/ticket_create.html", context, status=409)


@require_safe
@company_page()
def ticket_list(request: PageRequest) -> HttpResponse:
    """Show the person's own tickets: the running ones, or the archive of ended ones."""
    mine = TicketInstance.objects.filter(**request.user.as_author())
    found = OwnTicketFilter(request.GET, mine.select_related("workflow_instance", "ticket_definition"))
    page = list_page(request, found.qs, sorts=TICKET_SORTS)
    in_archive = bool(found.form.cleaned_data.get("status"))
    context = {
        "form": found.form,
        "page": page,
        "rows": with_standing(page.rows, reader=request.user),
        "columns": TICKET_COLUMNS,
        "in_archive": in_archive,
        "tabs": [
            {"label": _("Active"), "url": reverse("ticket_list"), "is_current": not in_archive},
            {"label": _("Archive"), "url": "?status=archive", "is_current": in_archive},
        ],
        "actions": [
            {
                "label": _("Submit a ticket"),
                "url": reverse("ticket_catalogue"),
                "icon": "plus",
                "is_primary": True,
                "is_wide_only": True,
            }
        ],
    }
    return render(request, "workflow_ops/ticket_list.html", context)


@require_safe
@company_page()
def ticket_detail(request: PageRequest, number: int) -> HttpResponse:
    """Show a ticket: its status, data and timeline."""
    ticket = _ticket(request.user, number)
    return render(request, "workflow_ops/ticket_detail.html", ticket_page(request, ticket, CommentForm()))


@submit_form
@company_page()
def ticket_comment(request: PageRequest, number: int) -> HttpResponse:
    """Add a comment."""
    ticket = _ticket(request.user, number)
    form = CommentForm(request.POST)
    if form.is_valid():
        submissions.comment(ticket, text=form.cleaned_data["text"], by=request.user)
        messages.success(request, _("Your comment has been added."))
        return redirect("ticket_detail", ticket.number)
    return render(request, "workflow_ops/ticket_detail.html", ticket_page(request, ticket, form))


@show_or_submit
@company_page()
def ticket_withdraw(request: PageRequest, number: int) -> HttpResponse:
    """Ask for the reason, then withdraw the ticket."""
    ticket = _ticket(request.user, number)
    if not submitted(request.user, ticket):
        raise PermissionDenied
    if ticket.workflow_instance.is_final:
        messages.info(request, _("This ticket has ended already."))
        return redirect("ticket_detail", ticket.number)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    form.fields["reason"].label = _("Why do you withdraw it?")
    return confirm_and_perform(
        request,
        title=_("Withdraw ticket #%(number)d?") % {"number": ticket.number},
        text=_("The ticket ends, and nobody can work on it any more. This can't be undone."),
        submit=_("Withdraw the ticket"),
        form=form,
        act=lambda: submissions.withdraw_ticket(ticket, reason=form.cleaned_data["reason"], by=request.user),
        done=_("Ticket #%(number)d has been withdrawn.") % {"number": ticket.number},
        to=reverse("ticket_detail", args=[ticket.number]),
    )


def _ticket(person: CustomUser, number: int) -> TicketInstance:
    tickets = TicketInstance.objects.select_related(
        "workflow_instance__workflow", "ticket_definition", "created_by"
    )
    ticket = get_object_or_404(tickets, number=number)
    if not may_see_ticket(person, ticket):
        raise PermissionDenied
    return ticket
