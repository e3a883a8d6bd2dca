"""Pages for the parts of a draft: one page that lists all, and forms to create and change each."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ticketflower.http import PageRequest, show_or_submit
from workflow_design.editor.draft_page import (
    AnyPart,
    draft_page,
    find_draft,
    find_draft_part,
    form_data,
    part_form_options,
    try_store,
)
from workflow_design.editor.drafts import DraftRefusedError
from workflow_design.editor.parts import actions
from workflow_design.editor.parts.forms import (
    NEW_COMPLETION,
    NEW_TICKET,
    CompletionForm,
    PartForm,
    TicketForm,
)
from workflow_design.editor.parts.page import layout_url, part_lists
from workflow_design.editor.parts.task_form import NEW_TASK, TaskForm
from workflow_design.models import (
    TaskDefinition,
    TaskType,
    TicketDefinition,
    WorkflowCompletion,
)
from workflow_design.pages.trails import build_tabs, build_trail
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.part_kinds import COMPLETIONS, TASKS, TICKETS, kind_for

_WORDS: dict[str, dict[str, Any]] = {
    TICKETS.members: {
        "new": gettext_lazy("Add a ticket"),
        "lead": gettext_lazy("The form with which people start the workflow."),
        "kicker": gettext_lazy("Ticket"),
    },
    TASKS.members: {
        "new": gettext_lazy("Add a task"),
        "lead": gettext_lazy("What a person or another system does as soon as its fields are filled in."),
        "kicker": gettext_lazy("Task"),
    },
    COMPLETIONS.members: {
        "new": gettext_lazy("Add a completion"),
        "lead": gettext_lazy("What ends the workflow, or puts it on hold."),
        "kicker": gettext_lazy("Completion"),
    },
}


@require_safe
@draft_page
def workflow_components(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Show the tickets, tasks and completions of a draft, in the order in which they are used."""
    workflow = find_draft(request.user, workflow_id)
    context = {
        "workflow": workflow,
        "lists": part_lists(workflow),
        "has_fields": bool(workflow.fields_schema.get("properties")),
        "tabs": build_tabs(workflow, "workflow_components"),
        "trail": build_trail(workflow),
    }
    return render(request, "workflow_design/editor/part_list.html", context)


# --- Made and changed ------------------------------------------------------------------


@show_or_submit
@draft_page
def ticket_definition_create(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Create a ticket definition."""
    workflow = find_draft(request.user, workflow_id)
    form = TicketForm(
        workflow=workflow, file=export_workflow(workflow), current=NEW_TICKET, data=form_data(request)
    )
    return _create(request, form)


@show_or_submit
@draft_page
def task_definition_create(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Create a task of the type in `?kind=`."""
    workflow = find_draft(request.user, workflow_id)
    kind = _requested_kind(request, TaskType.FORM)
    options: Any = {"workflow": workflow, "file": export_workflow(workflow), "current": NEW_TASK}
    return _create(request, TaskForm(task_type=kind, data=form_data(request), **options))


@show_or_submit
@draft_page
def completion_create(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Create a completion."""
    workflow = find_draft(request.user, workflow_id)
    options: Any = {"workflow": workflow, "file": export_workflow(workflow), "current": NEW_COMPLETION}
    return _create(request, CompletionForm(data=form_data(request), **options))


@show_or_submit
@draft_page
def ticket_definition_edit(request: PageRequest, ticket_id: int) -> HttpResponse:
    """Change a ticket definition."""
    ticket = find_draft_part(TicketDefinition.objects.all(), request, ticket_id)
    return _edit(request, ticket, TicketForm(data=form_data(request), **part_form_options(ticket)))


@show_or_submit
@draft_page
def task_definition_edit(request: PageRequest, task_id: int) -> HttpResponse:
    """Change a task; `?kind=` also changes its type."""
    task = find_draft_part(TaskDefinition.objects.all(), request, task_id)
    kind = _requested_kind(request, TaskType(task.task_type))
    return _edit(request, task, TaskForm(task_type=kind, data=form_data(request), **part_form_options(task)))


@show_or_submit
@draft_page
def completion_edit(request: PageRequest, completion_id: int) -> HttpResponse:
    """Change a completion."""
    completion = find_draft_part(WorkflowCompletion.objects.all(), request, completion_id)
    return _edit(
        request, completion, CompletionForm(data=form_data(request), **part_form_options(completion))
    )


def _create(request: PageRequest, form: PartForm) -> HttpResponse:
    workflow = form.workflow
    if try_store(
        form, lambda: actions.create_part(workflow, form.content(), by=request.user, seen=form.seen)
    ):
        messages.success(request, _("“%(title)s” has been added.") % {"title": form.content().title})
        return redirect("workflow_components", workflow.pk)
    words = _WORDS[form.kind.members]
    context = {"title": words["new"], "lead": words["lead"], "submit": words["new"]}
    return _page(request, form, context)


def _edit(request: PageRequest, part: AnyPart, form: PartForm) -> HttpResponse:
    if try_store(form, lambda: actions.change_part(part, form.content(), seen=form.seen)):
        messages.success(request, _("“%(title)s” has been saved.") % {"title": form.content().title})
        return redirect("workflow_components", part.workflow.pk)
    kicker = _WORDS[form.kind.members]["kicker"]
    layout = {"label": _("Layout"), "url": layout_url(part), "icon": "view-columns"}
    links = [layout] if layout["url"] else []
    return _page(request, form, {"title": part.title, "kicker": kicker, "actions": links})


def _page(request: PageRequest, form: PartForm, context: dict[str, Any]) -> HttpResponse:
    workflow = form.workflow
    more = {
        "form": form,
        "workflow": workflow,
        "has_fields": bool(form.workspace_fields),
        "trail": build_trail(workflow, (_("Tickets and tasks"), "workflow_components")),
        "kinds": _kinds(form.task_type) if isinstance(form, TaskForm) else [],
    }
    return render(request, "workflow_design/editor/part_form.html", {**context, **more})


def _kinds(current: TaskType) -> list[dict[str, Any]]:
    words = {
        TaskType.FORM: _("A person fills in a form"),
        TaskType.SYNC_ACTION: _("Another system answers at once"),
        TaskType.ASYNC_ACTION: _("Another system answers later"),
    }
    return [
        {"label": label, "url": f"?kind={kind}", "is_current": kind == current}
        for kind, label in words.items()
    ]


# --- Doubled, moved, deleted -----------------------------------------------------------


@require_POST
@draft_page
def ticket_definition_duplicate(request: PageRequest, ticket_id: int) -> HttpResponse:
    """Duplicate a ticket definition."""
    return _duplicate(request, find_draft_part(TicketDefinition.objects.all(), request, ticket_id))


@require_POST
@draft_page
def task_definition_duplicate(request: PageRequest, task_id: int) -> HttpResponse:
    """Duplicate a task."""
    return _duplicate(request, find_draft_part(TaskDefinition.objects.all(), request, task_id))


@require_POST
@draft_page
def completion_duplicate(request: PageRequest, completion_id: int) -> HttpResponse:
    """Duplicate a completion."""
    return _duplicate(request, find_draft_part(WorkflowCompletion.objects.all(), request, completion_id))


@require_POST
@draft_page
def ticket_definition_move(request: PageRequest, ticket_id: int) -> HttpResponse:
    """Move a ticket definition up or down."""
    return _move(request, find_draft_part(TicketDefinition.objects.all(), request, ticket_id))


@require_POST
@draft_page
def task_definition_move(request: PageRequest, task_id: int) -> HttpResponse:
    """Move a task up or down."""
    return _move(request, find_draft_part(TaskDefinition.objects.all(), request, task_id))


@require_POST
@draft_page
def completion_move(request: PageRequest, completion_id: int) -> HttpResponse:
    """Move a completion up or down."""
    return _move(request, find_draft_part(WorkflowCompletion.objects.all(), request, completion_id))


@show_or_submit
@draft_page
def ticket_definition_delete(request: PageRequest, ticket_id: int) -> HttpResponse:
    """Ask for confirmation, then delete a ticket definition."""
    return _delete(request, find_draft_part(TicketDefinition.objects.all(), request, ticket_id))


@show_or_submit
@draft_page
def task_definition_delete(request: PageRequest, task_id: int) -> HttpResponse:
    """Ask for confirmation, then delete a task."""
    return _delete(request, find_draft_part(TaskDefinition.objects.all(), request, task_id))


@show_or_submit
@draft_page
def completion_delete(request: PageRequest, completion_id: int) -> HttpResponse:
    """Ask for confirmation, then delete a completion."""
    return _delete(request, find_draft_part(WorkflowCompletion.objects.all(), request, completion_id))


def _duplicate(request: PageRequest, part: AnyPart) -> HttpResponse:
    try:
        copy = actions.duplicate_part(part, by=request.user)
    except DraftRefusedError as error:
        messages.error(request, str(error))
    else:
        words = {"title": part.title, "copy": copy.title}
        messages.success(request, _("“%(title)s” has been duplicated as “%(copy)s”.") % words)
    return redirect("workflow_components", part.workflow.pk)


def _move(request: PageRequest, part: AnyPart) -> HttpResponse:
    address = reverse("workflow_components", args=[part.workflow.pk])
    actions.move_part(part, up=request.POST.get("to") == "up")
    return redirect(f"{address}#{kind_for(part).members}")


def _delete(request: PageRequest, part: AnyPart) -> HttpResponse:
    cancel_url = reverse("workflow_components", args=[part.workflow.pk])
    if request.method == "POST":
        actions.delete_part(part)
        messages.success(request, _("“%(title)s” has been deleted.") % {"title": part.title})
        return redirect(cancel_url)
    context = {
        "title": _("Delete “%(title)s”?") % {"title": part.title},
        "text": _("It is removed from this draft. Its fields remain, and published versions do not change."),
        "submit": _("Delete"),
        "cancel_url": cancel_url,
    }
    return render(request, "components/confirm.html", context)


def _requested_kind(request: PageRequest, otherwise: TaskType) -> TaskType:
    requested = request.GET.get("kind")
    return TaskType(requested) if requested in TaskType.values else otherwise
