"""Pages for the fields of a draft: table, form, rename, remove, and JSON Schema."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ticketflower.http import PageRequest, show_or_submit
from workflow_design.definition.field_types import FIELD_TYPES
from workflow_design.definition.fields import FieldType
from workflow_design.definition.schema import read_fields
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.editor.draft_page import draft_page, find_draft, form_data, try_store
from workflow_design.editor.fields import actions
from workflow_design.editor.fields.forms import FieldForm, RenameForm
from workflow_design.editor.fields.page import draft_field_rows, use_lines
from workflow_design.editor.fields.settings import resolve_keywords
from workflow_design.editor.fields.uses import actions_that_send_name, find_uses
from workflow_design.editor.workflow.forms import SchemaForm
from workflow_design.models import WorkflowDefinition
from workflow_design.pages.trails import build_tabs, build_trail
from workflow_design.persistence.exporting import export_workflow

COLUMNS = (
    {"label": gettext_lazy("Field")},
    {"label": gettext_lazy("Kind")},
    {"label": gettext_lazy("Required")},
    {"label": gettext_lazy("Limits")},
    {"label": gettext_lazy("Used by")},
    {"label": gettext_lazy("Change"), "is_hidden": True},
)
# Schema keywords that the form does not edit; the page lists them as preserved.
_PRESERVED = ("pattern", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")


@require_safe
@draft_page
def workflow_fields(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Show all fields of a draft, and the types for a new one."""
    workflow = find_draft(request.user, workflow_id)
    context = {
        "workflow": workflow,
        "rows": draft_field_rows(export_workflow(workflow), workflow.pk),
        "columns": COLUMNS,
        "field_types": FIELD_TYPES.values(),
        "tabs": build_tabs(workflow, "workflow_fields"),
        "trail": build_trail(workflow),
    }
    return render(request, "workflow_design/editor/field_list.html", context)


@show_or_submit
@draft_page
def field_create(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Choose a type, then create a field of it."""
    workflow = find_draft(request.user, workflow_id)
    field_type = _requested_type(request)
    if field_type is None:
        context = _context(workflow) | {"field_types": FIELD_TYPES.values()}
        return render(request, "workflow_design/editor/field_pick.html", context)
    form = FieldForm(
        workflow=workflow, file=export_workflow(workflow), field_type=field_type, data=form_data(request)
    )

    def store() -> None:
        actions.add_field(workflow, form.settings(), name=form.cleaned_data["name"], seen=form.seen)

    if try_store(form, store):
        text = _("The field “%(title)s” has been added. Tickets and tasks can now ask for it.")
        messages.success(request, text % {"title": form.cleaned_data["title"]})
        onward = "field_create" if "another" in request.POST else "workflow_fields"
        return redirect(onward, workflow.pk)
    return render(
        request,
        "workflow_design/editor/field_form.html",
        _context(workflow) | {"form": form, "field_type": field_type},
    )


@show_or_submit
@draft_page
def field_edit(request: PageRequest, workflow_id: int, name: str) -> HttpResponse:
    """Change all settings of a field except its name."""
    workflow, file = _find_field(request, workflow_id, name)
    current = read_fields(file.fields_schema)[name]
    field_type = _requested_type(request) or current.type
    form = FieldForm(workflow=workflow, file=file, field_type=field_type, name=name, data=form_data(request))
    if try_store(form, lambda: actions.change_field(workflow, name, form.settings(), seen=form.seen)):
        text = _("The field “%(title)s” has been saved.")
        messages.success(request, text % {"title": form.settings().title})
        return redirect("workflow_fields", workflow.pk)
    preserved = [
        each
        for each in _PRESERVED
        if each in resolve_keywords(file.fields_schema, name) and field_type is current.type
    ]
    context = {
        "form": form,
        "field_type": field_type,
        "name": name,
        "preserved": preserved,
        "field_types": FIELD_TYPES.values(),
    }
    return render(request, "workflow_design/editor/field_form.html", _context(workflow) | context)


@show_or_submit
@draft_page
def field_rename(request: PageRequest, workflow_id: int, name: str) -> HttpResponse:
    """Rename a field everywhere."""
    workflow, file = _find_field(request, workflow_id, name)
    form = RenameForm(workflow=workflow, file=file, current=name, data=form_data(request))
    if try_store(
        form,
        lambda: actions.rename_field(workflow, name, new=form.cleaned_data["name"], seen=form.seen),
    ):
        words = {"old": name, "new": form.cleaned_data["name"]}
        messages.success(request, _("“%(old)s” has been renamed to “%(new)s” everywhere.") % words)
        return redirect("workflow_fields", workflow.pk)
    context = _context(workflow) | _uses(file, workflow, name) | {"form": form}
    return render(request, "workflow_design/editor/field_rename.html", context)


@show_or_submit
@draft_page
def field_remove(request: PageRequest, workflow_id: int, name: str) -> HttpResponse:
    """List the uses of a field, then remove it, unless a rule uses it."""
    workflow, file = _find_field(request, workflow_id, name)
    if request.method == "POST":
        try:
            actions.remove_field(workflow, name)
        except actions.FieldInUseError:
            messages.error(request, _("“%(name)s” is still in use, as listed below.") % {"name": name})
            return redirect("field_remove", workflow.pk, name)
        messages.success(request, _("The field “%(name)s” has been removed.") % {"name": name})
        return redirect("workflow_fields", workflow.pk)
    return render(
        request, "workflow_design/editor/field_remove.html", _context(workflow) | _uses(file, workflow, name)
    )


@require_POST
@draft_page
def field_move(request: PageRequest, workflow_id: int, name: str) -> HttpResponse:
    """Move a field up or down."""
    workflow, _file = _find_field(request, workflow_id, name)
    actions.move_field(workflow, name, up=request.POST.get("to") == "up")
    return redirect(f"{reverse('workflow_fields', args=[workflow.pk])}#field-{name}")


@show_or_submit
@draft_page
def workflow_schema(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Change all fields as JSON Schema."""
    workflow = find_draft(request.user, workflow_id)
    form = SchemaForm(workflow=workflow, file=export_workflow(workflow), data=form_data(request))
    if try_store(form, lambda: actions.change_schema(workflow, form.cleaned_data["schema"], seen=form.seen)):
        messages.success(request, _("The fields have been saved."))
        return redirect("workflow_fields", workflow.pk)
    return render(request, "workflow_design/editor/schema_form.html", _context(workflow) | {"form": form})


def _find_field(request: PageRequest, workflow_id: int, name: str) -> tuple[WorkflowDefinition, WorkflowFile]:
    workflow = find_draft(request.user, workflow_id)
    file = export_workflow(workflow)
    if name not in file.fields_schema.get("properties", {}):
        raise Http404
    return workflow, file


def _requested_type(request: PageRequest) -> FieldType | None:
    return FIELD_TYPES.get(request.GET.get("kind", ""))


def _context(workflow: WorkflowDefinition) -> dict[str, Any]:
    return {"workflow": workflow, "trail": build_trail(workflow, (_("Fields"), "workflow_fields"))}


def _uses(file: WorkflowFile, workflow: WorkflowDefinition, name: str) -> dict[str, Any]:
    uses = find_uses(file, name)
    return {
        "name": name,
        "title": read_fields(file.fields_schema)[name].title,
        "uses": use_lines([use for use in uses if not use.is_rule], workflow),
        "rules": use_lines([use for use in uses if use.is_rule], workflow),
        "calls": actions_that_send_name(file, name),
    }
