"""Menu entries of this app."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ticketflower.navigation import Entry
from users import access


def groups(request: HttpRequest) -> list[Entry]:
    """Return the entries for company admins, and those for staff."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return []
    entries = []
    if access.may_manage_company(person):
        entries += [
            Entry("company", _("People"), "people_list", "users"),
            Entry("company", _("Roles"), "role_list", "identification"),
            Entry("company", _("Connections"), "connection_list", "link"),
            Entry("company", _("Webhooks"), "webhook_list", "bolt"),
            Entry("company", _("Tokens"), "company_token_list", "key"),
            Entry("company", _("Settings"), "company_settings", "cog-6-tooth"),
            Entry("company", _("Audit log"), "audit_log", "clipboard-document-list"),
        ]
    if person.is_superuser:
        entries.append(Entry("staff", _("Companies"), "company_list", "building-office-2"))
        entries.append(Entry("staff", _("Style"), "style_page", "swatch"))
    if access.is_staff_outside(person):
        entries.append(Entry("staff", _("All tables"), "admin:index", "table-cells"))
    return entries
