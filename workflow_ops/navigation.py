"""The menu entries of submitters and workers."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from ticketflower.navigation import Entry
from users.models import CustomUser


def groups(request: HttpRequest) -> list[Entry]:
    """My work, for everybody in a company."""
    person = getattr(request, "user", None)
    if not isinstance(person, CustomUser) or person.company_in_use is None:
        return []
    return [
        Entry("work", _("Dashboard"), "user_dashboard", "home"),
        Entry("work", _("My tasks"), "task_list", "inbox", badge=person.waiting),
        Entry("work", _("My tickets"), "ticket_list", "paper-airplane"),
        Entry("work", _("Submit a ticket"), "ticket_catalogue", "plus-circle"),
    ]
