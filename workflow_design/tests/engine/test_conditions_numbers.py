"""Arithmetic in rules is exact: compared with public symptoms, and with fractions computed here."""

import operator
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import Any, Final

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.evaluation import apply_transform, evaluate
from workflow_design.tests.definition.json_strategies import fuzzed
from workflow_design.tests.engine.test_conditions_values import ValueTestCase

LARGEST: Final = 2**53 - 1


def v(name: str) -> dict[str, str]:
    return {"var": name}


class ExactNumberTests(ValueTestCase):
    def test_a_sum_of_cents_on_the_limit_is_on_the_limit(self) -> None:
        total = {"+": [v("hotel"), v("meals"), v("travel")]}
        trip = {"hotel": 82.79, "meals": 8.06, "travel": 9.15}
        for comparison, expected in (("<=", True), (">=", True), ("==", True), ("===", True), (">", False)):
            self.is_value({comparison: [total, 100]}, expected, **trip)
            self.is_value({comparison: [100.0, total]}, expected, **trip)
        self.is_value({"<=": [0, total, 100]}, True, **trip)
        self.is_value({"in": [total, [50, 100.0]]}, True, **trip)
        self.is_value({"if": [{">": [total, 100]}, "boss", "nobody"]}, "nobody", **trip)

    def test_products_differences_and_quotients(self) -> None:
        self.is_value({"==": [{"*": [19.99, 100]}, 1999]}, True)
        self.is_value({"==": [{"*": ["19.99", 100]}, "1999"]}, True)
        self.is_value({"==": [{"-": [0.3, 0.1]}, 0.2]}, True)
        self.is_value({"==": [{"*": [{"/": [1, 3]}, 3]}, 1]}, True)
        self.is_value({"<": [{"/": [1, 3]}, 0.3333333333333333]}, False)
        self.is_value({">": [{"/": [1, 3]}, 0.3333333333333333]}, True)
        self.is_value({"<": [{"max": [{"+": [0.1, 0.2]}, 0.1]}, 0.30000000000000004]}, True)
        self.is_value({"==": [{"min": [{"+": [0.1, 0.2]}, 0.5]}, 0.3]}, True)
        self.is_value({"==": [[{"+": [0.1, 0.2]}], [0.3]]}, True)

    def test_a_sum_over_a_list(self) -> None:
        rows = [{"price": price, "pieces": pieces} for price, pieces in ((0.1, 3), (19.99, 100), (0.7, 1))]
        cost = {"*": [v("current.price"), v("current.pieces")]}
        total = {"reduce": [v("rows"), {"+": [v("accumulator"), cost]}, 0]}
        self.is_value({"==": [total, 2000]}, True, rows=rows)
        thirds = {"map": [v("rows"), {"/": [v("pieces"), 3]}]}
        added = {"reduce": [thirds, {"+": [v("accumulator"), v("current")]}, 0]}
        self.is_value({"*": [added, 3]}, 104, rows=rows)

    def test_what_leaves_a_rule_is_the_nearest_float(self) -> None:
        self.is_value({"+": [0.1, 0.2]}, 0.3)
        self.is_value({"/": [1, 3]}, 1 / 3)
        self.is_value({"*": [0.5, 4]}, 2)
        self.is_value({"map": [[0.1], {"+": [v(""), 0.2]}]}, [0.3])
        self.is_value({"cat": [{"+": [0.1, 0.2]}, " ", {"/": [7, 2]}]}, "0.3 3.5")
        self.is_value({"reduce": [[0.1], v(""), {"+": [0.1, 0.2]}]}, {"current": 0.1, "accumulator": 0.3})
        self.assertEqual(apply_transform({"total": {"+": [0.1, 0.2]}}, {}, {}), {"total": 0.3})

    def test_a_remainder_has_the_sign_of_what_is_divided(self) -> None:
        for left, right, expected in (
            (7, 3, 1),
            (-7, 3, -1),
            (7, -3, 1),
            (-7, -3, -1),
            (-6, 3, 0),
            (-7.5, 2, -1.5),
            (5.5, 0.1, 0),
            ("-1", "2", -1),
        ):
            self.is_value({"%": [left, right]}, expected)

    def test_errors_show_numbers_as_they_are_stored(self) -> None:
        self.fails({"/": [{"+": [0.1, 0.2]}, 0]}, "0.3, 0", "divided by zero")
        self.fails({"+": [[{"+": [0.1, 0.2]}], 1]}, "[0.3] is not a number")
        self.fails({"substr": ["abc", {"/": [1, 2]}]}, "whole number")

    def test_large_and_small_numbers_stay_within_limits(self) -> None:
        tiny = 5e-324
        self.is_value({"*": [tiny, tiny]}, 0)
        self.is_value({"==": [{"-": [LARGEST, tiny]}, LARGEST]}, False)
        self.is_value({"%": [LARGEST, tiny]}, 0)
        self.fails({"*": [1e308, 1e308]}, "larger than")
        self.fails({"/": [1, tiny]}, "larger than")
        self.fails({"+": [LARGEST, 0.1]}, "larger than")
        chain = {"reduce": [v("many"), {"/": [v("accumulator"), v("current")]}, 1]}
        self.is_value({"<": [0, chain, 1]}, False, many=[1.0000001] * 1_500 + [9007199254740881] * 500)
        harmonic = {"reduce": [v("many"), {"+": [v("accumulator"), {"/": [1, v("current")]}]}, 0]}
        self.is_value({"<": [7, harmonic, 8]}, True, many=list(range(1, 1_501)))


decimals = st.one_of(
    st.integers(-50, 50),
    st.decimals(-1000, 1000, allow_nan=False, allow_infinity=False, places=2).map(float),
    st.sampled_from([0.1, 0.2, 0.3, 19.99, 1e-7, 1234567.891, 0.5, 3.0]),
)
DATA: Final[dict[str, Any]] = {"a": 82.79, "b": 8.06, "c": 9.15, "n": 3, "rows": [0.1, 0.2, 7, -4.5]}


def calculations(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    pairs = st.tuples(st.sampled_from(["+", "-", "*", "/", "%", "min", "max"]), inner, inner)
    sums = st.tuples(st.sampled_from(["+", "*"]), st.lists(inner, min_size=1, max_size=4))
    total = {"reduce": [v("rows"), {"+": [v("accumulator"), v("current")]}]}
    return st.one_of(
        pairs.map(lambda parts: {parts[0]: list(parts[1:])}),
        sums.map(lambda parts: {parts[0]: parts[1]}),
        inner.map(lambda part: {"-": [part]}),
        inner.map(lambda part: {"reduce": [*total["reduce"], part]}),
    )


rules = st.recursive(decimals | st.sampled_from([v(name) for name in "abcn"]), calculations, max_leaves=8)


class NoNumberError(Exception):
    """The engine refuses this calculation as well."""


def decimal(number: float) -> Fraction:
    return Fraction(Decimal(str(number)))


def calculate(rule: Any) -> Fraction:
    """Return the exact value of a rule of numbers, in the plainest way."""
    if not isinstance(rule, dict):
        return decimal(rule)
    ((name, arguments),) = rule.items()
    if name == "var":
        return decimal(DATA[arguments])
    if name == "reduce":
        return within(
            reduce(lambda so_far, row: within(so_far + decimal(row)), DATA["rows"], calculate(arguments[2]))
        )
    values = [calculate(argument) for argument in arguments]
    if name == "-" and len(values) == 1:
        return -values[0]
    if name in ("/", "%") and values[1] == 0:
        raise NoNumberError
    return reduce(lambda left, right: within(STEPS[name](left, right)), values)


def remainder(left: Fraction, right: Fraction) -> Fraction:
    quotient = left / right
    whole = abs(quotient.numerator) // quotient.denominator
    return left - right * (whole if quotient > 0 else -whole)


STEPS: Final[dict[str, Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": remainder,
    "min": min,
    "max": max,
}


def within(number: Fraction) -> Fraction:
    if abs(number) > LARGEST:
        raise NoNumberError
    return number


class BruteForceTests(ValueTestCase):
    @settings(fuzzed, max_examples=300)
    @given(rules, rules, rules, st.sampled_from(["<", "<=", ">", ">=", "==", "!=", "===", "!=="]))
    def test_comparisons_of_calculations(self, left: Any, right: Any, third: Any, comparison: str) -> None:
        plain = {**vars(operator), "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
        plain |= {"==": operator.eq, "===": operator.eq, "!=": operator.ne, "!==": operator.ne}
        sides = [left, right, third] if comparison in ("<", "<=") else [left, right]
        try:
            values = [calculate(side) for side in sides]
        except NoNumberError:
            assume(False)
        expected = all(plain[comparison](*pair) for pair in pairwise(values))
        self.assertIs(evaluate({comparison: sides}, DATA), expected)

    @settings(fuzzed, max_examples=200)
    @given(rules)
    def test_results_are_the_nearest_float(self, rule: Any) -> None:
        try:
            expected = float(calculate(rule))
        except NoNumberError:
            with self.assertRaisesMessage(ConditionError, "can't be applied"):
                evaluate(rule, DATA)
        else:
            self.assertEqual(evaluate(rule, DATA), expected)
            self.assertIs(evaluate({"in": [rule, [None, "x", rule]]}, DATA), True)


class ComposedTextTests(ValueTestCase):
    """The same text typed on different systems is the same: with a letter and its mark as one or as two."""

    def test_equal_texts(self) -> None:
        composed, apart = "M\u00fcller", "Mu\u0308ller"
        for left, right in ((composed, apart), (apart, composed)):
            for equality, expected in (("==", True), ("===", True), ("!=", False), ("!==", False)):
                self.is_value({equality: [v("name"), right]}, expected, name=left)
            for size, expected in (("<", False), ("<=", True), (">", False), (">=", True)):
                self.is_value({size: [v("name"), right]}, expected, name=left)
            self.is_value({"in": [v("name"), ["Meier", right]]}, True, name=left)
            self.is_value({"in": [v("name"), f"Herr {right}"]}, True, name=left)
            self.is_value({"in": [right, v("names")]}, True, names=[left])
            self.is_value({"==": [[right], v("names")]}, True, names=[left])
        self.is_value({"in": ["u", apart]}, False)
        self.is_value({"==": ["Muller", composed]}, False)

    def test_long_runs_of_marks_take_no_time(self) -> None:
        """Composing such a text takes seconds."""
        text = "a" + "\u0301" * 15_000 + "\u0323" * 15_000
        self.is_value({"==": [v("text"), "b"]}, False, text=text)
        self.is_value({"in": [v("text"), ["b", v("text")]]}, True, text=text)
