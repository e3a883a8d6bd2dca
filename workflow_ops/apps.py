"""The workflow_ops app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkflowOpsConfig(AppConfig):
    """Tickets, tasks and running workflows."""

    name = "workflow_ops"
    verbose_name = _("Running workflows")
