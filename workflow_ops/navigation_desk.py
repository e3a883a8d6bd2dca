"""The menu entries of ticket admins."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from ticketflower.navigation import Entry
from workflow_ops.desk_access import may_administer_something


def groups(request: HttpRequest) -> list[Entry]:
    """Tickets, tasks and errors, for whoever may administer any."""
    person = getattr(request, "user", None)
    if person is None or not may_administer_something(person):
        return []
    return [
        Entry("desk", _("Tickets"), "manage_tickets", "ticket"),
        Entry("desk", _("Tasks"), "manage_tasks", "queue-list"),
        Entry("desk", _("Errors"), "manage_errors", "exclamation-triangle"),
    ]
