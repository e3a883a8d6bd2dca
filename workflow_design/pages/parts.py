"""Pages of the definition of one ticket, task or completion."""

from collections.abc import Iterable
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.clean_json import format_json
from ticketflower.http import PageRequest, company_page
from workflow_design import access
from workflow_design.access import find_part
from workflow_design.definition.problems import DefinitionError
from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import Kind, TaskFile, TicketFile
from workflow_design.models import WorkflowDefinition
from workflow_design.pages import lines
from workflow_design.pages.trails import build_trail, part_actions
from workflow_design.persistence.exporting import (
    COMPLETIONS,
    TASKS,
    TICKETS,
    PartKind,
    to_part,
    with_role_names,
)
from workflow_design.wording.actions import describe_action
from workflow_design.wording.due_times import describe_due
from workflow_design.wording.messages import describe_message
from workflow_design.wording.people import describe_approval, describe_who
from workflow_design.wording.rules import Vocabulary
from workflow_design.wording.transforms import describe_transform
from workflow_design.workspace.controls import Sources
from workflow_design.workspace.forms import WorkspaceForm

_KICKERS: Final = {
    TICKETS: gettext_lazy("Ticket definition"),
    TASKS: gettext_lazy("Task definition"),
    COMPLETIONS: gettext_lazy("Completion"),
}

_TEMPLATES: Final = {
    Kind.TICKET: "workflow_design/ticket_definition_detail.html",
    Kind.TASK: "workflow_design/task_definition_detail.html",
    Kind.COMPLETION: "workflow_design/completion_detail.html",
}


@require_safe
@company_page()
def part_detail(request: PageRequest, part_id: int, kind: PartKind) -> HttpResponse:
    """Show a ticket, task or completion: what it reads and writes, when it starts, and who executes it."""
    rows: Any = kind.model._default_manager.all()
    row: Any = find_part(with_role_names(rows, kind.links) if kind.links else rows, request.user, part_id)
    workflow, part = row.workflow, to_part(row)
    vocabulary = Vocabulary.of_schema(workflow.fields_schema)
    # A published version never changes.
    may_edit = workflow.is_draft and access.may_design(request.user)
    has_form = isinstance(part, TicketFile) or (isinstance(part, TaskFile) and part.is_form)
    context = {
        "actions": part_actions(row) if may_edit else [],
        "part": row,
        "kicker": _KICKERS[kind],
        "workflow": workflow,
        "references": lines.references(part.ext_ref),
        "reads": _names(part.reads, vocabulary),
        "rule": lines.build_rule(getattr(part, "condition", None), vocabulary),
        "writes": _names(part.writes, vocabulary),
        "shows": _names(getattr(part, "shown_fields", ()), vocabulary),
        "resets": _names(getattr(part, "reset_fields", ()), vocabulary),
        "who": describe_who(part, vocabulary),
        "approval": describe_approval() if isinstance(part, TaskFile) and part.needs_approval else "",
        "due": describe_due(part, vocabulary),
        "preview": _build_preview(workflow, part) if has_form else None,
        # An empty layout is explained in words.
        "edit_layout": _format(getattr(part, "edit_layout", None) or None),
        "display_layout": _format(part.display_layout or None),
        "message": describe_message(getattr(part, "action", None), vocabulary),
        "trail": build_trail(workflow),
        **(_describe_call(part, vocabulary) if isinstance(part, TaskFile) and not part.is_form else {}),
    }
    return render(request, _TEMPLATES[kind.key], context)


def _describe_call(task: TaskFile, vocabulary: Vocabulary) -> dict[str, Any]:
    """Return what an action calls, sends and makes of the answer, in words and as JSON."""
    return {
        "target": describe_action(task, vocabulary),
        "sent": {
            "lines": describe_transform(task.input_transform, vocabulary, of_answer=False),
            "written": _format(task.input_transform),
        },
        "taken": {
            "lines": describe_transform(task.output_transform, vocabulary, of_answer=True),
            "written": _format(task.output_transform),
        },
        "sample": _format(task.sample_response),
    }


def _names(names: Iterable[str], vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """Return each field with its title."""
    return [(name, vocabulary.title(name)) for name in names]


def _build_preview(workflow: WorkflowDefinition, part: TicketFile | TaskFile) -> WorkspaceForm | None:
    """Return a preview of the form, or None if the draft is too incomplete to build it."""
    try:
        return WorkspaceForm(
            validator=data_validator(workflow.fields_schema),
            names=part.writes,
            layout=part.edit_layout,
            # A preview offers no people and files, so it makes no queries for them.
            sources=Sources(people=list, files=lambda _ids: {}),
        )
    except DefinitionError:
        return None


def _format(value: Any) -> str:
    return "" if value is None else format_json(value)
