"""Checks of formatted texts: addresses, dates and times."""

import re
from datetime import date, datetime, time
from typing import Final
from urllib.parse import urlsplit

_EMAIL = re.compile(r"[^\s@,;:<>()\[\]\\\"]{1,64}@[^\s@,;:<>()\[\]\\\"./]+(\.[^\s@,;:<>()\[\]\\\"./]+)+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_DATE_TIME = re.compile(
    _DATE.pattern + r"T([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
_NOT_IN_URLS = re.compile(r"[\s\x00-\x1f\x7f<>\"\\^`{|}]")
_MAX_EMAIL_LENGTH: Final = 254
_MAX_ADDRESS_LENGTH: Final = 2000


def is_email(text: str) -> bool:
    """Return whether this is an address with one @ and a domain of at least two labels."""
    return len(text) <= _MAX_EMAIL_LENGTH and bool(_EMAIL.fullmatch(text))


def is_address(text: str) -> bool:
    """Return whether this is an http, https or mailto link (`docs/security.md`, "Untrusted input")."""
    if len(text) > _MAX_ADDRESS_LENGTH or _NOT_IN_URLS.search(text):
        return False
    try:
        parts = urlsplit(text)
        if parts.scheme == "mailto":
            return is_email(parts.path)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_date(text: str) -> bool:
    """Return whether this is a date such as 2026-01-31. Such texts sort like the days they mean."""
    return bool(_DATE.fullmatch(text)) and _exists(date, text)


def is_time(text: str) -> bool:
    """Return whether this is a time of day, such as 09:30. Seconds and offset are optional."""
    return bool(_TIME.fullmatch(text)) and _exists(time, text)


def is_date_time(text: str) -> bool:
    """Return whether this is an RFC 3339 time with seconds and offset, such as 2026-01-31T09:30:00Z."""
    return bool(_DATE_TIME.fullmatch(text)) and _exists(datetime, text)


def _exists(kind: type[date] | type[time], text: str) -> bool:
    try:
        kind.fromisoformat(text)
    except ValueError:
        return False
    return True
