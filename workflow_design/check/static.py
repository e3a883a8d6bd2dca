"""The static check: errors that can be found without trying anything.

A definition with such an error can't be published. Addresses are judged by their text alone: a name may
lead elsewhere by the time it is called, so that is checked at every call.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from ipaddress import AddressValueError, IPv6Address
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from workflow_design.check.scope import Scope
from workflow_design.definition.fields import FieldKind
from workflow_design.definition.problems import Problem, pointer, under
from workflow_design.definition.workflow import (
    CompletionFile,
    CompletionStatus,
    TaskFile,
    TaskType,
    TicketFile,
    WorkflowFile,
)
from workflow_design.engine.conditions import (
    ConditionError,
    fields_read,
    fields_read_by_transform,
    validate_transform,
)


def check_definition(file: WorkflowFile) -> list[Problem]:
    """All that keeps a definition from being published, except what only its company knows (roles).

    Each problem has a stable code, a JSON pointer into the workflow file and a sentence. The
    definition need not come from a file: one that is edited in forms is checked as the file that
    it would be.
    """
    scope = Scope(file)
    found = [*scope.schema_problems, *scope.display("/display_layout", file.display_layout)]
    if not file.tickets:
        found.append(Problem("/tickets", _("A workflow starts with a ticket: add one."), "no-ticket"))
    for number, ticket in enumerate(file.tickets):
        found += _ticket(scope, pointer("tickets", number), ticket)
    for number, task in enumerate(file.tasks):
        found += problems_of_task(scope, pointer("tasks", number), task)
    for number, completion in enumerate(file.completions):
        found += _completion(scope, pointer("completions", number), completion)
    return [*found, *_end(file), *problems_of_reach(file, scope.declared)]


def _ticket(scope: Scope, where: str, ticket: TicketFile) -> Iterator[Problem]:
    if not ticket.fields:
        message = _("Name at least one field that the ticket's form asks for.")
        yield Problem(f"{where}/fields", message, "ticket-without-fields")
    yield from scope.names(f"{where}/fields", ticket.fields)
    yield from scope.form(f"{where}/edit_layout", ticket.edit_layout, ticket.fields)
    yield from scope.display(f"{where}/display_layout", ticket.display_layout)


def _completion(scope: Scope, where: str, completion: CompletionFile) -> Iterator[Problem]:
    if completion.completion_status not in list(CompletionStatus):
        message = _("A completion gives one of the statuses %(names)s.")
        names = ", ".join(CompletionStatus)
        yield Problem(f"{where}/completion_status", message % {"names": names}, "bad-status")
    if not completion.fields:
        message = _("Name at least one field: the completion is asked when one of them is written.")
        yield Problem(f"{where}/fields", message, "completion-without-fields")
    yield from scope.names(f"{where}/fields", completion.fields)
    yield from scope.condition(f"{where}/condition", completion.condition)
    yield from scope.display(f"{where}/display_layout", completion.display_layout)


def _end(file: WorkflowFile) -> Iterator[Problem]:
    final = [status for status in CompletionStatus if status.is_final]
    if not any(completion.completion_status in final for completion in file.completions):
        message = _("Nothing ends this workflow: add a completion with the status COMPLETED or CANCELLED.")
        yield Problem("/completions", message, "no-end")


def problems_of_reach(file: WorkflowFile, declared: Collection[str]) -> Iterator[Problem]:
    """A problem for every task and completion whose fields nothing writes.

    What names no field or an unknown one has that problem already: it is not reported again, and
    what it writes counts as written.
    """
    written = _written(file, declared)
    for number, task in enumerate(file.tasks):
        if not _is_set_going(task.input_fields, written, declared):
            message = _(
                "Nothing starts this task: no ticket and no task that can start writes a field that it reads."
            )
            yield Problem(pointer("tasks", number, "input_fields"), message, "never-triggered")
    for number, completion in enumerate(file.completions):
        if completion.fields and not _is_set_going(completion.fields, written, declared):
            message = _(
                "Nothing reaches this completion: no ticket and no task that can start writes its fields."
            )
            yield Problem(pointer("completions", number, "fields"), message, "never-triggered")


def _written(file: WorkflowFile, declared: Collection[str]) -> set[str]:
    """The fields that tickets write, and all that follows from them."""
    written = {name for ticket in file.tickets for name in ticket.fields}
    waiting = list(file.tasks)
    while True:
        idle = []
        for task in waiting:
            if _is_set_going(task.input_fields, written, declared):
                written.update(task.output_fields)
            else:
                idle.append(task)
        if len(idle) == len(waiting):
            return written
        waiting = idle


def _is_set_going(reads: Sequence[str], written: Collection[str], declared: Collection[str]) -> bool:
    return not reads or any(name in written or name not in declared for name in reads)


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


MAX_LENGTH: Final = 2_000
_PORTS: Final = frozenset({80, 443})
_FIRST_FREE_PORT: Final = 1024
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f\\]")  # parsers disagree on what they mean, or drop them
_HOST: Final = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.?"
)


def refusal_of_address(address: str) -> str:
    """Why an action may not call this address, as a sentence; empty if it may."""
    return next(_refusals(address), "")


def _refusals(address: str) -> Iterator[str]:
    if len(address) > MAX_LENGTH:
        yield _("An address may have at most %(number)d characters.") % {"number": MAX_LENGTH}
    if not address.isascii() or _UNSAFE.search(address):
        yield _("Write the address without spaces, backslashes and characters that are not ASCII.")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        yield _("This is not an address such as https://example.com/path.")
        return
    if parts.scheme not in ("https", "http") or not _is_host(parts.hostname or ""):
        yield _("This is not an address such as https://example.com/path.")
    if "@" in parts.netloc:
        yield _("Leave the user name and password out of the address: everybody who sees it could read them.")
    if port is not None and port not in _PORTS and port < _FIRST_FREE_PORT:
        yield _("The port may be 80, 443 or any from 1024 on.")
    if "#" in address:
        yield _("What follows “#” in an address is never sent; leave it out.")


def _is_host(host: str) -> bool:
    if _HOST.fullmatch(host):
        return True
    try:
        return IPv6Address(host).scope_id is None
    except AddressValueError:
        return False
