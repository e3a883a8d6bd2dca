"""Actions in words: which system is called, or to whom a message goes."""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from workflow_design.definition.workflow import TaskType
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
    def path(self) -> str: ...
    @property
    def action(self) -> Mapping[str, Any] | None: ...


def name_connection(action: Action) -> str:
    """Return the name of the connection over which an action calls, also that of a chat, or ""."""
    chat = (action.action or {}).get("chat", {})
    return action.connection or str(chat.get("connection", ""))


def name_system(action: Action) -> str:
    """Return who or what does an action, in a word or two: "HR system", "api.example.com", "an e-mail"."""
    if "email" in (action.action or {}):
        return _("an e-mail")
    return name_connection(action) or urlsplit(action.action_url).hostname or _("another system")


def describe_action(action: Action, vocabulary: Vocabulary) -> str:
    """Return in a sentence what an action does."""
    message = action.action or {}
    if "email" in message:
        return _describe_email(message["email"].get("to", {}), vocabulary)
    if "chat" in message:
        return _("Posts a message to the chat “%(name)s”.") % {"name": name_system(action)}
    if action.connection:
        text = _("Calls the connection “%(name)s”, at %(path)s.") if action.path else _("Calls “%(name)s”.")
        sentence = text % {"name": action.connection, "path": action.path}
    else:
        sentence = _("Calls %(address)s.") % {"address": action.action_url}
    if action.task_type == TaskType.ASYNC_ACTION:
        return _("%(what)s The answer comes later, at an address of its own.") % {"what": sentence}
    return sentence


def _describe_email(to: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    if role := to.get("role"):
        return _("Sends an e-mail to everyone with the role “%(role)s”.") % {"role": role}
    return _("Sends an e-mail to who is in “%(field)s”.") % {"field": vocabulary.title(to.get("field", ""))}
