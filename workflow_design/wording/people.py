"""Descriptions of who submits tickets, does tasks and administers workflows. Pure: roles are names."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from users.system_roles import SystemRoleName
from workflow_design.definition.workflow import SUBMITTER, PartFile, TaskFile, TicketFile
from workflow_design.wording.actions import name_system
from workflow_design.wording.messages import describe_target
from workflow_design.wording.rules import Vocabulary, join_words


def describe_who(part: PartFile, vocabulary: Vocabulary) -> str:
    """Return who submits a ticket, or who or what does a task; "" for a completion."""
    if isinstance(part, TicketFile):
        return describe_submitters(part.submitter_roles)
    if not isinstance(part, TaskFile):
        return ""
    if not part.is_form:
        return describe_target(part.action, vocabulary) or name_system(part)
    if part.assignee_field:
        return describe_assignee(part.assignee_field, vocabulary)
    people = describe_workers(part.executor_roles)
    return _("%(people)s, but never the submitter") % {"people": people} if part.not_submitter else people


def describe_approval() -> str:
    """Return what it means that a task needs approval."""
    return _("What a program answers, a person confirms first.")


def describe_submitters(roles: Iterable[str]) -> str:
    """Return who may submit a ticket type."""
    return _join_roles(roles, SystemRoleName.USER)


def describe_administrators(roles: Iterable[str]) -> str:
    """Return who administers the tickets of a workflow."""
    return _join_roles(roles, SystemRoleName.TICKET_ADMIN)


def describe_workers(roles: Iterable[str]) -> str:
    """Return who may do a task that no field assigns to a person."""
    return _join_roles(roles, SystemRoleName.TASK_WORKER)


def describe_assignee(field: str, vocabulary: Vocabulary) -> str:
    """Return the person to whom the field of a task assigns it."""
    if field == SUBMITTER:
        return _("The submitter of the ticket")
    return _("The person in “%(field)s”") % {"field": vocabulary.title(field)}


def _join_roles(roles: Iterable[str], default_role: SystemRoleName) -> str:
    names = sorted(roles, key=str.casefold)
    if names:
        return join_words(names, _("or"))
    return _("Everyone with the system role “%(role)s”") % {"role": default_role.label}
