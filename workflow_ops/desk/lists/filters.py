"""What filters of the desk's lists share."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ticketflower.filters import MAX_SEARCH_LENGTH

ANY = "all"
ME = "me"
NOBODY = "nobody"
GONE = "gone"


def midnight(day: date) -> datetime:
    """Return when the day begins in the reader's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def period(chosen: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """Return when the chosen days `since` and `until` begin and end, each None if it is not chosen."""
    since, until = chosen.get("since"), chosen.get("until")
    return midnight(since) if since else None, midnight(until + timedelta(days=1)) if until else None


def search_field() -> forms.CharField:
    """Return the search box of what belongs to tickets."""
    return forms.CharField(
        label=_("Number, words or person"),
        required=False,
        max_length=MAX_SEARCH_LENGTH,
        widget=forms.SearchInput,
    )
