"""Pages on which people do their tasks: a task with its form, and the effects of completing it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ticketflower.drawn_forms import DrawnForm
from ticketflower.http import REDISPLAY, PageRequest, company_page, show_or_submit
from users.models import CustomUser
from workflow_design.models import TaskType
from workflow_design.pages.lines import references
from workflow_design.persistence.plans import load_plan
from workflow_design.wording.decisions import describe_next_tasks
from workflow_design.wording.rules import Vocabulary
from workflow_design.workspace.forms import WorkspaceForm
from workflow_design.workspace.reading import split_blocks
from workflow_ops.access import (
    may_complete,
    may_execute,
    may_see_ticket,
    my_open_tasks,
)
from workflow_ops.actions.states import describe_work
from workflow_ops.comments.audience import may_read_internal, readable_comments
from workflow_ops.comments.forms import CommentForm, new_comment_form
from workflow_ops.comments.showing import show_comments
from workflow_ops.history.names import with_token
from workflow_ops.history.remarks import held_entries, task_remarks
from workflow_ops.history.task_data import read_task_data
from workflow_ops.history.timeline_wording import describe_following, enterer_name
from workflow_ops.models import Comment, RunStatus, TaskInstance, TaskStatus, TimelineEvent, WriteSource
from workflow_ops.refusals import AlreadyDoneError, InputChangedError, RefusedError
from workflow_ops.state_manager import apply_after_commit
from workflow_ops.work import submissions
from workflow_ops.work.finding import find_task
from workflow_ops.work.forms import PREPARED, SAVE_DRAFT, first_task_form, input_version, task_form
from workflow_ops.work.repeated import is_same


@show_or_submit
@company_page()
def task_detail(request: PageRequest, task_id: int) -> HttpResponse:
    """Show a task with its form, which saves a draft or completes the task."""
    # Read and locked in one statement. But nobody waits until files are scanned, and showing locks nothing.
    locks = request.method == "POST" and not request.FILES and REDISPLAY not in request.POST
    task = find_task(request.user, task_id, lock=locks)
    if request.method != "POST":
        form = first_task_form(task, by=request.user)
        return render(request, "workflow_ops/task_detail.html", task_page(request, task, form))
    post, is_draft = request.POST, SAVE_DRAFT in request.POST
    form = task_form(task, by=request.user, post=post, uploads=request.FILES, is_draft=is_draft)
    if not form.is_valid():
        if task.is_finished:
            return _refused(request, task, form, AlreadyDoneError(task))
        return render(request, "workflow_ops/task_detail.html", task_page(request, task, form))
    answers = {"values": form.values(), "file_ids": form.file_ids(), "by": request.user}
    if task.task_definition.needs_approval:
        answers["prepared"] = request.POST.get(PREPARED, "")
    try:
        if is_draft:
            submissions.save_draft(task, **answers)
            message = _("Your draft has been saved. The task stays open until you complete it.")
            messages.success(request, message)
        else:
            submissions.complete_task(task, input_version=input_version(request.POST), **answers)
    except RefusedError as refusal:
        return _refused(request, task, form, refusal)
    return redirect("task_detail", task.pk)


def _refused(
    request: PageRequest, task: TaskInstance, form: WorkspaceForm, refusal: RefusedError
) -> HttpResponse:
    """Show the page again with the reason, the current task, and everything that was typed."""
    is_own = isinstance(refusal, AlreadyDoneError) and _completed(request.user, refusal.task)
    fresh = find_task(request.user, task.pk)
    if is_own:
        apply_after_commit(task.workflow_instance_id)
        output = fresh.output_data or {}
        if form.is_valid() and is_same(output, form.values(), form.file_names):
            return redirect("task_detail", task.pk)  # the same form, submitted twice
    message = _refusal_message(refusal, fresh, is_own=is_own)
    seen = input_version(request.POST) if isinstance(refusal, InputChangedError) else 1
    context = task_page(request, fresh, form, refusal=message, seen=seen)
    return render(request, "workflow_ops/task_detail.html", context, status=409)


def _completed(person: CustomUser, task: TaskInstance) -> bool:
    """Return whether this person completed the task. For staff, it must be the same member of staff."""
    if task.status != TaskStatus.COMPLETED:
        return False
    if person.impersonating:
        return task.impersonator_id == person.pk
    return task.completed_by_id == person.pk


def _refusal_message(refusal: RefusedError, task: TaskInstance, *, is_own: bool) -> str:
    if is_own:
        return _(
            "You have completed this task already, with other answers. What you typed now is below, but was "
            "not used."
        )
    if isinstance(refusal, AlreadyDoneError) and task.completed_by is not None:
        text = _("%(name)s has already completed this task. What you typed is below, but was not used.")
        return text % {"name": task.completed_by.get_full_name()}
    return _("%(reason)s What you typed is shown below.") % {"reason": refusal}


LAST_COMMENTS = 3
FIRST_ENTRIES = 3
"""How many fields a phone shows above the form; the others are folded away."""


def task_page(
    request: PageRequest,
    task: TaskInstance,
    form: DrawnForm | WorkspaceForm,
    *,
    refusal: str = "",
    seen: int = 1,
    comment_form: CommentForm | None = None,
) -> dict[str, Any]:
    """Return the context of the page. `task` must have its definition, workflow, ticket and people loaded.

    `seen` is the version of the input that the person has seen.
    """
    person, run, definition = request.user, task.workflow_instance, task.task_definition
    data = read_task_data(task, seen=seen)
    context = {
        "task": task,
        "definition": definition,
        "ticket": run.ticket,
        "refusal": refusal,
        **_talk(person, task, comment_form),
        "references": references(definition.ext_ref),
        "form": form,
        "data": data,
        "about": split_blocks(data.about, after=FIRST_ENTRIES),
    }
    if task.is_finished:
        return context | _following(person, task) | {"form": form if refusal else None, "is_read_only": True}
    is_unassigned = task.assigned_to_id is None and not person.impersonating
    return context | {
        "is_read_only": not may_complete(person, task),  # a refused form still shows what was typed
        "reason": _reason_without_form(person, task),
        "held": held_entries([run.ticket]).get(run.ticket.pk),
        "enterer": enterer_name(run.ticket),
        "prepared": _prepared(person, task),
        "remark": task_remarks([task]).get(task.pk) if task.may_have_remark else None,
        "may_take": is_unassigned and may_execute(person, task),
        "may_give_back": task.assigned_to_id == person.pk,
        "note": describe_next_tasks(load_plan(definition.workflow_id), definition.output_fields),
    }


def _prepared(person: CustomUser, task: TaskInstance) -> dict[str, Any] | None:
    """Return who prepared the task, the note, and whether the person may send it back, or else None."""
    if not task.is_prepared or task.prepared_by is None:
        return None
    preparation = task.preparation or {}
    return {
        "who": with_token(task.prepared_by.get_full_name(), preparation.get("token", "")),
        "note": preparation.get("note", ""),
        "may_send_back": may_complete(person, task),
    }


def _reason_without_form(person: CustomUser, task: TaskInstance) -> str:
    """Return why the person can't fill in the form now, or an empty string."""
    if task.task_definition.task_type != TaskType.FORM:
        return _("%(sentences)s There is nothing to fill in.") % {"sentences": describe_work(task)}
    if task.workflow_instance.status == RunStatus.ON_HOLD:
        return _("The ticket is on hold. Nothing can be completed until it is resumed.")
    if may_complete(person, task):
        return ""
    if task.assigned_to is None:
        return _("Nobody has this task yet.")
    return _("%(name)s has this task.") % {"name": task.assigned_to.get_name_and_state()}


def _talk(person: CustomUser, task: TaskInstance, refused: CommentForm | None) -> dict[str, Any]:
    """Return the latest comments and, if the person may see the ticket, the form for a new one."""
    ticket, comments = task.workflow_instance.ticket, list[Comment]()
    form: CommentForm | DrawnForm | None = refused
    reads_internal = may_read_internal(person, ticket)
    if task.may_have_comments:
        readable = readable_comments(person, ticket, reads_internal=reads_internal)
        comments = list(readable.select_related("created_by").order_by("-pk")[:LAST_COMMENTS])
    # People who may read internal comments may see the ticket.
    if form is None and (reads_internal or may_see_ticket(person, ticket)):
        form = new_comment_form(ticket, by=person, reads_internal=reads_internal)
    return {
        "comments": list(show_comments(comments, reader=person, ticket=ticket).values()),
        "comment_form": form,
    }


def _following(person: CustomUser, task: TaskInstance) -> dict[str, Any]:
    """Return sentences about what the completed task started or ended, and the person's next task."""
    mine = my_open_tasks(person).select_related("task_definition", "workflow_instance__ticket")
    vocabulary = Vocabulary(load_plan(task.task_definition.workflow_id).fields)
    events = TimelineEvent.objects.filter(workflow_data__task=task).exclude(
        workflow_data__source=WriteSource.CLOCK
    )
    return {
        "followed": describe_following(events, vocabulary),
        "next_task": mine.first(),
    }
