"""How the files of a form are taken in, before anything else looks at them."""

import html
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import multipartparser

# A name of thousands of letters is shortened. Django's 1 KiB would refuse the whole form.
multipartparser.MAX_TOTAL_HEADER_SIZE = 64 * 1024  # type: ignore[attr-defined]  # missing from the stubs


def _sanitize_file_name(_parser: Any, name: str) -> str | None:
    """Return the name as Django does, but with the joiners of emojis and of scripts that need them."""
    base = html.unescape(name).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(each for each in base if each.isprintable() or each in "\u200c\u200d")
    return None if plain in ("", ".", "..") else plain


multipartparser.MultiPartParser.sanitize_file_name = _sanitize_file_name  # type: ignore[assignment, method-assign]


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Stores the files of one form until it is read, but only as many bytes as a form may have.

    Of the rest, only the size is counted, so that the form can refuse the file beside its field.
    """

    _stored = 0

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        """Begin a file, under a name that every system can store."""
        path = PurePath(file_name)
        super().new_file(field_name, f"{path.stem[:150]}{path.suffix[:20]}", *args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Store a part of the file, if there is room."""
        self._stored += len(raw_data)
        if not self._is_full():
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> Any:
        """Return the file. One that may not be whole has the size of all so far, which no form takes."""
        return super().file_complete(self._stored if self._is_full() else file_size)

    def _is_full(self) -> bool:
        return self._stored > settings.LIMITS["FILES_OF_FORM_MB"] * 1024 * 1024
