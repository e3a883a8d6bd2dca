"""Views with which people comment on tickets and follow them."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ticketflower.http import PageRequest, company_page, show_or_submit, submit_form
from users.models import CustomUser
from workflow_design.access import may_administer_workflow
from workflow_design.wording.rules import join_words
from workflow_ops.comments import following
from workflow_ops.comments.forms import CommentForm
from workflow_ops.comments.writing import add_comment, delete_comment, edit_comment
from workflow_ops.models import TicketInstance
from workflow_ops.refusals import CommentChangedError, RefusedError
from workflow_ops.work.confirmation import confirm_and_perform, perform
from workflow_ops.work.finding import find_own_comment, find_task, find_ticket
from workflow_ops.work.forms import EDITED_AT, task_form
from workflow_ops.work.task_views import task_page
from workflow_ops.work.ticket_page import ticket_page


def add_from_form(request: PageRequest, ticket: TicketInstance) -> CommentForm | None:
    """Add the comment of a POST and a message about it, or return the form with its errors."""
    form = CommentForm(ticket, by=request.user, post=request.POST, uploads=request.FILES)
    if not form.is_valid():
        return form
    try:
        add_comment(ticket, by=request.user, form_token=form.form_token(), **form.values())
    except RefusedError as refusal:
        form.add_error(None, str(refusal))
        return form
    messages.success(request, _("Your comment has been added."))
    _tell_left_out(request, form)
    return None


def _tell_left_out(request: PageRequest, form: CommentForm) -> None:
    if names := form.names_left_out():
        text = _("Not mentioned, since they may not read this comment: %(names)s.")
        messages.warning(request, text % {"names": join_words(names, _("and"))})


@submit_form
@company_page()
def ticket_comment(request: PageRequest, number: int) -> HttpResponse:
    """Add a comment, or show its errors on the ticket's page."""
    ticket = find_ticket(request.user, number)
    form = add_from_form(request, ticket)
    if form is None:
        return redirect("ticket_detail", number)
    return render(request, "workflow_ops/ticket_detail.html", ticket_page(request, ticket, form))


@submit_form
@company_page()
def task_comment(request: PageRequest, task_id: int) -> HttpResponse:
    """Add a comment to the ticket of a task, or show its errors on the task's page."""
    task = find_task(request.user, task_id)
    number = task.workflow_instance.ticket.number
    form = add_from_form(request, find_ticket(request.user, number))  # not enough: being able to take it
    if form is None:
        return redirect(f"{reverse('task_detail', args=[task.pk])}#comments")
    context = task_page(request, task, task_form(task, by=request.user), comment_form=form)
    return render(request, "workflow_ops/task_detail.html", context)


@show_or_submit
@company_page()
def comment_edit(request: PageRequest, number: int, comment_id: int) -> HttpResponse:
    """Show one's own comment in a form, and change it."""
    comment = find_own_comment(request.user, number, comment_id)
    request.menu_path = page = _page_of(request.user, comment.ticket)
    if comment.deleted_at:
        messages.info(request, _("You have deleted this comment."))
        return redirect(page)
    post = request.POST if request.method == "POST" else None
    form = CommentForm(comment.ticket, by=request.user, post=post, uploads=request.FILES, comment=comment)
    refusal = ""
    if form.is_bound and form.is_valid():
        try:
            edit_comment(comment, by=request.user, seen=_seen(request), **form.values())
        except CommentChangedError as changed:
            comment, refusal = changed.comment, str(changed)
        else:
            messages.success(request, _("Your comment has been changed."))
            _tell_left_out(request, form)
            return redirect(page)
    context = {"form": form, "comment": comment, "ticket": comment.ticket, "page": page, "refusal": refusal}
    return render(request, "workflow_ops/comment_edit.html", context, status=409 if refusal else 200)


@show_or_submit
@company_page()
def comment_delete(request: PageRequest, number: int, comment_id: int) -> HttpResponse:
    """Ask for confirmation, then delete one's own comment."""
    comment = find_own_comment(request.user, number, comment_id)
    request.menu_path = page = _page_of(request.user, comment.ticket)
    return confirm_and_perform(
        request,
        title=_("Delete your comment?"),
        about=comment.ticket.name,
        text=_("Its text and files are removed, also from the search. That there was one stays visible."),
        submit=_("Delete the comment"),
        cancel=_("Keep it"),
        act=lambda: delete_comment(comment, by=request.user),
        done=_("Your comment has been deleted."),
        to=page,
    )


@require_POST
@company_page()
def ticket_follow(request: PageRequest, number: int) -> HttpResponse:
    """Let the person follow the ticket."""
    ticket = find_ticket(request.user, number)
    return perform(
        request,
        act=lambda: following.follow(ticket, request.user),
        done=_("You follow this ticket now."),
        to=_page_of(request.user, ticket),
    )


@require_POST
@company_page()
def ticket_unfollow(request: PageRequest, number: int) -> HttpResponse:
    """Stop following the ticket."""
    ticket = find_ticket(request.user, number)
    return perform(
        request,
        act=lambda: following.unfollow(ticket, request.user),
        done=_("You don't follow this ticket any more."),
        to=_page_of(request.user, ticket),
    )


def _seen(request: PageRequest) -> datetime | None:
    """Return the time of the comment's last edit when the form was opened; None if never, or if invalid."""
    try:
        return parse_datetime(request.POST.get(EDITED_AT, ""))
    except ValueError:
        return None


def _page_of(person: CustomUser, ticket: TicketInstance) -> str:
    at_desk = may_administer_workflow(person, ticket.workflow_instance.workflow)
    page = reverse("manage_ticket" if at_desk else "ticket_detail", args=[ticket.number])
    return f"{page}#timeline"
