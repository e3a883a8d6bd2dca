"""The working time of a company: its hours on its working days, except public holidays."""

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
    """The working time of a company: days of the week (Monday is 0) in its time zone, except holidays.

    Without `begins` and `ends`, all hours of a working day count.
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
        """Return the day that is this many working days after `day` (before it, if negative)."""
        step = _DAY if number > 0 else -_DAY
        for _each in range(abs(number)):
            day += step
            while not self.is_working_day(day):
                day += step
        return day

    def working_days_before(self, moment: datetime, number: int) -> datetime:
        """Return the time this many working days earlier, at the same time of day in the company's time zone.

        A time on a non-working day, such as a Sunday, counts like the beginning of that day, because nobody
        works until the next working day.
        """
        local = moment.astimezone(self.time_zone)
        clock = local.time() if self.is_working_day(local.date()) else time()
        day = self.add_working_days(local.date(), -number)
        return datetime.combine(day, clock, self.time_zone)

    def hours_of(self, day: date) -> tuple[datetime, datetime] | None:
        """Return the begin and end of work on a day, in UTC (for correct durations), or None."""
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
        """Return when `length` of working time since `moment` has passed, in UTC; at most ten years later.

        If working time ends exactly with a working day, the result is on that day, not the next morning.
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
        """Return the working time between two times; at most ten years are counted."""
        total, day = timedelta(), begin.astimezone(self.time_zone).date()
        last = min(end.astimezone(self.time_zone).date(), day + _MOST_DAYS * _DAY)
        while day <= last:
            if hours := self.hours_of(day):
                total += max(min(end, hours[1]) - max(begin, hours[0]), timedelta())
            day += _DAY
        return total
