"""Who submits, does and administers, in words. Pure: roles come as names."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from users.system_roles import SystemRoleName
from workflow_design.definition.workflow import TaskType
from workflow_design.wording.rules import Vocabulary, join_words


def submitters(roles: Iterable[str]) -> str:
    """Whose form a ticket is."""
    return _people(roles, SystemRoleName.USER)


def administrators(roles: Iterable[str]) -> str:
    """Who looks after the tickets of a workflow."""
    return _people(roles, SystemRoleName.TICKET_ADMIN)


def doers(
    roles: Iterable[str],
    *,
    task_type: str,
    assignee_field: str | None,
    not_submitter: bool,
    vocabulary: Vocabulary,
) -> str:
    """Who or what does a task; the arguments are called as the members of a task."""
    if task_type != TaskType.FORM:
        return _("Another system")
    if assignee_field == "$submitter":
        return _("Whoever submitted the ticket")
    if assignee_field:
        return _("The person in “%(field)s”") % {"field": vocabulary.title(assignee_field)}
    people = _people(roles, SystemRoleName.TASK_WORKER)
    return _("%(people)s, but never the submitter") % {"people": people} if not_submitter else people


def _people(roles: Iterable[str], otherwise: SystemRoleName) -> str:
    names = sorted(roles, key=str.casefold)
    if names:
        return join_words(names, _("or"))
    return _("Everybody with the system role “%(role)s”") % {"role": otherwise.label}
