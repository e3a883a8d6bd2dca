"""What waits for a person: unfinished tasks that are not on hold, new errors that they administer, and news.

All are counted with the session, up to 100.
"""

from django.db import migrations

# PL/pgSQL keeps the plan for the next request, if it is told that one for any person will do; the index
# `open_tasks_by_assignee` finds the tasks.
WAITING = """
CREATE OR REPLACE FUNCTION waiting_for_person(company bigint, person bigint) RETURNS integer
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (SELECT count(*) FROM (
        SELECT FROM workflow_ops_opentask
        WHERE company_id = company AND assignee = person AND ticket_status <> 'ON_HOLD'
        LIMIT 100) AS tasks);
END $$;

-- Of those who administer some workflows only, the newest 200 errors of the company are looked at.
CREATE OR REPLACE FUNCTION errors_for_person(
    company bigint, is_admin boolean, is_ticket_admin boolean, roles bigint[]) RETURNS integer
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF is_admin THEN
        RETURN (SELECT count(*) FROM (
            SELECT FROM workflow_ops_ticketerror WHERE company_id = company AND error_status = 'NEW'
            LIMIT 100) AS errors);
    END IF;
    IF NOT is_ticket_admin AND NOT EXISTS (
        SELECT FROM workflow_design_ticketadminrole WHERE company_id = company AND role_id = ANY(roles)
    ) THEN
        RETURN 0;
    END IF;
    RETURN (SELECT count(*) FROM (
        SELECT FROM (
            SELECT ticket_id FROM workflow_ops_ticketerror
            WHERE company_id = company AND error_status = 'NEW'
            ORDER BY created_at DESC, id DESC LIMIT 200) AS newest
        JOIN workflow_ops_ticketinstance AS ticket ON ticket.id = newest.ticket_id
        JOIN workflow_ops_workflowinstance AS run ON run.id = ticket.workflow_instance_id
        WHERE CASE
            WHEN EXISTS (SELECT FROM workflow_design_ticketadminrole AS named
                         WHERE named.workflow_id = run.workflow_id)
            THEN EXISTS (SELECT FROM workflow_design_ticketadminrole AS named
                         WHERE named.workflow_id = run.workflow_id AND named.role_id = ANY(roles))
            ELSE is_ticket_admin END
        LIMIT 100) AS errors);
END $$;

CREATE OR REPLACE FUNCTION unread_for_person(company bigint, person bigint) RETURNS integer
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (SELECT count(*) FROM (
        SELECT FROM workflow_ops_notification
        WHERE company_id = company AND person_id = person AND read_at IS NULL
        LIMIT 100) AS notifications);
END $$;
"""

NOTHING = """
CREATE OR REPLACE FUNCTION waiting_for_person(company bigint, person bigint) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN 0;
END $$;

CREATE OR REPLACE FUNCTION errors_for_person(
    company bigint, is_admin boolean, is_ticket_admin boolean, roles bigint[]) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN 0;
END $$;

CREATE OR REPLACE FUNCTION unread_for_person(company bigint, person bigint) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN 0;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("workflow_ops", "0001_initial"), ("users", "0002_functions")]

    operations = [migrations.RunSQL(WAITING, NOTHING)]
