"""Actions in words: which system is called, or to whom a message goes."""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from workflow_design.definition.workflow import TaskType
from workflow_design.wording.messages import describe_target
from workflow_design.wording.rules import Vocabulary


class Action(Protocol):
    """What is read of the definition of an action, be it of a file or a row."""

    @property
    def task_type(self) -> str: ...
    @property
    def action_url(self) -> str: ...
    @property
    def connection(self) -> str: ...
    @property
    def connection_name(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def action(self) -> Mapping[str, Any] | None: ...


def name_system(action: Action) -> str:
    """Return who or what does an action, in a word or two: "HR system", "api.example.com", "an e-mail"."""
    if "email" in (action.action or {}):
        return _("an e-mail")
    return action.connection_name or urlsplit(action.action_url).hostname or _("another system")


def describe_action(action: Action, vocabulary: Vocabulary) -> str:
    """Return in a sentence what an action does."""
    if message := describe_target(action.action, vocabulary):
        return f"{message}."
    if action.connection:
        text = _("Calls the connection “%(name)s”, at %(path)s.") if action.path else _("Calls “%(name)s”.")
        sentence = text % {"name": action.connection, "path": action.path}
    else:
        sentence = _("Calls %(address)s.") % {"address": action.action_url}
    if action.task_type == TaskType.ASYNC_ACTION:
        return _("%(what)s The answer comes later, at an address of its own.") % {"what": sentence}
    return sentence
