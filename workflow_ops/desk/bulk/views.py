"""Pages of bulk actions: the form to confirm, progress and report, and the list of a person's latest ones."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from ticketflower.formats import write_count
from ticketflower.http import PageRequest, company_page, show_or_submit
from ticketflower.listing import list_page
from workflow_design.access import may_administer_something
from workflow_ops.desk.bulk.forms import BulkForm
from workflow_ops.desk.bulk.operations import ERRORS, OPERATIONS, TASKS, TICKETS
from workflow_ops.desk.bulk.reports import BULK_SORTS, RESULT_SORTS, find_bulk_action
from workflow_ops.desk.bulk.running import MOST_ROWS, start_bulk_action, started_before
from workflow_ops.desk.bulk.selection import OPERATION, Selection, name_rows
from workflow_ops.models import BulkAction, BulkOperation, BulkOutcome

LISTS = {TICKETS: "manage_tickets", TASKS: "manage_tasks", ERRORS: "manage_errors"}
NAMED = 5
"""How many of the rows the confirmation lists by name."""
COLUMNS = (
    {"label": gettext_lazy("What")},
    {"label": gettext_lazy("State")},
    {"label": gettext_lazy("Started")},
)
RESULT_COLUMNS = (
    {"label": gettext_lazy("Name")},
    {"label": gettext_lazy("Why")},
    {"label": gettext_lazy("Status now")},
)


@show_or_submit
@company_page(may_administer_something)
def manage_rows_bulk(request: PageRequest, of: str) -> HttpResponse:
    """Say what the operation would do with which rows, ask for its arguments, and start it."""
    name = request.GET.get(OPERATION) or next(each for each in OPERATIONS if OPERATIONS[each].of == of)
    if name not in OPERATIONS or OPERATIONS[name].of != of:
        raise Http404
    operation, selection = BulkOperation(name), Selection(of, request.GET, request.user)
    data = request.POST.copy() if request.method == "POST" else None
    form = BulkForm(data, operation=operation, rows=selection.rows, digest=selection.digest, by=request.user)
    is_valid, is_outdated = form.is_valid(), form.is_outdated
    # If this form already started a bulk action, the rows have changed since, so check this first.
    bulk = started_before(form.cleaned_data["token"], by=request.user) if is_valid else None
    if bulk is None and is_valid and selection.ids and not is_outdated:
        bulk = start_bulk_action(
            operation, selection.ids, by=request.user, filters=selection.filters, **form.arguments()
        )
    if bulk is not None:
        return redirect("manage_bulk_action", bulk.pk)
    if not selection.ids:
        messages.error(request, _("Nothing is selected: tick at least one row, or change the filters."))
        return redirect(f"{reverse(LISTS[of])}?{selection.filters}")
    form.take_note_of_rows()
    context = _question(operation, selection, request) | {"form": form, "is_outdated": is_outdated}
    return render(request, "workflow_ops/manage_bulk_ask.html", context)


def _question(operation: BulkOperation, selection: Selection, request: PageRequest) -> dict[str, Any]:
    condition, why = OPERATIONS[operation].leaves_out
    left_out = set(selection.rows.filter(condition).values_list("pk", flat=True))
    ids = [pk for pk in selection.ids if pk not in left_out]
    named = name_rows(selection.of, ids[:NAMED], request.user)
    sentences = [named[pk].name for pk in ids[:NAMED] if pk in named]
    if len(ids) > NAMED:
        sentences.append(_("and %(count)s more") % {"count": write_count(len(ids) - NAMED)})
    if left_out:
        sentences.append(
            _("Left out: %(count)s of them, %(why)s.") % {"count": write_count(len(left_out)), "why": why}
        )
    if selection.has_more:
        text = _("More than %(most)s match. This concerns the first %(most)s in the order of the list.")
        sentences.append(text % {"most": write_count(MOST_ROWS)})
    return {
        "title": _title(operation, len(selection.ids)),
        "text": OPERATIONS[operation].does,
        "consequences": sentences,
        "submit": _what_and_how_many(operation, _count_rows(selection.of, len(ids))),
        "cancel_url": f"{reverse(LISTS[selection.of])}?{selection.filters}",
        "cancel": _("Back to the list"),
        "is_harmless": OPERATIONS[operation].is_harmless,
    }


def _count_rows(of: str, count: int) -> str:
    texts = {
        TICKETS: ngettext("%(count)s ticket", "%(count)s tickets", count),
        TASKS: ngettext("%(count)s task", "%(count)s tasks", count),
        ERRORS: ngettext("%(count)s error", "%(count)s errors", count),
    }
    return texts[of] % {"count": write_count(count)}


def _count_selected(of: str, count: int) -> str:
    texts = {
        TICKETS: ngettext("%(count)s selected ticket", "%(count)s selected tickets", count),
        TASKS: ngettext("%(count)s selected task", "%(count)s selected tasks", count),
        ERRORS: ngettext("%(count)s selected error", "%(count)s selected errors", count),
    }
    return texts[of] % {"count": write_count(count)}


def _title(operation: str, selected: int) -> str:
    """Return the title of the confirmation and the report, which says how many rows were selected."""
    return _what_and_how_many(operation, _count_selected(OPERATIONS[operation].of, selected))


def _what_and_how_many(operation: str, rows: str) -> str:
    return _("%(what)s: %(rows)s") % {"what": BulkOperation(operation).label, "rows": rows}


@require_safe
@company_page()
def manage_bulk_actions(request: PageRequest) -> HttpResponse:
    """List the person's bulk actions of the last 30 days."""
    page = list_page(request, BulkAction.objects.started_by(request.user), sorts=BULK_SORTS)
    rows = [
        {"title": _title(bulk.operation, bulk.count), "bulk": bulk, "url": f"{request.path}{bulk.pk}/"}
        for bulk in page.rows
    ]
    context = {"page": page, "rows": rows, "columns": COLUMNS}
    return render(request, "workflow_ops/manage_bulk_actions.html", context)


@require_safe
@company_page()
def manage_bulk_action(request: PageRequest, bulk_id: int) -> HttpResponse:
    """Show the progress of a bulk action, and the outcome for each row."""
    bulk = find_bulk_action(request.user, bulk_id)
    of = OPERATIONS[bulk.operation].of
    by_outcome = bulk.results.values_list("outcome").annotate(count=Count("pk")).order_by()
    counts: dict[str, int] = dict(by_outcome)
    # Refused rows come first, because somebody has to look at them.
    order = (BulkOutcome.REFUSED, BulkOutcome.SKIPPED, BulkOutcome.DONE)
    default = next((each for each in order if each in counts), BulkOutcome.DONE)
    asked = request.GET.get("show", "")
    show = BulkOutcome(asked) if asked in BulkOutcome.values else default
    page = list_page(request, bulk.results.filter(outcome=show), sorts=RESULT_SORTS)
    names = name_rows(of, [result.row_id for result in page.rows], request.user)
    context = {
        "bulk": bulk,
        "title": _title(bulk.operation, bulk.count),
        "progress": {"position": write_count(bulk.position), "count": write_count(bulk.count)},
        "tabs": [
            {
                "label": each.label,
                "url": f"?show={each}",
                "is_current": each == show,
                "count": counts.get(each, 0),
            }
            for each in order
        ],
        "page": page,
        "rows": [{"result": result, "named": names.get(result.row_id)} for result in page.rows],
        "columns": RESULT_COLUMNS,
        "list_url": f"{reverse(LISTS[of])}?{bulk.filters}",
    }
    return render(request, "workflow_ops/manage_bulk_action.html", context)
