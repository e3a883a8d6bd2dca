"""Configuration of Django's admin app, with the staff site as the default site."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    """Admin app whose `admin.site` is `ticketflower.staff_admin.StaffAdminSite`."""

    default_site = "ticketflower.staff_admin.StaffAdminSite"
