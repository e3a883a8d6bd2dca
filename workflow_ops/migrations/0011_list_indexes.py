"""Filter and order of each list in one index; those of runs are of no use any more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflow_ops", "0010_past_ticket_status")]

    operations = [
        migrations.RemoveIndex(
            model_name="ticketinstance",
            name="tickets_of_a_person",
        ),
        migrations.RemoveIndex(
            model_name="workflowinstance",
            name="runs_by_change",
        ),
        migrations.RemoveIndex(
            model_name="workflowinstance",
            name="unfinished_runs",
        ),
        migrations.AddIndex(
            model_name="taskinstance",
            index=models.Index(fields=["company", "created_at", "id"], name="tasks_by_age"),
        ),
        migrations.AddIndex(
            model_name="taskinstance",
            index=models.Index(fields=["company", "status", "created_at", "id"], name="tasks_by_status"),
        ),
        migrations.AddIndex(
            model_name="ticketerror",
            index=models.Index(
                fields=["company", "error_status", "-created_at", "-id"], name="errors_by_status"
            ),
        ),
        migrations.AddIndex(
            model_name="ticketerror",
            index=models.Index(fields=["company", "error_type", "-created_at", "-id"], name="errors_by_kind"),
        ),
        migrations.AddIndex(
            model_name="ticketinstance",
            index=models.Index(
                fields=["company", "created_by", "is_finished", "number", "id"], name="tickets_of_a_person"
            ),
        ),
        migrations.AddIndex(
            model_name="ticketinstance",
            index=models.Index(fields=["company", "status", "number", "id"], name="tickets_by_status"),
        ),
        migrations.AddIndex(
            model_name="ticketinstance",
            index=models.Index(fields=["company", "changed_at", "id"], name="tickets_by_change"),
        ),
        migrations.AddIndex(
            model_name="ticketinstance",
            index=models.Index(
                fields=["company", "status", "changed_at", "id"], name="tickets_by_status_change"
            ),
        ),
        migrations.AddIndex(
            model_name="ticketinstance",
            index=models.Index(fields=["company", "created_at"], name="tickets_by_day"),
        ),
        migrations.AddIndex(
            model_name="ticketinstance",
            index=models.Index(
                condition=models.Q(("is_finished", False)),
                fields=["company", "number", "id"],
                name="unfinished_tickets",
            ),
        ),
        migrations.AddIndex(
            model_name="ticketinstance",
            index=models.Index(
                condition=models.Q(("is_finished", False)),
                fields=["company", "changed_at", "id"],
                name="unfinished_by_change",
            ),
        ),
    ]
