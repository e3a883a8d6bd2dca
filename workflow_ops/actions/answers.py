"""Answers of other systems: read, checked and stored as writes (`docs/engine.md`, "Actions")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, composed_json, parse_json
from users.models import CustomUser
from workflow_design.definition.field_types import FILE, USER
from workflow_design.definition.fields import Fields
from workflow_design.definition.problems import Problem, pointer
from workflow_design.engine import Write
from workflow_design.engine.answers import AnswerRefusedError, values_of_answer
from workflow_design.workspace.reading import collect_ids
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.engine.call_rows import store_completed
from workflow_ops.engine.calls import definition_of
from workflow_ops.history.names import names_in
from workflow_ops.models import TaskInstance, TaskStatus, TicketInstance, WriteSource
from workflow_ops.state_manager import store_write

_MOST_FILES: Final = 1_000
"""Maximum number of files that an answer may name; they are looked up in one statement."""


def read_answer(task: TaskInstance, status: int, body: bytes) -> dict[str, Any]:
    """Return the values that an answer gives to the output fields of a task, loaded with its workflow.

    None empties a field; a field that the answer lacks is left out. Raise AnswerRefusedError.
    """
    run = task.workflow_instance
    validator = get_rules(run.workflow_id).validator
    file = definition_of(task)
    try:
        # A system without any output may answer without a body, and the answer of a chat can be anything.
        value = composed_json(parse_json(body)) if body.strip() and file.action is None else None
    except JsonError as error:
        problem = Problem(error.pointer, error.message, error.code)
        raise AnswerRefusedError([problem], fields=validator.fields, values={}) from error
    values = values_of_answer(file, run.data, status=status, body=value, validator=validator)
    if problems := list(_find_unknown(values, validator.fields, run.ticket)):
        raise AnswerRefusedError(problems, fields=validator.fields, values=values)
    return values


def _find_unknown(values: Mapping[str, Any], fields: Fields, ticket: TicketInstance) -> Iterator[Problem]:
    """Yield a problem for each person from outside the company and each file that is not the ticket's."""
    if len(collect_ids(fields.values(), FILE, values)) > _MOST_FILES:
        message = _("An answer can name at most %(number)d files.") % {"number": _MOST_FILES}
        yield Problem("", message, "too-many")
        return
    names = names_in(fields, ticket, values)
    for name in values:
        for kind, known, message in (
            (USER, names.people, _("There is no such person in the company.")),
            (FILE, names.files, _("This ticket has no such file.")),
        ):
            if not collect_ids([fields[name]], kind, values) <= known.keys():
                yield Problem(pointer(name), message, "unknown-reference")


def store_answer(task: TaskInstance, values: Mapping[str, Any], *, applies: bool = True) -> bool:
    """Complete an action with the answer of another system; the caller has locked its workflow.

    Effects: those of `complete_action`. Without `applies`, the caller is a job that applies the write. Return
    False and change nothing if the task is finished, or its input has changed in the meantime.
    """
    write = Write.by_action(definition_of(task).output_fields, values)
    return complete_action(task, write, by=None, applies=applies)


def complete_action(task: TaskInstance, write: Write, *, by: CustomUser | None, applies: bool = True) -> bool:
    """Complete an unfinished action of a workflow that the caller has locked; see `store_answer`.

    Effects: the write is applied after the commit or, on hold, after the resume. The results of calls that
    are running or due are ignored from then on. Errors of the call are resolved.
    """
    author = by.as_author("person") if by else dict.fromkeys(("person_id", "impersonator_id"))
    if not store_completed(task, dict(write.values), author=author):
        return False
    task.status = TaskStatus.COMPLETED
    run = task.workflow_instance
    store_write(run, write, source=WriteSource.TASK, by=by, task=task, applies=applies)
    return True
