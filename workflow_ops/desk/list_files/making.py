"""Creation of the CSV file of a long list, part by part by a job; files are removed after a week.

Each part is a separate run of the job, so that other jobs get their turn in between. Parts are stored like
uploaded files, and count towards the company's limit. A part continues after the last row of the previous one
(keyset pagination): rows that change in the meantime are exported as they are when they are read, or not at
all if they no longer belong to the list.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate.contrib.django import app

from ticketflower.csv_files import csv_lines
from ticketflower.jobs import FEW_ATTEMPTS
from ticketflower.tenancy.context import all_companies_scope, company_scope, current_company_id
from users.models import Company, CustomUser
from workflow_ops.desk.bulk.running import find_staff
from workflow_ops.desk.list_files.contents import contents_of, csv_parts
from workflow_ops.desk.lists.saved_views import LISTS
from workflow_ops.files import FileRefusedError, add_to_files_of_company, delete_content, store
from workflow_ops.models import DeskList, ListFile, ReportState
from workflow_ops.refusals import RefusedError

log = structlog.get_logger(__name__)

ROWS_OF_PART: Final = 10_000
MOST_ROWS: Final = 1_000_000
"""About the maximum of spreadsheet programs."""
MAX_RETRIES: Final = FEW_ATTEMPTS
MOST_WAITING: Final = 3
STORED_FOR: Final = timedelta(days=7)
_BATCH: Final = 100


class TooManyFilesError(RefusedError):
    """Several files are already being created for the company."""

    def __init__(self) -> None:
        text = ngettext(
            "%(count)d file is being made already. Wait until it is ready.",
            "%(count)d files are being made already. Wait until one of them is ready.",
            MOST_WAITING,
        )
        super().__init__(text % {"count": MOST_WAITING})


def ask_for_file(
    desk_list: DeskList, params: QueryDict, *, order: str, by: CustomUser, form_token: UUID
) -> ListFile:
    """Store a request for a file and enqueue its job. A form that is sent twice requests only one.

    `params` are the URL parameters of the list, and `order` is its order. Raise TooManyFilesError.
    """
    file: ListFile | None = ListFile.objects.filter(form_token=form_token).first()
    if file is not None:
        return file
    if ListFile.objects.filter(state=ReportState.WAITING).count() >= MOST_WAITING:
        raise TooManyFilesError
    filters = params.copy()
    filters["sort"] = order
    values = {"desk_list": desk_list, "filters": filters.urlencode(), **by.as_author("person")}
    made: tuple[ListFile, bool] = ListFile.objects.get_or_create(form_token=form_token, defaults=values)
    file, is_new = made
    if is_new:
        _enqueue(file.pk)
    return file


def _enqueue(file_id: int) -> None:
    company_id = current_company_id()
    job = app.configure_task("workflow_ops.jobs.make_list_file", lock=f"reports:{company_id}")
    job.defer(company_id=company_id, file_id=file_id)


def make_next_part(company_id: int, file_id: int, *, tries: int = 0) -> None:
    """Create the next part of a file with the person's current rights, then continue in a new job.

    Called by the job. `tries` is how often the job has failed or its worker died: after the last try, the
    file is marked as failed. Before that, errors are raised, so that the job is retried.
    """
    with company_scope(company_id), transaction.atomic():
        file = ListFile.objects.filter(pk=file_id, state=ReportState.WAITING).first()
    if file is None:
        return
    if tries > MAX_RETRIES:
        _fail(company_id, file_id, _unexpected())
        return
    try:
        keys, text = _next_rows(file, _find_reader(company_id, file))
        with company_scope(company_id), transaction.atomic():
            _keep(file, keys, text)
    except (RefusedError, FileRefusedError) as refusal:
        _fail(company_id, file_id, str(refusal))
    except Exception:
        if tries < MAX_RETRIES:
            raise
        log.exception("list_file_failed", list_file=file_id)
        _fail(company_id, file_id, _unexpected())


def _unexpected() -> str:
    return _("This failed unexpectedly. Try it again.")


def _next_rows(file: ListFile, reader: CustomUser | None) -> tuple[list[tuple[Any, int]], str]:
    """Return the keys of the next rows, and the rows as CSV lines, after the heads. Raise RefusedError."""
    if reader is None:
        raise RefusedError(_("The person who asked for it was deactivated."))
    desk_list = DeskList(file.desk_list)
    with reader.scope(), transaction.atomic(), timezone.override(reader.time_zone_in_use):
        found = LISTS[desk_list](QueryDict(file.filters), reader)
        if not found.form.is_valid():
            raise RefusedError(_("A filter is not valid any more. Look at the list, and ask again."))
        keys = found.keys(min(ROWS_OF_PART, MOST_ROWS - file.row_count), after=_place(file))
        heads, rows = contents_of(desk_list, found)
    lines = [] if file.parts else [csv_lines([heads])]
    return keys, "".join([*lines, *csv_parts([row_id for _value, row_id in keys], reader, rows)])


def _find_reader(company_id: int, file: ListFile) -> CustomUser | None:
    if file.impersonator_id:
        return find_staff(file.impersonator_id, company_id)
    with company_scope(company_id), transaction.atomic():
        people = CustomUser.objects.active().select_related("company")
        return people.filter(pk=file.person_id or 0).first()


def _place(file: ListFile) -> tuple[Any, int] | None:
    if file.place is None:
        return None
    value, row_id = file.place
    return datetime.fromisoformat(value) if isinstance(value, str) else value, row_id


def _keep(file: ListFile, keys: list[tuple[Any, int]], text: str) -> None:
    """Store a part, unless another run of the job has already done so. Raise FileRefusedError."""
    fresh = ListFile.objects.select_for_update(no_key=True).get(pk=file.pk)
    if fresh.state != ReportState.WAITING or len(fresh.parts) != len(file.parts):
        return
    content = text.encode()
    if content:
        add_to_files_of_company(len(content), f"{file.desk_list}.csv")
        fresh.parts.append(store(ContentFile(content)))
    fresh.size += len(content)
    fresh.row_count += len(keys)
    if len(keys) < ROWS_OF_PART or fresh.row_count == MOST_ROWS:
        fresh.state = ReportState.READY
    else:
        value, row_id = keys[-1]
        fresh.place = [value.isoformat() if isinstance(value, datetime) else value, row_id]
        _enqueue(file.pk)
    fresh.save(update_fields=["parts", "size", "row_count", "state", "place"])


def _fail(company_id: int, file_id: int, failure: str) -> None:
    """Mark a file as failed and remove its parts, unless another run of the job has finished it."""
    with company_scope(company_id), transaction.atomic():
        waiting = ListFile.objects.select_for_update(no_key=True).filter(state=ReportState.WAITING)
        file = waiting.filter(pk=file_id).first()
        if file is not None:
            file.state, file.failure = ReportState.FAILED, failure
            if _remove_parts(file):
                file.parts, file.size = [], 0
            file.save(update_fields=["state", "failure", "parts", "size"])


def _remove_parts(file: ListFile) -> bool:
    """Remove a file's parts from the storage and from the company's used storage.

    Return False if the storage fails. Then the row must stay, so that a later run still finds the parts.
    """
    if not all(delete_content(key) for key in file.parts):
        return False
    Company.objects.filter(pk=file.company_id).update(file_bytes=F("file_bytes") - file.size)
    return True


def remove_old_list_files() -> None:
    """Remove the files of all companies that are older than a week. Called by a job."""
    left: list[int] = []  # files that the storage does not delete
    may_be_more = True
    while may_be_more:
        with all_companies_scope(), transaction.atomic():
            old = ListFile.objects.filter(created_at__lt=timezone.now() - STORED_FOR).exclude(pk__in=left)
            files = list(old.select_for_update(skip_locked=True).order_by("created_at")[:_BATCH])
            for file in files:
                if _remove_parts(file):
                    file.delete()
                else:
                    left.append(file.pk)
        may_be_more = len(files) == _BATCH
