"""The checks of `/health/ready/` (docs/operations.md)."""

import dataclasses
import datetime
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse
from django.utils import timezone
from health_check.base import HealthCheck
from health_check.checks import Database
from health_check.exceptions import ServiceUnavailable
from health_check.views import HealthCheckView
from procrastinate.contrib.django.models import ProcrastinateWorker

WORKER_IS_GONE_AFTER = datetime.timedelta(seconds=60)
QUEUE_IS_LATE_AFTER = datetime.timedelta(hours=1)


@dataclasses.dataclass
class Migrations(HealthCheck):
    """A check that all migrations are applied to the database."""

    def run(self) -> None:
        """Raise ServiceUnavailable if a migration is missing."""
        with connection.temporary_connection():
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                raise ServiceUnavailable("migrations are missing")


# For each queue: the oldest due job, since when it is due, whether another job with its lock is running, and
# whether any job of the queue is running. A single pass over the waiting jobs, because there is no index for
# this.
_OLDEST = """
    WITH waiting AS MATERIALIZED (
        SELECT queue_name, min(id) FILTER (WHERE scheduled_at IS NULL) AS id, min(scheduled_at) AS due
        FROM procrastinate_jobs
        WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()) GROUP BY queue_name
    ), running AS MATERIALIZED (
        SELECT job.queue_name, job.lock FROM procrastinate_jobs AS job
        JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
        WHERE job.status = 'doing' AND worker.last_heartbeat >= %(since)s
    )
    SELECT waiting.queue_name,
        extract(epoch FROM now() - least(waiting.due, (
            SELECT min(event.at) FROM procrastinate_events AS event WHERE event.job_id = waiting.id
        )))::int,
        EXISTS (SELECT FROM running WHERE running.queue_name = waiting.queue_name),
        EXISTS (SELECT FROM running JOIN procrastinate_jobs AS job ON job.lock = running.lock
            WHERE job.id = waiting.id)
    FROM waiting ORDER BY waiting.queue_name
"""


@dataclasses.dataclass
class Worker(HealthCheck):
    """A check that a worker has sent a heartbeat within the last minute, and that jobs are done in time.

    `waiting` is the age of the oldest due job, for each queue that has one.
    """

    waiting: str = dataclasses.field(default="", init=False)

    def run(self) -> None:
        """Raise ServiceUnavailable if there is no worker, none for a queue, or a queue is hours late."""
        since = timezone.now() - WORKER_IS_GONE_AFTER
        with connection.temporary_connection():
            if not ProcrastinateWorker.objects.filter(last_heartbeat__gte=since).exists():
                raise ServiceUnavailable("no worker is running")
            with connection.cursor() as cursor:
                cursor.execute(_OLDEST, {"since": since})
                queues = cursor.fetchall()
        self.waiting = ", ".join(f"{name} {age} s" for name, age, *_running in queues)
        gone, late = WORKER_IS_GONE_AFTER.total_seconds(), QUEUE_IS_LATE_AFTER.total_seconds()
        if names := [name for name, age, is_served, _ in queues if age > gone and not is_served]:
            raise ServiceUnavailable(f"no worker takes the jobs of: {', '.join(names)}")
        # A job that waits for another job with its lock is not late: its company just has many.
        if names := [name for name, age, _, is_in_turn in queues if age > late and not is_in_turn]:
            raise ServiceUnavailable(f"jobs have waited for more than an hour: {', '.join(names)}")


class _Readiness(HealthCheckView):
    checks = (Database, Migrations, Worker)

    def render_to_response(self, context: dict[str, Any], *, status: int) -> HttpResponse:
        """Respond with plain text by default: the library is not an installed app, so it has no templates."""
        answer: HttpResponse = self.render_to_response_text(status)
        return answer


ready = _Readiness.as_view()
