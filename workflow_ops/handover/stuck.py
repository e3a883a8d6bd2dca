"""Errors about open tasks that nobody can do after people changed (`docs/engine.md`, "Handing on")."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from workflow_design.models import TaskType
from workflow_ops.engine.assignment import able_people, describe_missing, rule_of, submitter_ids_of
from workflow_ops.engine.by_hand import people_who_may_take
from workflow_ops.engine.errors import store_assignment_error
from workflow_ops.engine.ineligible import tasks_with_ineligible_assignee
from workflow_ops.engine.task_rows import lock_task
from workflow_ops.models import ErrorReason, ErrorStatus, TaskInstance, TicketError
from workflow_ops.models.tasks import UNFINISHED_STATUSES

MOST_AT_ONCE: Final = 200


def report_stuck_tasks(*, after: int = 0) -> int | None:
    """Store an error for each open form that its assignee can't do, or that has none and nobody may take.

    Check the next tasks after this id. Return the id after which to continue, or None if there are no more.
    Opens its own transactions; safe to run twice.
    """
    with transaction.atomic():
        found = (
            _unreported().filter(pk__gt=after).select_related("task_definition", "workflow_instance__ticket")
        )
        tasks = list(found.prefetch_related("allowed_links").order_by("pk")[:MOST_AT_ONCE])
        stuck = list(_without_people(tasks))
    for task in stuck:
        with transaction.atomic():
            _report(task)
    return tasks[-1].pk if len(tasks) == MOST_AT_ONCE else None


def _unreported() -> QuerySet[TaskInstance]:
    """Return open forms without an unresolved error that have no assignee, or one who can't do them."""
    errors = TicketError.objects.filter(task=OuterRef("pk"), reason=ErrorReason.ASSIGNMENT)
    tasks = TaskInstance.objects.filter(
        ~Exists(errors.exclude(error_status=ErrorStatus.RESOLVED)),
        status__in=UNFINISHED_STATUSES,
        task_definition__task_type=TaskType.FORM,
    )
    ineligible = tasks_with_ineligible_assignee(tasks).values("pk")
    return tasks.filter(Q(assigned_to=None) | Q(pk__in=ineligible))


def _without_people(tasks: Iterable[TaskInstance]) -> Iterator[TaskInstance]:
    """Exclude unassigned tasks that somebody may take; people are searched once for equal tasks."""
    known: dict[Hashable, bool] = {}
    for task in tasks:
        rule, submitter_ids = rule_of(task), submitter_ids_of(task.workflow_instance.ticket)
        allowed = tuple(sorted(link.person_id for link in task.allowed_links.all()))
        is_open = task.is_open_to_programs
        key = (rule, submitter_ids if rule.not_submitter else (), allowed, is_open)
        if task.assigned_to_id is None and key not in known:
            able = able_people(rule, submitter_ids, allowed)
            known[key] = (able if is_open else able.without_programs()).exists()
        if task.assigned_to_id is not None or not known[key]:
            yield task


def _report(task: TaskInstance) -> None:
    fresh = lock_task(task)
    if not _unreported().filter(pk=fresh.pk).exists():  # another process was faster
        return
    if fresh.assigned_to is not None:
        text = _("%(name)s has this task, but can't do it any more. Assign it to another person.")
        store_assignment_error(fresh, text % {"name": fresh.assigned_to.get_name_and_state()})
    elif not people_who_may_take(fresh).exists():
        store_assignment_error(fresh, describe_missing(rule_of(fresh)))
