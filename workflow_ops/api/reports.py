"""Reports: asked for, listed and read with their tables."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.forms import Form
from ninja import Router, Schema, Status
from pydantic import Field

from ticketflower.listing import list_page
from users.models import Scope
from workflow_design.access import may_administer_something
from workflow_ops.api.bodies import Body, Day
from workflow_ops.api.calls import ApiRequest, RowId, Token, create_idempotently, require
from workflow_ops.api.lists import Page, list_parameters, page_of
from workflow_ops.api.problems import refuse_form
from workflow_ops.models import Report, ReportState
from workflow_ops.reports.access import REPORT_SORTS, find_report, listed_reports
from workflow_ops.reports.forms import ReportForm
from workflow_ops.reports.making import ask_for_report
from workflow_ops.reports.page import title_of
from workflow_ops.reports.periods import Period
from workflow_ops.reports.tables import Table, build_tables

router = Router(tags=["Desk: reports"])


class NewReport(Body):
    """The workflow and the period of a report."""

    line: RowId | None = Field(
        None, description="Id of a workflow (`line` in `list_workflows`); null for all that you administer."
    )
    first_day: Day = Field(description="First day of the period.")
    last_day: Day = Field(description="Last day of the period.")


class ReportItem(Schema):
    """A report and its state."""

    id: int
    title: str
    state: ReportState
    failure: str = Field(description="Why it could not be made, or “”.")
    first_day: date
    last_day: date
    asked_for_at: datetime


class ReportTable(Schema):
    """A table of a report."""

    title: str
    note: str
    heads: list[str] = Field(description="Column headings.")
    rows: list[list[str]] = Field(description="Rows with a text for each column.")


class ReportDetail(ReportItem):
    """A report with its tables."""

    tables: dict[str, ReportTable] = Field(description="Tables by name; empty until the report is `READY`.")


@router.post("/desk/reports", auth=Token(Scope.ADMINISTER), response={202: ReportItem})
def create_report(request: ApiRequest, report: NewReport) -> Status[dict[str, Any]]:
    """Request a report with statistics on the tickets and tasks of a period.

    A background job makes it (202): call `read_report` until its state is not `WAITING`.
    """
    require(request, may_administer_something)

    def make() -> int:
        data = {
            "workflow": "" if report.line is None else str(report.line),
            "period": Period.DAYS,
            "since": report.first_day.isoformat(),
            "until": report.last_day.isoformat(),
            "token": str(uuid.uuid4()),
        }
        form = ReportForm(data, by=request.user)
        refuse_form(form, {"workflow": "line", "since": "first_day", "until": "last_day"})
        return ask_for_report(by=request.user, **form.arguments()).pk

    return Status(202, _item(find_report(request.user, create_idempotently(request, make))))


@router.get(
    "/desk/reports",
    auth=Token(Scope.ADMINISTER),
    response=Page[ReportItem],
    openapi_extra=list_parameters({}, REPORT_SORTS),
)
def list_reports(request: ApiRequest) -> dict[str, Any]:
    """List the reports that you may read, also those that others requested, with their states."""
    require(request, may_administer_something)
    page = list_page(request, listed_reports(request.user), sorts=REPORT_SORTS)
    return page_of(request, (Form(), page), _item)


@router.get("/desk/reports/{int:report_id}", auth=Token(Scope.ADMINISTER), response=ReportDetail)
def read_report(request: ApiRequest, report_id: int) -> dict[str, Any]:
    """Read a report: its state and, once it is ready, its tables."""
    report = find_report(request.user, report_id)
    tables = build_tables(report) if report.state == ReportState.READY else {}
    return {**_item(report), "tables": {name: _table(table) for name, table in tables.items()}}


def _table(table: Table) -> dict[str, Any]:
    heads, *rows = table.export()
    return {"title": table.title, "note": table.note, "heads": heads, "rows": rows}


def _item(report: Report) -> dict[str, Any]:
    return {
        "id": report.pk,
        "title": title_of(report),
        "state": report.state,
        "failure": report.failure,
        "first_day": report.first_day,
        "last_day": report.last_day,
        "asked_for_at": report.created_at,
    }
