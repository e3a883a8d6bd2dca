"""The audit log: for company admins all of it, for others that of the workflows that they administer."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from ticketflower.listing import page_url
from users.access import may_manage_company
from workflow_ops.access import readable_events
from workflow_ops.audit.acts import Page, read_acts
from workflow_ops.audit.filters import LARGEST_NUMBER, MOST_PEOPLE, AuditFilter
from workflow_ops.audit.wording import Line

MOST_ACTS = 10_000
"""The number of acts in a download; narrower filters reach older ones."""
ACTS_AT_ONCE = 200
COLUMNS = [{"label": gettext_lazy("What happened")}, {"label": gettext_lazy("When")}]


@require_safe
@company_page()
def audit_log(request: PageRequest) -> HttpResponse:
    """Show what was done, one line for each act, and fold away what it changed."""
    form = _filter(request)
    backwards = "before" in request.GET
    page = _read(
        request.user, form, _cursor(request, "before" if backwards else "after"), backwards=backwards
    )
    query = request.GET.copy()
    people = form.people if len(form.people) > 1 else []
    context = {
        "form": form,
        "lines": page.lines,
        "columns": COLUMNS,
        "page": {
            "newer_url": page.newer and page_url(request, "before", str(page.newer)),
            "older_url": page.older and page_url(request, "after", str(page.older)),
        },
        "people": people[:MOST_PEOPLE],
        "has_more_people": len(people) > MOST_PEOPLE,
        "download_query": query.urlencode(),
        "clear_url": _clear_url(request, form),
    }
    return render(request, "workflow_ops/audit_log.html", context)


@require_safe
@company_page()
def audit_download(request: PageRequest) -> HttpResponse:
    """Stream the acts that match the filters as a CSV file, one line for each changed value."""
    form = _filter(request)
    lines = _csv_lines(request.user, form, zone=timezone.get_current_timezone())
    headers = {
        "Content-Disposition": 'attachment; filename="audit-log.csv"',
        "Cache-Control": "private, no-store",
    }
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)  # type: ignore[return-value]


def _filter(request: PageRequest) -> AuditFilter:
    """Return the filter of the URL. Raise PermissionDenied if the person may not read what it asks for."""
    form = AuditFilter(request.GET)
    form.full_clean()
    if _readable(request.user, form) is None:
        raise PermissionDenied
    return form


def _readable(person: Any, form: AuditFilter) -> Any:
    values = form.cleaned_data
    return readable_events(person, workflow_id=values.get("workflow"), number=values.get("ticket"))


def _read(
    person: Any, form: AuditFilter, cursor: int | None, *, backwards: bool = False, size: int = 50
) -> Page:
    events = _readable(person, form)
    return read_acts(
        events,
        events.filter(form.condition()),
        is_company_admin=may_manage_company(person),
        cursor=cursor,
        backwards=backwards and cursor is not None,
        size=size,
    )


def _cursor(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    is_number = text.isascii() and text.isdecimal() and len(text) < len(str(LARGEST_NUMBER)) + 1
    return int(text) if is_number and int(text) <= LARGEST_NUMBER else None


def _clear_url(request: PageRequest, form: AuditFilter) -> str:
    """Return the page without filters; who is no company admin stays with the workflow or ticket."""
    if may_manage_company(request.user):
        return request.path
    parameter = "workflow" if form.cleaned_data.get("workflow") else "ticket"
    return f"{request.path}?{parameter}={form.cleaned_data[parameter]}"


# --- The download ---------------------------------------------------------------------


def _csv_lines(person: Any, form: AuditFilter, *, zone: Any) -> Iterator[str]:
    """Yield the file in parts. Each opens the scope itself, because the request's transaction has ended."""
    yield _csv(
        [[_("When"), _("Who"), _("Way"), _("What happened"), _("Row"), _("Value"), _("Before"), _("After")]]
    )
    cursor: int | None = None
    for _part in range(MOST_ACTS // ACTS_AT_ONCE):
        with person.scope(), transaction.atomic(), timezone.override(zone):
            page = _read(person, form, cursor, size=ACTS_AT_ONCE)
            part = _csv(row for line in page.lines for row in _csv_rows(line))
        yield part
        cursor = page.older
        if cursor is None:
            return
    yield _csv([[_("There are older acts. To get them, choose days.")]])


def _csv_rows(line: Line) -> Iterator[list[str]]:
    act = [timezone.localtime(line.at).isoformat(" ", "seconds"), line.who, line.way, line.text]
    for detail in line.details:
        for change in detail.changes:
            yield [*act, f"{detail.name} ({detail.done})", change.label, change.before, change.after]
        if not detail.changes:
            yield [*act, f"{detail.name} ({detail.done})", "", "", ""]


def _csv(rows: Any) -> str:
    text = StringIO()
    csv.writer(text).writerows([_without_formula(value) for value in row] for row in rows)
    return text.getvalue()


def _without_formula(value: str) -> str:
    """Return the text so that no spreadsheet runs it as a formula."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else value
