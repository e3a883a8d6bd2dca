"""The context of a task's page: its data, its form or the reason why there is none, and what followed."""

from typing import Any

from django.utils.translation import gettext as _

from ticketflower.http import PageRequest
from users.models import CustomUser
from workflow_design.models import TaskType
from workflow_design.persistence.plans import load_fields, load_plan
from workflow_design.wording.decisions import describe_next_tasks
from workflow_design.wording.rules import Vocabulary
from workflow_design.workspace.forms import WorkspaceForm
from workflow_design.workspace.reading import build_read_view
from workflow_ops.access import may_complete, may_execute, my_open_tasks
from workflow_ops.history.names import names_in
from workflow_ops.history.timeline_wording import build_entries
from workflow_ops.models import (
    Comment,
    RunStatus,
    TaskInstance,
    TaskStatus,
    TimelineEvent,
    TimelineKind,
)

LAST_COMMENTS = 3
FOLLOWING_KINDS = (TimelineKind.TASK_STARTED, TimelineKind.ENDED, TimelineKind.HELD)


def task_page(
    request: PageRequest, task: TaskInstance, form: WorkspaceForm, *, refusal: str = ""
) -> dict[str, Any]:
    """Return the context of the page. `task` must have its definition, workflow, ticket and people loaded."""
    person, run, definition = request.user, task.workflow_instance, task.task_definition
    context = {
        "task": task,
        "definition": definition,
        "ticket": run.ticket,
        "refusal": refusal,
        "comments": _comments(task),
        "form": form,
        **_data(task),
    }
    if task.is_finished:
        return context | _following(person, task) | {"form": form if refusal else None, "is_read_only": True}
    is_unassigned = task.assigned_to_id is None and not person.impersonating
    return context | {
        "is_read_only": not may_complete(person, task),  # a refused form still shows what was typed
        "reason": _reason_without_form(person, task),
        "may_take": is_unassigned and may_execute(person, task),
        "may_give_back": task.assigned_to_id == person.pk,
        "note": describe_next_tasks(load_plan(definition.workflow_id), definition.output_fields),
    }


def _reason_without_form(person: CustomUser, task: TaskInstance) -> str:
    """Return why the person can't fill in the form now, or an empty string."""
    if task.task_definition.task_type != TaskType.FORM:
        return _("Another system does this task. There is nothing to fill in.")
    if task.workflow_instance.status == RunStatus.ON_HOLD:
        return _("The ticket is on hold. Nothing can be completed until it is resumed.")
    if may_complete(person, task):
        return ""
    if task.assigned_to is None:
        return _("Nobody has this task yet.")
    return _("%(name)s has this task.") % {"name": task.assigned_to.get_full_name()}


def _data(task: TaskInstance) -> dict[str, Any]:
    """Return the task's input and, once it is completed, its output."""
    definition, run = task.task_definition, task.workflow_instance
    fields = load_fields(definition.workflow)
    output = task.output_data or {}
    # Input fields show the values that the task was started or refreshed with, not later ones.
    about = {**run.data, **dict.fromkeys(definition.input_fields), **task.input_data}
    names = names_in(fields, run.ticket, about, output)
    files = sorted(names.files.values(), key=lambda file: file.name)
    return {
        "files": [{"name": file.name, "url": file.url, "size": file.size} for file in files],
        "about": build_read_view(
            about, fields=fields, names=names, layout=definition.display_layout, only=definition.input_fields
        ),
        "written": build_read_view(output, fields=fields, names=names, only=definition.output_fields)
        if task.status == TaskStatus.COMPLETED
        else [],
    }


def _comments(task: TaskInstance) -> list[Comment]:
    comments = Comment.objects.filter(ticket=task.workflow_instance.ticket).select_related("created_by")
    return list(comments.order_by("-pk")[:LAST_COMMENTS])


def _following(person: CustomUser, task: TaskInstance) -> dict[str, Any]:
    """Return sentences about what the completed task started or ended, and the person's next task."""
    mine = my_open_tasks(person).select_related(
        "task_definition", "workflow_instance__ticket__ticket_definition"
    )
    vocabulary = Vocabulary.of_schema(task.task_definition.workflow.fields_schema)
    events = TimelineEvent.objects.filter(workflow_data__task=task, kind__in=FOLLOWING_KINDS)
    loaded = events.select_related("task__task_definition", "about").order_by("-pk")
    return {
        "followed": [entry.text for entry in build_entries(loaded, (), steps=(), vocabulary=vocabulary)],
        "next_task": mine.order_by("created_at", "pk").first(),
    }
