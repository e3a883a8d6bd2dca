"""The minimum that Django views do for pages and forms: no rules, walls or audit log."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from bench.floor.models import Counter, Event, Holder, OpenTask, Run, Step, Task, Ticket, Write

_LOOKS = [{"kind": "task", "key": "1", "fields_met": ["reason"], "outcome": "condition-false"}] * 30


class TicketForm(forms.Form):
    """The fields of the product's ticket."""

    reason = forms.CharField(max_length=200)
    details = forms.CharField(widget=forms.Textarea, required=False)
    amount = forms.IntegerField(min_value=1, max_value=1000)
    day = forms.DateField()
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B"), ("c", "C")])
    urgent = forms.TypedChoiceField(
        choices=[("True", "Yes"), ("False", "No")], coerce=lambda text: text == "True"
    )

    def values(self) -> dict[str, Any]:
        """Return the values as they are stored."""
        return {**self.cleaned_data, "day": self.cleaned_data["day"].isoformat()}


class TenFields(TicketForm):
    """A form of ten fields."""

    amount_each = forms.DecimalField(min_value=0)
    until = forms.DateField(required=False)
    place = forms.ChoiceField(choices=[("a", "A"), ("b", "B"), ("c", "C")])
    remark = forms.CharField(max_length=200, required=False)


@login_required
def tickets(request: HttpRequest) -> HttpResponse:
    """Show the 50 newest tickets in a table."""
    newest = Ticket.objects.select_related("run", "created_by").order_by("-pk")[:50]
    return render(request, "floor/tickets.html", {"tickets": newest})


@login_required
def ticket(request: HttpRequest, number: int) -> HttpResponse:
    """Show a ticket with its values, its tasks and its timeline."""
    found = get_object_or_404(Ticket.objects.select_related("run", "created_by"), number=number)
    tasks = Task.objects.filter(run=found.run).select_related("assigned_to").order_by("pk")
    events = Event.objects.filter(ticket=found).select_related("task", "person").order_by("pk")
    return render(request, "floor/ticket.html", {"ticket": found, "tasks": tasks, "events": events})


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Show a form of ten fields."""
    return render(request, "floor/new.html", {"form": TenFields()})


@login_required
def five_inserts(request: Any) -> HttpResponse:
    """Insert the rows of the baseline in docs/speed.md: ticket, workflow, workspace and two tasks."""
    form = TicketForm(request.POST)
    if not form.is_valid():
        return HttpResponse(str(form.errors), status=400)
    values, by = form.values(), request.user
    run = Run.objects.create(definition=1, status="IN_PROGRESS", data=values, step=1)
    number = uuid4().int % 10**15
    ticket = Ticket.objects.create(
        number=number, definition=1, run=run, data=values, form_token=uuid4(), created_by=by
    )
    Step.objects.create(
        run=run, step=1, data=values, modified_fields=[*values], source="ticket", ticket=ticket, person=by
    )
    for definition in (1, 2):
        Task.objects.create(**_task(run, definition, values, by))
    return HttpResponseRedirect(f"/tickets/{number}/")


@login_required
def same_rows(request: Any) -> HttpResponse:
    """Insert all rows that the product inserts for a submission that starts two tasks."""
    form = TicketForm(request.POST)
    if not form.is_valid():
        return HttpResponse(str(form.errors), status=400)
    values, by = form.values(), request.user
    Counter.objects.update(last_number=F("last_number") + 1)
    number = Counter.objects.get().last_number
    run = Run.objects.create(definition=1, status="IN_PROGRESS", data=values, step=1)
    token = request.POST["_form_token"]
    ticket = Ticket.objects.create(
        number=number, definition=1, run=run, data=values, form_token=token, created_by=by
    )
    write = Write.objects.create(
        run=run, source="ticket", ticket=ticket, content={"values": values}, status="APPLIED", person=by
    )
    tasks = Task.objects.bulk_create(Task(**_task(run, definition, values, by)) for definition in (1, 2))
    Holder.objects.bulk_create(Holder(run=run, person=by) for _task_of_run in tasks)
    OpenTask.objects.bulk_create(_open_task(task, ticket) for task in tasks)
    step = Step.objects.create(
        run=run,
        write=write,
        step=1,
        data=values,
        modified_fields=[*values],
        source="ticket",
        ticket=ticket,
        looks=_LOOKS,
        person=by,
    )
    Event.objects.bulk_create(
        [
            Event(ticket=ticket, kind="SUBMITTED", step=step, person=by),
            *(Event(ticket=ticket, kind="TASK_STARTED", step=step, task=task, about=by) for task in tasks),
        ]
    )
    return HttpResponseRedirect(f"/tickets/{number}/")


def health(request: HttpRequest) -> HttpResponse:
    """Report that the process is alive."""
    return HttpResponse("ok")


def _open_task(task: Task, ticket: Ticket) -> OpenTask:
    return OpenTask(
        task=task,
        ticket=ticket,
        definition=task.definition,
        title="Start",
        status=task.status,
        assignee=task.assigned_to_id,
        ticket_status="IN_PROGRESS",
        changed_at=ticket.created_at,
        waiting_since=task.created_at,
        priority=0,
        created_at=task.created_at,
    )


def _task(run: Run, definition: int, values: dict[str, Any], by: Any) -> dict[str, Any]:
    now = timezone.now()
    return {
        "run": run,
        "definition": definition,
        "status": "OPEN",
        "input_data": values,
        "assigned_to": by,
        "assigned_at": now,
    }
