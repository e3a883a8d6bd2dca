"""Whether a text is the e-mail address, date, web address … that its field asks for.

jsonschema checks formats only as far as further packages are installed, and accepts the rest
silently; these are all that a `fields_schema` can name.
"""

import re
from datetime import date, datetime, time
from urllib.parse import urlsplit

from jsonschema import FormatChecker

CHECKER = FormatChecker(formats=())

_EMAIL = re.compile(r"[^\s@,;:<>()\[\]\\\"]{1,64}@[^\s@,;:<>()\[\]\\\"./]+(\.[^\s@,;:<>()\[\]\\\"./]+)+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_DATE_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
_USER = re.compile(r"[1-9][0-9]{0,18}")
_FILE = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}")
_NOT_IN_ADDRESSES = re.compile(r"[\s\x00-\x1f\x7f<>\"\\^`{|}]")
_MAX_EMAIL_LENGTH = 254
_MAX_ADDRESS_LENGTH = 2000


@CHECKER.checks("email")
def is_email(value: object) -> bool:
    """An address with one @ and a domain of at least two labels."""
    return isinstance(value, str) and len(value) <= _MAX_EMAIL_LENGTH and bool(_EMAIL.fullmatch(value))


@CHECKER.checks("uri", raises=ValueError)
def is_address(value: object) -> bool:
    """An address that may stand in a link: http, https or mailto (`dependable.md`, "Addresses")."""
    if not isinstance(value, str) or len(value) > _MAX_ADDRESS_LENGTH or _NOT_IN_ADDRESSES.search(value):
        return False
    parts = urlsplit(value)
    if parts.scheme == "mailto":
        return is_email(parts.path)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0


@CHECKER.checks("date", raises=ValueError)
def is_date(value: object) -> bool:
    """A day of the calendar, as 2026-01-31: texts of this form compare like the days they mean."""
    return isinstance(value, str) and bool(_DATE.fullmatch(value) and date.fromisoformat(value))


@CHECKER.checks("time", raises=ValueError)
def is_time(value: object) -> bool:
    """A time of day, as 09:30, 09:30:00 or 09:30:00+02:00. RFC 3339 asks for seconds and an offset,
    which nobody says who means half past nine."""
    return isinstance(value, str) and bool(_TIME.fullmatch(value)) and time.fromisoformat(value) is not None


@CHECKER.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> bool:
    """A moment by RFC 3339, with seconds and offset, as 2026-01-31T09:30:00Z."""
    return isinstance(value, str) and bool(_DATE_TIME.fullmatch(value) and datetime.fromisoformat(value))


@CHECKER.checks("user")
def is_user_id(value: object) -> bool:
    """The id of a person, as a text. Whether there is such a person is for the database to say."""
    return isinstance(value, str) and bool(_USER.fullmatch(value))


@CHECKER.checks("file")
def is_file_id(value: object) -> bool:
    """The id of a file, as a text: a number or a UUID."""
    return isinstance(value, str) and bool(_FILE.fullmatch(value))
