"""What waits for a person is their unfinished tasks: counted with the session, up to 100."""

from django.db import migrations

# PL/pgSQL keeps the plan for the next request; the index `unfinished_tasks_of_a_person` answers alone.
WAITING = """
CREATE OR REPLACE FUNCTION waiting_for_person(company bigint, person bigint) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT count(*) FROM (
        SELECT FROM workflow_ops_taskinstance
        WHERE company_id = company AND assigned_to_id = person
            AND status IN ('OPEN', 'IN_PROGRESS', 'PENDING', 'ERROR')
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
