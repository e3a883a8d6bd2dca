"""What each system role may do with the tables of this app."""

from django.db import migrations

from users.system_roles import SystemRoleName, grant_permissions

SUBMITTER, WORKER, TICKET_ADMIN = (
    SystemRoleName.USER,
    SystemRoleName.TASK_WORKER,
    SystemRoleName.TICKET_ADMIN,
)
EVERYBODY = (SUBMITTER, WORKER, TICKET_ADMIN)
PERMISSIONS = {
    "add_ticketinstance": (SUBMITTER,),
    "change_ticketinstance": (TICKET_ADMIN,),
    "change_workflowinstance": (TICKET_ADMIN,),
    "add_workflowwrite": EVERYBODY,
    "change_taskinstance": (WORKER, TICKET_ADMIN),
    "view_taskinstance": (WORKER, TICKET_ADMIN),
    **{
        f"view_{model}": EVERYBODY
        for model in ("ticketinstance", "workflowinstance", "timelineevent", "comment", "fileupload")
    },
    **{f"add_{model}": EVERYBODY for model in ("comment", "fileupload")},
    **{
        f"view_{model}": (TICKET_ADMIN,)
        for model in ("ticketerror", "workflowdata", "workflowwrite", "completioninstance", "taskalloweduser")
    },
    "change_ticketerror": (TICKET_ADMIN,),
    **{
        f"{action}_{model}": (TICKET_ADMIN,)
        for model in ("taskalloweduser", "ticketlink")
        for action in ("add", "delete")
    },
    "view_ticketlink": EVERYBODY,
}


def grant(apps, schema_editor):
    grant_permissions(apps, app_label="workflow_ops", permissions=PERMISSIONS)


class Migration(migrations.Migration):
    dependencies = [
        ("workflow_ops", "0002_functions"),
        ("users", "0003_system_roles"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
