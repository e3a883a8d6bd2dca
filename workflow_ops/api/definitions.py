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

    id: int = Field(description="Id of the version, `workflow_id` of other operations.")
    line: int = Field(description="Id of the workflow, the same for all its versions.")
    title: str
    version: int
    status: str
    changed_at: datetime


class Finding(Schema):
    """A finding of the check of a workflow."""

    code: str
    severity: str = Field(description="`error` (prevents publishing), `warning`, `note` or `hint`.")
    pointer: str = Field(description="JSON pointer to the place in the workflow file.")
    message: str
    fix: str = Field(description="What to write instead, or “” if the message says it.")
    counterexample: list[dict[str, Any]] = Field(description="Moves that lead to it, for `play_workflow`.")
    likewise: list[str] = Field(description="Pointers to other places with the same finding.")
    is_exact: bool = Field(
        description="True if it is proved; false if a value that was not tried may refute it."
    )
    title: str = Field(description="Title of the part or field at the place.")
    digest: str
    accepted: str | None = Field(description="Why it is accepted as intended, or null.")


class Report(Schema):
    """The report of the check of a workflow."""

    findings: list[Finding]
    is_complete: bool = Field(description="True if all paths were tried; if not, there may be more findings.")
    is_exact: bool = Field(description="True if nothing depends on values that were not tried.")
    is_pending: bool = Field(description="True while a job continues the check.")
    digest: str = Field("", description="Needed to publish with warnings (`read` of `publish_workflow`).")


class VersionChange(Schema):
    """A difference between two versions."""

    what: str = Field(description="The part that differs.")
    old: str
    new: str


class ReplayedTickets(Schema):
    """Past tickets with the same result."""

    verdict: str = Field(description="`other-tasks`, `other-end` or `not-replayable`.")
    where: str = Field(description="The first difference, or why there is no replay, in a sentence.")
    tickets: list[int] = Field(description="Numbers of the tickets.")


class Replay(Schema):
    """The results of past tickets on a version."""

    counts: dict[str, int] = Field(description="Number of tickets by verdict; `same` for the same result.")
    different: list[ReplayedTickets]


class NamesForWorkflows(Schema):
    """Names that a workflow file of the company may contain."""

    roles: list[str]
    connections: list[str]
    chats: list[str] = Field(description="Values for `action.chat.connection`.")


class TemplateItem(Schema):
    """A ready-made workflow of the gallery."""

    name: str
    title: str
    description: str


# --- Reading -------------------------------------------------------------------------


@router.get(
    "/workflows",
    auth=Token(Scope.DESIGN),
    response=Page[WorkflowItem],
    openapi_extra=list_parameters(WorkflowFilter.base_filters, WORKFLOW_SORTS, {"q": "Words in the title."}),
)
def list_workflows(request: ApiRequest) -> dict[str, Any]:
    """List the versions of workflows that you may see; archived ones only if `status` includes them."""
    require(request, may_see_lists)
    return page_of(request, find_workflows(request, request.user), describe_version)


@router.get("/workflows/{int:workflow_id}", auth=Token(Scope.DESIGN), response=WorkflowItem)
def read_workflow(request: ApiRequest, workflow_id: int) -> dict[str, Any]:
    """Read title, version number and status (draft, active or archived) of a version, without its content."""
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
    """Read the content of a version as a workflow file. Returns the `ETag` that `replace_draft` needs."""
    workflow = find_workflow(request.user, workflow_id)
    set_version(response, current_edition(workflow))
    return to_json(export_workflow(workflow))


@router.get(
    "/workflows/{int:workflow_id}/picture", auth=Token(Scope.DESIGN), response={200: None}, openapi_extra=SVG
)
def read_workflow_picture(request: ApiRequest, workflow_id: int) -> HttpResponse:
    """Get an SVG diagram of a version of a workflow."""
    file = export_workflow(find_workflow(request.user, workflow_id))
    picture = draw_picture(build_plan(file), Vocabulary.of_schema(file.fields_schema))
    return svg_response(picture_file(picture, title=file.title))


@router.get("/workflows/{int:workflow_id}/report", auth=Token(Scope.DESIGN), response=Report)
def read_workflow_report(request: ApiRequest, workflow_id: int) -> dict[str, Any]:
    """Read the check report of a stored version: findings with fixes, and what the company lacks for it.

    For a file that is not stored yet, use `check_workflow`.
    """
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
    """List in words what differs between two versions of one workflow. 404 if they are of two workflows."""
    old, new = find_workflow(request.user, workflow_id), find_workflow(request.user, other_id)
    if old.line_id != new.line_id:
        raise Http404
    found = difference(export_workflow(old), export_workflow(new))
    return [{"what": each.what, "old": each.old, "new": each.new} for each in found.changes()]


@router.get("/workflows/{int:workflow_id}/replay", auth=Token(Scope.DESIGN), response=Replay)
def replay_tickets(request: ApiRequest, workflow_id: int) -> dict[str, Any]:
    """Replay the last finished tickets of a workflow on a version, and report what would be different.

    Nothing is stored. To try out moves of your own, use `play_workflow`.
    """
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
    """Read the JSON Schema of workflow files, which is the same for all workflows."""
    return file_schema()


@router.get("/workflows/names", auth=Token(Scope.DESIGN), response=NamesForWorkflows)
def list_names_for_workflows(request: ApiRequest) -> dict[str, list[str]]:
    """List the names of the company's roles, connections and chats, which a workflow file may contain."""
    require(request, may_design)
    return {
        "roles": [role.name for role in nameable_roles()],
        "connections": nameable_connections(),
        "chats": nameable_chats(),
    }


@router.get("/gallery", auth=Token(Scope.DESIGN), response=list[TemplateItem])
def list_templates(request: ApiRequest) -> list[dict[str, str]]:
    """List the gallery: ready-made workflows to start from."""
    require(request, may_design)
    return [
        {"name": each.name, "title": each.file.title, "description": str(PLACES[each.name].purpose)}
        for each in gallery().values()
    ]


@router.get("/gallery/{name}", auth=Token(Scope.DESIGN), response=dict[str, Any])
def read_template(request: ApiRequest, name: str) -> dict[str, Any]:
    """Read a workflow of the gallery as a workflow file, to adapt it."""
    require(request, may_design)
    template = gallery().get(name)
    if template is None:
        raise Http404
    return to_json(template.file)
