"""The upload handler for files of forms, which runs before any validation."""

import html
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import multipartparser

# Long file names are shortened. With Django's limit of 1 KiB, the whole form would be refused.
multipartparser.MAX_TOTAL_HEADER_SIZE = 64 * 1024  # type: ignore[attr-defined]  # missing from the stubs


def _sanitize_file_name(_parser: Any, name: str) -> str | None:
    """Sanitize the name like Django, but keep joiners, which emojis and some scripts need."""
    base = html.unescape(name).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(each for each in base if each.isprintable() or each in "\u200c\u200d")
    return None if plain in ("", ".", "..") else plain


multipartparser.MultiPartParser.sanitize_file_name = _sanitize_file_name  # type: ignore[assignment, method-assign]


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Stores the files of one form temporarily, up to the maximum size of a form.

    Beyond that, only the size is counted, so that the form can report an error at the file's field.
    """

    _stored = 0

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        """Start a new file, with a name that every system can store."""
        path = PurePath(file_name)
        super().new_file(field_name, f"{path.stem[:150]}{path.suffix[:20]}", *args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Store a part of the file, if there is room."""
        self._stored += len(raw_data)
        if not self._is_full():
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> Any:
        """Return the file. If it may be incomplete, its size is the total so far, which all forms refuse."""
        return super().file_complete(self._stored if self._is_full() else file_size)

    def _is_full(self) -> bool:
        return self._stored > settings.LIMITS["FILES_OF_FORM_MB"] * 1024 * 1024
