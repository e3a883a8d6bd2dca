"""Times as people say them: "3 hours ago", "Tuesday, 14:05", "in 2 days", "3 March".

Written for lists: what depends on the language is looked up once, since Django's own
date formats cost a list of 50 rows several milliseconds.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.dates import MONTHS_ALT, WEEKDAYS
from django.utils.translation import get_language, gettext, ngettext

_HOUR, _DAY = 60, 60 * 24  # in minutes
_DAYS_WITH_A_NAME = 7


@dataclass(frozen=True, slots=True)
class _Words:
    """How one language writes times; looked up once, since a list writes a hundred."""

    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    day: str
    day_of_year: str
    exact: str
    weekday: str


@lru_cache(maxsize=32)
def _words_in(_language: str | None) -> _Words:
    return _Words(
        months=("", *(str(MONTHS_ALT[number]) for number in range(1, 13))),
        weekdays=tuple(str(WEEKDAYS[number]) for number in range(7)),
        # Translators: a whole date, "1 July 2026"
        day=gettext("{day} {month} {year}"),
        # Translators: a date of this year, "1 July"
        day_of_year=gettext("{day} {month}"),
        # Translators: a moment in full, "1 July 2026, 14:05"
        exact=gettext("{day} {month} {year}, {hour:02}:{minute:02}"),
        # Translators: a moment of the last seven days, "Tuesday, 14:05"
        weekday=gettext("{weekday}, {hour:02}:{minute:02}"),
    )


def _written(pattern: str, value: date, words: _Words) -> str:
    hour, minute = (value.hour, value.minute) if isinstance(value, datetime) else (0, 0)
    month, weekday = words.months[value.month], words.weekdays[value.weekday()]
    return pattern.format(
        day=value.day, month=month, year=value.year, weekday=weekday, hour=hour, minute=minute
    )


@lru_cache(maxsize=1024)
def _distance(minutes: int, _language: str | None) -> str:
    """Say how far away a moment is: up to 60 minutes, 24 hours, 7 days, past or (below 0) ahead."""
    amount = abs(minutes)
    if amount < _HOUR:
        words = ngettext("%(n)d minute", "%(n)d minutes", amount) % {"n": amount}
    elif amount < _DAY:
        words = ngettext("%(n)d hour", "%(n)d hours", amount // _HOUR) % {"n": amount // _HOUR}
    else:
        words = ngettext("%(n)d day", "%(n)d days", amount // _DAY) % {"n": amount // _DAY}
    return (gettext("%(amount)s ago") if minutes > 0 else gettext("in %(amount)s")) % {"amount": words}


def _rounded(minutes: int) -> int:
    """Drop what `_distance` does not say, so that few distances are kept."""
    unit = 1 if abs(minutes) < _HOUR else _HOUR if abs(minutes) < _DAY else _DAY
    return minutes // unit * unit if minutes > 0 else -(-minutes // unit * unit)


def _local(value: datetime) -> datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else timezone.make_aware(value)


def _relative(local: datetime, now: datetime, language: str | None) -> str:
    minutes = int((now - local).total_seconds() / 60)
    if minutes == 0:
        return gettext("just now")
    if -_DAY * _DAYS_WITH_A_NAME < minutes < _DAY:
        return _distance(_rounded(minutes), language)
    words = _words_in(language)
    if minutes > 0 and (now.date() - local.date()).days < _DAYS_WITH_A_NAME:
        return _written(words.weekday, local, words)
    return _written(words.day_of_year if local.year == now.year else words.day, local, words)


def texts(value: date, now: datetime | None) -> tuple[str, str]:
    """Say a date or a moment relatively and exactly."""
    language = get_language()
    words, now = _words_in(language), _local(now or timezone.now())
    if isinstance(value, datetime):
        local = _local(value)
        return _relative(local, now, language), _written(words.exact, local, words)
    pattern = words.day_of_year if value.year == now.year else words.day
    return _written(pattern, value, words), _written(words.day, value, words)
