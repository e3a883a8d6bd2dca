"""What the library's table of jobs lacks for queues with many waiting jobs (docs/operations.md, "Many waiting jobs").

And the job that a published workflow enqueues.
"""

from django.db import migrations

ADD = """
-- Whether a job waits for another of its lock is asked for every job that may be next, and whether a write has had its
-- job by `look_for_waiting_writes`.
CREATE INDEX waiting_jobs_by_lock ON procrastinate_jobs (lock, priority DESC, id)
    WHERE status IN ('todo', 'doing', 'failed') AND lock IS NOT NULL;

-- A job that ends, or is to be tried again, may let another begin. Workers are told only of new jobs, and
-- would find that one as they look by themselves, every five seconds.
CREATE TRIGGER tell_workers_of_freed_lock AFTER UPDATE OF status ON procrastinate_jobs
    FOR EACH ROW WHEN (OLD.status = 'doing' AND (NEW.lock IS NOT NULL OR NEW.status = 'todo'))
    EXECUTE FUNCTION procrastinate_notify_queue_job_inserted_v1();
"""

REMOVE = """
DROP TRIGGER tell_workers_of_freed_lock ON procrastinate_jobs;
DROP INDEX waiting_jobs_by_lock;
"""

# A trigger, since what publishes knows nothing of webhooks (docs/programs.md, "Webhooks").
ANNOUNCE_PUBLISHED = """
CREATE FUNCTION announce_published() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM workflow_ops_webhook WHERE company_id = NEW.company_id AND state = 'ACTIVE'
               AND 'definition.published' = ANY(events)) THEN
        PERFORM procrastinate_defer_jobs_v1(ARRAY[ROW(
            'default', 'workflow_ops.notifications.webhooks.jobs.announce_published', 0, NULL, NULL,
            jsonb_build_object('company_id', NEW.company_id, 'workflow_id', NEW.id,
                'published_in', pg_current_xact_id()::text::bigint), NULL
        )::procrastinate_job_to_defer_v1]);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER announce_published AFTER UPDATE OF status ON workflow_design_workflowdefinition
    FOR EACH ROW WHEN (NEW.status = 'ACTIVE' AND OLD.status <> 'ACTIVE') EXECUTE FUNCTION announce_published();
"""

ANNOUNCE_NOTHING = """
DROP TRIGGER announce_published ON workflow_design_workflowdefinition;
DROP FUNCTION announce_published();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("workflow_ops", "0003_permissions"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        migrations.RunSQL(ADD, REMOVE),
        migrations.RunSQL(ANNOUNCE_PUBLISHED, ANNOUNCE_NOTHING),
    ]
