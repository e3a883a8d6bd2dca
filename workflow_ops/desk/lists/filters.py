"""Filters that the desk's lists share."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ticketflower.filters import search_box
from users.models import Company

ANY = "all"
ME = "me"
NOBODY = "nobody"
GONE = "gone"
OVERDUE, TODAY, WEEK = "overdue", "today", "week"
_DAYS: Final = {TODAY: 1, WEEK: 7}


def midnight(day: date) -> datetime:
    """Return when the day begins in the reader's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def period(chosen: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """Return the beginning of the chosen day `since` and the end of `until`, each None if not chosen."""
    since, until = chosen.get("since"), chosen.get("until")
    return midnight(since) if since else None, midnight(until + timedelta(days=1)) if until else None


def old_enough(end: datetime | None, chosen: Mapping[str, Any]) -> datetime | None:
    """Return the end of a period, moved to an earlier time if the chosen minimum `age` requires it."""
    if "age" not in chosen:
        return end
    oldest = timezone.now() - timedelta(days=chosen["age"])
    return min(end, oldest) if end else oldest


def due_field() -> forms.ChoiceField:
    """Return the filter by due time."""
    choices = [("", _("Any")), (OVERDUE, _("Overdue")), (TODAY, _("Today")), (WEEK, _("Within 7 days"))]
    return forms.ChoiceField(label=_("Due"), required=False, choices=choices)


def is_due(chosen: str, company: Company | None, column: str) -> dict[str, datetime]:
    """Return the lookups on a column of due times for a value of this filter.

    Days are those of the company's time zone, because due times follow its working time. "Today" and "Within
    7 days" include the whole of today.
    """
    now = timezone.now()
    if chosen == OVERDUE:
        return {f"{column}__lte": now}
    assert company is not None
    zone = ZoneInfo(company.time_zone)
    today = now.astimezone(zone).date()
    begin, end = (datetime.combine(day, time.min, zone) for day in (today, today + timedelta(_DAYS[chosen])))
    return {f"{column}__gte": begin, f"{column}__lt": end}


def search_field() -> forms.CharField:
    """Return the search box for lists of rows that belong to tickets."""
    return search_box(_("Number, words or person"))
