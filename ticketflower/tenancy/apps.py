"""The tenancy package as a Django app: it brings the commands that connect as the owner."""

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    """An app without tables of its own."""

    name = "ticketflower.tenancy"
    label = "tenancy"
