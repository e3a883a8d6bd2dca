"""The audit log: all of it for company admins, and for others the part about workflows they administer."""

from collections.abc import Iterator

from django.db import transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.csv_files import csv_lines, csv_response
from ticketflower.http import PageRequest, company_page
from ticketflower.listing import page_url
from users.access import may_manage_company
from users.models import CustomUser
from workflow_ops.audit.acts import find_acts, read_acts
from workflow_ops.audit.filters import MAX_PEOPLE, AuditFilter
from workflow_ops.audit.wording import Line, ValueChange

MAX_ACTS = 10_000
"""The number of acts in a download; narrower filters reach older ones."""
ACTS_AT_ONCE = 200
COLUMNS = [{"label": gettext_lazy("What happened")}, {"label": gettext_lazy("When")}]


@require_safe
@company_page()
def audit_log(request: PageRequest) -> HttpResponse:
    """Show the audit log, one line for each act, with its changes folded away."""
    found, page = find_acts(request, request.user)
    people = found.people if len(found.people) > 1 else []
    context = {
        "form": found.form,
        "lines": page.lines,
        "columns": COLUMNS,
        "page": {
            "newer_url": page.newer and page_url(request, "before", str(page.newer)),
            "older_url": page.older and page_url(request, "after", str(page.older)),
        },
        "people": people[:MAX_PEOPLE],
        "has_more_people": len(people) > MAX_PEOPLE,
        "download_query": request.GET.urlencode(),
        "clear_url": _clear_url(request, found.form),
    }
    return render(request, "workflow_ops/audit_log.html", context)


@require_safe
@company_page()
def audit_download(request: PageRequest) -> HttpResponse:
    """Stream the acts that match the filters as a CSV file, one line for each changed value."""
    form = AuditFilter(request.GET, person=request.user)
    if not form.form.is_valid():
        # The page says what is wrong; a file with other acts than requested would be misleading.
        return redirect(f"{reverse('audit_log')}?{request.GET.urlencode()}")
    lines = _csv_lines(form, person=request.user)
    return csv_response(lines, name="audit-log.csv")


def _clear_url(request: PageRequest, form: Form) -> str:
    """Return the page's URL without filters; except for company admins, keep the workflow or ticket."""
    if may_manage_company(request.user):
        return request.path
    parameter = "workflow" if form.cleaned_data.get("workflow") else "ticket"
    return f"{request.path}?{parameter}={form.cleaned_data[parameter]}"


# --- The download ---------------------------------------------------------------------


def _csv_lines(found: AuditFilter, *, person: CustomUser) -> Iterator[str]:
    """Yield the file in parts. Each opens the scope itself, because the request's transaction has ended."""
    head = (_("When"), _("Who"), _("Way"), _("What happened"), _("Row"), _("Value"), _("Before"), _("After"))
    yield csv_lines([head])
    cursor: int | None = None
    for _part in range(MAX_ACTS // ACTS_AT_ONCE):
        with person.scope(), transaction.atomic(), timezone.override(person.time_zone_in_use):
            page = read_acts(found, person=person, cursor=cursor, size=ACTS_AT_ONCE)
            part = csv_lines(row for line in page.lines for row in _csv_rows(line))
        yield part
        cursor = page.older
        if cursor is None:
            return
    yield csv_lines([[_("There are older acts. To get them, choose days.")]])


def _csv_rows(line: Line) -> Iterator[list[str]]:
    """Yield a row for each changed value of an act; the last rows say how many were left out."""
    act = [timezone.localtime(line.at).isoformat(" ", "seconds"), line.who, line.way, line.text]
    for detail in line.details:
        for change in detail.changes or [ValueChange("", "", "")]:
            yield [*act, f"{detail.name} ({detail.done})", change.label, change.before, change.after]
        if detail.left_out:
            yield [*act, detail.name, _more_values(detail.left_out), "", ""]
    if line.left_out:
        yield [*act, _more_values(line.left_out), "", "", ""]


def _more_values(number: int) -> str:
    return _("and %(number)s more") % {"number": number}
