"""Words for tasks that send a message: what it is, who gets it, what it says. Pure."""

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.definition.field_types import USER
from workflow_design.definition.ready_made import Action, message_of, recipient_field, recipient_role
from workflow_design.wording.rules import Vocabulary

_LABELS: Final[dict[str, Any]] = {
    "email": gettext_lazy("E-mail"),
    "chat": gettext_lazy("Chat message"),
}


def message_label(action: Action) -> str:
    """Return what a task sends, in one or two words; "" if it sends no message."""
    return next((str(label) for kind, label in _LABELS.items() if kind in (action or {})), "")


def describe_target(action: Action, vocabulary: Vocabulary) -> str:
    """Return what is sent to whom: "E-mail to HR"; "" if it is no message."""
    message = message_of(action)
    if "connection" in message:
        return _("Chat message to “%(name)s”") % {"name": message["connection"]}
    if role := recipient_role(action):
        return _("E-mail to %(role)s") % {"role": role}
    name = recipient_field(action)
    words = {"field": vocabulary.title(name)}
    if not name:
        return message_label(action)
    if vocabulary.type(name) is USER:
        return _("E-mail to the person in “%(field)s”") % words
    return _("E-mail to the address in “%(field)s”") % words


def describe_message(action: Action, vocabulary: Vocabulary) -> str:
    """Return a message in full: who gets it, its subject and its text."""
    message = message_of(action)
    lines = [describe_target(action, vocabulary), message.get("subject", ""), message.get("text", "")]
    return "\n".join(line for line in lines if line)
