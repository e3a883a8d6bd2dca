"""The form of a new ticket, and the handling of invalid, outdated and repeated forms."""

from typing import Any, cast
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ticketflower.drawn_forms import DrawnForm
from ticketflower.http import REDISPLAY, PageRequest, company_page, show_or_submit
from users.models import CustomUser
from workflow_design.access import may_administer_workflow
from workflow_design.models import TicketDefinition, WorkflowStatus
from workflow_design.pages.lines import references
from workflow_design.persistence.plans import load_plan
from workflow_design.wording.decisions import describe_next_tasks
from workflow_design.workspace.forms import WorkspaceForm
from workflow_ops.access import submittable_by
from workflow_ops.models import TicketInstance
from workflow_ops.refusals import RefusedError, RepeatedError
from workflow_ops.work import submissions
from workflow_ops.work.copy_ticket import copied_values
from workflow_ops.work.finding import find_ticket_type
from workflow_ops.work.forms import SUBMIT_AGAIN, empty_ticket_form, filled_fields, form_token, ticket_form
from workflow_ops.work.repeated import is_same
from workflow_ops.work.requesters import REQUESTER, RequesterForm


@show_or_submit
@company_page()
def ticket_create(request: PageRequest, ticket_definition_id: int) -> HttpResponse:
    """Show the form of one kind of ticket; on POST, submit the ticket."""
    # A POST may come from a form that was opened before its version was archived.
    definition = find_ticket_type(request.user, ticket_definition_id, or_archived=request.method == "POST")
    if definition.workflow.status != WorkflowStatus.ACTIVE:
        return _handle_outdated_form(request, definition)
    if request.method != "POST":
        return _show_new_form(request, definition)
    token = form_token(request) or uuid4()
    form = ticket_form(definition, by=request.user, post=request.POST, uploads=request.FILES)
    requester = _requester(request, definition)
    if not form.is_valid() or requester is None:
        return _show_refused_form(request, definition, form, token)
    try:
        ticket = submissions.submit_ticket(
            definition,
            values=form.values(),
            form_token=token,
            by=requester,
            entered_by=None if requester == request.user else request.user,
            file_ids=form.file_ids(),
            may_repeat=SUBMIT_AGAIN in request.POST,
            file_fields=form.file_names,
        )
    except RepeatedError as refusal:
        return _show(request, definition, form, token, repeated=refusal.ticket)
    except RefusedError as refusal:
        form.add_error(None, str(refusal))
        # Another person's ticket may have used the token; with a new one, this form can be submitted.
        return _show(request, definition, form, uuid4())
    return _show_ticket(request, definition, form, ticket)


def _requester(request: PageRequest, definition: TicketDefinition) -> CustomUser | None:
    """Return the requester for whom the form was submitted, or None if the choice was invalid."""
    if not request.POST.get(REQUESTER):
        person: CustomUser = request.user
        return person
    form = _requester_form(request, definition)
    return form.requester() if form is not None and form.is_valid() else None


def _requester_form(request: PageRequest, definition: TicketDefinition) -> RequesterForm | None:
    """Return the form for choosing the requester for people who administer the workflow, or None."""
    if not may_administer_workflow(request.user, definition.workflow):
        return None
    post = request.POST if request.method == "POST" else None
    return RequesterForm(post, definition=definition, by=request.user)


def _show_new_form(request: PageRequest, definition: TicketDefinition) -> HttpResponse:
    """Show an empty form at a URL with its token, so that Back leads to the ticket that the form created."""
    token = form_token(request)
    if token is None:
        return redirect(f"{request.path}?form={uuid4()}")
    ticket = submissions.find_submitted_ticket(token, by=request.user)
    if ticket is not None:
        return _lead_to(request, ticket)
    values, left = copied_values(request, definition)
    form = (
        ticket_form(definition, by=request.user, draft=values)
        if values
        else empty_ticket_form(definition, by=request.user)
    )
    return _show(request, definition, form, token, is_copy=bool(values), not_copied=left)


def _show_refused_form(
    request: PageRequest, definition: TicketDefinition, form: WorkspaceForm, token: UUID
) -> HttpResponse:
    """Show the form with its errors, unless it has already created a ticket, which now owns its files."""
    is_submission = REDISPLAY not in request.POST
    ticket = submissions.find_submitted_ticket(token, by=request.user) if is_submission else None
    if ticket is None:
        return _show(request, definition, form, token)
    form = ticket_form(definition, by=request.user, post=cast(QueryDict, form.data), ticket=ticket)
    return _show_ticket(request, definition, form, ticket)


def _show_ticket(
    request: PageRequest, definition: TicketDefinition, form: WorkspaceForm, ticket: TicketInstance
) -> HttpResponse:
    """Redirect to the ticket, unless the same form created it earlier with other values."""
    if not _has_made(form, ticket):
        return _show(request, definition, form, uuid4(), status=409, earlier=ticket)
    words = {"subject": ticket.subject or definition.title, "number": ticket.number}
    if ticket.created_by_id in (None, request.user.pk):
        text = _("“%(subject)s” has been submitted as #%(number)d.") % words
    else:
        text = _("“%(subject)s” has been submitted as #%(number)d for %(name)s, who is told about it.")
        text %= {**words, "name": ticket.created_by}
    messages.success(request, text)
    return redirect("ticket_detail", ticket.number)


def _has_made(form: WorkspaceForm, ticket: TicketInstance) -> bool:
    # A form of an older version may lack fields that the ticket has.
    asked = {name: value for name, value in ticket.ticket_data.items() if name in form.fields}
    return form.is_valid() and is_same(asked, form.values(), form.file_names)


def _lead_to(request: PageRequest, ticket: TicketInstance) -> HttpResponse:
    text = _("You have submitted this already: %(ticket)s.")
    messages.info(request, text % {"ticket": ticket.name})
    return redirect("ticket_detail", ticket.number)


def _show(
    request: PageRequest,
    definition: TicketDefinition,
    form: DrawnForm | WorkspaceForm,
    token: UUID,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Show the form. `context` says what is special about it (`ticket_create.html`)."""
    context |= {
        "definition": definition,
        "form": form,
        "form_token": token,
        "requester_form": _requester_form(request, definition),
        "references": references(definition.ext_ref),
        "note": describe_next_tasks(load_plan(definition.workflow_id), definition.fields),
    }
    return render(request, "workflow_ops/ticket_create.html", context, status=status)


def _handle_outdated_form(request: PageRequest, old: TicketDefinition) -> HttpResponse:
    """Answer a form that was opened before its version was archived.

    If it has created a ticket with the same values, redirect to that ticket. Otherwise fill the typed values
    into the form of the active version. If there is no such form, only show the typed values.
    """
    person, post, token = request.user, request.POST, form_token(request) or uuid4()
    ticket = submissions.find_submitted_ticket(token, by=person)
    if ticket is not None:
        if _has_made(ticket_form(old, by=person, post=post, ticket=ticket), ticket):
            return redirect("ticket_detail", ticket.number)
        token = uuid4()
    offered = submittable_by(person, for_others=True).filter(
        workflow__line=old.workflow.line_id, title=old.title
    )
    successor = offered.select_related("workflow").first()
    dropped = filled_fields(old, post, without=successor.fields if successor else ())
    left = ticket_form(old, by=person, post=post, only=dropped) if dropped else None
    if successor is None:
        context: dict[str, Any] = {"definition": old, "left": left}
        return render(request, "workflow_ops/ticket_not_offered.html", context, status=409)
    form = ticket_form(successor, by=person, post=post, uploads=request.FILES)
    return _show(request, successor, form, token, status=409, is_outdated=True, left=left, earlier=ticket)
