"""The states of the parts of a ticket's workflow, now or after a past step, and the picture of them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_design.access import may_see_conditions
from workflow_design.definition.workflow import DefinitionKey, Kind, TaskType
from workflow_design.engine import Plan
from workflow_design.persistence.plans import load_picture, load_plan
from workflow_design.picture.model import Mark, Picture
from workflow_design.picture.nodes import mark_nodes
from workflow_ops.models import (
    CompletionInstance,
    RunStatus,
    TaskStatus,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
    WorkflowData,
    WriteSource,
)

_WAITS = "\u2016"
"""Two bars, as on a pause button: the mark of parts that nobody can work on now."""


@dataclass(frozen=True, slots=True)
class States:
    """The status of the newest task of each definition, and the reached completions, by their keys."""

    tasks: Mapping[str, TaskStatus]
    reached: Collection[str]
    is_on_hold: bool


def states_now(ticket: TicketInstance) -> States:
    """Return the current states, in two statements."""
    run = ticket.workflow_instance
    newest = run.tasks.order_by("task_definition", "-run").distinct("task_definition")
    return States(
        tasks={
            str(key): TaskStatus(status) for key, status in newest.values_list("task_definition_id", "status")
        },
        reached={str(key) for key in run.completions.values_list("completion_id", flat=True)},
        is_on_hold=run.status == RunStatus.ON_HOLD,
    )


def states_after(ticket: TicketInstance, step: WorkflowData) -> States:
    """Return the states immediately after a step was applied, in three statements.

    These are the results of `decide()` and its effects. Actions by hand between this step and the next, such
    as a hold, are not included.
    """
    events = TimelineEvent.objects.filter(ticket=ticket)
    reached = CompletionInstance.objects.filter(
        workflow_instance=ticket.workflow_instance_id, workflow_data__step__lte=step.step
    )
    return States(
        tasks={
            str(key): _past_status(task_type, is_done=applied or committed, is_cancelled=is_cancelled)
            for key, task_type, applied, committed, is_cancelled in _newest_tasks(events, step)
        },
        reached={str(key) for key in reached.values_list("completion_id", flat=True)},
        is_on_hold=events.filter(kind=TimelineKind.HELD, workflow_data=step).exists(),
    )


def _newest_tasks(events: QuerySet[TimelineEvent], step: WorkflowData) -> Iterable[tuple[Any, ...]]:
    """Return the newest task of each definition up to a step, and its state at that time."""
    started = events.filter(kind=TimelineKind.TASK_STARTED, workflow_data__step__lte=step.step)
    of_task = WorkflowData.objects.filter(task=OuterRef("task"), source=WriteSource.TASK)
    cancelled = events.filter(task=OuterRef("task"), kind=TimelineKind.TASK_CANCELLED).filter(
        Q(workflow_data__step__lte=step.step) | Q(workflow_data=None, created_at__lte=step.created_at)
    )
    newest = started.order_by("task__task_definition", "-task__run").distinct("task__task_definition")
    # A task counts as done if its write was applied, or was committed before this step was applied.
    return newest.annotate(
        is_applied=Exists(of_task.filter(step__lte=step.step)),
        is_committed=Q(task__completed_at__lte=step.created_at),
        is_cancelled=Exists(cancelled),
    ).values_list(
        *("task__task_definition_id", "task__task_definition__task_type"),
        *("is_applied", "is_committed", "is_cancelled"),
    )


def _past_status(task_type: str, *, is_done: bool | None, is_cancelled: bool) -> TaskStatus:
    if is_done:
        return TaskStatus.COMPLETED
    if is_cancelled:
        return TaskStatus.CANCELLED
    return TaskStatus.OPEN if task_type == TaskType.FORM else TaskStatus.PENDING


def draw_ticket_now(ticket: TicketInstance, *, reader: CustomUser) -> Picture:
    """Return the picture of a ticket's current state, with conditions if the reader may see them."""
    workflow = ticket.workflow_instance.workflow
    sees_rules = may_see_conditions(reader, workflow)
    return draw_ticket(ticket, load_plan(workflow.pk), states_now(ticket), with_conditions=sees_rules)


def draw_ticket(
    ticket: TicketInstance, plan: Plan, states: States, *, with_conditions: bool = True
) -> Picture:
    """Return the picture of the workflow, with marks on the parts that are done, open or waiting."""
    marks = {DefinitionKey(Kind.TICKET, str(ticket.ticket_definition_id)): Mark("success", _("Submitted"))}
    for name, status in states.tasks.items():
        marks[DefinitionKey(Kind.TASK, name)] = _mark(status, is_on_hold=states.is_on_hold)
    for end in plan.completions:
        key = plan.key(end)
        if key.key in states.reached:
            holds = states.is_on_hold and not end.is_final
            marks[key] = _waiting_mark(_("On hold")) if holds else Mark("success", _("Reached"))
    picture = load_picture(ticket.workflow_instance.workflow_id, with_conditions=with_conditions)
    return mark_nodes(picture, marks)


def _mark(status: str, *, is_on_hold: bool) -> Mark:
    """Return the mark of a task. On hold, no task is open (`docs/engine.md`, "Statuses")."""
    if status == TaskStatus.COMPLETED:
        return Mark("success", _("Done"))
    if status == TaskStatus.CANCELLED:
        return Mark("neutral", _("Cancelled"))
    if status == TaskStatus.ERROR:
        return Mark("danger", _("Failed"))
    if is_on_hold or status == TaskStatus.PENDING:
        return _waiting_mark(_("On hold") if is_on_hold else _("Waiting"))
    return Mark("info", _("Open"))


def _waiting_mark(word: str) -> Mark:
    return Mark("warning", word, sign=_WAITS)
