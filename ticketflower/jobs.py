"""Maintenance of the job queue (`docs/security.md`, "Two at once")."""

import structlog
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 10
USUAL_ATTEMPTS = 6
FEW_ATTEMPTS = 3
"""The number of attempts of jobs that take long and can be requested again."""
SILENT_SECONDS = 25
"""How long a worker without a heartbeat counts as alive; it sends one every five seconds."""
KEEP_FINISHED_JOBS_HOURS = 72


@app.periodic(cron="* * * * * */20")  # the last field is for seconds
@app.task(queueing_lock="take_up_stalled_jobs", pass_context=True)
async def take_up_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Retry jobs whose worker died; after MAX_ATTEMPTS attempts once more, and then mark them as failed.

    In that last run, a job can report the failure to people instead of trying again.
    """
    await take_up(context.app.job_manager, silent_seconds=SILENT_SECONDS)


async def take_up(manager: JobManager, *, silent_seconds: float) -> None:
    """Retry the jobs of workers that have sent no heartbeat for this long."""
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=silent_seconds):
        await _retry(manager, job)


async def _retry(manager: JobManager, job: Job) -> None:
    assert job.id is not None
    if job.attempts > MAX_ATTEMPTS:
        log.error("job_given_up", job=job.id, task=job.task_name, attempts=job.attempts)
        await manager.finish_job_by_id_async(job_id=job.id, status=Status.FAILED, delete_job=False)
        return
    try:
        await manager.retry_job(job)
    except UniqueViolation:  # an equal job with the same queueing lock is already waiting
        log.warning("job_replaced", job=job.id, task=job.task_name, attempts=job.attempts)
        await manager.finish_job_by_id_async(job_id=job.id, status=Status.FAILED, delete_job=True)
    else:
        log.warning("job_taken_up", job=job.id, task=job.task_name, attempts=job.attempts)


@app.periodic(cron="23 3 * * *")
@app.task(queueing_lock="remove_finished_jobs", pass_context=True)
async def remove_finished_jobs(context: JobContext, timestamp: int) -> None:
    """Delete jobs that succeeded more than KEEP_FINISHED_JOBS_HOURS ago; failed jobs stay."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_FINISHED_JOBS_HOURS)
