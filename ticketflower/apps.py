"""Configuration of Django's admin app, with the staff site as the default site, and of Django's forms."""

from django.contrib.admin.apps import AdminConfig
from django.forms import Field
from django.utils.translation import gettext_lazy as _


class StaffAdminConfig(AdminConfig):
    """Admin app whose `admin.site` is `ticketflower.staff_admin.StaffAdminSite`."""

    default_site = "ticketflower.staff_admin.StaffAdminSite"

    def ready(self) -> None:
        """Let all forms say the same of a field that is empty."""
        super().ready()
        Field.default_error_messages["required"] = _("Please fill this in.")
