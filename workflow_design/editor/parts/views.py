"""Pages for the parts of a draft: one page that lists all, and forms to create and change each."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ticketflower.http import PageRequest, show_or_submit
from workflow_design.definition.problems import DefinitionError
from workflow_design.editor.draft_page import (
    draft_page,
    find_draft,
    find_draft_part,
    form_data,
    part_form_options,
    try_store,
)
from workflow_design.editor.drafts import DraftRefusedError
from workflow_design.editor.parts import actions
from workflow_design.editor.parts.forms import CompletionForm, PartForm
from workflow_design.editor.parts.message_form import MESSAGE_FORMS, MessageForm
from workflow_design.editor.parts.page import WORDS, describe_loss, layout_url, part_lists
from workflow_design.editor.parts.task_form import TaskForm
from workflow_design.editor.parts.ticket_form import TicketForm
from workflow_design.models import TaskDefinition, TaskType
from workflow_design.pages.trails import build_tabs, build_trail
from workflow_design.persistence.exporting import TASKS, PartKind, export_workflow
from workflow_design.wording.rules import Vocabulary
from workflow_design.workspace.answers import AnswerField

_FORMS: Final[dict[PartKind, type[PartForm]]] = {
    form.kind: form for form in (TicketForm, TaskForm, CompletionForm)
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


@show_or_submit
@draft_page
def part_create(request: PageRequest, workflow_id: int, kind: PartKind) -> HttpResponse:
    """Create a ticket, task or completion; `?kind=` is the type of a task."""
    workflow = find_draft(request.user, workflow_id)
    new = _FORMS[kind].new
    form = _form(request, kind, workflow=workflow, file=export_workflow(workflow), current=new)
    if try_store(
        form,
        lambda: actions.create_part(
            workflow, form.content(), by=request.user, seen=form.seen, fields=form.new_fields
        ),
    ):
        messages.success(request, _("“%(title)s” has been added.") % {"title": form.content().title})
        return redirect("workflow_components", workflow.pk)
    words = WORDS[kind]
    return _page(request, form, {"title": words["add"], "lead": words["lead"], "submit": words["add"]})


@show_or_submit
@draft_page
def part_edit(request: PageRequest, part_id: int, kind: PartKind) -> HttpResponse:
    """Change a ticket, task or completion; `?kind=` also changes the type of a task."""
    part = find_draft_part(kind, request, part_id)
    form = _form(request, kind, **part_form_options(part))
    if try_store(
        form,
        lambda: actions.change_part(part, form.content(), seen=form.seen, fields=form.new_fields),
    ):
        messages.success(request, _("“%(title)s” has been saved.") % {"title": form.content().title})
        return redirect("workflow_components", part.workflow.pk)
    layout = {"label": _("Layout"), "url": layout_url(part), "icon": "view-columns"}
    links = [layout] if layout["url"] else []
    return _page(request, form, {"title": part.title, "kicker": WORDS[kind]["kicker"], "actions": links})


def _form(request: PageRequest, kind: PartKind, *, current: Any, **options: Any) -> PartForm:
    """Return the form of a part; that of a task has the type that the address asks for."""
    form = _FORMS[kind]
    if kind is TASKS:
        asked = request.GET.get("kind", "")
        message = next(iter(current.action or ()), "") if asked not in TaskType.values else ""
        if asked in MESSAGE_FORMS or message in MESSAGE_FORMS:
            form = MESSAGE_FORMS[asked if asked in MESSAGE_FORMS else message]
        else:
            options["task_type"] = TaskType(asked if asked in TaskType.values else current.task_type)
    return form(data=form_data(request), current=current, **options)


def _page(request: PageRequest, form: PartForm, context: dict[str, Any]) -> HttpResponse:
    workflow = form.workflow
    more = {
        "form": form,
        "workflow": workflow,
        "has_fields": bool(form.workspace_fields),
        "trail": build_trail(workflow, (_("Tickets and tasks"), "workflow_components")),
        "kinds": _kinds(form),
    }
    return render(request, "workflow_design/editor/part_form.html", {**context, **more})


def _kinds(form: PartForm) -> list[dict[str, Any]]:
    if not isinstance(form, TaskForm | MessageForm):
        return []
    current = form.task_type if isinstance(form, TaskForm) else form.message
    words = {
        TaskType.FORM: _("A person fills in a form"),
        "email": _("An e-mail"),
        "chat": _("A chat message"),
        TaskType.SYNC_ACTION: _("A system answers at once"),
        TaskType.ASYNC_ACTION: _("A system answers later"),
    }
    return [
        {"label": label, "url": f"?kind={kind}", "is_current": kind == current}
        for kind, label in words.items()
    ]


@require_POST
@draft_page
def part_duplicate(request: PageRequest, part_id: int, kind: PartKind) -> HttpResponse:
    """Duplicate a ticket, task or completion."""
    part = find_draft_part(kind, request, part_id)
    try:
        copy = actions.duplicate_part(part, by=request.user)
    except DraftRefusedError as error:
        messages.error(request, str(error))
    else:
        words = {"title": part.title, "copy": copy.title}
        messages.success(request, _("“%(title)s” has been duplicated as “%(copy)s”.") % words)
    return redirect("workflow_components", part.workflow.pk)


@require_POST
@draft_page
def part_move(request: PageRequest, part_id: int, kind: PartKind) -> HttpResponse:
    """Move a ticket, task or completion up or down among its kind."""
    part = find_draft_part(kind, request, part_id)
    actions.move_part(part, up=request.POST.get("to") == "up")
    return redirect(f"{reverse('workflow_components', args=[part.workflow.pk])}#{kind.members}")


@require_POST
@draft_page
def task_require_answer(request: PageRequest, part_id: int) -> HttpResponse:
    """Let a task start only if a field is answered, as a finding of the check suggests."""
    part = find_draft_part(TASKS, request, part_id)
    name, seen = request.POST.get("field", ""), request.POST.get("seen", "")
    try:
        is_changed = actions.require_answer_first(part, name, seen=seen)
    except DefinitionError as error:
        messages.error(request, str(error))
    else:
        if is_changed:
            field = Vocabulary.of_schema(part.workflow.fields_schema).title(name)
            text = _("“%(title)s” now starts only if “%(field)s” is answered.")
            messages.success(request, text % {"title": part.title, "field": field})
        else:
            text = _("Nothing was changed: “%(title)s” is not as it was when it was checked.")
            messages.warning(request, text % {"title": part.title})
    return redirect(f"{reverse('workflow_definition_detail', args=[part.workflow.pk])}#check")


@require_POST
@draft_page
def task_keep_sample(request: PageRequest, part_id: int) -> HttpResponse:
    """Keep the answer that a try-out has sent as the sample of an action. The try-out goes on with it."""
    part = find_draft_part(TASKS, request, part_id)
    answer = AnswerField.of_request(request.POST)
    # What is wrong with an answer is said by the try-out.
    is_action = isinstance(part, TaskDefinition) and part.task_type != TaskType.FORM
    if answer is not None and is_action:
        actions.keep_sample(part, answer)
        text = _("The answer is now the sample of “%(title)s”.")
        messages.success(request, text % {"title": part.title})
    # The browser sends the same form to the try-out.
    address = reverse("workflow_definition_tryout", args=[part.workflow.pk])
    return redirect(f"{address}#state", preserve_request=True)


@show_or_submit
@draft_page
def part_delete(request: PageRequest, part_id: int, kind: PartKind) -> HttpResponse:
    """Ask for confirmation, then delete a ticket, task or completion."""
    part = find_draft_part(kind, request, part_id)
    cancel_url = reverse("workflow_components", args=[part.workflow.pk])
    if request.method == "POST":
        actions.delete_part(part)
        messages.success(request, _("“%(title)s” has been deleted.") % {"title": part.title})
        return redirect(cancel_url)
    current = part_form_options(part)
    context = {
        "consequences": describe_loss(current["file"], current["current"]),
        "title": _("Delete “%(title)s”?") % {"title": part.title},
        "text": _("It is removed from this draft. Its fields remain, and published versions do not change."),
        "submit": _("Delete"),
        "cancel_url": cancel_url,
    }
    return render(request, "components/confirm.html", context)
