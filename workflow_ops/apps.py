"""The workflow_ops app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkflowOpsConfig(AppConfig):
    """Tickets, tasks and running workflows."""

    name = "workflow_ops"
    verbose_name = _("Running workflows")

    def ready(self) -> None:
        """Look at open tasks whenever people or roles of a company have changed."""
        from users.people import people_changed
        from workflow_ops.jobs import follow_people_soon

        people_changed.connect(follow_people_soon)
