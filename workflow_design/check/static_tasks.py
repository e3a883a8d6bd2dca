"""Problems of task definitions."""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _

from workflow_design.check.scope import Scope
from workflow_design.definition.action_addresses import refusal_of_address
from workflow_design.definition.fields import FieldKind
from workflow_design.definition.problems import Problem, pointer, under
from workflow_design.definition.workflow import TaskFile, TaskType
from workflow_design.engine.conditions import (
    ConditionError,
    fields_read,
    fields_read_by_transform,
    validate_transform,
)

SUBMITTER: Final = "$submitter"
LONGEST_TIMEOUTS: Final = {
    TaskType.SYNC_ACTION: 300,
    TaskType.ASYNC_ACTION: 365 * 24 * 60 * 60,
}
"""In seconds. A call that is answered at once keeps a worker waiting, one that is answered later does not."""
_ANSWER: Final = ("workspace", "response")


def problems_of_task(scope: Scope, where: str, task: TaskFile) -> Iterator[Problem]:
    """All that is wrong with a task definition at the pointer `where`."""
    if task.task_type not in list(TaskType):
        message = _("There is no such type of task. There are: %(names)s.") % {"names": ", ".join(TaskType)}
        yield Problem(f"{where}/task_type", message, "bad-type")
    if not task.input_fields:
        message = _("Name at least one field that the task reads: it starts when one of them is written.")
        yield Problem(f"{where}/input_fields", message, "task-without-inputs")
    yield from scope.names(f"{where}/input_fields", task.input_fields)
    yield from scope.names(f"{where}/output_fields", task.output_fields)
    yield from _resets(scope, f"{where}/reset_fields", task)
    yield from scope.condition(f"{where}/condition", task.condition)
    yield from scope.form(f"{where}/edit_layout", task.edit_layout, task.output_fields)
    yield from scope.display(f"{where}/display_layout", task.display_layout)
    if task.task_type == TaskType.FORM:
        yield from _form(scope, where, task)
    else:
        yield from _action(scope, where, task)


def _resets(scope: Scope, where: str, task: TaskFile) -> Iterator[Problem]:
    yield from scope.names(where, task.reset_fields)
    for position, name in enumerate(task.reset_fields):
        if name in scope.declared and name not in task.output_fields:
            message = _("“%(name)s” is not among the fields that the task writes; only those can be reset.")
            yield Problem(f"{where}/{position}", message % {"name": name}, "reset-not-output")


def _form(scope: Scope, where: str, task: TaskFile) -> Iterator[Problem]:
    if not task.output_fields:
        message = _("Name at least one field that the form asks for.")
        yield Problem(f"{where}/output_fields", message, "form-without-outputs")
    name = task.assignee_field
    if name is None or name == SUBMITTER:
        return
    if name not in scope.declared:
        yield scope.unknown(f"{where}/assignee_field", name)
    elif name in scope.fields and scope.fields[name].kind is not FieldKind.USER:
        message = _("“%(name)s” does not hold a person. Name a field that does, or $submitter.")
        yield Problem(f"{where}/assignee_field", message % {"name": name}, "assignee-not-a-person")


def _action(scope: Scope, where: str, task: TaskFile) -> Iterator[Problem]:
    if not task.action_url:
        yield Problem(
            f"{where}/action_url", _("Say which address the action calls."), "action-without-address"
        )
    elif refused := refusal_of_address(task.action_url):
        yield Problem(f"{where}/action_url", refused, "bad-address")
    longest = LONGEST_TIMEOUTS.get(TaskType(task.task_type)) if task.task_type in list(TaskType) else None
    if longest is not None and task.timeout_seconds is not None and not 1 <= task.timeout_seconds <= longest:
        message = _("The time limit is between 1 and %(longest)s seconds.") % {"longest": f"{longest:,}"}
        yield Problem(f"{where}/timeout_seconds", message, "timeout-out-of-bounds")
    yield from _what_is_sent(scope, f"{where}/input_transform", task)
    yield from _what_becomes_of_the_answer(scope, f"{where}/output_transform", task)


def _what_is_sent(scope: Scope, where: str, task: TaskFile) -> Iterator[Problem]:
    if task.input_transform is None:
        return
    try:
        validate_transform(task.input_transform)
    except ConditionError as error:
        yield from under(where, error.problems)
        return
    for name in sorted(fields_read_by_transform(task.input_transform).difference(scope.declared)):
        yield scope.unknown(where, name)


def _what_becomes_of_the_answer(scope: Scope, where: str, task: TaskFile) -> Iterator[Problem]:
    if task.output_transform is None:
        return
    try:
        validate_transform(task.output_transform)
    except ConditionError as error:
        yield from under(where, error.problems)
        return
    for name, rule in task.output_transform.items():
        if name not in task.output_fields:
            message = _("“%(name)s” is not among the fields that the action writes.") % {"name": name}
            yield Problem(f"{where}{pointer(name)}", message, "not-an-output")
        if not fields_read(rule) <= set(_ANSWER):
            message = _("A rule over an answer reads “response.status”, “response.body…” or “workspace.…”.")
            yield Problem(f"{where}{pointer(name)}", message, "unknown-name")
    for name in sorted(fields_read_by_transform(task.output_transform, of_answer=True) - set(scope.declared)):
        yield scope.unknown(where, name)
