"""Workflows for those who design them, to read: versions, files, pictures, reports, and the gallery."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from users.models import Scope
from workflow_design.access import find_workflow, may_change, may_design
from workflow_design.check.file_schema import file_schema
from workflow_design.check.findings import CheckReport
from workflow_design.compare.difference import difference
from workflow_design.definition.file_json import to_json
from workflow_design.editor.drafts import current_edition
from workflow_design.engine.plan import build_plan
from workflow_design.gallery.shelves import PLACES
from workflow_design.gallery.templates import gallery
from workflow_design.models import CheckStatus, WorkflowDefinition
from workflow_design.pages.picture_file import picture_file
from workflow_design.pages.workflow_list import (
    WORKFLOW_SORTS,
    WorkflowFilter,
    find_workflows,
    may_see_lists,
)
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.names import nameable_chats, nameable_connections, nameable_roles
from workflow_design.persistence.reports import recheck, report_in_company, stored_check
from workflow_design.picture.drawing import draw_picture
from workflow_design.wording.rules import Vocabulary
from workflow_ops.api.calls import SVG, ApiRequest, Token, require, set_version, svg_response
from workflow_ops.api.lists import Page, list_parameters, page_of
from workflow_ops.history.replay_report import active_before, replay_report

router = Router(tags=["Workflows"])


class WorkflowItem(Schema):
    """A version of a workflow."""

    id: int
    line: int = Field(description="The workflow, the same for all its versions.")
    title: str
    version: int
    status: str
    changed_at: datetime


class Finding(Schema):
    """What the check found. `fix` says what would make it right, `pointer` is a place in the file."""

    code: str
    severity: str
    pointer: str
    message: str
    fix: str
    counterexample: list[dict[str, Any]]
    likewise: list[str]
    is_exact: bool
    title: str
    digest: str
    accepted: str | None


class Report(Schema):
    """The findings of the check. It is pending until all paths have been tried."""

    findings: list[Finding]
    is_complete: bool
    is_exact: bool
    is_pending: bool
    digest: str = Field("", description="To publish with warnings, say that you have read this report.")


class VersionChange(Schema):
    """One difference of two versions, in words."""

    what: str
    old: str
    new: str


class ReplayedTickets(Schema):
    """Past tickets with the same result."""

    verdict: str
    where: str
    tickets: list[int]


class Replay(Schema):
    """The results of the last finished tickets on a version."""

    counts: dict[str, int]
    different: list[ReplayedTickets]


class NamesForWorkflows(Schema):
    """Names of what the company has, as workflow files write them: `chats` in `action.chat.connection`."""

    roles: list[str]
    connections: list[str]
    chats: list[str]


class TemplateItem(Schema):
    """A workflow of the gallery."""

    name: str
    title: str
    description: str


# --- Reading -------------------------------------------------------------------------


@router.get(
    "/workflows",
    auth=Token(Scope.DESIGN),
    response=Page[WorkflowItem],
    openapi_extra=list_parameters(WorkflowFilter.base_filters, WORKFLOW_SORTS),
)
def list_workflows(request: ApiRequest) -> dict[str, Any]:
    """List the versions of workflows; archived ones only if `status` asks for them."""
    require(request, may_see_lists)
    return page_of(request, find_workflows(request, request.user), describe_version)


@router.get("/workflows/{int:workflow_id}", auth=Token(Scope.DESIGN), response=WorkflowItem)
def read_workflow(request: ApiRequest, workflow_id: int) -> dict[str, Any]:
    """Read which version of which workflow this is, and whether it is a draft, active or archived."""
    return describe_version(find_workflow(request.user, workflow_id))


def describe_version(workflow: WorkflowDefinition) -> dict[str, Any]:
    """Return what identifies a version."""
    return {
        "id": workflow.pk,
        "line": workflow.line_id,
        "title": workflow.title,
        "version": workflow.version,
        "status": workflow.status,
        "changed_at": workflow.updated_at,
    }


@router.get("/workflows/{int:workflow_id}/file", auth=Token(Scope.DESIGN), response=dict[str, Any])
def read_workflow_file(request: ApiRequest, response: HttpResponse, workflow_id: int) -> dict[str, Any]:
    """Read a version as a workflow file. Its `ETag` is needed to replace a draft."""
    workflow = find_workflow(request.user, workflow_id)
    set_version(response, current_edition(workflow))
    return to_json(export_workflow(workflow))


@router.get(
    "/workflows/{int:workflow_id}/picture", auth=Token(Scope.DESIGN), response={200: None}, openapi_extra=SVG
)
def read_workflow_picture(request: ApiRequest, workflow_id: int) -> HttpResponse:
    """Read the picture of a version as SVG."""
    file = export_workflow(find_workflow(request.user, workflow_id))
    picture = draw_picture(build_plan(file), Vocabulary.of_schema(file.fields_schema))
    return svg_response(picture_file(picture, title=file.title))


@router.get("/workflows/{int:workflow_id}/report", auth=Token(Scope.DESIGN), response=Report)
def read_workflow_report(request: ApiRequest, workflow_id: int) -> dict[str, Any]:
    """Read what the check found about a version, and what the company lacks for it."""
    workflow = find_workflow(request.user, workflow_id, may=may_change)
    file = export_workflow(workflow)
    check = stored_check(workflow, file) or recheck(workflow, file=file)
    return {
        **describe_report(report_in_company(workflow, file, check)),
        "is_pending": check.status == CheckStatus.PENDING,
        "digest": check.digest,
    }


def describe_report(report: CheckReport) -> dict[str, Any]:
    """Return the findings of a check, with what would fix each."""
    return {
        "findings": [{**each.as_json(), "fix": each.fix} for each in report.findings],
        "is_complete": report.is_complete,
        "is_exact": report.is_exact,
    }


@router.get(
    "/workflows/{int:workflow_id}/difference/{int:other_id}",
    auth=Token(Scope.DESIGN),
    response=list[VersionChange],
)
def compare_workflows(request: ApiRequest, workflow_id: int, other_id: int) -> list[dict[str, str]]:
    """Compare two versions of a workflow, in words."""
    old, new = find_workflow(request.user, workflow_id), find_workflow(request.user, other_id)
    if old.line_id != new.line_id:
        raise Http404
    found = difference(export_workflow(old), export_workflow(new))
    return [{"what": each.what, "old": each.old, "new": each.new} for each in found.changes()]


@router.get("/workflows/{int:workflow_id}/replay", auth=Token(Scope.DESIGN), response=Replay)
def replay_tickets(request: ApiRequest, workflow_id: int) -> dict[str, Any]:
    """Replay the last finished tickets on a version, without storing anything: what would be different?"""
    workflow = find_workflow(request.user, workflow_id, may=may_change)
    report = replay_report(workflow, before=active_before(workflow), reader=request.user)
    return {
        "counts": {verdict.value: count for verdict, count in report.counts.items()},
        "different": [
            {
                "verdict": group.replayed.verdict.value,
                "where": group.replayed.where,
                "tickets": [ticket.number for ticket in group.tickets],
            }
            for group in report.different
        ],
    }


# --- Format and gallery --------------------------------------------------------------


@router.get("/workflow-format", auth=Token(Scope.DESIGN), response=dict[str, Any])
def read_workflow_format(request: ApiRequest) -> dict[str, Any]:
    """Read the JSON Schema of workflow files."""
    return file_schema()


@router.get("/workflows/names", auth=Token(Scope.DESIGN), response=NamesForWorkflows)
def list_names_for_workflows(request: ApiRequest) -> dict[str, list[str]]:
    """List the roles, connections and chats of the company that a workflow file may name."""
    require(request, may_design)
    return {
        "roles": [role.name for role in nameable_roles()],
        "connections": nameable_connections(),
        "chats": nameable_chats(),
    }


@router.get("/gallery", auth=Token(Scope.DESIGN), response=list[TemplateItem])
def list_templates(request: ApiRequest) -> list[dict[str, str]]:
    """List the workflows that are ready to use."""
    require(request, may_design)
    return [
        {"name": each.name, "title": each.file.title, "description": str(PLACES[each.name].purpose)}
        for each in gallery().values()
    ]


@router.get("/gallery/{name}", auth=Token(Scope.DESIGN), response=dict[str, Any])
def read_template(request: ApiRequest, name: str) -> dict[str, Any]:
    """Read a workflow of the gallery as a file."""
    require(request, may_design)
    template = gallery().get(name)
    if template is None:
        raise Http404
    return to_json(template.file)
