"""For the newest finished tickets of each version, at a million rows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0004_waiting_and_ended_sessions"),
        ("workflow_design", "0004_check_permissions"),
        ("workflow_ops", "0007_run_indexes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="workflowinstance",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False)),
                fields=["workflow", "-ended_at"],
                name="ended_runs",
            ),
        ),
    ]
