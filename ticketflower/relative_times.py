"""Relative times for people: "3 hours ago", "Tuesday, 14:05", "in 2 days", "3 March".

The patterns of a language are cached, because Django's date formats cost a list of 50 rows several
milliseconds.
"""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache

from django.utils import timezone
from django.utils.dates import MONTHS_ALT, WEEKDAYS
from django.utils.translation import get_language, gettext, ngettext

from ticketflower.formats import own_words

_HOUR, _DAY = 60, 60 * 24  # in minutes
_DAYS_WITH_A_NAME = 7
_CLOCKS_DIFFER = 5
"""Times up to this many seconds in the future count as now, because the database has another clock."""


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The names and patterns with which one language writes times."""

    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    day: str
    day_of_year: str
    exact: str
    weekday: str


@lru_cache(maxsize=32)
def _patterns_for(_language: str | None) -> _Patterns:
    return _Patterns(
        months=("", *(str(MONTHS_ALT[number]) for number in range(1, 13))),
        weekdays=tuple(str(WEEKDAYS[number]) for number in range(7)),
        # Translators: a full date, "1 July 2026"
        day=gettext("{day} {month} {year}"),
        # Translators: a date of this year, "1 July"
        day_of_year=gettext("{day} {month}"),
        # Translators: a full date and time, "1 July 2026, 14:05"
        exact=gettext("{day} {month} {year}, {hour:02}:{minute:02}"),
        # Translators: a time within the last seven days, "Tuesday, 14:05"
        weekday=gettext("{weekday}, {hour:02}:{minute:02}"),
    )


def _format(pattern: str, value: date, patterns: _Patterns) -> str:
    hour, minute = (value.hour, value.minute) if isinstance(value, datetime) else (0, 0)
    month, weekday = patterns.months[value.month], patterns.weekdays[value.weekday()]
    return pattern.format(
        day=value.day, month=month, year=value.year, weekday=weekday, hour=hour, minute=minute
    )


@lru_cache(maxsize=1024)
def _amount(minutes: int, _language: str | None) -> str:
    """Return a length of time as text: in minutes, hours or days."""
    if minutes < _HOUR:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if minutes < _DAY:
        return ngettext("%(n)d hour", "%(n)d hours", minutes // _HOUR) % {"n": minutes // _HOUR}
    return ngettext("%(n)d day", "%(n)d days", minutes // _DAY) % {"n": minutes // _DAY}


@lru_cache(maxsize=1024)
def _format_distance(minutes: int, language: str | None) -> str:
    """Return a distance in time as text, in the past or (if negative) in the future."""
    pattern = gettext("%(amount)s ago") if minutes > 0 else gettext("in %(amount)s")
    return pattern % {"amount": _amount(abs(minutes), language)}


@lru_cache(maxsize=1024)
def _format_length(minutes: int, language: str | None) -> str:
    """Return how long something has lasted."""
    return gettext("for %(amount)s") % {"amount": _amount(minutes, language)}


def _round(minutes: int) -> int:
    """Round to the precision of `_format_distance`, so that few different ones are cached."""
    unit = 1 if abs(minutes) < _HOUR else _HOUR if abs(minutes) < _DAY else _DAY
    return minutes // unit * unit if minutes > 0 else -(-minutes // unit * unit)


def _local(value: datetime, zone: tzinfo) -> datetime:
    return value.astimezone(zone) if timezone.is_aware(value) else timezone.make_aware(value, zone)


def _format_relative(local: datetime, now: datetime, language: str | None) -> str:
    seconds = (now - local).total_seconds()
    minutes = int(seconds / 60)
    if minutes == 0:
        return gettext("just now") if seconds > -_CLOCKS_DIFFER else gettext("in a moment")
    if -_DAY * _DAYS_WITH_A_NAME < minutes < _DAY:
        return _format_distance(_round(minutes), language)
    patterns = _patterns_for(language)
    if minutes > 0 and (now.date() - local.date()).days < _DAYS_WITH_A_NAME:
        return _format(patterns.weekday, local, patterns)
    return _format(patterns.day_of_year if local.year == now.year else patterns.day, local, patterns)


def relative_and_exact(value: date, now: datetime | None) -> tuple[str, str]:
    """Return a date or time as relative text and as exact text."""
    language, zone = get_language(), timezone.get_current_timezone()
    patterns, now = _patterns_for(language), _local(now or timezone.now(), zone)
    if isinstance(value, datetime):
        local = _local(value, zone)
        return _format_relative(local, now, language), _format(patterns.exact, local, patterns)
    pattern = patterns.day_of_year if value.year == now.year else patterns.day
    return _format(pattern, value, patterns), _format(patterns.day, value, patterns)


def due_and_exact(due_at: datetime, now: datetime | None = None) -> tuple[bool, str, str]:
    """Return whether `due_at` has passed, that time as relative text, and as exact text."""
    patterns, zone = _patterns_for(get_language()), timezone.get_current_timezone()
    now, local = _local(now or timezone.now(), zone), _local(due_at, zone)
    is_overdue, days = local <= now, (local.date() - now.date()).days
    values = {"time": f"{local:%H:%M}", "day": patterns.weekdays[local.weekday()]}
    if days == 0:
        words = gettext("since %(time)s") if is_overdue else gettext("today at %(time)s")
    elif abs(days) == 1:
        words = gettext("since yesterday") if is_overdue else gettext("tomorrow at %(time)s")
    elif abs(days) < _DAYS_WITH_A_NAME:
        words = gettext("since %(day)s") if is_overdue else gettext("%(day)s at %(time)s")
    else:
        values["day"] = relative_and_exact(local.date(), now)[0]
        words = gettext("since %(day)s") if is_overdue else gettext("%(day)s")
    return is_overdue, words % values, _format(patterns.exact, local, patterns)


def since_and_exact(moment: datetime, now: datetime | None = None) -> tuple[str, str]:
    """Return how long something has lasted ("for 3 hours", "since Tuesday"), and its exact beginning."""
    language, zone = get_language(), timezone.get_current_timezone()
    patterns, now, local = _patterns_for(language), _local(now or timezone.now(), zone), _local(moment, zone)
    minutes = int((now - local).total_seconds() / 60)
    if minutes < 1:
        words = gettext("for less than a minute")
    elif minutes < _DAY:
        words = _format_length(_round(minutes), language)
    elif minutes < _DAY * (_DAYS_WITH_A_NAME - 1):  # up to six days ago, so that the weekday is unambiguous
        words = gettext("since %(day)s") % {"day": patterns.weekdays[local.weekday()]}
    else:
        words = gettext("since %(day)s") % {"day": relative_and_exact(local.date(), now)[0]}
    return words, _format(patterns.exact, local, patterns)


def due_in_short(due_at: datetime, now: datetime | None = None) -> str:
    """Return the distance of a due time, short enough for a column of a list: "in 3 h", "2 days over"."""
    zone = timezone.get_current_timezone()
    now, local = _local(now or timezone.now(), zone), _local(due_at, zone)
    minutes, is_over = int(abs((local - now).total_seconds()) / 60), local <= now
    if minutes < _HOUR:
        text = gettext("%(n)d min over") if is_over else gettext("in %(n)d min")
        return text % {"n": minutes}
    if minutes < _DAY:
        text = gettext("%(n)d h over") if is_over else gettext("in %(n)d h")
        return text % {"n": minutes // _HOUR}
    days = abs((local.date() - now.date()).days)  # calendar days: two from Wednesday to Friday
    if is_over:
        text = ngettext("%(n)d day over", "%(n)d days over", days)
    else:
        text = ngettext("in %(n)d day", "in %(n)d days", days)
    return text % {"n": days}


def moment_in_words(moment: datetime) -> str:
    """Return a stored moment in the user's time zone, exact to the second; "" if it has no offset."""
    # Without an offset, converting to the user's time zone would be a guess.
    if moment.tzinfo is None:
        return ""
    local = timezone.localtime(moment)
    words = own_words(local)
    if not words:
        seconds = f":{local:%S}" if local.second else ""
        words = relative_and_exact(moment, None)[1] + seconds
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return words
    # This hour exists twice, at the end of daylight saving time.
    pattern = gettext("%(time)s (the second of two, after the clocks are set back)")
    if not local.fold:
        pattern = gettext("%(time)s (the first of two, before the clocks are set back)")
    return pattern % {"time": words}
