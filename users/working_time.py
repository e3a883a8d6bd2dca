"""Which days a company works: its working days without public holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from users.public_holidays import holidays_of

if TYPE_CHECKING:
    from users.models import Company

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """When a company works: its days of the week (Monday is 0), in its time zone, without its holidays."""

    weekdays: frozenset[int]
    time_zone: ZoneInfo
    holiday_region: str = ""

    @classmethod
    def of(cls, company: Company) -> WorkingTime:
        """Return the working time of a company."""
        return cls(frozenset(company.working_days), ZoneInfo(company.time_zone), company.holiday_region)

    def is_working_day(self, day: date) -> bool:
        """Return whether the company works on this day."""
        return day.weekday() in self.weekdays and day not in holidays_of(self.holiday_region, day.year)

    def add_working_days(self, day: date, number: int) -> date:
        """Return the working day that is so many after this day, or before it if the number is negative."""
        step = _DAY if number > 0 else -_DAY
        for _each in range(abs(number)):
            day += step
            while not self.is_working_day(day):
                day += step
        return day

    def working_days_before(self, moment: datetime, number: int) -> datetime:
        """Return the moment so many working days before: the same time of day in the company's time zone.

        Nobody works between the end of a working day and the next one, so that a Sunday counts from where
        it began.
        """
        local = moment.astimezone(self.time_zone)
        clock = local.time() if self.is_working_day(local.date()) else time()
        day = self.add_working_days(local.date(), -number)
        return datetime.combine(day, clock, self.time_zone)
