"""The workflow_ops app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class WorkflowOpsConfig(AppConfig):
    """Tickets, tasks and running workflows."""

    name = "workflow_ops"
    verbose_name = _("Running workflows")

    def ready(self) -> None:
        """Look at open tasks whenever people or roles have changed; at restored rows after each `migrate`."""
        from users.people import people_changed
        from workflow_ops.jobs import enqueue_people_changes

        people_changed.connect(enqueue_people_changes)
        post_migrate.connect(_renumber_transactions, sender=self)


def _renumber_transactions(**_signal: Any) -> None:
    # Imported late: the site has no use for it.
    from workflow_ops.notifications.restored import renumber_transactions

    renumber_transactions()
