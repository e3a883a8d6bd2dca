"""Health checks for `/health/` and `/health/ready/` (docs/operations.md)."""

import dataclasses
import datetime

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from health_check.base import HealthCheck
from health_check.exceptions import ServiceUnavailable
from procrastinate.contrib.django.models import ProcrastinateWorker

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
    """A check that at least one worker sent a heartbeat within the last minute."""

    def run(self) -> None:
        """Raise ServiceUnavailable if no worker did."""
        with connection.temporary_connection():
            since = timezone.now() - WORKER_IS_GONE_AFTER
            if not ProcrastinateWorker.objects.filter(last_heartbeat__gte=since).exists():
                raise ServiceUnavailable("no worker is running")
