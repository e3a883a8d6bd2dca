"""What a message must have: a recipient, texts whose fields exist, one yes/no field that it writes."""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _

from workflow_design.check.scope import Scope
from workflow_design.definition.field_types import EMAIL, USER, YES_NO
from workflow_design.definition.problems import Problem
from workflow_design.definition.ready_made import (
    TEXTS,
    fields_in_text,
    has_open_brace,
    message_of,
    recipient_field,
)
from workflow_design.definition.workflow import TaskFile, TaskType

_OF_CALLS: Final = ("input_transform", "output_transform", "sample_response", "executor_roles")
"""The members that a task with a message can't have. (Its role is the one that gets the e-mail.)"""


def find_message_problems(scope: Scope, where: str, task: TaskFile) -> Iterator[Problem]:
    """Yield the problems of a task that has the member `action`."""
    if task.task_type != TaskType.SYNC_ACTION:
        message = _("Only a task of the type SYNC_ACTION sends a message.")
        yield Problem(f"{where}/action", message, "not-a-message")
    for member in _OF_CALLS:
        if getattr(task, member):
            message = _("A task that sends a message does not have this member.")
            yield Problem(f"{where}/{member}", message, "not-of-a-message")
    if task.output_fields and not _writes_one_answer(scope, task):
        message = _("A message writes exactly one field, of the type yes or no: true once it is sent.")
        yield Problem(f"{where}/output_fields", message, "not-a-sent-field")
    kind = next(iter(task.action or ()))
    yield from _find_recipient_problems(scope, f"{where}/action/{kind}/to/field", task)
    for member in TEXTS:
        text = message_of(task.action).get(member, "")
        place = f"{where}/action/{kind}/{member}"
        if has_open_brace(text):
            message = _("A brace opens here and does not close.")
            yield Problem(place, message, "open-brace")
        for name in dict.fromkeys(fields_in_text(text)):
            if name not in scope.declared:
                yield scope.unknown(place, name)


def _writes_one_answer(scope: Scope, task: TaskFile) -> bool:
    fields = [scope.fields.get(name) for name in task.output_fields]
    # A field that is not declared, or not valid, already has a problem of its own.
    return len(fields) == 1 and (fields[0] is None or fields[0].type is YES_NO)


def _find_recipient_problems(scope: Scope, where: str, task: TaskFile) -> Iterator[Problem]:
    name = recipient_field(task.action)
    if name and name not in scope.declared:
        yield scope.unknown(where, name)
    elif name in scope.fields and scope.fields[name].type not in (USER, EMAIL):
        message = _("“%(name)s” holds neither a person nor an e-mail address.") % {"name": name}
        yield Problem(where, message, "not-a-recipient")
