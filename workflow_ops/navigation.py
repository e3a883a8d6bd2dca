"""The menu entries of submitters, task workers and ticket admins."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from ticketflower.navigation import Entry
from users.models import CustomUser
from workflow_ops.access import may_administer_something


def groups(request: HttpRequest) -> list[Entry]:
    """Return "My work" for all people of a company, and the desk for those who administer any workflow."""
    person = getattr(request, "user", None)
    if not isinstance(person, CustomUser) or person.company_in_use is None:
        return []
    entries = [
        Entry("work", _("Dashboard"), "user_dashboard", "home"),
        Entry("work", _("My tasks"), "task_list", "inbox", badge=person.open_task_count),
        Entry("work", _("My tickets"), "ticket_list", "paper-airplane"),
        Entry("work", _("Submit a ticket"), "ticket_catalogue", "plus-circle"),
    ]
    if may_administer_something(person):
        entries += [
            Entry("desk", _("Tickets"), "manage_tickets", "ticket"),
            Entry("desk", _("Tasks"), "manage_tasks", "queue-list"),
            Entry("desk", _("Errors"), "manage_errors", "exclamation-triangle"),
        ]
    return entries
