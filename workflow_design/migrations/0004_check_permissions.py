"""Who may look at what the check said: whoever may look at what it is about."""

from django.db import migrations

from users.system_roles import SystemRoleName, grant_permissions

PERMISSIONS = {"view_definitioncheck": (SystemRoleName.WORKFLOW_CREATOR, SystemRoleName.TICKET_ADMIN)}


def grant(apps, schema_editor):
    grant_permissions(apps, app_label="workflow_design", permissions=PERMISSIONS)


class Migration(migrations.Migration):
    dependencies = [
        ("workflow_design", "0003_definition_check"),
        ("users", "0003_system_roles"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
