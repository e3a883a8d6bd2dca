"""Health checks for `/health/` and `/health/ready/` (docs/operations.md)."""

import dataclasses
import datetime

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from health_check.base import HealthCheck
from health_check.exceptions import ServiceUnavailable
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob, ProcrastinateWorker

WORKER_IS_GONE_AFTER = datetime.timedelta(seconds=60)


@require_safe
@transaction.non_atomic_requests
def process(request: HttpRequest) -> HttpResponse:
    """Return 200 as long as this process responds, without using any other service."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@dataclasses.dataclass
class Migrations(HealthCheck):
    """A check that all migrations are applied to the database."""

    def run(self) -> None:
        """Raise ServiceUnavailable if a migration is missing."""
        with connection.temporary_connection():
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                raise ServiceUnavailable("migrations are missing")


@dataclasses.dataclass
class Worker(HealthCheck):
    """A check that a worker sent a heartbeat within the last minute, and that no queue lacks one.

    Nothing records which queues a worker serves. A queue lacks one if a job has waited in it for a minute
    while none of its jobs was running.
    """

    def run(self) -> None:
        """Raise ServiceUnavailable if there is no worker, or none for some queues."""
        with connection.temporary_connection():
            since = timezone.now() - WORKER_IS_GONE_AFTER
            workers = ProcrastinateWorker.objects.filter(last_heartbeat__gte=since)
            if not workers.exists():
                raise ServiceUnavailable("no worker is running")
            jobs = ProcrastinateJob.objects.values_list("queue_name", flat=True).distinct()
            is_new = ProcrastinateEvent.objects.filter(job=OuterRef("pk"), at__gt=since)
            due = Q(scheduled_at=None) | Q(scheduled_at__lte=since)
            waiting = jobs.filter(due, ~Exists(is_new), status="todo")
            without = waiting.exclude(queue_name__in=jobs.filter(status="doing", worker__in=workers))
            if names := ", ".join(sorted(without)):
                raise ServiceUnavailable(f"no worker takes the jobs of: {names}")
