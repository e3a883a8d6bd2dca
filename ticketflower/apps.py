"""Django's admin app, with our site in place of the default one."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    """`admin.site` is `ticketflower.staff_admin.StaffAdminSite`."""

    default_site = "ticketflower.staff_admin.StaffAdminSite"
