"""Pages on which people take tasks, give them back, and send back prepared answers."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ticketflower.http import PageRequest, company_page, show_or_submit
from workflow_ops.history.timeline_wording import task_name
from workflow_ops.models.tasks import MAX_SENT_BACK
from workflow_ops.work import submissions
from workflow_ops.work.confirmation import confirm_and_perform, perform
from workflow_ops.work.finding import find_task
from workflow_ops.work.forms import ReasonForm, SendBackForm


@require_POST
@company_page()
def task_take(request: PageRequest, task_id: int) -> HttpResponse:
    """Assign an unassigned task to the person."""
    task = find_task(request.user, task_id)
    page = reverse("task_detail", args=[task.pk])
    take = submissions.take_task
    return perform(
        request, act=lambda: take(task, by=request.user), done=_("The task is yours now."), to=page
    )


@show_or_submit
@company_page()
def task_give_back(request: PageRequest, task_id: int) -> HttpResponse:
    """Ask why, then give the task back, so that another person can take it."""
    task = find_task(request.user, task_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    form.fields["reason"].required = False
    give_back = submissions.give_back_task
    return confirm_and_perform(
        request,
        title=_("Give %(task)s back?") % {"task": task_name(task.task_definition.title, task.run)},
        about=task.workflow_instance.ticket.name,
        text=_("Nobody has it then, and another person can take it. Your draft stays."),
        submit=_("Give it back"),
        cancel=_("Keep it"),
        is_harmless=True,
        form=form,
        act=lambda: give_back(task, by=request.user, reason=form.cleaned_data["reason"]),
        done=_("You have given the task back."),
        to=reverse("task_detail", args=[task.pk]),
    )


@show_or_submit
@company_page()
def task_send_back(request: PageRequest, task_id: int) -> HttpResponse:
    """Ask why, then send a prepared answer back to its program, so that it answers again."""
    task = find_task(request.user, task_id)
    initial = {"prepared": request.GET.get("prepared", task.prepared_id)}
    form = SendBackForm(request.POST if request.method == "POST" else None, initial=initial)
    is_last = task.sent_back_times + 1 >= MAX_SENT_BACK
    name = task.prepared_by.get_full_name() if task.prepared_by else _("The program")
    again = _("%(name)s reads the reason and answers again.") % {"name": name}
    last = _("This is the third time, so no program may answer it any more: a person has to do it.")
    return confirm_and_perform(
        request,
        title=_("Send %(task)s back?") % {"task": task_name(task.task_definition.title, task.run)},
        about=task.workflow_instance.ticket.name,
        text=last if is_last else again,
        submit=_("Send it back"),
        cancel=_("Don't send it back"),
        is_harmless=True,
        form=form,
        act=lambda: submissions.send_back_task(
            task,
            by=request.user,
            reason=form.cleaned_data["reason"],
            prepared=form.cleaned_data["prepared"],
        ),
        done=_("You have sent the answer back."),
        to=reverse("task_detail", args=[task.pk]),
    )
