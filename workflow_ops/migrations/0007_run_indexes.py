"""For the list of tickets, by change and by status, at a million rows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0004_waiting_and_ended_sessions"),
        ("workflow_design", "0004_check_permissions"),
        ("workflow_ops", "0006_circle_errors"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="workflowinstance",
            index=models.Index(fields=["company", "updated_at"], name="runs_by_change"),
        ),
        migrations.AddIndex(
            model_name="workflowinstance",
            index=models.Index(
                condition=models.Q(("status__in", ["NOT_STARTED", "IN_PROGRESS", "ON_HOLD"])),
                fields=["company", "status"],
                name="unfinished_runs",
            ),
        ),
    ]
