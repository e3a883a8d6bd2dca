"""The five system roles and what each may do with the tables of this app."""

from django.db import migrations

from users.system_roles import SystemRoleName, grant_permissions

ADMIN_ONLY: tuple[SystemRoleName, ...] = ()
PERMISSIONS = {
    "view_company": tuple(SystemRoleName),
    "change_company": ADMIN_ONLY,
    "view_customuser": ADMIN_ONLY,
    "change_customuser": ADMIN_ONLY,
    **{f"{action}_companyrole": ADMIN_ONLY for action in ("add", "change", "delete")},
    "view_staffvisit": ADMIN_ONLY,
    "view_auditevent": ADMIN_ONLY,
    "view_companyrole": (SystemRoleName.WORKFLOW_CREATOR, SystemRoleName.TICKET_ADMIN),
    **{
        f"{action}_{model}": ADMIN_ONLY
        for action in ("add", "change", "delete", "view")
        for model in ("systemrolemembership", "companyrolemembership", "invitation", "invitationrole")
    },
}


def make(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects
    for role in SystemRoleName:
        groups.get_or_create(name=role.value)
    grant_permissions(apps, app_label="users", permissions=PERMISSIONS)


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0002_functions"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
