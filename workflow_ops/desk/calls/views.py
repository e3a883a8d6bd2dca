"""Pages of calls for ticket admins: overview, one call, and an action called again or filled in by hand."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ticketflower.http import PageRequest, company_page, show_or_submit
from workflow_design.access import may_administer_something
from workflow_design.models import TaskType
from workflow_ops.actions.by_hand import fill_in_by_hand, retry_action
from workflow_ops.desk.calls.filters import TABS, WAITING, CallList
from workflow_ops.desk.calls.rows import action_cells, call_cells, call_entry
from workflow_ops.desk.lists.rows import task_title
from workflow_ops.desk.pages import task_context
from workflow_ops.desk.shared import find_call, find_task
from workflow_ops.files import attach_files
from workflow_ops.refusals import InputChangedError, RefusedError
from workflow_ops.work.confirmation import perform
from workflow_ops.work.forms import input_version, task_form

ACTION_COLUMNS = (
    {"label": gettext_lazy("Task")},
    {"label": gettext_lazy("State")},
    {"label": gettext_lazy("Ticket")},
    {"label": gettext_lazy("System")},
    {"label": gettext_lazy("Waiting"), "key": "since"},
    {"label": gettext_lazy("Next try")},
    {"label": gettext_lazy("Failures"), "is_number": True},
    {"label": gettext_lazy("Status"), "is_number": True},
    {"label": gettext_lazy("Took"), "is_number": True},
)
CALL_COLUMNS = (
    {"label": gettext_lazy("Task")},
    {"label": gettext_lazy("Result")},
    {"label": gettext_lazy("Ticket")},
    {"label": gettext_lazy("System")},
    {"label": gettext_lazy("Kind")},
    {"label": gettext_lazy("When"), "key": "when"},
    {"label": gettext_lazy("Status"), "is_number": True},
    {"label": gettext_lazy("Took"), "is_number": True},
)


@require_safe
@company_page(may_administer_something)
def manage_calls(request: PageRequest) -> HttpResponse:
    """List actions that wait for another system or have failed, and the calls that were made for them."""
    asked = request.GET.get("show", "")
    tab = asked if asked in TABS else WAITING
    found = CallList(request.GET, request.user, tab=tab)
    page = found.page(request)
    context = {"form": found.form, "page": page, "tab": tab} | (
        {"rows": call_cells(page.rows), "columns": CALL_COLUMNS, "row": "workflow_ops/manage_calls_row.html"}
        if found.is_of_calls
        else {
            "rows": action_cells(page.rows),
            "columns": ACTION_COLUMNS,
            "row": "workflow_ops/manage_calls_action.html",
        }
    )
    labels = (_("Waiting"), _("Failing"), _("Slow"), _("All calls"))
    tabs = [
        {"label": label, "url": f"?show={each}", "is_current": each == tab}
        for each, label in zip(TABS, labels, strict=True)
    ]
    return render(request, "workflow_ops/manage_calls.html", context | {"tabs": tabs})


@require_safe
@company_page()
def manage_call(request: PageRequest, call_id: int) -> HttpResponse:
    """Show all that is kept of one call."""
    call, task = find_call(request, call_id)
    ticket = task.workflow_instance.ticket
    context = {"task": task, "name": task_title(task), "ticket": ticket, "ticket_name": ticket.name}
    return render(request, "workflow_ops/manage_call.html", context | {"call": call_entry(call)})


@require_POST
@company_page()
def manage_task_retry(request: PageRequest, task_id: int) -> HttpResponse:
    """Have the action called again now."""
    task = find_task(request, task_id)
    return perform(
        request,
        act=lambda: retry_action(task, by=request.user),
        done=_("The call is made in a moment. This page shows what comes of it."),
        to=reverse("manage_task", args=[task_id]),
    )


@show_or_submit
@company_page()
def manage_task_fill_in(request: PageRequest, task_id: int) -> HttpResponse:
    """Fill in the answer of an action in place of the other system."""
    task = find_task(request, task_id)
    page = reverse("manage_task", args=[task_id])
    if task.is_finished or task.task_definition.task_type == TaskType.FORM:
        messages.error(request, _("There is nothing to fill in: this task is finished, or a person does it."))
        return redirect(page)
    post = request.POST if request.method == "POST" else None
    form = task_form(task, by=request.user, post=post, uploads=request.FILES)
    if form.is_valid():
        version = input_version(request.POST)
        try:
            fill_in_by_hand(task, values=form.values(), input_version=version, by=request.user)
        except InputChangedError as refusal:
            task.input_version = refusal.task.input_version  # so that sending the form again is accepted
            form.add_error(None, str(refusal))
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            attach_files(task.workflow_instance.ticket, form.file_ids(), by=request.user)
            messages.success(request, _("The answer has been filled in, and the ticket goes on."))
            return redirect(page)
    return render(request, "workflow_ops/manage_task_fill_in.html", {**task_context(task), "form": form})
