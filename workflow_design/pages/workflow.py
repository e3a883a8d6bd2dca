"""The page of one version of a workflow, and the download of its file."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.clean_json import format_json
from ticketflower.http import PageRequest, company_page
from workflow_design import access
from workflow_design.access import find_workflow
from workflow_design.definition.fields import Fields
from workflow_design.definition.file_json import to_json
from workflow_design.definition.problems import DefinitionError
from workflow_design.definition.workflow import DefinitionKey
from workflow_design.models import WorkflowDefinition, WorkflowStatus
from workflow_design.pages import lines
from workflow_design.pages.lines import part_url
from workflow_design.pages.next_step import build_progress
from workflow_design.pages.report import check_context
from workflow_design.pages.trails import build_tabs
from workflow_design.persistence.exporting import (
    ALL_KINDS,
    StoredWorkflow,
    export_workflow,
    kind_for,
    read_workflow,
)
from workflow_design.persistence.plans import load_fields
from workflow_design.picture.drawing import draw_picture
from workflow_design.picture.model import Mark, Picture
from workflow_design.wording.people import describe_administrators
from workflow_design.wording.rules import Vocabulary

MAX_NAME_LENGTH = 100
MAX_VERSIONS = 50
MAX_WIDTH_BESIDE = 760.0
FIELD_COLUMNS = (
    {"label": gettext_lazy("Field")},
    {"label": gettext_lazy("Kind")},
    {"label": gettext_lazy("Required")},
    {"label": gettext_lazy("Written by")},
    {"label": gettext_lazy("Read by")},
)
TICKET_COLUMNS = (
    {"label": gettext_lazy("Ticket")},
    {"label": gettext_lazy("Asks for")},
    {"label": gettext_lazy("Submitted by")},
)
TASK_COLUMNS = (
    {"label": gettext_lazy("Task")},
    {"label": gettext_lazy("Starts when this is written")},
    {"label": gettext_lazy("Writes")},
    {"label": gettext_lazy("Done by")},
)
COMPLETION_COLUMNS = (
    {"label": gettext_lazy("Completion")},
    {"label": gettext_lazy("Status")},
    {"label": gettext_lazy("Reached when this is written")},
)


@require_safe
@company_page()
def workflow_definition_detail(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Show the fields, tickets, tasks, completions and versions, in a picture and in words."""
    workflow = find_workflow(request.user, workflow_id)
    content = read_workflow(workflow)
    vocabulary = Vocabulary.of_schema(workflow.fields_schema)
    may_design = access.may_design(request.user)
    versions = _versions(workflow)
    # Only designers can do something about findings.
    checked = check_context(workflow, content) if may_design else {}
    picture = _picture(content, vocabulary, checked.get("marks"))
    context = {
        **checked,
        "workflow": workflow,
        "references": lines.references(workflow.ext_ref),
        "who_administers": describe_administrators(content.file.ticket_admin_roles),
        "fields": lines.field_lines(_fields(workflow).values(), content),
        "field_columns": FIELD_COLUMNS,
        **_lines(content, vocabulary),
        "picture": picture,
        # A wide picture beside something else would be too small to read.
        "is_beside": bool(checked) and picture.width <= MAX_WIDTH_BESIDE,
        "versions": versions,
        "draft": next((version for version in versions if version.is_draft), None),
        "may_design": may_design,
        "more_actions": _actions(
            workflow,
            may_design=may_design,
            may_administer=access.may_administer_workflow(request.user, workflow),
        ),
    }
    if may_design and workflow.is_draft:
        context |= _of_draft(workflow, content, checked)
    return render(request, "workflow_design/workflow_definition_detail.html", context)


def _of_draft(
    workflow: WorkflowDefinition, content: StoredWorkflow, checked: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what the page shows of a draft to those who may change it."""
    return {
        "tabs": build_tabs(workflow, "workflow_definition_detail"),
        "way": build_progress(workflow.pk, content.file, checked["check"]),
        # A draft without any part has nothing to show but its next step.
        "is_begun": any(content.rows.values()),
    }


def _versions(workflow: WorkflowDefinition) -> list[WorkflowDefinition]:
    """Return the newest versions; a draft is always the newest of all."""
    columns = workflow.line.versions.only("line", "version", "status", "updated_at")
    return list(columns.order_by("-version")[:MAX_VERSIONS])


def _lines(content: StoredWorkflow, vocabulary: Vocabulary) -> dict[str, Any]:
    found: dict[str, list[dict[str, Any]]] = {kind.members: [] for kind in ALL_KINDS}
    for row, part in content.parts():
        found[kind_for(row).members].append(lines.part_line(row, part, vocabulary))
    return {
        **found,
        "ticket_columns": TICKET_COLUMNS,
        "task_columns": TASK_COLUMNS,
        "completion_columns": COMPLETION_COLUMNS,
    }


def _fields(workflow: WorkflowDefinition) -> Fields:
    """Return the fields, or none if those of a draft are invalid, which the check reports."""
    try:
        return load_fields(workflow)
    except DefinitionError:
        return Fields([])


def _picture(
    content: StoredWorkflow, vocabulary: Vocabulary, marks: Mapping[DefinitionKey, Mark] | None
) -> Picture:
    plan = content.plan()
    links = {plan.key(part): part_url(row) for row, part in content.parts()}
    return draw_picture(plan, vocabulary, marks=marks).linked(links)


def _actions(
    workflow: WorkflowDefinition, *, may_design: bool, may_administer: bool
) -> list[dict[str, object]]:
    """Return the less usual actions as links; those that change something ask on a page of their own."""

    def link(label: str, icon: str, name: str) -> dict[str, object]:
        return {"label": label, "icon": icon, "url": reverse(name, args=[workflow.pk])}

    actions = []
    if may_design and workflow.is_draft:
        actions.append(link(_("Title and administrators"), "pencil-square", "workflow_definition_update"))
        actions.append(link(_("Discard the draft"), "trash", "workflow_draft_discard"))
    if not (may_design and workflow.is_draft):  # a draft has a tab for them
        actions.append(link(_("Scenarios"), "beaker", "workflow_scenarios"))
    actions.append(link(_("Download"), "arrow-down-tray", "workflow_definition_download"))
    if may_design and workflow.status == WorkflowStatus.ACTIVE:
        actions.append(link(_("Archive"), "archive-box", "workflow_definition_archive"))
    if may_administer:
        url = f"{reverse('audit_log')}?workflow={workflow.pk}"
        actions.append({"label": _("Audit log"), "icon": "clipboard-document-list", "url": url})
    return actions


@require_safe
@company_page()
def workflow_definition_download(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Return the whole version as a workflow file."""
    workflow = find_workflow(request.user, workflow_id)
    text = format_json(to_json(export_workflow(workflow)))
    # The slug of a title without Latin letters is empty.
    name = f"{slugify(workflow.title)[:MAX_NAME_LENGTH] or 'workflow'}-{workflow.version}.json"
    disposition = content_disposition_header(as_attachment=True, filename=name)
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return HttpResponse(f"{text}\n", content_type="application/json", headers=headers)
