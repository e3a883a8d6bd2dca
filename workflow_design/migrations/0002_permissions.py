"""What each system role may do with the tables of this app."""

from django.db import migrations

from users.system_roles import SystemRoleName, grant_permissions

CREATOR = (SystemRoleName.WORKFLOW_CREATOR,)
READERS = (SystemRoleName.WORKFLOW_CREATOR, SystemRoleName.TICKET_ADMIN)
VERSIONS = ("workflowline", "workflowdefinition")
PARTS = (
    "ticketdefinition",
    "taskdefinition",
    "workflowcompletion",
    "ticketadminrole",
    "submitterrole",
    "executorrole",
)
PERMISSIONS = {
    **{f"view_{model}": READERS for model in (*VERSIONS, *PARTS)},
    **{f"{action}_{model}": CREATOR for action in ("add", "change") for model in (*VERSIONS, *PARTS)},
    **{f"delete_{model}": CREATOR for model in PARTS},
    "view_definitioncheck": READERS,
}


def grant(apps, schema_editor):
    grant_permissions(apps, app_label="workflow_design", permissions=PERMISSIONS)


class Migration(migrations.Migration):
    dependencies = [
        ("workflow_design", "0001_initial"),
        ("users", "0003_system_roles"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
