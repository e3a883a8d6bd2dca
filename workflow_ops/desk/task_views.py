"""Tasks, for ticket admins: list, one of them, assign, restrict to people, cancel."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from ticketflower.listing import Sort, list_page
from users.filters import SearchForm
from workflow_ops.access import may_administer_something
from workflow_ops.desk import actions, pages
from workflow_ops.desk.filters import TaskFilter
from workflow_ops.desk.forms import AssignForm, ReasonForm, RestrictForm
from workflow_ops.desk.rows import listed_tasks, task_rows
from workflow_ops.desk.shared import confirm_and_perform, find_task, show_or_submit
from workflow_ops.history.timeline_wording import task_name
from workflow_ops.models import TaskInstance

SORTS = (Sort("created", gettext_lazy("Created"), "created_at"),)
COLUMNS = (
    {"label": gettext_lazy("Task")},
    {"label": gettext_lazy("Status")},
    {"label": gettext_lazy("Ticket")},
    {"label": gettext_lazy("Assigned to")},
    {"label": gettext_lazy("Created"), "key": "created"},
)


@require_safe
@company_page(may_administer_something)
def manage_tasks(request: PageRequest) -> HttpResponse:
    """All tasks of the tickets that the person administers, those that wait longest first."""
    form = TaskFilter(request.GET, person=request.user)
    page = list_page(request, listed_tasks(form.tasks()), sorts=SORTS)
    context = {"form": form, "page": page, "rows": task_rows(page.rows), "columns": COLUMNS}
    return render(request, "workflow_ops/manage_tasks.html", context)


@require_safe
@company_page()
def manage_task(request: PageRequest, task_id: int) -> HttpResponse:
    """One task: whose it is, what it reads, what was answered."""
    task = find_task(request, task_id)
    return render(request, "workflow_ops/manage_task.html", pages.task_context(task))


@show_or_submit
@company_page()
def manage_task_assign(request: PageRequest, task_id: int) -> HttpResponse:
    """Choose who is to do it."""
    task = find_task(request, task_id)
    search = SearchForm(request.GET)
    form = AssignForm(request.POST if request.method == "POST" else None, task=task, search=search)
    now = _("Now it is assigned to %(name)s.") % {"name": task.assigned_to}
    return confirm_and_perform(
        request,
        question={
            "title": _("Who is to do %(task)s?") % {"task": _name(task)},
            "text": now if task.assigned_to else _("Now nobody has it."),
            "submit": _("Assign"),
            "is_harmless": True,
            "search": search,
        },
        form=form,
        act=lambda: actions.assign_task(task, to=form.cleaned_data["person"], by=request.user),
        done=_("The task is assigned."),
        to=_page(task),
        template="workflow_ops/manage_task_people.html",
    )


@show_or_submit
@company_page()
def manage_task_restrict(request: PageRequest, task_id: int) -> HttpResponse:
    """Choose the only people who may do it."""
    task = find_task(request, task_id)
    search = SearchForm(request.GET)
    form = RestrictForm(request.POST if request.method == "POST" else None, task=task, search=search)
    return confirm_and_perform(
        request,
        question={
            "title": _("Who may do %(task)s?") % {"task": _name(task)},
            "text": _("This narrows down this one task. Roles still count: who is ticked needs one of them."),
            "submit": _("Save"),
            "is_harmless": True,
            "search": search,
        },
        form=form,
        act=lambda: actions.restrict_task(task, people=form.cleaned_data["people"], by=request.user),
        done=_("It is saved who may do the task."),
        to=_page(task),
        template="workflow_ops/manage_task_people.html",
    )


@show_or_submit
@company_page()
def manage_task_cancel(request: PageRequest, task_id: int) -> HttpResponse:
    """Ask for a reason, then end it without an answer."""
    task = find_task(request, task_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    return confirm_and_perform(
        request,
        question={
            "title": _("Cancel %(task)s?") % {"task": _name(task)},
            "text": _("Nobody has to do it any more, and nothing of it enters the ticket's data."),
            "consequences": [_("If nothing else is open, the ticket stands still until you do something.")],
            "submit": _("Cancel the task"),
        },
        form=form,
        act=lambda: actions.cancel_task(task, reason=form.cleaned_data["reason"], by=request.user),
        done=_("The task is cancelled."),
        to=_page(task),
    )


def _page(task: TaskInstance) -> str:
    return reverse("manage_task", args=[task.pk])


def _name(task: TaskInstance) -> str:
    return task_name(task.task_definition.title, task.run)
