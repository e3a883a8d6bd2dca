"""The format of numbers, dates and amounts of money, which is that of the current company.

The texts of the site are in one language; only the format depends on the company (`docs/decisions.md`,
"Companies and people").
"""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.utils.formats import date_format, get_format, time_format
from django.utils.numberformat import format as format_number
from django.utils.translation import get_language, override

_SITE_LANGUAGE: Final = "en"


@dataclass(frozen=True, slots=True)
class Format:
    """A language ("" for that of the site) and a currency ("" for none).

    Dates use the language only with `in_own_words`: on pages, names of months are in the language of the
    pages.
    """

    language: str = ""
    currency: str = ""
    in_own_words: bool = False


_OF_THE_SITE: Final = Format()
FORMAT: Final = ContextVar("format", default=_OF_THE_SITE)


def write_number(number: Decimal, decimals: int) -> str:
    """Return a number with this many decimals and the separators of the current format."""
    language = FORMAT.get().language or get_language()
    separator, mark, grouping = (
        get_format(name, lang=language)
        for name in ("DECIMAL_SEPARATOR", "THOUSAND_SEPARATOR", "NUMBER_GROUPING")
    )
    return format_number(number, separator, decimals, grouping, mark, force_grouping=True)


def write_count(count: int) -> str:
    """Return a whole number with the thousands separators of the current format."""
    return write_number(Decimal(count), 0)


def own_words(value: date) -> str:
    """Return a date or local time in the current format's language; "" if that is the site's language."""
    current = FORMAT.get()
    if not current.in_own_words or current.language in ("", _SITE_LANGUAGE):
        return ""
    with override(current.language):
        # For some languages, Django's pattern for date and time falls back to the English one.
        return (
            f"{date_format(value)}, {time_format(value)}"
            if isinstance(value, datetime)
            else date_format(value)
        )
