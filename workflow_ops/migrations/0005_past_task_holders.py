"""Who had a task before that was kept: from the tasks themselves, and from what the timeline tells."""

from django.db import migrations

PAST_HOLDERS = """
INSERT INTO workflow_ops_taskholder (company_id, workflow_instance_id, person_id)
SELECT task.company_id, task.workflow_instance_id, person
FROM workflow_ops_taskinstance task, unnest(ARRAY[task.assigned_to_id, task.completed_by_id]) AS person
WHERE person IS NOT NULL
UNION
SELECT ticket.company_id, ticket.workflow_instance_id, event.about_id
FROM workflow_ops_timelineevent event JOIN workflow_ops_ticketinstance ticket ON ticket.id = event.ticket_id
WHERE event.kind IN ('TASK_STARTED', 'TASK_ASSIGNED') AND event.about_id IS NOT NULL
UNION
SELECT ticket.company_id, ticket.workflow_instance_id, event.person_id
FROM workflow_ops_timelineevent event JOIN workflow_ops_ticketinstance ticket ON ticket.id = event.ticket_id
WHERE event.kind IN ('TASK_TAKEN', 'TASK_GIVEN_BACK') AND event.person_id IS NOT NULL
ON CONFLICT (workflow_instance_id, person_id) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("workflow_ops", "0004_task_holders")]

    operations = [migrations.RunSQL(PAST_HOLDERS, migrations.RunSQL.noop)]
