"""The audit log, for company admins and for staff who entered the company."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from ticketflower.listing import count_text, page_url
from users import access
from users.audit_lines import build_lines
from users.audit_log import Cursor, count_events, read_cursor, read_events
from users.forms.audit import AuditFilterForm

COLUMNS = [
    {"label": gettext_lazy("What")},
    {"label": gettext_lazy("Done")},
    {"label": gettext_lazy("Before and after")},
    {"label": gettext_lazy("Who")},
    {"label": gettext_lazy("When")},
]


@require_safe
@company_page(access.may_manage_company)
def audit_log(request: PageRequest) -> HttpResponse:
    """Show who changed what in the company, when, and the values before and after."""
    form = AuditFilterForm(request.GET)
    search = form.search()
    backwards = "before" in request.GET
    cursor = read_cursor(request.GET.get("before" if backwards else "after", ""))
    events = read_events(search, cursor=cursor, backwards=backwards and cursor is not None)
    page = {
        "count_text": count_text(count_events(search)),
        "newer_url": _cursor_url(request, "before", events.newer),
        "older_url": _cursor_url(request, "after", events.older),
    }
    context = {"form": form, "page": page, "lines": build_lines(events.events), "columns": COLUMNS}
    return render(request, "users/audit_log.html", context)


def _cursor_url(request: PageRequest, name: str, cursor: Cursor | None) -> str | None:
    return None if cursor is None else page_url(request, name, str(cursor))
