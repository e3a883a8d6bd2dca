"""The five system roles: Django groups created by a migration (`docs/access.md`, "System roles")."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class SystemRoleName(models.TextChoices):
    """The names of the groups; the labels are shown to users."""

    ADMIN = "admin", _("Company admin")
    USER = "user", _("Submitter")
    TASK_WORKER = "task_worker", _("Task worker")
    TICKET_ADMIN = "ticket_admin", _("Ticket admin")
    WORKFLOW_CREATOR = "workflow_creator", _("Workflow creator")

    @property
    def explanation(self) -> str:
        """A sentence that explains what the role allows."""
        return str(_EXPLANATIONS[self])


_EXPLANATIONS = {
    SystemRoleName.ADMIN: _("May do everything, and manages people and roles."),
    SystemRoleName.USER: _("Submits tickets and follows their own."),
    SystemRoleName.TASK_WORKER: _("Works through the tasks in their own queue."),
    SystemRoleName.TICKET_ADMIN: _(
        "Administers tickets, tasks and errors of the workflows that name no company role for this."
    ),
    SystemRoleName.WORKFLOW_CREATOR: _("Creates, checks and publishes workflows."),
}


def system_role_label(name: str) -> str:
    """Return the label of a group's name."""
    return str(SystemRoleName(name).label) if name in SystemRoleName.values else name


def grant_permissions(
    apps: Any, *, app_label: str, permissions: Mapping[str, Iterable[SystemRoleName]]
) -> None:
    """Give each permission (`"change_companyrole"`) to the listed roles and to admin, in a migration.

    This creates the content types and permissions that `post_migrate` would create only later. It is
    idempotent.
    """
    content_types = apps.get_model("contenttypes", "ContentType").objects
    groups = apps.get_model("auth", "Group").objects
    for codename, roles in permissions.items():
        action, model = codename.split("_", 1)
        content_type, _created = content_types.get_or_create(app_label=app_label, model=model)
        permission, _created = apps.get_model("auth", "Permission").objects.get_or_create(
            content_type=content_type,
            codename=codename,
            defaults={"name": f"Can {action} {model}"},
        )
        for role in {SystemRoleName.ADMIN, *roles}:
            groups.get(name=role.value).permissions.add(permission)
