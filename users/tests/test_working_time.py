"""Working days: weekends, public holidays, and the change of the clocks."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import SimpleTestCase

from users.models import Company
from users.public_holidays import countries, holidays_of, next_holidays, regions, validate_region
from users.working_time import WorkingTime

BERLIN = ZoneInfo("Europe/Berlin")


def working_time(region: str = "", *, weekdays: str = "01234", zone: str = "Europe/Berlin") -> WorkingTime:
    """Return the working time of a company with these settings."""
    return WorkingTime(frozenset(int(day) for day in weekdays), ZoneInfo(zone), region)


class Holidays(SimpleTestCase):
    """What the package says, as the site uses it."""

    def test_of_germany_and_of_bavaria(self) -> None:
        germany, bavaria = holidays_of("DE", 2026), holidays_of("DE-BY", 2026)
        self.assertEqual(
            [str(day) for day in sorted(germany)],
            [
                *("2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14"),
                *("2026-05-25", "2026-10-03", "2026-12-25", "2026-12-26"),
            ],
        )
        self.assertEqual(
            {str(day): bavaria[day] for day in bavaria.keys() - germany.keys()},
            {"2026-01-06": "Epiphany", "2026-06-04": "Corpus Christi", "2026-11-01": "All Saints' Day"},
        )

    def test_next_ones_go_on_into_the_next_year(self) -> None:
        self.assertEqual(
            next_holidays("DE", date(2026, 12, 25), 3),
            [
                (date(2026, 12, 26), "Second Day of Christmas"),
                (date(2027, 1, 1), "New Year's Day"),
                (date(2027, 3, 26), "Good Friday"),
            ],
        )
        self.assertEqual(next_holidays("", date(2026, 12, 25), 3), [])

    def test_countries_and_regions_have_names(self) -> None:
        self.assertIn(("DE", "Germany"), countries())
        self.assertIn(("BA", "Bosnia and Herzegovina"), countries())
        self.assertEqual(len(regions("GB")), 4)
        self.assertEqual(regions("GB")[0], ("GB-ENG", "England"))
        self.assertIn(("DE-BY", "Bayern"), regions("DE"))
        self.assertEqual((regions("LU"), regions("Nowhere"), regions("")), ([], [], []))

    def test_every_region_fits_its_column(self) -> None:
        longest = Company._meta.get_field("holiday_region").max_length
        codes = [code for country, _name in countries() for code, _title in regions(country)]
        self.assertGreater(len(codes), 600)
        self.assertLessEqual(max(map(len, codes)), longest or 0)

    def test_unknown_regions(self) -> None:
        for region in ("", "DE", "DE-BY"):
            validate_region(region)
        for region in ("XX", "DE-XX", "DE-", "-BY", "registry"):
            with self.subTest(region), self.assertRaises(ValidationError):
                validate_region(region)
        # A later release of the package may drop a region that a company had chosen.
        self.assertEqual(holidays_of("DE-XX", 2026), holidays_of("DE", 2026))
        self.assertEqual(holidays_of("XX", 2026), {})

    def test_the_package_is_not_loaded_as_the_site_starts(self) -> None:
        code = (
            "import sys, django; django.setup(); import ticketflower.urls;"
            "from users.working_time import WorkingTime;"
            "print(sorted(name for name in sys.modules if name.startswith('holidays')))"
        )
        found = subprocess.run(
            [sys.executable, "-c", code],
            cwd=settings.BASE_DIR,
            env={"DJANGO_SETTINGS_MODULE": "ticketflower.settings", "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        )
        self.assertEqual(found.stdout.strip(), "[]")


class WorkingDays(SimpleTestCase):
    """Counting working days."""

    def test_a_week_with_a_holiday(self) -> None:
        plain, germany = working_time(), working_time("DE")
        # Friday, 1 May 2026, is a holiday in Germany.
        self.assertTrue(plain.is_working_day(date(2026, 5, 1)))
        self.assertFalse(germany.is_working_day(date(2026, 5, 1)))
        self.assertEqual(plain.add_working_days(date(2026, 4, 29), 3), date(2026, 5, 4))
        self.assertEqual(germany.add_working_days(date(2026, 4, 29), 3), date(2026, 5, 5))
        self.assertEqual(germany.add_working_days(date(2026, 5, 5), -3), date(2026, 4, 29))
        self.assertEqual(germany.add_working_days(date(2026, 5, 2), 0), date(2026, 5, 2))

    def test_over_christmas(self) -> None:
        # 25 and 26 December (a Saturday), the new year, and in Bavaria Epiphany are no working days.
        self.assertEqual(working_time("DE-BY").add_working_days(date(2026, 12, 24), 8), date(2027, 1, 8))
        self.assertEqual(working_time("DE").add_working_days(date(2026, 12, 24), 8), date(2027, 1, 7))

    def test_weekends_other_than_saturday_and_sunday(self) -> None:
        # Sunday to Thursday, as in Saudi Arabia.
        week = working_time(weekdays="60123", zone="Asia/Riyadh")
        self.assertEqual(week.add_working_days(date(2026, 11, 26), 1), date(2026, 11, 29))
        self.assertFalse(week.is_working_day(date(2026, 11, 27)))
        self.assertEqual(
            working_time(weekdays="2").add_working_days(date(2026, 11, 25), 2), date(2026, 12, 9)
        )

    def test_before_a_moment(self) -> None:
        week = working_time()
        for moment, expected in {
            "Monday, the same time on Friday": (
                datetime(2026, 11, 30, 10, 30),
                datetime(2026, 11, 27, 10, 30),
            ),
            "Saturday, as it began": (datetime(2026, 11, 28, 10, 30), datetime(2026, 11, 27)),
            "Sunday, as it began": (datetime(2026, 11, 29, 23), datetime(2026, 11, 27)),
            "Friday, the same time on Thursday": (
                datetime(2026, 11, 27, 10, 30),
                datetime(2026, 11, 26, 10, 30),
            ),
        }.values():
            with self.subTest(moment=moment):
                found = week.working_days_before(moment.replace(tzinfo=BERLIN), 1)
                self.assertEqual(found, expected.replace(tzinfo=BERLIN))

    def test_the_clock_of_the_company_decides(self) -> None:
        # In Berlin it is Saturday already, and in New York still Friday, 18:30.
        moment = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
        self.assertEqual(working_time().working_days_before(moment, 1), datetime(2026, 11, 27, tzinfo=BERLIN))
        new_york = ZoneInfo("America/New_York")
        self.assertEqual(
            working_time(zone="America/New_York").working_days_before(moment, 1),
            datetime(2026, 11, 26, 18, 30, tzinfo=new_york),
        )

    def test_the_same_time_of_day_after_the_clocks_changed(self) -> None:
        # On 29 March 2026 clocks in Berlin go forward, on 25 October back: a day of 23 or 25 hours.
        week = working_time()
        self.assertEqual(
            week.working_days_before(datetime(2026, 3, 30, 7, tzinfo=UTC), 1),  # 9:00 in summer
            datetime(2026, 3, 27, 8, tzinfo=UTC),
        )
        self.assertEqual(
            week.working_days_before(datetime(2026, 10, 26, 8, tzinfo=UTC), 1),  # 9:00 in winter
            datetime(2026, 10, 23, 7, tzinfo=UTC),
        )

    def test_ten_days_over_easter(self) -> None:
        found = working_time("DE").working_days_before(datetime(2026, 4, 13, 12, tzinfo=BERLIN), 10)
        self.assertEqual(found, datetime(2026, 3, 26, 12, tzinfo=BERLIN))


class WorkingHours(SimpleTestCase):
    """Counting working hours, to the minute."""

    def nine_to_five(self, region: str = "", weekdays: str = "01234") -> WorkingTime:
        """Return the working time of a company that works from 9 to 17."""
        return replace(working_time(region, weekdays=weekdays), begins=time(9), ends=time(17))

    def assert_adds(self, week: WorkingTime, begin: str, hours: float, end: str) -> None:
        """Assert that `end` comes so many working hours after `begin`, both with the clock of Berlin."""
        first, last = (datetime.fromisoformat(each).replace(tzinfo=BERLIN) for each in (begin, end))
        self.assertEqual(week.add_working_time(first, timedelta(hours=hours)), last)
        self.assertEqual(week.working_time_between(first, last), timedelta(hours=hours))

    def test_days_and_nights(self) -> None:
        week = self.nine_to_five()
        self.assert_adds(week, "2026-11-24T10:20", 0.25, "2026-11-24T10:35")
        self.assert_adds(week, "2026-11-24T10:20", 8, "2026-11-25T10:20")
        self.assert_adds(week, "2026-11-24T09:00", 8, "2026-11-24T17:00")  # not the next morning
        self.assert_adds(week, "2026-11-24T03:00", 1, "2026-11-24T10:00")
        self.assert_adds(week, "2026-11-27T16:50", 1, "2026-11-30T09:50")  # over a weekend
        self.assert_adds(week, "2026-11-28T12:00", 40, "2026-12-04T17:00")

    def test_holidays(self) -> None:
        self.assert_adds(self.nine_to_five(region="DE"), "2026-04-30T16:00", 2, "2026-05-04T10:00")
        self.assert_adds(self.nine_to_five(), "2026-04-30T16:00", 2, "2026-05-01T10:00")

    def test_all_hours_of_working_days(self) -> None:
        self.assert_adds(working_time(), "2026-11-27T20:00", 8, "2026-11-30T04:00")
        always = working_time(weekdays="0123456")
        self.assert_adds(always, "2026-11-27T20:00", 48, "2026-11-29T20:00")

    def test_changes_of_the_clock(self) -> None:
        always = working_time(weekdays="0123456")
        self.assert_adds(always, "2026-03-28T12:00", 24, "2026-03-29T13:00")  # a day of 23 hours
        self.assert_adds(always, "2026-10-24T12:00", 24, "2026-10-25T11:00")  # a day of 25 hours
        week = self.nine_to_five()  # people work as the clock says
        self.assert_adds(week, "2026-03-27T16:00", 2, "2026-03-30T10:00")
        self.assert_adds(week, "2026-10-23T16:00", 2, "2026-10-26T10:00")

    def test_no_end_in_sight(self) -> None:
        week = replace(working_time(weekdays="0"), begins=time(9), ends=time(9, 1))
        begin = datetime(2026, 11, 24, tzinfo=UTC)
        self.assertEqual(week.add_working_time(begin, timedelta(hours=10_000)).year, 2036)

    def test_as_minute_by_minute(self) -> None:
        """Count each minute of three weeks around the change of the clocks."""
        week = self.nine_to_five(region="DE-BY", weekdays="01235")
        first = datetime(2026, 10, 16, 5, 7, tzinfo=UTC)
        worked, moment = 0, first
        while moment < first + timedelta(days=21):
            local = moment.astimezone(BERLIN)
            moment += timedelta(minutes=1)
            if week.is_working_day(local.date()) and time(9) <= local.time() < time(17):
                worked += 1
                if worked % 97 == 0:
                    self.assertEqual(week.add_working_time(first, timedelta(minutes=worked)), moment)
            if worked % 97 == 1:
                self.assertEqual(week.working_time_between(first, moment), timedelta(minutes=worked))
        self.assertGreater(worked, 5_000)
