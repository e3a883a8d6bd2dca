"""The periods of reports: predefined choices, and the units of time of their charts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

MOST_MONTHS: Final = 13
_MOST_DAYS, _MOST_WEEKS = 31, 26


class Period(TextChoices):
    """The predefined periods of reports."""

    THIS_MONTH = "this-month", _("This month")
    LAST_MONTH = "last-month", _("Last month")
    LAST_QUARTER = "last-quarter", _("Last quarter")
    LAST_YEAR = "last-year", _("The last 12 months")
    DAYS = "days", _("From one day to another")

    def days(self, today: date) -> tuple[date, date]:
        """Return the first and last day of a predefined period; the last 12 months are whole months."""
        this_month = today.replace(day=1)
        quarter = add_months(this_month, -((today.month - 1) % 3))
        first, end = {
            Period.THIS_MONTH: (this_month, today + timedelta(days=1)),
            Period.LAST_MONTH: (add_months(this_month, -1), this_month),
            Period.LAST_QUARTER: (add_months(quarter, -3), quarter),
            Period.LAST_YEAR: (add_months(this_month, -12), this_month),
        }[self]
        return first, end - timedelta(days=1)


def add_months(first_of_month: date, months: int) -> date:
    """Return the first day of the month that is this many months later."""
    count = first_of_month.year * 12 + first_of_month.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def is_too_long(first_day: date, last_day: date) -> bool:
    """Return whether the period is longer than reports may be."""
    month = add_months(first_day.replace(day=1), MOST_MONTHS)
    end = min(first_day.day, (add_months(month, 1) - month).days)
    return last_day >= month.replace(day=end)


def unit_of(first_day: date, last_day: date) -> str:
    """Return the unit in which the period is counted: "day", "week" or "month"."""
    days = (last_day - first_day).days + 1
    if days <= _MOST_DAYS:
        return "day"
    return "week" if days <= _MOST_WEEKS * 7 else "month"
