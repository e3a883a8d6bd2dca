"""Uploading and downloading the files that people attach. They are stored under random names.

Nothing that a browser says about a file is trusted. Its name is cleaned, its type is detected from its
content and compared with a list, and its size is measured (`docs/security.md`, "Untrusted input").
"""

import hashlib
import re
import unicodedata
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from pathlib import PurePath
from typing import Any, Final, TypeAlias

import structlog
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F, Q
from django.http import QueryDict
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from ticketflower.clean_json import parse_number
from ticketflower.file_types import HEAD_BYTES, accepted_types, detect_type
from ticketflower.tenancy.context import all_companies_scope
from users.models import Company, CustomUser
from workflow_design.workspace.controls import FileInfo
from workflow_ops.models import Comment, FileUpload, TicketInstance

log = structlog.get_logger(__name__)

_MB = 1024 * 1024
MAX_BYTES = 20 * _MB
MAX_NAME_LENGTH = 150
MAX_FILES = 20
"""Maximum number of files in one field of one POST; further files are ignored."""

_UNUSED_FOR = timedelta(days=1)
_MAX_REMOVED = 1000  # per run of the job
_LOOSE_JOINERS: Final = re.compile(r"(?<![^\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f])")

Upload: TypeAlias = "UploadedFile[Any]"

Scanner = Callable[[Upload], bool]
"""Returns whether a file is free of viruses. The setting FILE_SCANNER is the dotted path of a scanner."""


class FileRefusedError(ValueError):
    """A file was refused. The text is a message for the person who attached it."""


def upload_file(upload: Upload, *, by: CustomUser) -> FileUpload:
    """Store a file, which only the uploader may see until a ticket names it (`attach_files`).

    Effects: the content in the storage, a row, and its size is added to that of the company's files. Raise
    FileRefusedError.
    """
    name = clean_name(upload.name or "")
    _check_size(upload, name)
    file_type = _detect_type(upload, name)
    _scan(upload, name)
    checksum = hashlib.sha256()
    for chunk in upload.chunks():
        checksum.update(chunk)
    upload.seek(0)
    add_to_files_of_company(upload.size or 0, name)
    # The content is stored first: if the insert fails, a file without a row remains, which does no harm. A
    # row without its file would be a broken link.
    with transaction.atomic():
        return FileUpload.objects.create(
            filename=name,
            ext_key=store(upload),
            file_type=file_type,
            size=upload.size or 0,
            checksum=checksum.hexdigest(),
            **by.as_author("uploaded_by"),
        )


def store_uploads(
    post: QueryDict,
    uploads: "MultiValueDict[str, Upload]",
    *,
    fields: Collection[str],
    by: CustomUser,
) -> tuple[QueryDict, dict[str, list[str]]]:
    """Store uploaded files. Return the form data with their ids, and messages by field about refused files.

    Files are stored before the form is validated, so that nobody has to attach them a second time.
    """
    form_data, refused = post.copy(), dict[str, list[str]]()
    sent_before = known_files([key for name in fields for key in post.getlist(name)], by=by)
    room = settings.LIMITS["FILES_OF_FORM_MB"] * _MB - sum(file.size for file in sent_before.values())
    for name in fields:
        for upload in uploads.getlist(name)[:MAX_FILES]:
            room -= upload.size or 0
            try:
                _check_room(upload, room)
                form_data.appendlist(name, str(upload_file(upload, by=by).pk))
            except FileRefusedError as error:
                room += upload.size or 0
                refused.setdefault(name, []).append(str(error))
    return form_data, refused


def describe_accepted_files() -> str:
    """Return a text with the maximum size and the kinds of accepted files; refusals name every type."""
    values = {
        "limit": min(MAX_BYTES // _MB, settings.LIMITS["FILES_OF_FORM_MB"]),
        "types": ", ".join(accepted_types())
        if settings.FILE_TYPES
        else _("PDF, pictures, Office documents, texts, e-mails and others"),
    }
    return _("Up to %(limit)d MB: %(types)s.") % values


def attach_files(
    ticket: TicketInstance, ids: Iterable[str], *, by: CustomUser, comment: Comment | None = None
) -> int:
    """Attach files that `by` uploaded to the ticket, or to a comment, unless they belong to a ticket already.

    Everybody who may see the ticket, or read the comment, may then see the files. Return how many these are.
    """
    wanted = row_ids(ids)
    if not wanted:
        return 0
    mine = FileUpload.objects.filter(ticket=None, pk__in=wanted, **by.as_author("uploaded_by"))
    return mine.update(ticket=ticket, comment=comment)


def known_files(
    ids: Collection[str], *, by: CustomUser | None = None, ticket: TicketInstance | None = None
) -> Mapping[str, FileInfo]:
    """Return those of the files that belong to the ticket's forms, or that `by` uploaded and no ticket has.

    The result is keyed by id. This takes one statement.
    """
    wanted = row_ids(ids)
    if not wanted:
        return {}
    # `Q(pk=None)` matches no row.
    allowed = Q(ticket=ticket, comment=None) if ticket is not None else Q(pk=None)
    if by is not None:
        allowed |= Q(ticket=None, **by.as_author("uploaded_by"))
    found = FileUpload.objects.filter(allowed, pk__in=wanted)
    return {str(file.pk): file_summary(file) for file in found}


def file_summary(file: FileUpload) -> FileInfo:
    """Return the name, address and size of a file, for forms and pages."""
    return FileInfo(str(file.pk), file.filename, reverse("file_download", args=[file.pk]), file.size)


def clean_name(name: str) -> str:
    """Return the name without folders, control and direction characters, cut to a safe length.

    Joiners are kept within emojis, and within words of scripts that need them.
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


def _check_room(upload: Upload, room: int) -> None:
    if room < 0:
        limit = filesizeformat(settings.LIMITS["FILES_OF_FORM_MB"] * _MB)
        values = {"name": clean_name(upload.name or ""), "limit": limit}
        text = _("“%(name)s” does not fit: the files of one form can have %(limit)s in all.")
        raise FileRefusedError(text % values)


def add_to_files_of_company(size: int, name: str) -> None:
    """Count a file that is about to be stored. Raise FileRefusedError if the company has no room for it."""
    most = settings.LIMITS["FILES_OF_COMPANY_MB"] * _MB
    # One statement checks and adds, so that simultaneous uploads can't exceed the limit together.
    company = Company.objects.filter(file_bytes__lte=most - size)
    if not company.update(file_bytes=F("file_bytes") + size):
        text = _("“%(name)s” can't be stored: the files of your company have reached %(limit)s.")
        raise FileRefusedError(text % {"name": name, "limit": filesizeformat(most)})


def remove_unused_files() -> int:
    """Remove files that no ticket names a day after their upload, and return their number.

    Their forms were refused or never submitted. This is called by a job.
    """
    with all_companies_scope(), transaction.atomic():
        unused = FileUpload.objects.filter(ticket=None, uploaded_at__lt=timezone.now() - _UNUSED_FOR)
        files = list(unused.select_for_update(skip_locked=True).order_by("pk")[:_MAX_REMOVED])
        removed = [file for file in files if delete_content(file.ext_key)]
        for file in removed:
            Company.objects.filter(pk=file.company_id).update(file_bytes=F("file_bytes") - file.size)
            file.delete()
    return len(removed)


def delete_content(key: str) -> bool:
    """Delete content before its row, so that a later run finds what could not be deleted. Return success."""
    try:
        default_storage.delete(key)
    except OSError:
        log.exception("content_not_deleted", key=key)
        return False
    return True


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


def store(content: "File[Any]") -> str:
    """Store the content under a random key, and return the key."""
    # The first two characters are a folder, so that no folder gets too many files.
    key = uuid.uuid4().hex
    return default_storage.save(f"{key[:2]}/{key}", content)


def row_ids(ids: Iterable[Any]) -> list[int]:
    """Convert texts to ids, leaving out those that can't be ids."""
    numbers = (parse_number(str(key)) for key in ids)
    return [number for number in numbers if number is not None]
