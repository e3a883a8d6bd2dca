"""One operation of the desk on many tickets, tasks or errors, done by a job, with a report."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.forms import Form
from django.http import Http404, QueryDict
from ninja import Router, Schema, Status
from pydantic import Field

from ticketflower.listing import list_page
from users.models import Scope
from workflow_design.access import may_administer_something
from workflow_ops.api.bodies import Body, Day, OptionalText
from workflow_ops.api.calls import ApiRequest, RowId, Token, made_once, require
from workflow_ops.api.lists import Page, list_parameters, page_of
from workflow_ops.api.problems import refuse_form
from workflow_ops.desk.bulk.forms import BulkForm
from workflow_ops.desk.bulk.operations import ERRORS, OPERATIONS, TASKS, TICKETS
from workflow_ops.desk.bulk.reports import BULK_SORTS, RESULT_SORTS, find_bulk_action
from workflow_ops.desk.bulk.running import MOST_ROWS, start_bulk_action
from workflow_ops.desk.bulk.selection import administered_rows, name_rows
from workflow_ops.models import (
    BulkAction,
    BulkOperation,
    BulkOutcome,
    BulkResult,
    TaskInstance,
    TicketError,
    TicketInstance,
)

router = Router(tags=["Desk: bulk actions"])
_ANY_DIGEST = "named"
"""The page sends a digest of the rows that it has listed, so that no others are changed. A program names the
rows themselves, so there is nothing to compare: this stands for both digests."""
_MODELS = {TICKETS: TicketInstance, TASKS: TaskInstance, ERRORS: TicketError}


class NewBulkAction(Body):
    """An operation, the rows with which it is done, and what it asks for."""

    operation: BulkOperation
    rows: list[RowId] = Field(
        min_length=1, max_length=MOST_ROWS, description="Numbers of tickets, or ids of tasks or errors."
    )
    reason: OptionalText = Field("", description="Why, or a note.")
    person: RowId | None = Field(None, description="For assigning, and for being responsible.")
    people: list[RowId] = Field([], max_length=100, description="For restricting tasks.")
    until: Day | None = Field(None, description="For a hold.")
    resumes_by_itself: bool = False


class BulkActionItem(Schema):
    """How far a bulk action has come. It has `ended_at` once all rows were dealt with."""

    id: int
    operation: BulkOperation
    count: int
    done: int = Field(description="How many rows were dealt with.")
    started_at: datetime
    ended_at: datetime | None


class BulkReport(BulkActionItem):
    """How far a bulk action has come, and how many rows had which outcome."""

    outcomes: dict[str, int]


class BulkRowResult(Schema):
    """What became of one row."""

    row: int
    name: str
    outcome: BulkOutcome
    message: str


@router.post("/desk/bulk-actions", auth=Token(Scope.ADMINISTER), response={202: BulkActionItem})
def start_bulk(request: ApiRequest, action: NewBulkAction) -> Status[dict[str, Any]]:
    """Do one operation with many tickets, tasks or errors. A job does it; read its report."""
    require(request, may_administer_something)
    bulk_id = made_once(request, lambda: _start(request, action).pk)
    return Status(202, _describe(find_bulk_action(request.user, bulk_id)))


def _start(request: ApiRequest, action: NewBulkAction) -> BulkAction:
    rows = _find_rows(request, action)
    ids = list(rows.order_by("-pk").values_list("pk", flat=True))
    data = _as_typed(action)
    form = BulkForm(data, operation=action.operation, rows=rows, digest=_ANY_DIGEST, by=request.user)
    refuse_form(form, {"note": "reason", "responsible": "person"})
    return start_bulk_action(action.operation, ids, by=request.user, **form.arguments())


def _find_rows(request: ApiRequest, action: NewBulkAction) -> QuerySet[Any]:
    """Return the rows. Raise Http404 if one does not exist, PermissionDenied if one is not administered."""
    of = OPERATIONS[action.operation].of
    asked = {"number__in" if of == TICKETS else "pk__in": set(action.rows)}
    rows = administered_rows(of, request.user).filter(**asked)
    if rows.count() < len(set(action.rows)):
        exist = _MODELS[of].objects.filter(**asked).count() == len(set(action.rows))
        raise PermissionDenied if exist else Http404
    return rows


def _as_typed(action: NewBulkAction) -> QueryDict:
    """Return the data that the page's form would send."""
    data = QueryDict(mutable=True)
    data.update({"token": str(uuid.uuid4()), "seen": _ANY_DIGEST})
    data.update({"reason": action.reason, "note": action.reason})
    if action.person is not None:
        data.update({"person": str(action.person), "responsible": str(action.person)})
    data.setlist("people", [str(each) for each in action.people])
    if action.until is not None:
        data["until"] = action.until.isoformat()
    if action.resumes_by_itself:
        data["resumes_by_itself"] = "on"
    return data


@router.get(
    "/desk/bulk-actions",
    auth=Token(Scope.ADMINISTER),
    response=Page[BulkActionItem],
    openapi_extra=list_parameters({}, BULK_SORTS),
)
def list_bulk(request: ApiRequest) -> dict[str, Any]:
    """List the bulk actions that you have started in the last 30 days."""
    found = list_page(request, BulkAction.objects.started_by(request.user), sorts=BULK_SORTS)
    return page_of(request, (Form(), found), _describe)


@router.get("/desk/bulk-actions/{int:bulk_id}", auth=Token(Scope.ADMINISTER), response=BulkReport)
def read_bulk(request: ApiRequest, bulk_id: int) -> dict[str, Any]:
    """Read how far a bulk action has come, and how many rows were done, skipped or refused."""
    bulk = find_bulk_action(request.user, bulk_id)
    counted = bulk.results.values_list("outcome").annotate(count=Count("pk")).order_by()
    return {**_describe(bulk), "outcomes": dict(counted)}


@router.get(
    "/desk/bulk-actions/{int:bulk_id}/results",
    auth=Token(Scope.ADMINISTER),
    response=Page[BulkRowResult],
    openapi_extra=list_parameters({}, RESULT_SORTS),
)
def list_bulk_results(request: ApiRequest, bulk_id: int) -> dict[str, Any]:
    """List what became of each row of a bulk action, in the order in which they were dealt with."""
    bulk = find_bulk_action(request.user, bulk_id)
    page = list_page(request, bulk.results.all(), sorts=RESULT_SORTS)
    of = OPERATIONS[bulk.operation].of
    named = name_rows(of, [result.row_id for result in page.rows], request.user)

    def item(result: BulkResult) -> dict[str, Any]:
        row = named.get(result.row_id)
        return {
            "row": row.key if row else result.row_id,
            "name": row.name if row else "",
            "outcome": result.outcome,
            "message": result.message,
        }

    return page_of(request, (Form(), page), item)


def _describe(bulk: BulkAction) -> dict[str, Any]:
    return {
        "id": bulk.pk,
        "operation": bulk.operation,
        "count": bulk.count,
        "done": bulk.position,
        "started_at": bulk.created_at,
        "ended_at": bulk.ended_at,
    }
