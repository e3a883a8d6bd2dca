"""What an action must have: an address or a message, fields that it writes, transforms that can be read."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.outgoing import addresses
from workflow_design.check.constants import Holder, find_wrong_constants, find_wrong_results
from workflow_design.check.findings import Finding, Severity
from workflow_design.check.scope import Scope
from workflow_design.definition.fields import Field, Fields, is_empty
from workflow_design.definition.problems import Problem, pointer, under
from workflow_design.definition.references import MAX_ADDRESS_LENGTH
from workflow_design.definition.schema import parse_fields
from workflow_design.definition.workflow import TaskFile, TaskType, WorkflowFile
from workflow_design.engine.conditions.bounds import branches, split_operation
from workflow_design.engine.conditions.numbers import ARITHMETIC
from workflow_design.engine.conditions.validation import (
    fields_read,
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
_KIND_OF_OPERATOR: Final = {
    **dict.fromkeys(ARITHMETIC, "number"),
    **dict.fromkeys(("cat", "substr"), "string"),
    **dict.fromkeys(("==", "===", "!=", "!==", "<", "<=", ">", ">=", "!", "!!", "in"), "boolean"),
    **dict.fromkeys(("all", "some", "none"), "boolean"),
    **dict.fromkeys(("map", "filter", "merge", "missing", "missing_some"), "array"),
}
_KINDS: Final = {
    "number": gettext_lazy("a number"),
    "string": gettext_lazy("a text"),
    "boolean": gettext_lazy("a yes or no"),
    "array": gettext_lazy("a list"),
}
_UPWARDS: Final = re.compile(r"[/\\]\.\.?([/\\;]|$)")
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


def address_problem(address: str) -> str:
    """Return why an action may not call this address, as a sentence; empty if it may."""
    if len(address) > MAX_ADDRESS_LENGTH:
        return _("An address can have at most %(number)d characters.") % {"number": MAX_ADDRESS_LENGTH}
    return addresses.address_problem(address)


def path_problem(path: str) -> str:
    """Return why this can't follow the address of a connection, as a sentence; empty if it can."""
    if not path:
        return ""
    if not path.isascii() or addresses.UNSAFE_CHARACTERS.search(path) or "#" in path:
        return _("A path can't contain spaces, backslashes, “#” or characters that are not ASCII.")
    if not path.startswith("/") or path.startswith("//"):
        return _("A path begins with one “/”, such as /accounts.")
    # It must stay below the address that the company's admin has chosen. To some servers, a backslash is a
    # slash, and what follows ";" is a parameter.
    if _UPWARDS.search(unquote(path.partition("?")[0])):
        return _("A path can't contain “.” or “..” as one of its parts.")
    return ""


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


# --- What the rules of an output transform result in ------------------------------------


def find_misfits(rule: Any, target: Holder, names: Mapping[str, Holder]) -> Iterator[Problem]:
    """Yield why a rule results in a kind of value that a field can't hold; constants are checked elsewhere.

    `names` are the fields that the rule can read, by what it calls them.
    """
    for operator, arguments in filter(None, map(_operation, _results(rule))):
        source = names.get(str(next(iter(arguments), ""))) if operator == "var" else None
        if source is not None and not _can_copy(source, target):
            message = _("“%(field)s” can't hold what “%(source)s” holds.")
            yield _misfit(message % {"field": target.field.title, "source": source.field.title})
        kind = _KIND_OF_OPERATOR.get(operator, "")
        if kind and kind not in _kinds_of(target.field):
            message = _("“%(field)s” can't hold %(kind)s, which “%(operator)s” results in.")
            words = {"field": target.field.title, "kind": _KINDS[kind], "operator": operator}
            yield _misfit(message % words, _fix(kind, target.field))


def is_always_empty(rule: Any) -> bool:
    """Return whether nothing can be the result of a rule."""
    return all(not isinstance(each, dict) and is_empty(each) for each in _results(rule))


def find_lacking_outputs(file: WorkflowFile, fields: Fields) -> Iterator[Finding]:
    """Yield a problem for each required field that one branch of a rule over an answer leaves empty."""
    for place, task in enumerate(file.tasks):
        for name, rule in ((not task.is_form and task.output_transform) or {}).items():
            may_be_empty = any(not isinstance(each, dict) and is_empty(each) for each in _results(rule))
            if may_be_empty and name in fields.required and "response" in fields_read(rule):
                message = _(
                    "“%(title)s” fails on some answers: “%(field)s” is required, and would stay empty."
                )
                yield Finding(
                    "required-output",
                    Severity.WARNING,
                    pointer("tasks", place, "output_transform", name),
                    message % {"title": task.title, "field": fields[name].title},
                    _("Let every branch of the rule give a value, or don't require the field."),
                )


def _results(rule: Any) -> Iterator[Any]:
    """Yield what can be the result of a valid rule: constants, and operations that are no choice."""
    operation = _operation(rule)
    if operation is None or operation[0] not in ("if", "?:", "and", "or"):
        yield rule
        return
    operator, arguments = operation
    is_choice = operator in ("if", "?:")
    for each in branches(arguments) if is_choice else arguments:
        yield from _results(each)
    if is_choice and not len(arguments) % 2:
        yield None


def _operation(rule: Any) -> tuple[str, list[Any]] | None:
    return split_operation(rule) if isinstance(rule, dict) and len(rule) == 1 else None


def _can_copy(source: Holder, target: Holder) -> bool:
    """Return whether a field can hold any of the values of another one."""
    if source.field.choices and source.item() is None:
        return any(not target.validator.problems(choice.value) for choice in source.field.choices)
    return bool(_kinds_of(source.field) & _kinds_of(target.field))


def _kinds_of(field: Field) -> set[str]:
    """Return the kinds of the values of a field."""
    if field.type.item is None and field.choices:
        return {_kind_of(choice.value) for choice in field.choices}
    return {"number" if field.type.json_type == "integer" else field.type.json_type}


def _kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "string"


def _fix(kind: str, field: Field) -> str:
    if kind != "array" and "string" in _kinds_of(field):
        return _("Put “cat” around it: it makes a text of it.")
    return ""


def _misfit(message: str, fix: str = "") -> Problem:
    return Problem(
        "", message, "wrong-result", fix=fix or _("Write it into another field, or change the rule.")
    )
