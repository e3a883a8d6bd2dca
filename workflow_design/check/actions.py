"""What an action must have: an address or a message, fields that it writes, transforms that can be read."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.check.addresses import address_problem, path_problem
from workflow_design.check.constants import Holder, find_wrong_constants, find_wrong_results
from workflow_design.check.results import find_misfits, is_always_empty
from workflow_design.check.scope import Scope
from workflow_design.definition.problems import Problem, pointer, under
from workflow_design.definition.schema import parse_fields
from workflow_design.definition.workflow import TaskFile, TaskType
from workflow_design.engine.conditions.validation import (
    find_transform_problems,
    is_readable,
    paths_read,
    paths_read_by_transform,
)

MAX_TIMEOUTS: Final = {
    TaskType.SYNC_ACTION: 300,
    TaskType.ASYNC_ACTION: 365 * 24 * 60 * 60,
}
"""In seconds. A synchronous call blocks a worker until it is answered; an asynchronous one does not."""
_STATUS: Final = {"type": "integer", "title": "response.status", "minimum": 200}
_STATUSES: Final[dict[str, Holder]] = {
    task_type: Holder(
        parse_fields({"type": "object", "properties": {"it": {**_STATUS, "maximum": highest}}})["it"]
    )
    for task_type, highest in ((TaskType.SYNC_ACTION, 299), (TaskType.ASYNC_ACTION, 200))
}
"""With another status a call has failed, and nothing is written. That of a callback is always 200."""
_OF_ANSWERS: Final = re.compile(r"response(\.(status|body)(\..*)?)?|workspace(\..*)?", re.DOTALL)


def find_action_problems(scope: Scope, where: str, task: TaskFile) -> Iterator[Problem]:
    yield from _find_target_problems(where, task)
    if not task.output_fields:
        message = _("Add at least one field that the action writes: otherwise nothing can follow from it.")
        yield Problem(f"{where}/output_fields", message, "action-without-outputs")
    # A draft that is edited in forms may have a type that does not exist.
    longest = MAX_TIMEOUTS.get(TaskType(task.task_type)) if task.task_type in list(TaskType) else None
    if longest is not None and task.timeout_seconds is not None and not 1 <= task.timeout_seconds <= longest:
        message = _("The time limit is between 1 and %(longest)s seconds.") % {"longest": f"{longest:,}"}
        yield Problem(f"{where}/timeout_seconds", message, "timeout-out-of-bounds")
    for transform, of_answer in (("input_transform", False), ("output_transform", True)):
        yield from _find_transform_problems(scope, f"{where}/{transform}", task, of_answer=of_answer)


def _find_target_problems(where: str, task: TaskFile) -> Iterator[Problem]:
    """Yield what is wrong with what the action calls: an address, a connection with a path, or a message."""
    given = [name for name in ("action_url", "connection", "action") if getattr(task, name)]
    if not given:
        message = _("Enter the address that the action calls, or choose a connection.")
        yield Problem(f"{where}/action_url", message, "action-without-address")
    for name in given[1:]:
        message = _("An action has an address, a connection or a message, and only one of them.")
        yield Problem(f"{where}/{name}", message, "several-targets")
    if task.action_url and (problem := address_problem(task.action_url)):
        yield Problem(f"{where}/action_url", problem, "bad-address")
    if task.path and not task.connection:
        message = _("A path belongs to a connection. Name one, or put the whole address into action_url.")
        yield Problem(f"{where}/path", message, "path-without-connection")
    elif problem := path_problem(task.path):
        yield Problem(f"{where}/path", problem, "bad-path")


def _find_transform_problems(
    scope: Scope, where: str, task: TaskFile, *, of_answer: bool
) -> Iterator[Problem]:
    transform = task.output_transform if of_answer else task.input_transform
    if transform is None:
        return
    problems = find_transform_problems(transform)
    if problems:
        yield from under(where, problems)
    if not is_readable(problems) or not isinstance(transform, Mapping):
        return
    for name, rule in transform.items() if of_answer else ():
        if name not in task.output_fields:
            message = _("“%(name)s” is not among the fields that the action writes.") % {"name": name}
            yield Problem(f"{where}{pointer(name)}", message, "not-an-output", name)
        unknown = sorted(path for path in paths_read(rule) if not _OF_ANSWERS.fullmatch(path))
        if unknown:
            message = _("A rule for an answer can read “response.status”, “response.body…” or “workspace.…”.")
            yield Problem(f"{where}{pointer(name)}", message, "unknown-name", unknown[0])
    yield from scope.paths(where, paths_read_by_transform(transform, of_answer=of_answer))
    names = dict(scope.holders)
    if of_answer:
        names = {f"workspace.{name}": each for name, each in names.items()}
        if status := _STATUSES.get(task.task_type):
            names["response.status"] = status
        yield from _find_lacking(scope, where, task, transform)
    for name, rule in transform.items():
        wrong = [*find_wrong_constants(rule, names)]
        if of_answer and name in scope.holders:
            wrong += find_wrong_results(rule, scope.holders[name])
            if not problems:
                yield from under(f"{where}{pointer(name)}", find_misfits(rule, scope.holders[name], names))
        yield from scope.wrong_constants(f"{where}{pointer(name)}", wrong)


def _find_lacking(
    scope: Scope, where: str, task: TaskFile, transform: Mapping[str, Any]
) -> Iterator[Problem]:
    """Yield each required field that no answer fills, so that every answer is refused."""
    for name in task.output_fields:
        if name in scope.fields and scope.fields[name].required and is_always_empty(transform.get(name)):
            message = _(
                "“%(field)s” is required, but stays empty whatever is answered: the action always fails."
            )
            at = f"{where}{pointer(name)}" if name in transform else where
            fix = _("Give it a value here, or don't require it.")
            yield Problem(at, message % {"field": scope.fields[name].title}, "required-output", name, fix)
