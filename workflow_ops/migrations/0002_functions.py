"""What waits for a person is their unfinished tasks that are not on hold: counted with the session, up to 100."""

from django.db import migrations

# PL/pgSQL keeps the plan for the next request; the index `unfinished_tasks_of_a_person` finds the tasks.
WAITING = """
CREATE OR REPLACE FUNCTION waiting_for_person(company bigint, person bigint) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT count(*) FROM (
        SELECT FROM workflow_ops_taskinstance task
        JOIN workflow_ops_workflowinstance run ON run.id = task.workflow_instance_id
        WHERE task.company_id = company AND task.assigned_to_id = person
            AND task.status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR') AND run.status <> 'ON_HOLD'
        LIMIT 100) AS tasks);
END $$;
"""

NOTHING = """
CREATE OR REPLACE FUNCTION waiting_for_person(company bigint, person bigint) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN 0;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("workflow_ops", "0001_initial"), ("users", "0002_functions")]

    operations = [migrations.RunSQL(WAITING, NOTHING)]
