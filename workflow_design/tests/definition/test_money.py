"""Money: amounts with two decimals in the currency of the company."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.test import SimpleTestCase

from users.models import Company
from users.sessions import use_format_of
from workflow_design.check.values.samples import build_samples
from workflow_design.check.values.uses import collect_uses
from workflow_design.definition.field_types import MONEY
from workflow_design.definition.fields import Examples
from workflow_design.definition.schema import DataValidator
from workflow_design.editor.conditions.rules import rule_to_rows
from workflow_design.editor.conditions.values import comparable_fields, group_to_typed, parse_group
from workflow_design.wording.rules import Vocabulary, describe_rule
from workflow_design.workspace.controls import DisplayNames, Sources
from workflow_design.workspace.field_types import in_words, input_attributes
from workflow_design.workspace.forms import WorkspaceForm
from workflow_design.workspace.typed import read_number

SCHEMA = {
    "type": "object",
    "properties": {
        "price": {"type": "number", "format": "money", "title": "Price", "minimum": 0},
        "limit": {"type": "number"},
    },
}
VALIDATOR = DataValidator(SCHEMA)
PRICE = VALIDATOR.fields["price"]
NAMES = DisplayNames(people={}, files={})
EXAMPLES = Examples(date(2026, 1, 31), [], [])


def form(**options: Any) -> WorkspaceForm:
    """Return the form of the price."""
    sources = Sources(people=list, files=lambda _ids: {})
    return WorkspaceForm(validator=VALIDATOR, names=["price"], layout=[], sources=sources, **options)


def samples(*rules: Any) -> set[float]:
    """Return the prices that the check tries for these conditions."""
    return set(build_samples(PRICE, collect_uses(rules, fields={"price": PRICE})["price"]))


class MoneyTests(SimpleTestCase):
    def test_the_example_is_within_the_limits(self) -> None:
        for minimum, maximum, example in ((0, None, 0), (None, 0.5, 0.5), (10.55, 10.7, 10.7)):
            field = replace(PRICE, minimum=minimum, maximum=maximum)
            self.assertEqual(MONEY.example(field, EXAMPLES), example)

    def test_what_fits(self) -> None:
        for amount in (0, 5, 12.5, 19.99, 0.07, 1_000_000.01, 9_999_999_999_999.99):
            self.assertEqual(VALIDATOR.problems({"price": amount}), [], amount)
        for amount, code in ((0.001, "malformed"), (0.1 + 0.2, "malformed"), (-1, "out-of-bounds")):
            self.assertEqual([each.code for each in VALIDATOR.problems({"price": amount})], [code], amount)
        for other in ("5", True, [5]):
            self.assertEqual([each.code for each in VALIDATOR.problems({"price": other})], ["wrong-type"])

    def test_what_is_typed(self) -> None:
        for text, amount in (
            *(("0", 0), ("5", 5), ("1000", 1000), ("1,000", 1000), ("1.000", 1000), ("1 000", 1000)),
            *(("1'000", 1000), ("1,000,000", 1_000_000), ("12,5", 12.5), ("12.50", 12.5), ("0,07", 0.07)),
            *(("1,000.50", 1000.5), ("1.000,50", 1000.5), ("1 000,5", 1000.5), ("-3.20", -3.2)),
            ("1234567890123.45", 1234567890123.45),
        ):
            self.assertEqual(read_number(text, PRICE), amount, text)
        for text in (
            *(
                "x",
                "1.2345",
                "1.000.50",
                "1,000,50",
                "1,00,000",
                "0,123",
                "1000,000",
                "1234567890123456",
                "--1",
            ),
            *("1e3", "NaN", "٣", "5 EUR", "1,000 000", "5."),
        ):
            with self.subTest(text):
                self.assertEqual(list(form(data={"price": text}).errors), ["price"])

    def test_the_form(self) -> None:
        with use_format_of(Company(currency="CHF")):
            html = str(form(workspace={"price": 1250.5})["price"])
        self.assertInHTML('<span class="input-group-text" id="price-currency">CHF</span>', html)
        for part in (
            'type="text"',
            'aria-describedby="price-currency"',
            'inputmode="decimal"',
            'value="1250.50"',
        ):
            self.assertIn(part, html)
        self.assertEqual(form(data={"price": " 1.250,50 "}).values(), {"price": 1250.5})
        self.assertEqual(form(data={"price": ""}).values(), {})

    def test_a_third_decimal_is_refused_and_kept(self) -> None:
        refused = form(data={"price": "1.2345"})
        sentence = "This is not an amount with at most two decimals, such as 1,250.50."
        self.assertEqual(refused.errors, {"price": [sentence]})
        self.assertIn('value="1.2345"', str(refused["price"]))
        [problem] = VALIDATOR.problems({"price": 1.234})
        self.assertEqual(problem.message, sentence)

    def test_what_is_shown(self) -> None:
        self.assertEqual(in_words(PRICE, 1250.5, NAMES), "1,250.50")
        with use_format_of(Company(currency="EUR")):
            for amount, text in (
                (1250.5, "1,250.50"),
                (1_000_000, "1,000,000.00"),
                (0.07, "0.07"),
                (-3, "-3.00"),
            ):
                self.assertEqual(in_words(PRICE, amount, NAMES), f"{text}\u00a0EUR")

    def test_conditions(self) -> None:
        rule = {"and": [{">": [{"var": "price"}, 1000]}, {"<=": [10.5, {"var": "price"}, 99.99]}]}
        vocabulary = Vocabulary.of_schema(SCHEMA)
        self.assertEqual(
            describe_rule(rule, vocabulary),
            "Price is more than 1,000.00 and Price is between 10.50 and 99.99",
        )
        rows = rule_to_rows(rule, VALIDATOR.fields)
        assert rows is not None
        typed = group_to_typed(rows, VALIDATOR.fields)
        self.assertEqual([row.values for row in typed.items], [("1000.00",), ("10.50", "99.99")])  # type: ignore[union-attr]
        self.assertEqual(parse_group(typed, VALIDATOR.fields), (rows, {}))
        self.assertEqual([field.name for field in comparable_fields(PRICE, VALIDATOR.fields)], ["limit"])
        self.assertEqual(input_attributes(PRICE), {"inputmode": "decimal"})

    def test_a_constant_between_two_cents_is_left_to_json(self) -> None:
        self.assertIsNone(rule_to_rows({">": [{"var": "price"}, 10.005]}, VALIDATOR.fields))

    def test_an_amount_from_elsewhere_is_not_read_as_thousands(self) -> None:
        text = form(workspace={"price": 10.005})["price"].value()
        self.assertEqual(set(form(data={"price": text}).errors), {"price"})

    def test_the_check_tries_cents(self) -> None:
        self.assertEqual(samples({">": [{"var": "price"}, 100]}), {100, 100.01})
        # No amount is between two cents, so the next ones on both sides decide.
        self.assertEqual(samples({">": [{"var": "price"}, 0.075]}), {0.07, 0.08})
        self.assertEqual(samples({"==": [{"var": "price"}, 0.075]}), {0.07})

    def test_only_what_makes_sense_may_limit_it(self) -> None:
        self.assertEqual(MONEY.spelling, {"type": "number", "format": "money"})
        for keyword in ("multipleOf", "maxLength"):
            with self.assertRaisesMessage(ValueError, f"“{keyword}” is not supported for Money"):
                DataValidator({"type": "object", "properties": {"x": {**MONEY.spelling, keyword: 1}}})
        with self.assertRaisesMessage(ValueError, "Unknown format. Known formats: money."):
            DataValidator({"type": "object", "properties": {"x": {"type": "number", "format": "euro"}}})
