"""What the library's table of jobs lacks for queues with many waiting jobs (docs/operations.md, "Many waiting jobs")."""

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


class Migration(migrations.Migration):
    dependencies = [
        ("workflow_ops", "0003_permissions"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [migrations.RunSQL(ADD, REMOVE)]
