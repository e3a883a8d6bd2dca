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
from workflow_ops.api.calls import ApiRequest, RowId, Token, create_idempotently, require
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
    """An operation, its arguments, and the rows on which it is done."""

    operation: BulkOperation = Field(
        description="On tickets: `hold`, `resume`, `responsible`, `cancel`, `assign_open` (assign their open "
        "tasks). On tasks: `assign`, `hand_over` (to the next person in turn), `restrict`, `cancel_task`, "
        "`call_again` (actions). On errors: `retry`."
    )
    rows: list[RowId] = Field(
        min_length=1,
        max_length=MOST_ROWS,
        description="Ticket numbers, task ids or error ids, depending on the operation.",
    )
    reason: OptionalText = Field(
        "", description="The reason, required for `hold`, `cancel` and `cancel_task`; otherwise a note."
    )
    person: RowId | None = Field(
        None,
        description="For `assign`, `assign_open` and `responsible`: id of the person, or null for nobody.",
    )
    people: list[RowId] = Field([], max_length=100, description="For `restrict`: ids of people.")
    until: Day | None = Field(None, description="For `hold`: day on which the hold should end.")
    resumes_by_itself: bool = Field(False, description="For `hold`: resume automatically on that day.")


class BulkActionItem(Schema):
    """A bulk action and its progress."""

    id: int
    operation: BulkOperation
    count: int = Field(description="Number of rows.")
    done: int = Field(description="Number of rows that were processed.")
    started_at: datetime
    ended_at: datetime | None = Field(description="Null until all rows were processed.")


class BulkReport(BulkActionItem):
    """A bulk action with its progress and outcomes."""

    outcomes: dict[str, int] = Field(description="Number of rows by outcome (`DONE`, `SKIPPED`, `REFUSED`).")


class BulkRowResult(Schema):
    """The result for one row of a bulk action."""

    row: int = Field(description="Ticket number, task id or error id.")
    name: str = Field(description="Name of the ticket, task or error; “” if you may not see it any more.")
    outcome: BulkOutcome
    message: str = Field(description="Why it was skipped or refused, or “”.")


@router.post("/desk/bulk-actions", auth=Token(Scope.ADMINISTER), response={202: BulkActionItem})
def start_bulk(request: ApiRequest, action: NewBulkAction) -> Status[dict[str, Any]]:
    """Start one operation on up to 1,000 tickets, tasks or errors that you administer, as a background job.

    202 with its id: follow the progress with `read_bulk`. 403 unless you administer all of the rows.
    """
    require(request, may_administer_something)
    bulk_id = create_idempotently(request, lambda: _start(request, action).pk)
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
    """List the bulk actions that you started in the last 30 days, with their progress."""
    found = list_page(request, BulkAction.objects.started_by(request.user), sorts=BULK_SORTS)
    return page_of(request, (Form(), found), _describe)


@router.get("/desk/bulk-actions/{int:bulk_id}", auth=Token(Scope.ADMINISTER), response=BulkReport)
def read_bulk(request: ApiRequest, bulk_id: int) -> dict[str, Any]:
    """Read the progress of a bulk action, and how many rows were done, skipped or refused."""
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
    """List the result for each row of a bulk action, in the order of processing."""
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
