"""The menu entries of submitters, task workers and ticket admins."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ticketflower.navigation import Entry
from users.access import has_system_role
from users.models import CustomUser
from users.system_roles import SystemRoleName
from workflow_design.access import may_administer_something, may_see_definitions


def groups(request: HttpRequest) -> list[Entry]:
    """Return "My work" with the entries for the person's roles, and the desk for admins of a workflow."""
    person = getattr(request, "user", None)
    if not isinstance(person, CustomUser) or person.company_in_use is None:
        return []
    entries = [Entry("work", _("Dashboard"), "user_dashboard", "home", shortcut="h")]
    # A person whom a field names as assignee can have tasks without a role.
    if _has_role(person, SystemRoleName.TASK_WORKER) or person.waiting.tasks:
        waiting = person.waiting.tasks
        entries.append(Entry("work", _("My tasks"), "task_list", "inbox", badge=waiting, shortcut="t"))
    # If a person has lost the role, their tickets are on the dashboard, which also links to ended ones.
    if _has_role(person, SystemRoleName.USER):
        entries.append(Entry("work", _("My tickets"), "ticket_list", "paper-airplane"))
        entries.append(Entry("work", _("Submit a ticket"), "ticket_catalogue", "plus-circle", shortcut="n"))
    if may_administer_something(person):
        entries += [
            Entry("desk", _("Tickets"), "manage_tickets", "ticket", shortcut="i"),
            Entry("desk", _("Tasks"), "manage_tasks", "queue-list"),
            Entry("desk", _("Calls"), "manage_calls", "arrows-right-left"),
            Entry("desk", _("Errors"), "manage_errors", "exclamation-triangle", badge=person.waiting.errors),
            Entry("desk", _("Reports"), "report_list", "chart-bar"),
        ]
        if not may_see_definitions(person):  # for them, workflow_design provides this entry
            entries.append(Entry("design", _("Workflows"), "workflow_definitions_list", "share"))
    return entries


def _has_role(person: CustomUser, system_role: SystemRoleName) -> bool:
    """Return whether the person has the system role or any company role, which may be used in its place."""
    return bool(person.company_role_ids) or has_system_role(person, system_role)
