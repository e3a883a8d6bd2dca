"""Bulk actions as jobs: started by a confirmed form, performed row by row with that person's rights.

Each row is processed in its own transaction, which also stores its result and advances the position, under
the lock of the bulk action. So no row is processed twice, even if the job runs twice or its worker is killed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from ticketflower.jobs import MAX_ATTEMPTS
from ticketflower.removal import remove_in_batches
from ticketflower.tenancy.context import (
    all_companies_scope,
    company_scope,
    current_company_id,
    own_row_scope,
)
from users.models import Company, CustomUser
from workflow_ops.desk.bulk.one_row import SkippedError
from workflow_ops.desk.bulk.operations import OPERATIONS
from workflow_ops.engine.errors import is_transient
from workflow_ops.models import BulkAction, BulkOperation, BulkOutcome, BulkResult
from workflow_ops.refusals import RefusedError

log = structlog.get_logger(__name__)

MOST_ROWS: Final = 1_000
MOST_AT_ONCE: Final = 50
"""How many rows one run of the job processes, before other jobs get their turn."""
STORED_FOR: Final = timedelta(days=30)
_BATCH: Final = 100


def start_bulk_action(
    operation: BulkOperation,
    row_ids: Sequence[int],
    *,
    by: CustomUser,
    form_token: UUID,
    reason: str = "",
    arguments: Mapping[str, Any] = MappingProxyType({}),
    filters: str = "",
) -> BulkAction:
    """Store a bulk action and enqueue its job. A form that is sent twice starts only one."""
    bulk, is_new = BulkAction.objects.get_or_create(
        form_token=form_token,
        defaults={
            "operation": operation,
            "row_ids": list(row_ids)[:MOST_ROWS],
            "reason": reason,
            "arguments": dict(arguments),
            "filters": filters,
            **by.as_author("person"),
        },
    )
    if is_new:
        _enqueue(bulk.pk)
    return bulk


def started_before(form_token: UUID, *, by: CustomUser) -> BulkAction | None:
    """Return the bulk action that the form with this token has already started, or None."""
    return BulkAction.objects.started_by(by).filter(form_token=form_token).first()


def _enqueue(bulk_id: int) -> None:
    company_id = current_company_id()
    job = app.configure_task("workflow_ops.jobs.perform_bulk_action", lock=f"bulk:{company_id}")
    job.defer(company_id=company_id, bulk_action_id=bulk_id)


def perform_bulk_action(
    company_id: int, bulk_id: int, *, attempts: int = 0, most: int = MOST_AT_ONCE
) -> None:
    """Process the next rows of a bulk action, then continue in a new job. Called by the job.

    End the bulk action early if the person may no longer log in. Raise a transient DatabaseError so that the
    job is retried; at the last attempt, store it as the row's result instead. If the worker died even at the
    last attempt, skip the row.
    """
    with company_scope(company_id), transaction.atomic():
        bulk = BulkAction.objects.filter(pk=bulk_id).first()
    if bulk is None:
        return
    staff = find_staff(bulk.impersonator_id, company_id) if bulk.impersonator_id else None
    with company_scope(company_id, person_id=bulk.person_id, impersonator_id=bulk.impersonator_id):
        for _row in range(1 if attempts >= MAX_ATTEMPTS else most):
            with transaction.atomic():
                if not _perform_next(bulk_id, staff, attempts):
                    return
        with transaction.atomic():
            _enqueue(bulk_id)


def find_staff(staff_id: int, company_id: int) -> CustomUser | None:
    """Return the member of staff who started it, inside the company; None if they may no longer log in."""
    with own_row_scope(staff_id), transaction.atomic():
        staff = CustomUser._base_manager.filter(pk=staff_id, is_active=True).first()
    if staff is not None:
        with company_scope(company_id), transaction.atomic():
            staff.impersonated_company = Company.objects.get(pk=company_id)
    return staff


def _perform_next(bulk_id: int, staff: CustomUser | None, attempts: int) -> bool:
    """Process the next row. Return False if it was the last one, or if the person may no longer log in."""
    bulk = BulkAction.objects.select_for_update(no_key=True).get(pk=bulk_id)
    if bulk.ended_at is not None:
        return False
    people = CustomUser.objects.filter(pk=bulk.person_id or 0, is_active=True).select_related("company")
    by = staff if bulk.impersonator_id else people.first()
    if by is not None:
        row_id = bulk.row_ids[bulk.position]
        outcome, message = _perform(bulk, row_id, by, attempts)
        BulkResult.objects.create(
            bulk_action=bulk, position=bulk.position, row_id=row_id, outcome=outcome, message=message
        )
        bulk.position += 1
    if by is None or bulk.position == bulk.count:
        bulk.ended_at = timezone.now()
    bulk.save(update_fields=["position", "ended_at"])
    return bulk.ended_at is None


def _perform(bulk: BulkAction, row_id: int, by: CustomUser, attempts: int) -> tuple[BulkOutcome, str]:
    """Act on one row, and return the outcome. Unexpected failures are rolled back and reported."""
    if attempts > MAX_ATTEMPTS:
        return BulkOutcome.REFUSED, _("The worker ended each time before this was done.")
    try:
        with transaction.atomic():
            refused = OPERATIONS[bulk.operation].perform(row_id, bulk, by)
    except SkippedError as skipped:
        return BulkOutcome.SKIPPED, str(skipped)
    except RefusedError as refusal:
        return BulkOutcome.REFUSED, str(refusal)
    except Exception as error:
        if is_transient(error):
            if attempts < MAX_ATTEMPTS:
                raise
            return BulkOutcome.REFUSED, _("The database was busy each time. Try it again later.")
        log.exception("bulk_row_failed", bulk_action=bulk.pk, row=row_id)
        return BulkOutcome.REFUSED, _("This failed unexpectedly. Try it on its own page.")
    return (BulkOutcome.REFUSED, refused) if refused else (BulkOutcome.DONE, "")


def remove_old_bulk_actions() -> None:
    """Remove the bulk actions of all companies, with their results, after 30 days. Called by a job."""
    with all_companies_scope():
        old = BulkAction.objects.filter(created_at__lt=timezone.now() - STORED_FOR).order_by("created_at")
        remove_in_batches(old, batch=_BATCH, first=_remove_results)


def _remove_results(bulk_actions: Collection[int]) -> None:
    BulkResult.objects.filter(bulk_action__in=bulk_actions).delete()
