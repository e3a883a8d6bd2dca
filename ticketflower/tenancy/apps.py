"""Tenancy as a Django app, which provides the commands that connect as the owner."""

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    """An app without tables."""

    name = "ticketflower.tenancy"
    label = "tenancy"
