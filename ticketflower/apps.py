"""Configuration of Django's admin app, with the staff site as the default site, and of Django's forms."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core.checks import CheckMessage, Tags, register
from django.forms import Field
from django.utils.translation import gettext_lazy as _


class StaffAdminConfig(SimpleAdminConfig):
    """Admin app whose `admin.site` is `ticketflower.staff_admin.StaffAdminSite`.

    Django admin is loaded with its addresses (`ticketflower/staff_admin_urls.py`).
    """

    default_site = "ticketflower.staff_admin.StaffAdminSite"

    def ready(self) -> None:
        """Set the same error message for empty required fields in all forms."""
        register(check_dependencies, Tags.admin)
        register(_check_staff_admin, Tags.admin)
        Field.default_error_messages["required"] = _("Please fill this in.")


def _check_staff_admin(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Load Django admin, and return the errors that Django finds in its registered models."""
    import_module("ticketflower.staff_admin_urls")
    found: list[CheckMessage] = check_admin_app(app_configs, **options)
    return found
