"""Texts that people type, read as values, and values as texts that are read as the same values.

A text is taken if it has exactly one meaning; otherwise a ValidationError says what to write instead
(`docs/workflow-format.md`, "What people type").
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from ticketflower.clean_json import LARGEST_NUMBER, MAX_NUMBER_LENGTH
from workflow_design.definition.field_types import FIRST_YEAR, LAST_YEAR, is_date_time, is_time
from workflow_design.definition.fields import Field, number_in_words
from workflow_design.definition.values import FieldValidator

Read = Callable[[str, Field], Any]
"""A function that returns the value that somebody typed, or raises ValidationError."""
AsTyped = Callable[[Any, Field], str]
"""A function that returns the text to type for a value."""
_MAX_LENGTH: Final = 100


def same_text(value: Any, _field: Field) -> str:
    """Return a text that is typed as it is stored."""
    return str(value)


def _plain(text: str) -> str:
    """Return the text without the invisible marks that come along when something is copied."""
    if len(text) > _MAX_LENGTH:
        return ""
    return "".join(each for each in text if unicodedata.category(each) != "Cf").strip()


def _quoted(text: str) -> str:
    return _("“%(text)s”") % {"text": text[:_MAX_LENGTH]}


# --- Numbers -------------------------------------------------------------------------

_GROUPS: Final = r"[1-9]\d{0,2}(?:(?P<mark>[,. '\u2019\u00a0\u2009\u202f])\d{3})(?:(?P=mark)\d{3})*"
_DECIMAL: Final = re.compile(
    rf"(?P<whole>\d*|{_GROUPS})(?:(?P<point>[.,])(?P<decimals>\d+))?", re.ASCII | re.DOTALL
)
_THOUSANDS: Final = re.compile(_GROUPS, re.ASCII)
_SIGNED: Final = re.compile(r"(?P<sign>[+\u2212-]?)(?P<number>[^+-].*)", re.DOTALL)
_MAX_DIGITS: Final = 15
"""More digits would not survive being a floating-point number."""
_THREE: Final = 3


def read_number(text: str, field: Field) -> int | float:
    """Return the number that a text means. Raise ValidationError if it means none or several."""
    plain = _plain(text)
    match = _SIGNED.fullmatch(plain) if len(plain) <= MAX_NUMBER_LENGTH else None
    found = dict.fromkeys(_numbers(match["number"], field)) if match else {}
    if match is None or not found:
        raise ValidationError(field.type.refuse(_quoted(text)))
    sign = -1 if match["sign"] in ("-", "\u2212") else 1
    values = [_shortest(sign * each) for each in found]
    if len(values) > 1:
        validator = FieldValidator(field)
        values = [each for each in values if not validator.problems(each)] or values
    if len(values) > 1:
        raise ValidationError(_ambiguous_number(text, plain))
    if not _is_exact(match["number"]) or abs(values[0]) > LARGEST_NUMBER:
        message = _("%(text)s has too many digits: only %(most)d can be kept exactly.")
        raise ValidationError(message % {"text": _quoted(text), "most": _MAX_DIGITS})
    return values[0]


def _numbers(text: str, field: Field) -> Iterator[Decimal]:
    """Yield the readings of a text without a sign."""
    is_whole = _THOUSANDS.fullmatch(text)
    if is_whole:
        yield Decimal(re.sub(r"\D", "", text))
    match = _DECIMAL.fullmatch(text)
    if match is None or not text[-1:].isdigit() or (match["mark"] and match["mark"] == match["point"]):
        return
    decimals = match["decimals"] or ""
    # Where a third decimal can't be, three digits after a mark are thousands, or may be meant so. Any others
    # are refused by the schema, which says why.
    may_be_thousands = len(decimals) == _THREE and (is_whole or decimals.endswith("0"))
    if not may_be_thousands or field.decimals is None or field.decimals >= _THREE:
        yield Decimal(f"{re.sub(r'[^0-9]', '', match['whole']) or 0}.{decimals or 0}")


def _is_exact(text: str) -> bool:
    return len(re.sub(r"\D", "", text).strip("0")) <= _MAX_DIGITS


def _shortest(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _ambiguous_number(text: str, plain: str) -> str:
    whole = re.sub(r"[.,]", "", plain)
    fraction = f"{plain.replace(',', '.')}0"
    message = _(
        "%(text)s can be read in two ways. Write %(whole)s for thousands, or %(fraction)s for a decimal."
    )
    return message % {"text": _quoted(text), "whole": whole, "fraction": fraction}


def number_as_typed(value: Any, field: Field) -> str:
    """Return a number as a text without thousands marks; what is no number stays as it is."""
    if not isinstance(value, int | float):
        return str(value)
    text = number_in_words(value, field.decimals, has_marks=False)
    # Three decimals could be read as thousands; four can't.
    return f"{text}0" if re.fullmatch(r"-?[1-9]\d{0,2}\.\d{3}", text) else text


# --- Days, times, moments ------------------------------------------------------------

_DATES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<year>[0-9]{4})(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?P=mark)(?P<day>[0-9]{1,2})",
        r"(?P<day>[0-9]{1,2})(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?P=mark)(?P<year>[0-9]+)",
        # Nobody writes the month first with points.
        r"(?P<month>[0-9]{1,2})(?P<mark>[-/])(?P<day>[0-9]{1,2})(?P=mark)(?P<year>[0-9]+)",
        r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|\.)?[ -]*(?P<month>[^\W\d_]{3,})\.?,?[ -]*(?P<year>[0-9]+)",
        r"(?P<month>[^\W\d_]{3,})\.? *(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?,? +(?P<year>[0-9]+)",
    )
)
_CLOCK: Final = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:[:.h](?P<minute>[0-9]{2})(?:[:.](?P<second>[0-9]{2})(?:\.[0-9]{1,6})?)?)?"
    r"(?: *(?P<half>[ap])\.?m\.?)?",
    re.IGNORECASE,
)
_MOMENT: Final = re.compile(
    r"(?P<day>.*?[0-9]\.?)(?:T|,? +(?:at +)?)(?P<clock>[0-9]{1,2}(?:[:.h][0-9]{2}.*| *[ap]\.?m\.?))",
    re.IGNORECASE,
)
_NOON: Final = 12


def read_day(text: str, field: Field) -> str:
    """Return the ISO text of the day that a text means. Raise ValidationError if it means none or several."""
    return _day(_plain(text), refusal=field.type.refuse(_quoted(text))).isoformat()


def _day(text: str, *, refusal: str) -> date:
    found = sorted(set(_days(text)))
    if len(found) == 1:
        return found[0]
    if found:
        days = {"text": _quoted(text), "first": found[0].isoformat(), "second": found[1].isoformat()}
        message = _("%(text)s can be read in two ways. Write %(first)s or %(second)s.")
        raise ValidationError(message % days)
    if any(any(_parts(f"{text.rstrip(' .-/')}{mark}2000")) for mark in ".-/ "):
        raise ValidationError(_("The year is missing in %(text)s.") % {"text": _quoted(text)})
    raise ValidationError(refusal)


def _days(text: str) -> Iterator[date]:
    """Yield the readings of a text. Raise ValidationError for another year than people mean."""
    for year, month, day in _parts(text):
        if len(year) != len(str(FIRST_YEAR)) or not FIRST_YEAR <= int(year) <= LAST_YEAR:
            raise ValidationError(_wrong_year())
        try:
            yield date(int(year), month, int(day))
        except ValueError:  # no such day
            continue


def _wrong_year() -> str:
    bounds = {"first": FIRST_YEAR, "last": LAST_YEAR}
    return _("Write the year with four digits, from %(first)d to %(last)d.") % bounds


def _parts(text: str) -> Iterator[tuple[str, int, str]]:
    """Yield year, month and day of each pattern that fits."""
    # "1. 7. 2026"
    closed = re.sub(r"(?<=[0-9][./-]) +(?=[0-9])", "", " ".join(text.split()))
    for match in filter(None, (pattern.fullmatch(closed) for pattern in _DATES)):
        for month in _months(match["month"]):
            yield match["year"], month, match["day"]


def _months(text: str) -> list[int]:
    """Return the month of a number, or that whose name begins with the text."""
    if text.isdigit():
        return [int(text)]
    return [number for number, name in MONTHS.items() if str(name).casefold().startswith(text.casefold())]


def read_time(text: str, field: Field) -> str:
    """Return the time of day that a text means, with seconds only if they are not zero.

    Raise ValidationError if it means none.
    """
    plain = _plain(text)
    at = _clock(plain)
    if at is not None:
        return at.isoformat("seconds" if at.second else "minutes")
    if is_time(plain):
        return plain
    if plain.isdigit():
        raise ValidationError(_("Write hours and minutes, such as 09:30."))
    raise ValidationError(field.type.refuse(_quoted(text)))


def _clock(text: str) -> time | None:
    match = _CLOCK.fullmatch(" ".join(text.split()))
    if match is None or not (match["minute"] or match["half"]):
        return None
    hour = int(match["hour"])
    if match["half"]:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if match["half"] in "pP" else 0)
    try:
        return time(hour, int(match["minute"] or 0), int(match["second"] or 0))
    except ValueError:
        return None


def read_moment(text: str, field: Field) -> str:
    """Return the moment that a text means as the engine stores it, in UTC.

    Without an offset, it is in the user's time zone. Of an hour that exists twice, the first is meant. Raise
    ValidationError if the text means no moment.
    """
    plain = _plain(text)
    try:
        moment = parse_datetime(plain)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        moment = _in_time_zone(_local(plain))
    try:
        year = timezone.localtime(moment).year
    except OverflowError:  # before the first day of the calendar, or after the last
        year = 0
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValidationError(_wrong_year())
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _local(text: str) -> datetime:
    """Return the day and time that a text names."""
    hint = _("%(text)s is not a date with a time, such as 2026-01-31 09:30.") % {"text": _quoted(text)}
    match = _MOMENT.fullmatch(text)
    if match is None:
        day = _day(text, refusal=hint)
        message = _("The time is missing. Write it after the date, such as %(day)s 09:30.")
        raise ValidationError(message % {"day": day.isoformat()})
    at = _clock(match["clock"])
    if at is None:
        raise ValidationError(hint)
    return datetime.combine(_day(match["day"], refusal=hint), at)


def _in_time_zone(local: datetime) -> datetime:
    """Return the moment of a local time. Raise ValidationError if the clock passes it over."""
    zone = timezone.get_current_timezone()
    moment = local.replace(tzinfo=zone)
    if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        message = _("There is no %(time)s on that day: the clocks are set forward. Write another time.")
        raise ValidationError(message % {"time": f"{local:%H:%M}"})
    return moment


def moment_as_typed(value: Any, _field: Field) -> str:
    """Return a stored moment in the user's time zone; what is none stays as it is."""
    if not isinstance(value, str) or not is_date_time(value):
        return str(value)
    stored = datetime.fromisoformat(value)
    local = timezone.localtime(stored)
    text = f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"
    # The second of two hours needs its offset, or it would be read as the first.
    return f"{text}{local.isoformat()[-6:]}" if local.fold else text
