"""Status and last change on the ticket itself, for its lists: kept by a trigger on its workflow."""

import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0004_waiting_and_ended_sessions"),
        ("workflow_design", "0004_check_permissions"),
        ("workflow_ops", "0008_ended_runs_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="ticketinstance",
            name="changed_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="last change"
            ),
        ),
        migrations.AddField(
            model_name="ticketinstance",
            name="is_finished",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="ticketinstance",
            name="status",
            field=models.CharField(
                choices=[
                    ("NOT_STARTED", "Not started"),
                    ("IN_PROGRESS", "In progress"),
                    ("ON_HOLD", "On hold"),
                    ("COMPLETED", "Completed"),
                    ("CANCELLED", "Cancelled"),
                ],
                default="NOT_STARTED",
                editable=False,
                max_length=12,
                verbose_name="status",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="workflowinstance",
            trigger=pgtrigger.compiler.Trigger(
                name="tell_ticket",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.status, OLD.updated_at) IS DISTINCT FROM (NEW.status, NEW.updated_at))",
                    func="\n    UPDATE workflow_ops_ticketinstance\n    SET status = NEW.status,\n        is_finished = NEW.status IN ('COMPLETED', 'CANCELLED'),\n        changed_at = NEW.updated_at\n    WHERE workflow_instance_id = NEW.id AND company_id = NEW.company_id;\n    RETURN NULL;\n",
                    hash="24e83df4f9f6d6e0d003e2f3cf40661212ea4138",
                    operation='UPDATE OF "status", "updated_at"',
                    pgid="pgtrigger_tell_ticket_c9647",
                    table="workflow_ops_workflowinstance",
                    when="AFTER",
                ),
            ),
        ),
    ]
