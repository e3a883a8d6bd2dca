"""Answers of other systems: read, checked and stored as writes (`docs/engine.md`, "Actions")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from ticketflower.clean_json import JsonError, composed_json, parse_json
from users.models import CustomUser
from workflow_design.definition.problems import Problem
from workflow_design.engine import Write
from workflow_design.engine.answers import AnswerRefusedError, values_of_answer
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.engine.calls import definition_of
from workflow_ops.engine.errors import resolve_errors
from workflow_ops.models import ErrorReason, TaskInstance, TaskStatus, WriteSource
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.state_manager import store_write


def read_answer(task: TaskInstance, status: int, body: bytes) -> dict[str, Any]:
    """Return the values that an answer gives to the output fields of a task, loaded with its workflow.

    None empties a field; a field that the answer lacks is left out. Raise AnswerRefusedError.
    """
    run = task.workflow_instance
    validator = get_rules(run.workflow_id).validator
    try:
        # A system that has nothing to say answers without a body.
        value = composed_json(parse_json(body)) if body.strip() else None
    except JsonError as error:
        problem = Problem(error.pointer, error.message, error.code)
        raise AnswerRefusedError([problem], fields=validator.fields, values={}) from error
    return values_of_answer(definition_of(task), run.data, status=status, body=value, validator=validator)


def store_answer(task: TaskInstance, values: Mapping[str, Any], *, applies: bool = True) -> bool:
    """Complete an action with the answer of another system; the caller has locked its workflow.

    Effects: as of `complete_action`. Without `applies`, the caller is a job that applies the write. Return
    False and change nothing if the task is finished, or has another input meanwhile.
    """
    write = Write.by_action(definition_of(task).output_fields, values)
    return complete_action(task, write, by=None, applies=applies)


def complete_action(task: TaskInstance, write: Write, *, by: CustomUser | None, applies: bool = True) -> bool:
    """Complete an unfinished action of a workflow that the caller has locked; see `store_answer`.

    Effects: the write is applied after the commit, on hold after the resume. Calls that run or are due do not
    count any more. Errors of the call are resolved.
    """
    now = timezone.now()
    unfinished = TaskInstance.objects.filter(
        pk=task.pk, status__in=UNFINISHED_STATUSES, input_version=task.input_version
    )
    if not unfinished.update(
        status=TaskStatus.COMPLETED,
        output_data=dict(write.values),
        next_call_at=None,
        started_at=task.started_at or now,
        completed_at=now,
        **(by.as_author("completed_by") if by else {}),
    ):
        return False
    task.status = TaskStatus.COMPLETED
    resolve_errors(ErrorReason.ACTION, task=task)
    run = task.workflow_instance
    store_write(run, write, source=WriteSource.TASK, by=by, task=task, applies=applies)
    return True
