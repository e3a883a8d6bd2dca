"""Pages of reports: the list, the form that asks for one, a report, and its tables as CSV."""

from datetime import timedelta
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.csv_files import csv_lines, csv_response
from ticketflower.http import PageRequest, company_page, show_or_submit
from ticketflower.listing import list_page
from workflow_design.access import may_administer_something
from workflow_ops.history.timeline_wording import actor_name
from workflow_ops.models import Report, ReportState
from workflow_ops.refusals import RefusedError
from workflow_ops.reports.access import REPORT_SORTS, find_report, listed_reports
from workflow_ops.reports.forms import ReportForm
from workflow_ops.reports.making import ask_for_report
from workflow_ops.reports.page import content_of, title_of
from workflow_ops.reports.periods import Period
from workflow_ops.reports.statements import STATEMENTS
from workflow_ops.reports.tables import build_tables

COLUMNS = (
    {"label": gettext_lazy("Report")},
    {"label": gettext_lazy("State")},
    {"label": gettext_lazy("Period")},
    {"label": gettext_lazy("Asked for by")},
    {"label": gettext_lazy("Asked for")},
)
_LONG = timedelta(minutes=1)
"""After this time, a report without any table is waiting for other reports, or there is no worker."""
_PREFILLED = ("workflow", "period", "since", "until")


@require_safe
@company_page(may_administer_something)
def report_list(request: PageRequest) -> HttpResponse:
    """List the reports that the person may read."""
    page = list_page(request, listed_reports(request.user), sorts=REPORT_SORTS)
    rows = [
        {
            "title": title_of(report),
            "url": reverse("report_detail", args=[report.pk]),
            "report": report,
            "period": _period(report),
            "by": actor_name(report.person, report.impersonator_id),
        }
        for report in page.rows
    ]
    context = {"page": page, "rows": rows, "columns": COLUMNS}
    return render(request, "workflow_ops/report_list.html", context)


@show_or_submit
@company_page(may_administer_something)
def report_create(request: PageRequest) -> HttpResponse:
    """Ask for a workflow and a period, and request the report."""
    initial = {name: request.GET[name] for name in _PREFILLED if name in request.GET}
    form = ReportForm(request.POST if request.method == "POST" else None, by=request.user, initial=initial)
    if form.is_valid():
        try:
            return redirect("report_detail", ask_for_report(by=request.user, **form.arguments()).pk)
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
    return render(request, "workflow_ops/report_create.html", {"form": form})


@require_safe
@company_page()
def report_detail(request: PageRequest, report_id: int) -> HttpResponse:
    """Show the progress of a report, or its results."""
    report = find_report(request.user, report_id)
    context = {
        "report": report,
        "title": title_of(report),
        "period": _period(report),
        "by": actor_name(report.person, report.impersonator_id),
        "again": _form_again(report),
        "is_late": not report.result and report.created_at < timezone.now() - _LONG,
        "done": len(report.result),
        "count": len(STATEMENTS),
    }
    if report.state == ReportState.READY:
        context |= content_of(report)
    return render(request, "workflow_ops/report_detail.html", context)


@require_safe
@company_page()
def report_csv(request: PageRequest, report_id: int, table: str) -> HttpResponse:
    """Send a table of a report as a CSV file."""
    report = find_report(request.user, report_id)
    if report.state != ReportState.READY or table not in STATEMENTS:
        raise Http404
    lines = csv_lines(build_tables(report)[table].export())
    return csv_response([lines], name=f"report-{report.pk}-{table}.csv")


def _form_again(report: Report) -> str:
    """Return the URL of the form, filled with the parameters of this report."""
    query = {
        "workflow": report.line_id or "",
        "period": Period.DAYS,
        "since": report.first_day,
        "until": report.last_day,
    }
    return f"{reverse('report_create')}?{urlencode(query)}"


def _period(report: Report) -> str:
    first, last = (date_format(day, "j F Y") for day in (report.first_day, report.last_day))
    return first if first == last else f"{first} \u2013 {last}"
