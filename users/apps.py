"""Configuration of the users app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UsersConfig(AppConfig):
    """The app of companies, people and roles."""

    name = "users"
    verbose_name = _("People")
