"""Status and last change of the tickets that were there before, from their workflows."""

from django.db import migrations

PAST = """
UPDATE workflow_ops_ticketinstance AS ticket
SET status = run.status,
    is_finished = run.status IN ('COMPLETED', 'CANCELLED'),
    changed_at = run.updated_at
FROM workflow_ops_workflowinstance AS run
WHERE run.id = ticket.workflow_instance_id
"""


class Migration(migrations.Migration):
    dependencies = [("workflow_ops", "0009_ticket_status")]

    operations = [migrations.RunSQL(PAST, migrations.RunSQL.noop)]
