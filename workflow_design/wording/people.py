"""Descriptions of who submits tickets, does tasks and administers workflows. Pure: roles are names."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from users.system_roles import SystemRoleName
from workflow_design.definition.workflow import SUBMITTER, TaskType
from workflow_design.wording.rules import Vocabulary, join_words


def describe_submitters(roles: Iterable[str]) -> str:
    """Return who may submit a ticket type."""
    return _join_roles(roles, SystemRoleName.USER)


def describe_administrators(roles: Iterable[str]) -> str:
    """Return who administers the tickets of a workflow."""
    return _join_roles(roles, SystemRoleName.TICKET_ADMIN)


def describe_executors(
    roles: Iterable[str],
    *,
    task_type: str,
    assignee_field: str | None,
    not_submitter: bool,
    vocabulary: Vocabulary,
) -> str:
    """Return who or what does a task. The parameters are named like the members of a task."""
    if task_type != TaskType.FORM:
        return _("Another system")
    if assignee_field == SUBMITTER:
        return _("The submitter of the ticket")
    if assignee_field:
        return _("The person in “%(field)s”") % {"field": vocabulary.title(assignee_field)}
    people = _join_roles(roles, SystemRoleName.TASK_WORKER)
    return _("%(people)s, but never the submitter") % {"people": people} if not_submitter else people


def _join_roles(roles: Iterable[str], default_role: SystemRoleName) -> str:
    names = sorted(roles, key=str.casefold)
    if names:
        return join_words(names, _("or"))
    return _("Everyone with the system role “%(role)s”") % {"role": default_role.label}
