"""The progress of a ticket as a list of stages: what is done, what is open, and what may follow.

It names no condition and no field, so that everyone who sees the ticket may read it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from workflow_design.engine import Plan
from workflow_ops.models import TaskInstance, TaskStatus, TicketInstance


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a ticket: its title, the person who did or has the task, and the task's status."""

    title: str
    who: str
    status: str


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of a ticket; `later` are the titles of tasks that may follow."""

    done: list[Stage]
    now: list[Stage]
    later: list[str]


def build_stages(plan: Plan, ticket: TicketInstance, tasks: Sequence[TaskInstance]) -> Stages:
    """Return the stages; `tasks` are all tasks of the ticket, oldest first, with definition and people."""
    now = [task for task in tasks if not task.is_finished]
    open_ids = {task.task_definition_id for task in now}
    # A task that was done several times is listed at its last completion.
    done = {task.task_definition_id: task for task in tasks if task.status == TaskStatus.COMPLETED}
    submitter = ticket.created_by.get_full_name() if ticket.created_by else _("TicketFlower staff")
    return Stages(
        done=[
            Stage(_("Submitted"), submitter, TaskStatus.COMPLETED),
            *(
                _stage(task, task.completed_by.get_full_name() if task.completed_by else "")
                for key, task in done.items()
                if key not in open_ids
            ),
        ],
        now=[_stage(task, task.assigned_to.get_name_and_state() if task.assigned_to else "") for task in now],
        later=_titles_after(plan, now, without={*done, *open_ids}),
    )


def _stage(task: TaskInstance, who: str) -> Stage:
    return Stage(task.task_definition.title, who, task.visible_status)


def _titles_after(plan: Plan, now: Iterable[TaskInstance], *, without: set[int]) -> list[str]:
    """Return the titles of tasks that depend, directly or indirectly, on the output of the open ones."""
    known = {str(key) for key in without}
    fields = {name for task in now for name in task.task_definition.output_fields}
    found: dict[str, str] = {}
    while fields:
        # Completed tasks may run again, and then lead to others.
        new = [task for task in plan.tasks_reading(fields) if plan.key(task).key not in found]
        found |= {plan.key(task).key: task.title for task in new}
        fields = {name for task in new for name in task.output_fields}
    order = [plan.key(task).key for task in plan.tasks]
    return [found[key] for key in order if key in found and key not in known]
