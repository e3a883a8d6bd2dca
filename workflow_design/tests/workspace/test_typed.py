"""What people type: numbers, days, times and moments that have one meaning, and those that have none."""

from typing import Any

from django.core.exceptions import ValidationError
from django.test import SimpleTestCase
from django.utils import timezone

from workflow_design.definition.fields import Field
from workflow_design.definition.schema import DataValidator
from workflow_design.definition.values import FieldValidator
from workflow_design.tests.workspace.test_workspace_forms import SOURCES
from workflow_design.workspace.controls import DisplayNames
from workflow_design.workspace.field_types import PRESENTATIONS, in_words
from workflow_design.workspace.forms import WorkspaceForm

SCHEMA = {
    "type": "object",
    "properties": {
        "measure": {"type": "number"},
        "count": {"type": "integer"},
        "few": {"type": "number", "maximum": 500},
        "price": {"type": "number", "multipleOf": 0.01},
        "money": {"type": "number", "format": "money"},
        "half": {"type": "number", "multipleOf": 0.5},
        "day": {"type": "string", "format": "date"},
        "clock": {"type": "string", "format": "time"},
        "moment": {"type": "string", "format": "date-time"},
    },
}
VALIDATOR = DataValidator(SCHEMA)
NAMES = DisplayNames(people={}, files={})
YEAR = "Write the year with four digits, from 1900 to 2999."


def form(**data: str) -> WorkspaceForm:
    """Return a submitted form of these fields."""
    return WorkspaceForm(validator=VALIDATOR, names=list(data), layout=[], sources=SOURCES, data=data)


class TypedCase(SimpleTestCase):
    """A person in Berlin types something."""

    def setUp(self) -> None:
        self.enterContext(timezone.override("Europe/Berlin"))

    def assert_read(self, name: str, *expected: tuple[str, Any]) -> None:
        """Assert that a form and a condition read each text as this value."""
        field = VALIDATOR.fields[name]
        for text, value in expected:
            with self.subTest(field=name, text=text):
                typed = form(**{name: text})
                self.assertEqual(typed.errors, {})
                self.assertEqual(typed.values(), {name: value})
                self.assertIs(type(typed.values()[name]), type(value))
                self.assertEqual(PRESENTATIONS[field.type].read(text, field), value)

    def assert_refused(self, name: str, *texts: str, sentence: str = "") -> None:
        """Assert that each text is refused beside its field with this sentence, and shown again."""
        for text in texts:
            with self.subTest(field=name, text=text):
                typed = form(**{name: text})
                self.assertEqual(list(typed.errors), [name])
                self.assertIn(sentence, str(typed.errors[name]))
                self.assertEqual(typed[name].value(), text)


class NumberTests(TypedCase):
    def test_one_meaning(self) -> None:
        self.assert_read(
            "measure",
            *(
                ("3,75", 3.75),
                ("3.75", 3.75),
                ("-0,5", -0.5),
                ("\u22127", -7),
                ("+8", 8),
                ("007", 7),
                (".5", 0.5),
            ),
            *(("1.234.567", 1_234_567), ("1,234,567.25", 1_234_567.25), ("12.345,6", 12_345.6)),
            *(
                ("12 345,6", 12_345.6),
                ("12\u202f345", 12_345),
                ("12'345.6", 12_345.6),
                ("12\u2019345", 12_345),
                ("12\u2009345", 12_345),
            ),
            *(
                ("1234.567", 1234.567),
                ("0,125", 0.125),
                ("1.2340", 1.234),
                ("999999999999999", 999_999_999_999_999),
            ),
            *(("1000000000000000", 10**15), ("\u200e42", 42)),
        )

    def test_two_meanings(self) -> None:
        sentence = "can be read in two ways. Write 4250 for thousands, or 4.2500 for a decimal."
        self.assert_refused("measure", "4,250", "4.250", sentence=sentence)
        self.assert_read("measure", ("4250", 4250), ("4.2500", 4.25))

    def test_only_one_fits(self) -> None:
        thousands = (("4,250", 4250), ("4.250", 4250), ("-4.250", -4250))
        for name in ("count", "price", "money", "half"):
            self.assert_read(name, *thousands)
        self.assert_read("few", ("4,250", 4.25))
        self.assert_read("count", ("6,0", 6))
        self.assert_refused("few", "501", sentence="This must be at most 500.")
        self.assert_refused("count", "6,5", sentence="This must be a whole number.")
        two = "Enter at most 2 digits after the decimal point."
        self.assert_refused("price", "6,5055", "6.5055", sentence=two)
        self.assert_refused("price", "0,125", "1.234,567", sentence=two)
        self.assert_refused("count", "0.125", sentence="This must be a whole number.")
        self.assert_refused("money", "0.125", sentence="at most two decimals")
        self.assert_refused("count", "12abc", sentence="is not a whole number, such as 1250.")
        self.assert_refused("half", "6.3", sentence="This must be a multiple of 0.5.")

    def test_no_meaning(self) -> None:
        for name in ("measure", "count", "price", "money"):
            self.assert_refused(
                name,
                *(
                    "1_000",
                    "\u0661\u0662",
                    "1e3",
                    "--5",
                    "3e",
                    "5.",
                    "12abc",
                    "1,00,000",
                    "1.000.50",
                    "1,234.567,8",
                ),
                *("1,234 567", "NaN", "-", ".", "1\n000", "1" * 70, " " * 99 + "1 x"),
                sentence=" is not a",
            )

    def test_more_digits_than_are_kept(self) -> None:
        for text in ("1234567890123456", "0.1234567890123456", "9007199254740993", "9" * 40, "1" + "0" * 40):
            self.assert_refused("measure", text, sentence="too many digits")

    def test_a_number_is_shown_as_it_would_be_typed(self) -> None:
        for name, value, text in (
            *(("measure", 4.25, "4.25"), ("measure", 1.234, "1.2340"), ("measure", 0.1 + 0.2, "0.3")),
            *(("measure", 0.0000001, "0.0000001"), ("measure", 12_345, "12345"), ("price", 2.5, "2.50")),
            *(("money", 4250, "4250.00"), ("half", 2.5, "2.5"), ("count", 0, "0")),
        ):
            with self.subTest(name, value=value):
                field = VALIDATOR.fields[name]
                self.assertEqual(PRESENTATIONS[field.type].as_typed(value, field), text)

    def test_in_words(self) -> None:
        for name, value, words in (
            *(
                ("measure", 0.1 + 0.7, "0.8"),
                ("measure", 2e15, "2,000,000,000,000,000"),
                ("measure", 420.0, "420"),
            ),
            *(("measure", -1250.5, "-1,250.5"), ("measure", 1e-7, "0.0000001"), ("measure", -0.0, "0")),
            *(("count", 9_007_199_254_740_991, "9,007,199,254,740,991"), ("half", 420.0, "420")),
            *(
                ("price", 420.0, "420.00"),
                ("price", 7.5, "7.50"),
                ("price", 0, "0.00"),
                ("money", 7.5, "7.50"),
            ),
        ):
            with self.subTest(name, value=value):
                self.assertEqual(in_words(VALIDATOR.fields[name], value, NAMES), words)


class DayTests(TypedCase):
    def test_one_meaning(self) -> None:
        day = "2026-03-09"
        self.assert_read(
            "day",
            *(
                (text, day)
                for text in ("2026-03-09", "2026-3-9", "2026/03/09", "9.3.2026", "09.03.2026", "9. 3. 2026")
            ),
            *(
                (text, day)
                for text in ("9 March 2026", "9 mar 2026", "March 9, 2026", "9th March 2026", "9-Mar-2026")
            ),
            *(("31/12/2026", "2026-12-31"), ("12/31/2026", "2026-12-31"), ("5-5-2026", "2026-05-05")),
            *(("29.2.2028", "2028-02-29"), ("1900-01-01", "1900-01-01"), ("31.12.2999", "2999-12-31")),
        )

    def test_two_meanings(self) -> None:
        sentence = "can be read in two ways. Write 2026-03-09 or 2026-09-03."
        self.assert_refused("day", "9/3/2026", "03-09-2026", sentence=sentence)

    def test_no_meaning(self) -> None:
        self.assert_refused(
            "day", "0026-03-09", "9.3.26", "9 March 26", "1899-12-31", "3000-01-01", sentence=YEAR
        )
        self.assert_refused("day", "9.3.", "9.3", "9 March", "0903", "March", sentence="")
        self.assert_refused("day", "9.3.", "9/3", "9 March", sentence="The year is missing")
        self.assert_refused(
            "day", "29.2.2026", "2026-13-01", "31/31/2026", "9 Ma 2026", "soon", "2026", "9 3 2026"
        )


class TimeTests(TypedCase):
    def test_one_meaning(self) -> None:
        self.assert_read(
            "clock",
            *(
                ("7:05", "07:05"),
                ("07.05", "07:05"),
                ("7h05", "07:05"),
                ("19:05", "19:05"),
                ("7:05 pm", "19:05"),
            ),
            *(
                ("7.05 P.M.", "19:05"),
                ("7pm", "19:00"),
                ("12:05 am", "00:05"),
                ("12 pm", "12:00"),
                ("7:05:00", "07:05"),
            ),
            *(("07:05:09", "07:05:09"), ("07:05:00+02:00", "07:05:00+02:00")),
        )

    def test_no_meaning(self) -> None:
        self.assert_refused("clock", "7", "07", "705", sentence="Write hours and minutes, such as 09:30.")
        self.assert_refused("clock", "7:", "24:00", "7:60", "13:00 pm", "0:30 am", "noon", "7:5", "x:00")


class MomentTests(TypedCase):
    def test_one_meaning(self) -> None:
        self.assert_read(
            "moment",
            *(
                (text, "2026-07-01T07:30:00Z")
                for text in (
                    *(
                        "2026-07-01T09:30",
                        "2026-07-01 09:30",
                        "2026-07-01 09:30:00",
                        "1.7.2026 9:30",
                        "1.7.2026, 9.30",
                    ),
                    *(
                        "1 July 2026, 9:30 am",
                        "July 1, 2026 at 9:30",
                        "2026-07-01T07:30:00Z",
                        "2026-07-01 10:30+03:00",
                    ),
                )
            ),
            *(("1.7.2026 9pm", "2026-07-01T19:00:00Z"), ("2026-07-01 09:30:15", "2026-07-01T07:30:15Z")),
        )

    def test_no_meaning(self) -> None:
        self.assert_refused(
            "moment", "1.7.2026", "2026-07-01", sentence="The time is missing. Write it after"
        )
        self.assert_refused("moment", "0026-07-01T09:30", "1.7.26 9:30", "9999-12-31T23:59", sentence=YEAR)
        self.assert_refused("moment", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", sentence=YEAR)
        self.assert_refused("moment", "1/7/2026 9:30", sentence="two ways")
        self.assert_refused("moment", "1.7. 9:30", sentence="The year is missing")
        self.assert_refused(
            "moment", "9:30", "tomorrow 9:30", "1.7.2026 9", "1.7.2026 25:00", "31.2.2026 9:30"
        )

    def test_an_hour_that_exists_twice_is_the_first_and_says_so(self) -> None:
        self.assert_read(
            "moment",
            ("2027-10-31T02:15", "2027-10-31T00:15:00Z"),
            ("2027-10-31 02:15+01:00", "2027-10-31T01:15:00Z"),
        )
        field = VALIDATOR.fields["moment"]
        for value, words, typed in (
            (
                "2027-10-31T00:15:00Z",
                "31 October 2027, 02:15 (the first of two, before the clocks are set back)",
                "2027-10-31 02:15",
            ),
            (
                "2027-10-31T01:15:00Z",
                "31 October 2027, 02:15 (the second of two, after the clocks are set back)",
                "2027-10-31 02:15+01:00",
            ),
            ("2027-10-31T02:15:00Z", "31 October 2027, 03:15", "2027-10-31 03:15"),
        ):
            self.assertIn(f">{words}<", in_words(field, value, NAMES))
            self.assertEqual(PRESENTATIONS[field.type].as_typed(value, field), typed)
            self.assertEqual(PRESENTATIONS[field.type].read(typed, field), value)

    def test_an_hour_that_is_passed_over(self) -> None:
        self.assert_refused(
            "moment",
            "2027-03-28 02:15",
            sentence="There is no 02:15 on that day: the clocks are set forward.",
        )

    def test_the_first_and_the_last_moment_of_each_time_zone(self) -> None:
        moment = VALIDATOR.fields["moment"]
        read, as_typed = PRESENTATIONS[moment.type].read, PRESENTATIONS[moment.type].as_typed
        for zone in ("Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York", "UTC"):
            with self.subTest(zone), timezone.override(zone):
                for text in ("1900-01-01 00:00", "2999-12-31 23:59:59"):
                    stored = read(text, moment)
                    self.assertEqual(FieldValidator(moment).problems(stored), [])
                    self.assertEqual(as_typed(stored, moment), text)
                for text in ("1899-12-31 23:59:59", "3000-01-01 00:00"):
                    with self.assertRaisesMessage(ValidationError, YEAR):
                        read(text, moment)
        with timezone.override("Europe/Berlin"):
            self.assertEqual(read("1899-12-31T23:00:00Z", moment), "1899-12-31T23:00:00Z")
        for text in ("1899-12-31T23:00:00Z", "3000-01-01T00:30:00+00:00"):
            with timezone.override("UTC"), self.assertRaisesMessage(ValidationError, YEAR):
                read(text, moment)

    def test_no_stored_moment_breaks_a_page_elsewhere(self) -> None:
        moment = VALIDATOR.fields["moment"]
        for stored in (
            "1900-01-01T00:00:00Z",
            "2999-12-31T23:59:59Z",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59-12:00",
        ):
            for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"):
                with self.subTest(stored, zone=zone), timezone.override(zone):
                    self.assertTrue(in_words(moment, stored, NAMES))
                    self.assertTrue(PRESENTATIONS[moment.type].as_typed(stored, moment))

    def test_what_is_shown(self) -> None:
        for name, value, words in (
            *(
                ("moment", "2026-07-01T07:30:15Z", ">1 July 2026, 09:30:15<"),
                ("clock", "06:45:00", ">06:45<"),
            ),
            *(("clock", "06:45:30", ">06:45:30<"), ("clock", "06:45:00.05", ">06:45:00.05<")),
            *(("clock", "06:45:00.00Z", ">06:45Z<"), ("clock", "06:45:00+02:00", ">06:45+02:00<")),
        ):
            self.assertIn(words, in_words(VALIDATOR.fields[name], value, NAMES))


class ConditionTests(TypedCase):
    def test_the_same_refusals(self) -> None:
        for name, text in (("measure", "4,250"), ("day", "9/3/2026"), ("moment", "1.7.2026"), ("clock", "7")):
            field: Field = VALIDATOR.fields[name]
            with self.subTest(name), self.assertRaises(ValidationError):
                PRESENTATIONS[field.type].read(text, field)
