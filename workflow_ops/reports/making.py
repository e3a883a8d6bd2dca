"""Computation of reports: requested by a form, computed by a job table by table, and later removed.

Each table is computed in a separate run of the job, so that other companies get their turn in between, and in
its own read-only transaction, so that nothing waits for it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate.contrib.django import app

from ticketflower.jobs import FEW_ATTEMPTS
from ticketflower.removal import remove_in_batches
from ticketflower.tenancy.context import all_companies_scope, company_scope, current_company_id
from users.models import CustomUser
from workflow_design.access import administered_by
from workflow_design.definition.field_types import CHOICE, YES_NO
from workflow_design.definition.fields import Field
from workflow_design.engine import Plan
from workflow_design.models import WorkflowLine, WorkflowStatus
from workflow_design.persistence.plans import load_plan
from workflow_ops.models import Report, ReportState
from workflow_ops.refusals import RefusedError
from workflow_ops.reports.periods import unit_of
from workflow_ops.reports.statements import STATEMENTS

log = structlog.get_logger(__name__)

MOST_SECONDS: Final = 60.0
"""Time limit for all statements of a report together, in seconds."""
MAX_RETRIES: Final = FEW_ATTEMPTS
MOST_WAITING: Final = 5
STORED_FOR: Final = timedelta(days=180)
AGES: Final = (1, 7, 30, 90)
"""Open tickets are counted by age: up to one day, up to seven …"""
_BATCH: Final = 100
_CANCELED: Final = "57014"
"""The SQLSTATE of a statement that was cancelled by its timeout."""


class TooManyReportsError(RefusedError):
    """Several reports of the company are already being computed."""

    def __init__(self) -> None:
        text = ngettext(
            "%(count)d report is being made already. Wait until it is ready.",
            "%(count)d reports are being made already. Wait until one of them is ready.",
            MOST_WAITING,
        )
        super().__init__(text % {"count": MOST_WAITING})


def ask_for_report(
    *, line: WorkflowLine | None, first_day: date, last_day: date, by: CustomUser, form_token: UUID
) -> Report:
    """Store a report on what the person administers now, and enqueue its job.

    A form that is sent twice requests only one. Raise TooManyReportsError.
    """
    company = by.company_in_use
    assert company is not None
    if report := Report.objects.filter(form_token=form_token).first():
        return report
    if Report.objects.filter(state=ReportState.WAITING).count() >= MOST_WAITING:
        raise TooManyReportsError
    versions = administered_by(by).exclude(status=WorkflowStatus.DRAFT)
    if line is not None:
        versions = versions.filter(line=line)
    values = {
        "line": line,
        "workflow_ids": sorted(versions.values_list("pk", flat=True)),
        "first_day": first_day,
        "last_day": last_day,
        "time_zone": company.time_zone,
        **by.as_author("person"),
    }
    report, is_new = Report.objects.get_or_create(form_token=form_token, defaults=values)
    if is_new:
        _enqueue(report.pk)
    return report


def _enqueue(report_id: int) -> None:
    company_id = current_company_id()
    job = app.configure_task("workflow_ops.jobs.make_report", lock=f"reports:{company_id}")
    job.defer(company_id=company_id, report_id=report_id)


def compute_next_table(company_id: int, report_id: int, *, tries: int = 0) -> None:
    """Compute and store the next table of a report, then continue in a new job. Called by the job.

    `tries` is how often the job has failed or its worker died. The report fails if a table takes too long, or
    after the last try. Before that, errors are raised, so that the job is retried.
    """
    with company_scope(company_id):
        with transaction.atomic():
            report = Report.objects.filter(pk=report_id, state=ReportState.WAITING).first()
        if report is None:
            return
        if tries > MAX_RETRIES:
            _fail(report, is_late=False)
            return
        begun = time.monotonic()
        try:
            name = next(name for name in STATEMENTS if name not in report.result)
            with transaction.atomic():
                rows = _rows(name, report)
        except Exception as error:
            if tries < MAX_RETRIES and not _ran_out_of_time(error):
                raise
            log.exception("report_failed", report=report_id)
            _fail(report, is_late=_ran_out_of_time(error))
            return
        with transaction.atomic():
            _keep(report_id, name, rows, time.monotonic() - begun)


def _rows(name: str, report: Report) -> list[list[Any]]:
    """Return the rows of a table. Row-level security applies, and the statement also names the company."""
    left = max(MOST_SECONDS - report.seconds, 1.0)
    with connection.cursor() as cursor:
        # No parallel workers, so that other processors remain free for other companies.
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true), set_config('work_mem', '64MB', true),"
            " set_config('max_parallel_workers_per_gather', '0', true)",
            [str(round(left * 1000))],
        )
        cursor.execute(STATEMENTS[name], values_of(report))
        return [list(row) for row in cursor.fetchall()]


def values_of(report: Report) -> Mapping[str, Any]:
    """Return the parameters of the statements of a report."""
    return {
        "company": report.company_id,
        "workflows": report.workflow_ids,
        "begins": report.begins_at,
        "ends": report.ends_at,
        "zone": report.time_zone,
        "unit": unit_of(report.first_day, report.last_day),
        "ages": [age * 86400.0 for age in AGES],
        "answers": json.dumps(_answers(report.workflow_ids)),
    }


def _answers(workflow_ids: Iterable[int]) -> dict[str, dict[str, Any]]:
    """Return the fields with choices that decide whether a task starts, by the id of its definition.

    Fields that the condition reads are marked with "decides"; if it reads none, these are the fields that
    trigger the task. Other fields have too many values to count each of them.
    """
    found = {}
    for plan in map(load_plan, workflow_ids):
        for task in plan.tasks:
            decides = _choices(plan, plan.condition(task).fields)
            if fields := decides or _choices(plan, task.reads):
                key = plan.key(task).key
                found[key] = {field.name: {**_words(field), "decides": bool(decides)} for field in fields}
    return found


def _choices(plan: Plan, names: Iterable[str]) -> list[Field]:
    fields = [plan.fields[name] for name in names if name in plan.fields]
    return [field for field in fields if field.type in (CHOICE, YES_NO)]


def _words(field: Field) -> dict[str, Any]:
    values = {str(choice.value): choice.label for choice in field.choices}
    return {"title": field.title, "words": values or {"true": _("Yes"), "false": _("No")}}


def _ran_out_of_time(error: Exception) -> bool:
    return isinstance(error, DatabaseError) and getattr(error.__cause__, "sqlstate", "") == _CANCELED


def _keep(report_id: int, name: str, rows: list[list[Any]], seconds: float) -> None:
    """Store a table, unless another run of the job has already done so."""
    report = Report.objects.select_for_update(no_key=True).get(pk=report_id)
    if name in report.result or report.state != ReportState.WAITING:
        return
    report.result[name] = json.loads(json.dumps(rows, default=float))
    report.seconds += seconds
    if set(report.result) == set(STATEMENTS):
        report.state, report.computed_at = ReportState.READY, timezone.now()
    else:
        _enqueue(report_id)
    report.save(update_fields=["result", "seconds", "state", "computed_at"])


def _fail(report: Report, *, is_late: bool) -> None:
    text = _("This failed unexpectedly. Try it again.")
    if is_late:
        text = _("This took longer than a minute. Choose a shorter period, or a single workflow.")
    with transaction.atomic():
        report.state, report.failure = ReportState.FAILED, text
        report.save(update_fields=["state", "failure"])


def remove_old_reports() -> None:
    """Remove the reports of all companies that are older than half a year. Called by a job."""
    with all_companies_scope():
        old = Report.objects.filter(created_at__lt=timezone.now() - STORED_FOR)
        remove_in_batches(old.order_by("created_at"), batch=_BATCH)
