"""Pages of the definition of one ticket, task or completion."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from workflow_design import access
from workflow_design.access import find_part
from workflow_design.definition.problems import DefinitionError
from workflow_design.definition.schema import data_validator
from workflow_design.models import (
    ExecutorRole,
    SubmitterRole,
    TaskDefinition,
    TaskType,
    TicketDefinition,
    WorkflowCompletion,
)
from workflow_design.pages import lines
from workflow_design.pages.trails import part_actions
from workflow_design.persistence.exporting import to_part, with_role_names
from workflow_design.wording.people import describe_who
from workflow_design.wording.rules import Vocabulary
from workflow_design.workspace.controls import Sources
from workflow_design.workspace.forms import WorkspaceForm


@require_safe
@company_page()
def ticket_definition_detail(request: PageRequest, ticket_id: int) -> HttpResponse:
    """Show a ticket type: its fields and who may submit it."""
    rows = with_role_names(TicketDefinition.objects, SubmitterRole)
    ticket = find_part(rows, request.user, ticket_id)
    vocabulary = _vocabulary(ticket)
    context = _common_context(request, ticket, _("Ticket definition")) | {
        "writes": lines.field_names(ticket.fields, vocabulary),
        "who": describe_who(to_part(ticket), vocabulary),
        "preview": _build_preview(ticket, ticket.fields),
        "edit_layout": _format_layout(ticket.edit_layout),
    }
    return render(request, "workflow_design/ticket_definition_detail.html", context)


@require_safe
@company_page()
def task_definition_detail(request: PageRequest, task_id: int) -> HttpResponse:
    """Show a task: what it reads and writes, when it starts, and who or what executes it."""
    rows = with_role_names(TaskDefinition.objects, ExecutorRole)
    task = find_part(rows, request.user, task_id)
    vocabulary = _vocabulary(task)
    context = _common_context(request, task, _("Task definition")) | {
        "reads": lines.field_names(task.input_fields, vocabulary),
        "rule": lines.build_rule(task.condition, vocabulary),
        "writes": lines.field_names(task.output_fields, vocabulary),
        "resets": lines.field_names(task.reset_fields, vocabulary),
        "who": describe_who(to_part(task), vocabulary),
        "preview": _build_preview(task, task.output_fields) if task.task_type == TaskType.FORM else None,
        "edit_layout": _format_layout(task.edit_layout),
        "sent": _format_transform(task.input_transform),
        "taken": _format_transform(task.output_transform),
    }
    return render(request, "workflow_design/task_definition_detail.html", context)


@require_safe
@company_page()
def completion_detail(request: PageRequest, completion_id: int) -> HttpResponse:
    """Show a completion: when it is reached, and the status it gives to the workflow."""
    completion = find_part(WorkflowCompletion.objects.all(), request.user, completion_id)
    vocabulary = _vocabulary(completion)
    context = _common_context(request, completion, _("Completion")) | {
        "reads": lines.field_names(completion.fields, vocabulary),
        "rule": lines.build_rule(completion.condition, vocabulary),
    }
    return render(request, "workflow_design/completion_detail.html", context)


def _vocabulary(part: TicketDefinition | TaskDefinition | WorkflowCompletion) -> Vocabulary:
    return Vocabulary.of_schema(part.workflow.fields_schema)


def _common_context(
    request: PageRequest, part: TicketDefinition | TaskDefinition | WorkflowCompletion, kicker: str
) -> dict[str, Any]:
    workflow = part.workflow
    # A published version never changes.
    may_edit = workflow.is_draft and access.may_design(request.user)
    return {
        "actions": part_actions(part) if may_edit else [],
        "part": part,
        "kicker": kicker,
        "workflow": workflow,
        "references": lines.references(part.ext_ref),
        "display_layout": _format_layout(part.display_layout),
        "trail": [
            {"label": _("Workflows"), "url": reverse("workflow_definitions_list")},
            {"label": str(workflow), "url": reverse("workflow_definition_detail", args=[workflow.pk])},
        ],
    }


def _build_preview(part: TicketDefinition | TaskDefinition, names: list[str]) -> WorkspaceForm | None:
    """Return a preview of the form, or None if the draft is too incomplete to build it."""
    try:
        return WorkspaceForm(
            validator=data_validator(part.workflow.fields_schema),
            names=names,
            layout=part.edit_layout,
            # A preview offers no people and files, so it makes no queries for them.
            sources=Sources(people=list, files=lambda _ids: {}),
        )
    except DefinitionError:
        return None


def _format_layout(layout: list[Any]) -> str:
    """Return a layout as JSON text, or "" for an empty one, which the page explains in words."""
    return lines.format_json(layout) if layout else ""


def _format_transform(transform: dict[str, Any] | None) -> str:
    return "" if transform is None else lines.format_json(transform)
