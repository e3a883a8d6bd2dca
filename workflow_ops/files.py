"""Uploading and downloading the files that people attach. They are stored under random names.

Nothing that a browser says about a file is trusted. Its name is cleaned, its type is detected from its
content and compared with a list, and its size is measured (`docs/security.md`, "Untrusted input").
"""

import hashlib
import re
import unicodedata
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import PurePath
from typing import Any, Final, TypeAlias

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.http import FileResponse, Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ticketflower.clean_json import parse_number
from ticketflower.http import PageRequest, company_page
from users.models import CustomUser
from workflow_design.workspace.controls import FileInfo
from workflow_ops.access import may_see_ticket
from workflow_ops.file_types import HEAD_BYTES, detect_type
from workflow_ops.models import FileUpload, TicketInstance

MAX_BYTES = 20 * 1024 * 1024
MAX_NAME_LENGTH = 150
MAX_FILES = 20
"""The limit for one field of one POST; further files are ignored."""

_LOOSE_JOINERS: Final = re.compile(r"(?<![^\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f])")

Upload: TypeAlias = "UploadedFile[Any]"

Scanner = Callable[[Upload], bool]
"""Returns whether a file is free of viruses. The setting FILE_SCANNER is the dotted path of a scanner."""


class FileRefusedError(ValueError):
    """A file was refused. The text is a message for the person who attached it."""


def upload_file(upload: Upload, *, by: CustomUser, ticket: TicketInstance | None = None) -> FileUpload:
    """Store a file of `ticket`. Without a ticket, only the uploader may see it until a ticket names it.

    Effects: the content in the storage, and a row. Raise FileRefusedError.
    """
    name = clean_name(upload.name or "")
    _check_size(upload, name)
    file_type = _detect_type(upload, name)
    _scan(upload, name)
    checksum = hashlib.sha256()
    for chunk in upload.chunks():
        checksum.update(chunk)
    upload.seek(0)
    # The content is stored first: if the row fails, a file without a row is left, which does no harm. A row
    # without its file would be a broken link.
    with transaction.atomic():
        return FileUpload.objects.create(
            filename=name,
            ext_key=_store(upload),
            file_type=file_type,
            size=upload.size or 0,
            checksum=checksum.hexdigest(),
            ticket=ticket,
            **by.as_author("uploaded_by"),
        )


def store_uploads(
    post: QueryDict,
    uploads: "MultiValueDict[str, Upload]",
    *,
    fields: Collection[str],
    by: CustomUser,
    ticket: TicketInstance | None = None,
) -> tuple[QueryDict, dict[str, list[str]]]:
    """Store uploaded files. Return the form data with their ids, and messages by field about refused files.

    Files are stored before the form is validated, so that nobody has to attach them a second time.
    """
    form_data, refused = post.copy(), dict[str, list[str]]()
    for name in fields:
        for upload in uploads.getlist(name)[:MAX_FILES]:
            try:
                form_data.appendlist(name, str(upload_file(upload, by=by, ticket=ticket).pk))
            except FileRefusedError as error:
                refused.setdefault(name, []).append(str(error))
    return form_data, refused


def attach_files(ticket: TicketInstance, ids: Iterable[str], *, by: CustomUser) -> None:
    """Attach files that `by` uploaded to the ticket, unless they belong to a ticket already.

    Everybody who may see the ticket may then see the files.
    """
    wanted = _row_ids(ids)
    if wanted:
        mine = FileUpload.objects.filter(ticket=None, pk__in=wanted, **by.as_author("uploaded_by"))
        mine.update(ticket=ticket)


def known_files(
    ids: Collection[str], *, by: CustomUser | None = None, ticket: TicketInstance | None = None
) -> Mapping[str, FileInfo]:
    """Return the files that belong to the ticket, or that `by` uploaded and no ticket has yet.

    They are keyed by their ids. Takes one statement.
    """
    wanted = _row_ids(ids)
    if not wanted:
        return {}
    # `Q(pk=None)` matches no row.
    allowed = Q(ticket=ticket) if ticket is not None else Q(pk=None)
    if by is not None:
        allowed |= Q(ticket=None, **by.as_author("uploaded_by"))
    found = FileUpload.objects.filter(allowed, pk__in=wanted)
    return {str(file.pk): file_summary(file) for file in found}


def file_summary(file: FileUpload) -> FileInfo:
    """Return the name, address and size of a file, for forms and pages."""
    return FileInfo(str(file.pk), file.filename, reverse("file_download", args=[file.pk]), file.size)


def clean_name(name: str) -> str:
    """Return the name without folders, control and direction characters, cut to a length for any system.

    Joiners stay within emojis, and within words of the scripts that need them.
    """
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    # The Unicode categories C* are control and format characters, also those that reverse the direction.
    plain = "".join(
        character
        for character in unicodedata.normalize("NFC", base)
        if character in "\u200c\u200d" or unicodedata.category(character)[0] != "C"
    )
    plain = " ".join(_LOOSE_JOINERS.sub("", plain).split()).strip(". ")
    stem, ending = PurePath(plain or "file").stem, PurePath(plain or "file").suffix[:20]
    return f"{stem[: MAX_NAME_LENGTH - len(ending)]}{ending}"


def _check_size(upload: Upload, name: str) -> None:
    if not upload.size:
        raise FileRefusedError(_("“%(name)s” is empty.") % {"name": name})
    if upload.size > MAX_BYTES:
        values = {"name": name, "limit": filesizeformat(MAX_BYTES)}
        raise FileRefusedError(_("“%(name)s” is too large: at most %(limit)s.") % values)


def _detect_type(upload: Upload, name: str) -> str:
    """Return the media type. Raise FileRefusedError if extension and content disagree or are not accepted."""
    head = upload.read(HEAD_BYTES)
    upload.seek(0)
    try:
        return detect_type(name, head)
    except ValueError as error:
        raise FileRefusedError(str(error)) from None


def _scan(upload: Upload, name: str) -> None:
    if not settings.FILE_SCANNER:
        return
    scanner: Scanner = import_string(settings.FILE_SCANNER)
    is_clean = scanner(upload)
    upload.seek(0)
    if not is_clean:
        raise FileRefusedError(_("“%(name)s” was refused by the virus scanner.") % {"name": name})


def _store(upload: Upload) -> str:
    # The first two characters are a folder, so that no folder gets too many files.
    key = uuid.uuid4().hex
    return default_storage.save(f"{key[:2]}/{key}", upload)


def _row_ids(ids: Iterable[Any]) -> list[int]:
    """Return the texts that can be ids of rows as numbers, leaving out all others."""
    numbers = (parse_number(str(key)) for key in ids)
    return [number for number in numbers if number is not None]


def may_download(person: CustomUser, file: FileUpload) -> bool:
    """Return whether the person may see the file's ticket or, before it has one, uploaded the file."""
    if file.ticket is not None:
        return may_see_ticket(person, file.ticket)
    author = person.as_author("uploaded_by")
    return {"uploaded_by_id": file.uploaded_by_id, "impersonator_id": file.impersonator_id} == author


@require_safe
@company_page()
def file_download(request: PageRequest, file_id: int) -> HttpResponse:
    """Send the file as a download."""
    file = get_object_or_404(FileUpload.objects.select_related("ticket"), pk=file_id)
    if not may_download(request.user, file):
        raise PermissionDenied
    try:
        content = default_storage.open(file.ext_key)
    except FileNotFoundError as error:
        raise Http404 from error
    # A browser must never render an uploaded file as a page of this site.
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return FileResponse(  # type: ignore[return-value]  # a response that streams is a response
        content, as_attachment=True, filename=file.filename, content_type=file.file_type, headers=headers
    )
