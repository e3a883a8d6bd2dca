"""Operations on drafts of workflows: check, play, create from a file, replace and publish."""

from __future__ import annotations

import json
from typing import Annotated, Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Body, Schema, Status
from pydantic import Field

from users.models import Scope
from workflow_design.access import find_workflow, may_change, may_design
from workflow_design.check.check_file import QUICK
from workflow_design.definition.problems import Problem
from workflow_design.editor.drafts import Seen, current_edition, edit_draft
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.file_reports import report_on_file
from workflow_design.persistence.importing import import_workflow, read_file
from workflow_design.persistence.reports import findings_in_company
from workflow_design.tryout.play import MovesError, Tryout, read_moves
from workflow_design.versions import publishing
from workflow_ops.api.calls import (
    IF_MATCH,
    ApiRequest,
    IdempotentRequest,
    Token,
    create_idempotently,
    require,
    required_version,
    run_idempotently,
    set_version,
)
from workflow_ops.api.definitions import Report, WorkflowItem, describe_report, describe_version, router
from workflow_ops.api.problems import RequestRefusedError

FileBody = Annotated[dict[str, Any], Body(description="The workflow file (see `read_workflow_format`).")]


class Moves(Schema, extra="forbid"):
    """Moves to play."""

    moves: list[dict[str, Any]] = Field(
        max_length=200,
        description="The ticket and the tasks to fill in, in order, as in scenarios: "
        '`{"kind": "ticket" or "task", "title": …, "values": {…}}`.',
    )


class Played(Schema):
    """The state of a workflow after the moves."""

    status: str
    data: dict[str, Any] = Field(description="Data of the ticket, by field name.")
    open_tasks: list[str] = Field(description="Titles of the unfinished tasks.")
    completion: str = Field(description="Title of the last completion that was reached, or “”.")
    has_stalled: bool = Field(description="True if no task is open although it has not ended.")
    played: int = Field(description="Number of moves that were played.")
    refusal: str = Field(description="Why the next move could not be played, or “”.")


class Publication(Schema, extra="forbid"):
    """The acceptance of the report of a draft."""

    read: str = Field("", description="If there are warnings: `digest` of the report that you have read.")


# --- Checking and playing ------------------------------------------------------------


@router.post("/workflows/check", auth=Token(Scope.DESIGN), response=Report)
def check_workflow(request: ApiRequest, file: FileBody) -> dict[str, Any]:
    """Check a workflow file, valid or not, and return findings with fixes. Nothing is stored.

    The time for trying its paths is limited: if `is_complete` is false, there may be more findings. For a
    stored version, use `read_workflow_report`.
    """
    require(request, may_design)
    IdempotentRequest(request)  # a repeat is answered anew
    report = report_on_file(request.body, in_company=findings_in_company, bounds=QUICK)
    return {**describe_report(report), "is_pending": False}


@router.post("/workflows/{int:workflow_id}/play", auth=Token(Scope.DESIGN), response=Played)
def play_workflow(request: ApiRequest, workflow_id: int, moves: Moves) -> dict[str, Any]:
    """Play your own moves on a stored version, and return the state that they lead to. Nothing is stored.

    Stops at the first move that is not possible. For a stored scenario, use `run_scenario`.
    """
    file = export_workflow(find_workflow(request.user, workflow_id, may=may_change))
    IdempotentRequest(request)  # a repeat is answered anew
    try:
        tryout = Tryout.of(file, read_moves(json.dumps(moves.moves)))
    except MovesError as error:
        problem = Problem("/moves", str(error), "invalid")
        raise RequestRefusedError(422, str(error), problems=[problem]) from error
    state = tryout.standing
    return {
        "status": str(state.status),
        "data": dict(state.data),
        "open_tasks": list(state.unfinished),
        "completion": state.completion.title if state.completion else "",
        "has_stalled": state.has_stalled,
        "played": len(tryout.steps),
        "refusal": tryout.refusal,
    }


# --- Changing ------------------------------------------------------------------------

# None of these makes the roles that a file names: rights are given by people.


@router.post("/workflows", auth=Token(Scope.DESIGN), response={201: WorkflowItem})
def create_draft(request: ApiRequest, file: FileBody) -> Status[dict[str, Any]]:
    """Create a draft from a workflow file: a new workflow, or the next version of the one with its title.

    422 with pointers if the file is not valid; 409 if the workflow has a draft already: use `replace_draft`.
    To copy a stored version, use `create_version`.
    """
    require(request, may_design)

    def make() -> int:
        return import_workflow(read_file(request.body), by=request.user).pk

    return Status(201, describe_version(find_workflow(request.user, create_idempotently(request, make))))


@router.put(
    "/workflows/{int:workflow_id}/file",
    auth=Token(Scope.DESIGN),
    response=WorkflowItem,
    openapi_extra=IF_MATCH,
)
def replace_draft(
    request: ApiRequest, response: HttpResponse, workflow_id: int, file: FileBody
) -> dict[str, Any]:
    """Replace the whole content of a draft with a workflow file of the same title.

    412 if the draft has changed since you read it; 409 if it is not a draft any more.
    """
    workflow = find_workflow(request.user, workflow_id, may=may_change)
    version, new = required_version(request), read_file(request.body)
    with edit_draft(workflow, seen=Seen(version)) as draft:
        title, line = draft.row.title, draft.row.line
        if new.title.casefold() != title.casefold():
            text = _(
                "The title is that of another workflow. Make a draft of a new workflow, or use “%(title)s”."
            )
            problem = Problem("/title", text % {"title": title}, "other-title")
            raise RequestRefusedError(422, _("The file is not valid."), problems=[problem])
        replaced = import_workflow(new, by=request.user, line=line, replace=True)
    set_version(response, current_edition(replaced))
    return describe_version(replaced)


@router.post(
    "/workflows/{int:workflow_id}/new-version", auth=Token(Scope.DESIGN), response={201: WorkflowItem}
)
def create_version(request: ApiRequest, workflow_id: int) -> Status[dict[str, Any]]:
    """Create a draft of a workflow as a copy of this version, or return the draft that it already has."""
    workflow = find_workflow(request.user, workflow_id, may=may_change)
    made = create_idempotently(request, lambda: publishing.new_version(workflow, by=request.user).pk)
    return Status(201, describe_version(find_workflow(request.user, made)))


@router.post("/workflows/{int:workflow_id}/discard", auth=Token(Scope.DESIGN), response={204: None})
def discard_draft(request: ApiRequest, workflow_id: int) -> Status[None]:
    """Discard a draft with all its changes; published versions stay. This can't be undone."""

    def discard() -> None:
        workflow = find_workflow(request.user, workflow_id, may=may_change)
        publishing.discard_draft(workflow, by=request.user)

    run_idempotently(request, discard)
    return Status(204, None)


@router.post("/workflows/{int:workflow_id}/archive", auth=Token(Scope.PUBLISH), response=WorkflowItem)
def archive_workflow(request: ApiRequest, workflow_id: int) -> dict[str, Any]:
    """Archive the active version of a workflow: it takes no new tickets, and running ones go on."""
    workflow = find_workflow(request.user, workflow_id, may=may_change)
    run_idempotently(request, lambda: publishing.archive(workflow, by=request.user))
    return describe_version(workflow)


@router.post("/workflows/{int:workflow_id}/publish", auth=Token(Scope.PUBLISH), response=WorkflowItem)
def publish_workflow(request: ApiRequest, workflow_id: int, publication: Publication) -> dict[str, Any]:
    """Publish a draft as the active version for new tickets, and archive the previous one.

    422 if the check finds errors; 409 while it is being checked, or if there are warnings and `read` is not
    the `digest` of the report.
    """
    workflow = find_workflow(request.user, workflow_id, may=may_change)
    run_idempotently(request, lambda: publishing.publish(workflow, by=request.user, seen=publication.read))
    return describe_version(find_workflow(request.user, workflow_id))
