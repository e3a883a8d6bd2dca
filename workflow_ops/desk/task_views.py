"""Pages of tasks for ticket admins: list, detail, assign, restrict and cancel."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page, show_or_submit
from ticketflower.template_tags import exact_time
from users.filters import PeopleSearch
from users.models import CustomUser
from workflow_ops.desk import actions, pages
from workflow_ops.desk.forms import AssignForm, RestrictForm
from workflow_ops.desk.lists.rows import assignee_name
from workflow_ops.desk.shared import find_task
from workflow_ops.history.timeline_wording import task_name
from workflow_ops.models import TaskInstance
from workflow_ops.work.confirmation import confirm_and_perform
from workflow_ops.work.forms import ReasonForm


@require_safe
@company_page()
def manage_task(request: PageRequest, task_id: int) -> HttpResponse:
    """Show one task: its assignee, input and output."""
    task = find_task(request, task_id)
    return render(request, "workflow_ops/manage_task.html", pages.task_context(task))


@show_or_submit
@company_page()
def manage_task_assign(request: PageRequest, task_id: int) -> HttpResponse:
    """Choose the assignee."""
    task = find_task(request, task_id)
    search = PeopleSearch(request.GET, CustomUser.objects.all())
    form = AssignForm(request.POST if request.method == "POST" else None, task=task, search=search)
    now = _("%(name)s has it.") % {"name": assignee_name(task)}
    if task.assigned_at:
        now = _("%(name)s has had it since %(day)s.") % {
            "name": assignee_name(task),
            "day": exact_time(task.assigned_at),
        }
    return confirm_and_perform(
        request,
        title=_("Assign %(task)s") % {"task": _name(task)},
        text=now if task.assigned_to else _("Nobody has it."),
        submit=_("Assign"),
        is_harmless=True,
        search=search.form,
        task_of=pages.task_context(task),
        form=form,
        act=lambda: actions.assign_task(
            task, to=form.cleaned_data["person"], note=form.cleaned_data["note"], by=request.user
        ),
        done=_("The task has been assigned.")
        if form.data.get("person")
        else _("Nobody has the task now. Anyone who may do it can take it."),
        to=_page(task),
        template="workflow_ops/manage_task_people.html",
    )


@show_or_submit
@company_page()
def manage_task_restrict(request: PageRequest, task_id: int) -> HttpResponse:
    """Choose the people to whom the task is restricted."""
    task = find_task(request, task_id)
    search = PeopleSearch(request.GET, CustomUser.objects.all())
    form = RestrictForm(request.POST if request.method == "POST" else None, task=task, search=search)
    return confirm_and_perform(
        request,
        title=_("Who may do %(task)s?") % {"task": _name(task)},
        text=_("This restricts only this task. The selected people still need a suitable role."),
        submit=_("Save"),
        is_harmless=True,
        search=search.form,
        task_of=pages.task_context(task),
        form=form,
        act=lambda: actions.restrict_task(
            task, people=form.cleaned_data["people"], note=form.cleaned_data["note"], by=request.user
        ),
        done=_("The restriction of the task has been saved."),
        to=_page(task),
        template="workflow_ops/manage_task_people.html",
    )


@show_or_submit
@company_page()
def manage_task_cancel(request: PageRequest, task_id: int) -> HttpResponse:
    """Ask for the reason, then cancel the task."""
    task = find_task(request, task_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    return confirm_and_perform(
        request,
        title=_("Cancel %(task)s?") % {"task": _name(task)},
        text=_("Nobody can complete it any more, and its form is not added to the ticket's data."),
        consequences=[_("If no other task is open, the ticket stops until you act.")],
        submit=_("Cancel the task"),
        cancel=_("Keep it"),
        form=form,
        act=lambda: actions.cancel_task(task, reason=form.cleaned_data["reason"], by=request.user),
        done=_("The task has been cancelled."),
        to=_page(task),
    )


def _page(task: TaskInstance) -> str:
    return reverse("manage_task", args=[task.pk])


def _name(task: TaskInstance) -> str:
    return task_name(task.task_definition.title, task.run)
