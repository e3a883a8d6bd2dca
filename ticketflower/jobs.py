"""Maintenance of the job queue (`docs/security.md`, "Two at once")."""

import structlog
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 10
KEEP_FINISHED_JOBS_HOURS = 72


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="take_up_stalled_jobs", pass_context=True)
async def take_up_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Retry jobs whose worker died; after MAX_ATTEMPTS attempts, mark them as failed."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=45):
        await _retry(context, job)


async def _retry(context: JobContext, job: Job) -> None:
    assert job.id is not None
    if job.attempts >= MAX_ATTEMPTS:
        log.error("job_given_up", job=job.id, task=job.task_name, attempts=job.attempts)
        await context.app.job_manager.finish_job_by_id_async(
            job_id=job.id, status=Status.FAILED, delete_job=False
        )
        return
    try:
        await context.app.job_manager.retry_job(job)
    except UniqueViolation:  # an equal job with the same queueing lock is already waiting
        log.warning("job_replaced", job=job.id, task=job.task_name, attempts=job.attempts)
        await context.app.job_manager.finish_job_by_id_async(
            job_id=job.id, status=Status.FAILED, delete_job=True
        )
    else:
        log.warning("job_taken_up", job=job.id, task=job.task_name, attempts=job.attempts)


@app.periodic(cron="23 3 * * *")
@app.task(queueing_lock="remove_finished_jobs", pass_context=True)
async def remove_finished_jobs(context: JobContext, timestamp: int) -> None:
    """Delete jobs that succeeded more than KEEP_FINISHED_JOBS_HOURS ago; failed jobs stay."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_FINISHED_JOBS_HOURS)
