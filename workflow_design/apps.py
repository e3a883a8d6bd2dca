"""The workflow_design app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkflowDesignConfig(AppConfig):
    """Configuration of the app that defines workflows."""

    name = "workflow_design"
    verbose_name = _("Workflow design")
