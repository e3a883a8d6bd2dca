"""When a company works: its hours on its working days, without public holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from users.public_holidays import holidays_of

if TYPE_CHECKING:
    from users.models import Company

_DAY: Final = timedelta(days=1)
_MOST_DAYS: Final = 3653


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """When a company works: its days of the week (Monday is 0), in its time zone, without its holidays.

    Without hours, `begins` and `ends`, all of a working day counts.
    """

    weekdays: frozenset[int]
    time_zone: ZoneInfo
    holiday_region: str = ""
    begins: time | None = None
    ends: time | None = None

    @classmethod
    def of(cls, company: Company) -> WorkingTime:
        """Return the working time of a company."""
        return cls(
            weekdays=frozenset(company.working_days),
            time_zone=ZoneInfo(company.time_zone),
            holiday_region=company.holiday_region,
            begins=company.day_begins,
            ends=company.day_ends,
        )

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

    def hours_of(self, day: date) -> tuple[datetime, datetime] | None:
        """Return when the work of a day begins and ends, in UTC, so that lengths are real; or None."""
        if not self.is_working_day(day):
            return None
        begins = datetime.combine(day, self.begins or time(), self.time_zone)
        ends = (
            datetime.combine(day, self.ends, self.time_zone)
            if self.ends
            else datetime.combine(day + _DAY, time(), self.time_zone)
        )
        return begins.astimezone(UTC), ends.astimezone(UTC)

    def add_working_time(self, moment: datetime, length: timedelta) -> datetime:
        """Return the first moment with so much working time since `moment`, in UTC; at most ten years later.

        What ends with a working day ends that day, not on the next morning.
        """
        left, day = length, moment.astimezone(self.time_zone).date()
        begin = moment.astimezone(UTC)
        for _each in range(_MOST_DAYS):
            if hours := self.hours_of(day):
                begin = max(begin, hours[0])
                if begin + left <= hours[1]:
                    return begin + left
                left -= max(hours[1] - begin, timedelta())
            day += _DAY
        return moment + _MOST_DAYS * _DAY

    def working_time_between(self, begin: datetime, end: datetime) -> timedelta:
        """Return how much working time lies between two moments; of ten years at most."""
        total, day = timedelta(), begin.astimezone(self.time_zone).date()
        last = min(end.astimezone(self.time_zone).date(), day + _MOST_DAYS * _DAY)
        while day <= last:
            if hours := self.hours_of(day):
                total += max(min(end, hours[1]) - max(begin, hours[0]), timedelta())
            day += _DAY
        return total
