"""Menu entries of this app."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ticketflower.navigation import Entry
from workflow_design import access


def entries(request: HttpRequest) -> list[Entry]:
    """Return the entries for the lists of definitions, if the user may see all definitions."""
    person = getattr(request, "user", None)
    if person is None or not access.may_see_definitions(person):
        return []
    gallery = [Entry("design", _("Gallery"), "gallery", "squares-2x2")] if access.may_design(person) else []
    return [
        Entry("design", _("Workflows"), "workflow_definitions_list", "share"),
        *gallery,
    ]
