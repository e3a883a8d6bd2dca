"""The state of an unfinished action as a sentence: what it waits for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ticketflower.relative_times import relative_and_exact
from workflow_design.persistence.plans import load_plan
from workflow_design.wording.actions import describe_action
from workflow_design.wording.rules import Vocabulary
from workflow_ops.actions.connections.pausing import is_name_paused
from workflow_ops.models import TaskInstance, TaskStatus


@dataclass(frozen=True, slots=True)
class ActionState:
    """The tone and the sentence of an unfinished action.

    `may_retry`: it can be called again now. `is_paused`: its connection has to be resumed first.
    """

    tone: str
    text: str
    may_retry: bool = False
    is_paused: bool = False


def describe_state(task: TaskInstance) -> ActionState:
    """Return the state of an unfinished action, loaded with its definition; at most one statement."""
    if task.status == TaskStatus.ERROR:
        text = _("It has failed. It can be tried again, or the answer filled in by hand.")
        return ActionState("danger", text, may_retry=True)
    if task.status == TaskStatus.IN_PROGRESS:
        return ActionState("info", _("This is being done at this moment."))
    if task.next_call_at is None:
        text = _("The call has been accepted. The answer is awaited until %(time)s.")
        return ActionState("info", text % {"time": _exact(task.answer_until)})
    name = task.task_definition.connection_name
    if name and is_name_paused(name):
        text = _(
            "All calls over “%(name)s” have failed, so they are paused. This one waits until they go on."
        )
        return ActionState("warning", text % {"name": name}, is_paused=True)
    return _describe_next_try(task, task.next_call_at)


def _describe_next_try(task: TaskInstance, due: datetime) -> ActionState:
    if task.tries:
        text = ngettext(
            "It has failed once so far. The next try is %(time)s.",
            "It has failed %(number)d times so far. The next try is %(time)s.",
            task.tries,
        )
        sentence = text % {"number": task.tries, "time": _relative(due)}
        return ActionState("warning", sentence, may_retry=True)
    if due > timezone.now():
        text = _("This is done %(time)s.") % {"time": _relative(due)}
        return ActionState("info", text, may_retry=True)
    return ActionState("info", _("This is done in a moment."), may_retry=True)


def describe_work(task: TaskInstance) -> str:
    """Return sentences for everybody who sees an unfinished action: which system does it, and its state."""
    definition = task.task_definition
    who = _("%(name)s does this task.") % {"name": task.system_name}
    if definition.action:
        who = describe_action(definition, Vocabulary(load_plan(definition.workflow_id).fields))
    return _("%(who)s %(state)s") % {"who": who, "state": describe_state(task).text}


def _relative(due: datetime) -> str:
    soon = timezone.now() + timedelta(seconds=10)  # what is due now is called "in a moment", not "just now"
    return relative_and_exact(max(due, soon), None)[0]


def _exact(moment: datetime | None) -> str:
    return relative_and_exact(moment, None)[1] if moment else ""
