"""Approval: answers that programs prepare and a person confirms (docs/engine.md, "Approval")."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from ticketflower.tenancy.context import current_actor
from users.models import CustomUser
from workflow_design.engine import Write
from workflow_ops.engine.assignment import (
    able_people,
    candidates,
    describe_missing,
    rule_of,
    submitter_ids_of,
)
from workflow_ops.engine.errors import resolve_errors, store_assignment_error
from workflow_ops.engine.run_rows import lock_assignment
from workflow_ops.engine.timeline import record
from workflow_ops.models import ErrorReason, TaskAllowedUser, TaskInstance, TaskStatus, TimelineKind
from workflow_ops.models.tasks import MAX_SENT_BACK
from workflow_ops.refusals import NotAllowedError, PreparationChangedError, WrongStatusError


def store_preparation(task: TaskInstance, write: Write, *, by: CustomUser, note: str) -> None:
    """Store a program's answer as the draft of a task, and assign the task to a person.

    The caller has locked the workflow. A person who is the assignee keeps the task; otherwise the next
    candidate becomes the assignee. A restriction to the service account is lifted. If there is no candidate,
    an error is stored. Raise NotAllowedError if only a person may do the task, and WrongStatusError while an
    answer of another program waits: if it was replaced, its account would not get the task back.
    """
    if task.sent_back_times >= MAX_SENT_BACK:
        raise NotAllowedError(_("It was sent back three times. A person has to do it, in the browser."))
    if task.prepared_by is not None and task.prepared_by_id != by.pk:
        text = _("%(name)s has prepared an answer already. A person confirms it or sends it back first.")
        raise WrongStatusError(text % {"name": task.prepared_by.get_full_name()})
    task.preparation = {
        "id": uuid4().hex,
        "values": dict(write.values),
        "note": note,
        "token": current_actor().token,
        "allowed": _lift_restriction(task, by),
    }
    task.prepared_by, task.draft, task.status = by, dict(write.values), TaskStatus.IN_PROGRESS
    task.started_at = task.started_at or timezone.now()
    if task.assigned_to is None or task.assigned_to.is_service_account:
        lock_assignment()  # so that two assignments at once see each other's workload
        _assign(task, candidates(task).first())
    _store(task, "started_at")
    ticket, to = task.workflow_instance.ticket, task.assigned_to
    record(ticket, TimelineKind.TASK_PREPARED, by=by, task=task, about=to, reason=note)
    if to is None:
        store_assignment_error(task, describe_missing(rule_of(task)))
    else:
        resolve_errors(ErrorReason.ASSIGNMENT, task=task)


def _lift_restriction(task: TaskInstance, account: CustomUser) -> list[int]:
    """Lift a restriction of the task to this account. Return its id in a list, or [] if there was none."""
    links = task.allowed_links.filter(person=account) if account.is_service_account else None
    return [account.pk] if links is not None and links.delete()[0] else []


def clear_lifted_restriction(task: TaskInstance) -> None:
    """Forget the lifted restriction of a prepared task, because an admin has just set another one."""
    if task.preparation is not None:
        task.preparation["allowed"] = []
        TaskInstance.objects.filter(pk=task.pk).update(preparation=task.preparation)


def answer_details(task: TaskInstance, write: Write, note: str) -> dict[str, Any]:
    """Return the details of an answer for the timeline: the note, who prepared it, and what differs."""
    about: dict[str, Any] = {"note": note} if note else {}
    if task.prepared_by_id is not None:
        preparation: dict[str, Any] = task.preparation or {}
        prepared = preparation.get("values", {})
        names = {*write.values, *prepared}
        about |= {
            "prepared_by": task.prepared_by_id,
            "prepared_with": preparation.get("token", ""),
            "differs": sorted(name for name in names if write.values.get(name) != prepared.get(name)),
        }
    return about


def require_same_preparation(task: TaskInstance, seen: str | None) -> None:
    """Raise PreparationChangedError unless `seen` is the id of the prepared answer; None skips the check."""
    if seen is not None and seen != task.prepared_id:
        raise PreparationChangedError(task)


def store_sent_back(task: TaskInstance, *, by: CustomUser, reason: str) -> None:
    """Return a task to the program that prepared it; after the last time, a person has to do it.

    The caller has locked the workflow. The service account that prepared the task becomes its assignee again.
    Raise NotAllowedError if it may no longer do the task.
    """
    preparer, is_last = task.prepared_by, task.sent_back_times + 1 >= MAX_SENT_BACK
    assert preparer is not None
    task.sent_back_times += 1
    if not is_last and not _return_to(task, preparer):
        text = _("%(name)s can't do this task any more. Change the answer where it is wrong, and confirm it.")
        raise NotAllowedError(text % {"name": preparer.get_full_name()})
    _clear_preparation(task, "sent_back_times")
    record(
        task.workflow_instance.ticket,
        TimelineKind.TASK_SENT_BACK,
        by=by,
        task=task,
        about=preparer,
        reason=reason,
        is_last=is_last,
    )


class Dropped(NamedTuple):
    """A prepared answer that was dropped, and whether the task was assigned to its account again."""

    task: TaskInstance
    preparer: CustomUser
    is_given: bool


def drop_preparations(tasks: Iterable[TaskInstance]) -> list[Dropped]:
    """Drop the prepared answers of tasks whose input has changed, and return them.

    A service account that prepared a task becomes its assignee again, if it may; otherwise the assignee
    stays.
    """
    dropped = []
    for task in tasks:
        preparer = task.prepared_by
        if preparer is None:
            continue
        is_given = preparer.is_service_account and _return_to(task, preparer)
        _clear_preparation(task)
        dropped.append(Dropped(task, preparer, is_given))
    return dropped


def _return_to(task: TaskInstance, preparer: CustomUser) -> bool:
    """Assign a task to the service account that prepared it; a person's own program changes no assignee.

    Return False and change nothing if the account may no longer do the task. The caller stores the task.
    """
    if not preparer.is_service_account:
        return True
    restored = set((task.preparation or {}).get("allowed", ()))
    allowed = set(task.allowed_links.values_list("person_id", flat=True))
    submitters = submitter_ids_of(task.workflow_instance.ticket)
    able = able_people(rule_of(task), submitters, allowed | restored if allowed or restored else ())
    if not able.filter(pk=preparer.pk).exists():
        return False
    TaskAllowedUser.objects.bulk_create(
        TaskAllowedUser(task=task, person_id=pk) for pk in sorted(restored - allowed)
    )
    _assign(task, preparer)
    resolve_errors(ErrorReason.ASSIGNMENT, task=task)
    return True


def _assign(task: TaskInstance, to: CustomUser | None) -> None:
    task.assigned_to, task.assigned_at = to, timezone.now() if to else None


def _clear_preparation(task: TaskInstance, *also: str) -> None:
    """Delete the prepared answer, so that the task is open again."""
    task.prepared_by, task.preparation, task.draft, task.status = None, None, None, TaskStatus.OPEN
    _store(task, *also)


def _store(task: TaskInstance, *also: str) -> None:
    """Store all columns that approval changes, in one statement, so that the audit log has one change."""
    names = ("prepared_by", "preparation", "draft", "status", "assigned_to", "assigned_at", *also)
    TaskInstance.objects.filter(pk=task.pk).update(**{name: getattr(task, name) for name in names})
