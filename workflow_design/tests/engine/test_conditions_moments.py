"""Moments and times in conditions are compared as what they mean; the oracle here uses Python's datetimes."""

import operator
from datetime import UTC, date, datetime, time
from itertools import pairwise, product
from typing import Any, Final

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_design.check.check_file import check_file
from workflow_design.definition.field_types import is_date_time, is_time
from workflow_design.definition.fields import Fields
from workflow_design.definition.schema import data_validator
from workflow_design.engine import Outcome, Write, decide
from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.evaluation import apply_transform, evaluate
from workflow_design.engine.conditions.moments import compile_rule
from workflow_design.engine.conditions.validation import fields_read, validate
from workflow_design.engine.plan import build_plan
from workflow_design.tests.definition.json_strategies import fuzzed
from workflow_design.tests.files import workflow_file

NINE: Final = "2026-07-01T09:00:00Z"
NINE_IN_BERLIN: Final = "2026-07-01T11:00:00+02:00"
EIGHT_IN_BERLIN: Final = "2026-07-01T10:00:00+02:00"
FIELDS: Final[Fields] = data_validator(
    {
        "type": "object",
        "properties": {
            **{name: {"type": "string", "format": "date-time"} for name in ("m", "n")},
            **{name: {"type": "string", "format": "time"} for name in ("t", "u")},
            "day": {"type": "string", "format": "date"},
            "text": {"type": "string"},
            "yes": {"type": "boolean"},
            "tags": {"type": "array", "items": {"enum": ["a", NINE]}},
        },
    }
).fields


def v(name: str) -> dict[str, str]:
    return {"var": name}


class MomentTests(SimpleTestCase):
    def is_value(self, rule: Any, expected: Any, **data: Any) -> None:
        validate(rule)
        with self.subTest(rule):
            self.assertIs(evaluate(compile_rule(rule, FIELDS), data), expected)

    def test_a_moment_with_an_offset(self) -> None:
        for comparison, expected in (("<", False), ("<=", False), (">", True), (">=", True), ("==", False)):
            self.is_value({comparison: [v("m"), EIGHT_IN_BERLIN]}, expected, m=NINE)
            self.is_value({comparison: [v("m"), v("n")]}, expected, m=NINE, n=EIGHT_IN_BERLIN)
        for equality, expected in (("==", True), ("===", True), ("!=", False), ("!==", False)):
            self.is_value({equality: [v("m"), NINE_IN_BERLIN]}, expected, m=NINE)
            self.is_value({equality: ["2026-07-01T09:00:00.000Z", v("m")]}, expected, m=NINE)
        self.is_value({"<": [EIGHT_IN_BERLIN, v("m"), "2026-07-01T09:00:00.5Z"]}, True, m=NINE)

    def test_a_time_with_seconds(self) -> None:
        for constant in ("06:00", "06:00:00", "06:00:00.000"):
            self.is_value({"==": [v("t"), constant]}, True, t="06:00")
            self.is_value({"<=": [v("t"), constant]}, True, t="06:00")
            self.is_value({">": [v("t"), constant]}, False, t="06:00")
            self.is_value({"in": [v("t"), ["12:30", constant]]}, True, t="06:00")
        self.is_value({"<": [v("t"), "06:00:01"]}, True, t="06:00")
        self.is_value({"==": [v("t"), "08:00:00+02:00"]}, True, t="06:00:00Z")

    def test_members_of_a_list(self) -> None:
        self.is_value({"in": [v("m"), ["x", NINE_IN_BERLIN]]}, True, m=NINE)
        self.is_value({"in": [v("m"), [v("n"), v("text")]]}, True, m=NINE, n=NINE_IN_BERLIN)
        self.is_value({"in": [v("m"), [v("n"), v("text")]]}, True, m=NINE, n=EIGHT_IN_BERLIN, text=NINE)
        self.is_value({"in": [v("m"), [v("n"), v("text")]]}, False, m=NINE, text=NINE_IN_BERLIN)
        self.is_value({"in": [NINE_IN_BERLIN, [v("m"), v("n")]]}, True, n=NINE)
        self.is_value({"!": {"in": [v("m"), [NINE_IN_BERLIN]]}}, False, m=NINE)

    def test_a_choice_of_moments(self) -> None:
        either = {"if": [v("yes"), v("m"), v("n")]}
        self.is_value({"==": [either, NINE_IN_BERLIN]}, True, yes=True, m=NINE)
        self.is_value({"==": [{"or": [v("m"), v("n")]}, NINE_IN_BERLIN]}, True, n=NINE)
        self.is_value({"==": [{"and": [v("m"), v("n")]}, NINE_IN_BERLIN]}, True, m=NINE, n=NINE)
        self.is_value({"==": [{"if": [v("yes"), v("m"), NINE_IN_BERLIN]}, NINE]}, True)
        self.is_value({"if": [v("yes"), {"<": [v("m"), EIGHT_IN_BERLIN]}, True]}, False, yes=True, m=NINE)

    def test_everything_else_is_compared_as_text(self) -> None:
        self.is_value({"==": [v("text"), NINE_IN_BERLIN]}, False, text=NINE)
        self.is_value({"==": [v("m"), v("text")]}, False, m=NINE, text=NINE_IN_BERLIN)
        self.is_value({"==": [{"cat": [v("m")]}, NINE_IN_BERLIN]}, False, m=NINE)
        self.is_value({"==": [{"if": [v("yes"), v("text"), v("m")]}, NINE_IN_BERLIN]}, False, m=NINE)
        self.is_value({"in": ["07-01", v("m")]}, True, m=NINE)
        self.is_value({"some": [v("tags"), {"==": [v(""), NINE_IN_BERLIN]}]}, False, tags=[NINE])
        self.is_value({"<": [v("day"), "2026-07-02"]}, True, day="2026-07-01")

    def test_values_that_are_no_moments(self) -> None:
        self.is_value({"<": [v("m"), NINE]}, False)
        self.is_value({"==": [v("m"), None]}, True)
        self.is_value({"==": [v("m"), "soon"]}, False, m=NINE)
        self.is_value({"<": [v("m"), NINE]}, True, m="0001-01-01T00:00:00+14:00")
        with self.assertRaisesMessage(ConditionError, "is not a number"):
            evaluate(compile_rule({"<": [v("m"), 5]}, FIELDS), {"m": NINE})

    def test_rules_as_deep_as_allowed(self) -> None:
        rule: Any = {"==": [v("m"), NINE_IN_BERLIN]}
        for _level in range(30):
            rule = {"!!": [rule]}
        self.is_value(rule, True, m=NINE)

    def test_users_cannot_write_what_is_compiled(self) -> None:
        for name in ("as-moment", "as-time"):
            with self.assertRaisesMessage(ConditionError, "Unknown operator"):
                validate({"==": [{name: [v("text")]}, NINE]})


class DecisionTests(SimpleTestCase):
    """The engine, the check and the explanation use the same conditions."""

    def setUp(self) -> None:
        schema = {"begins": {"type": "string", "format": "date-time"}, "done": {"type": "boolean"}}
        self.file = workflow_file(
            fields_schema={"type": "object", "properties": schema, "required": ["begins"]},
            display_layout=[],
            tickets=[{"title": "Shift", "fields": ["begins"]}],
            tasks=[
                {
                    "title": "Early",
                    "task_type": "FORM",
                    "input_fields": ["begins"],
                    "output_fields": ["done"],
                    "condition": {"<": [v("begins"), EIGHT_IN_BERLIN]},
                },
            ],
            completions=[
                {
                    "title": "Late",
                    "fields": ["begins"],
                    "completion_status": "COMPLETED",
                    "condition": {">=": [v("begins"), "2026-07-01T08:00:00Z"]},
                },
                {"title": "Done", "fields": ["done"], "completion_status": "COMPLETED"},
            ],
        )

    def test_a_task_starts_by_moments(self) -> None:
        decision = decide(build_plan(self.file), {}, Write.by_form(["begins"], {"begins": NINE}), ())
        self.assertEqual(decision.evaluations[0].outcome, Outcome.REACHED)
        before = {"begins": "2026-07-01T07:59:59Z"}
        decision = decide(build_plan(self.file), {}, Write.by_form(["begins"], before), ())
        self.assertEqual([start.task.title for start in decision.starts], ["Early"])
        evaluation = decision.evaluations[-1].as_json()
        self.assertEqual(evaluation["condition"], {"<": [v("begins"), EIGHT_IN_BERLIN]})
        self.assertEqual(evaluation["values_read"], before)

    def test_the_check_knows_that_nothing_is_left_out(self) -> None:
        report = check_file(self.file)
        self.assertEqual([each.code for each in report.findings if each.code == "stall"], [])


MOMENTS: Final = (
    NINE,
    NINE_IN_BERLIN,
    EIGHT_IN_BERLIN,
    "2026-07-01T09:00:00.250Z",
    "2026-06-30T23:59:59-10:00",
)
TIMES: Final = ("06:00", "06:00:00", "06:00:00.5", "08:00+02:00", "23:30:00Z")
data = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.sampled_from(MOMENTS) for name in ("m", "n")},
        **{name: st.sampled_from(TIMES) for name in ("t", "u")},
        "text": st.sampled_from([*MOMENTS, *TIMES]),
        "yes": st.booleans(),
    },
)
constants = st.sampled_from([*MOMENTS, *TIMES, "soon"])
operands: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([v(name) for name in ("m", "n", "t", "u", "text")]) | constants,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda parts: {"if": [v("yes"), *parts]}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"or": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"and": parts}),
        inner.map(lambda part: {"cat": [part]}),
    ),
    max_leaves=4,
)
PLAIN: Final[dict[str, Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "===": operator.eq,
    "!=": operator.ne,
    "!==": operator.ne,
}


def parse(kind: str, text: Any) -> Any:
    """Return a text as a moment, or as the seconds of a time in UTC; as it is if it is neither."""
    if kind == "moment" and is_date_time(str(text)):
        return datetime.fromisoformat(text)
    if kind == "time" and is_time(str(text)):
        at = datetime.combine(date(2020, 5, 5), time.fromisoformat(text))
        return at.astimezone(UTC).time() if at.tzinfo else at.time()
    return text


def kinds_of(part: Any) -> set[str]:
    """Return the kinds of an operand; none for a constant."""
    if not isinstance(part, dict):
        return set()
    ((name, arguments),) = part.items()
    if name == "var":
        return {{"m": "moment", "n": "moment", "t": "time", "u": "time"}.get(arguments, "text")}
    if name == "cat":
        return {"text"}
    return set[str]().union(*map(kinds_of, arguments[1:] if name == "if" else arguments))


def kind_of(*parts: Any) -> str:
    kinds = set[str]().union(*map(kinds_of, parts))
    return kinds.pop() if len(kinds) == 1 else "text"


def compared(comparison: str, pairs: Any, kind: str) -> bool:
    """Return the result for pairs of texts: values of different types are unequal and have no order."""
    results = []
    for texts in pairs:
        left, right = (parse(kind, text) for text in texts)
        if type(left) is not type(right):
            if comparison not in ("==", "===", "!=", "!=="):
                raise NoOrderError
            results.append(comparison.startswith("!"))
        else:
            results.append(PLAIN[comparison](left, right))
    return all(results)


def _below_workspace(rule: Any) -> Any:
    """Return a rule as a transform of an answer has it."""
    if isinstance(rule, list):
        return [_below_workspace(part) for part in rule]
    if not isinstance(rule, dict):
        return rule
    return {
        operator: f"workspace.{part}" if operator == "var" else _below_workspace(part)
        for operator, part in rule.items()
    }


class NoOrderError(Exception):
    """A text is compared with a moment: only equality means anything."""


class BruteForceTests(SimpleTestCase):
    @settings(fuzzed, max_examples=300)
    @given(data, st.lists(operands, min_size=2, max_size=3), st.sampled_from(sorted(PLAIN)))
    def test_comparisons(self, workspace: dict[str, Any], parts: list[Any], comparison: str) -> None:
        parts = parts if comparison in ("<", "<=") else parts[:2]
        values = [evaluate(part, workspace) for part in parts]
        rule = {comparison: parts}
        result = evaluate(compile_rule(rule, FIELDS), workspace)
        if None in values and comparison in ("<", "<=", ">", ">="):
            self.assertIs(result, False)
            return
        try:
            expected = compared(comparison, pairwise(values), kind_of(*parts))
        except NoOrderError:
            return
        self.assertIs(result, expected)
        self.assertEqual(fields_read(compile_rule(rule, FIELDS)), fields_read(rule))

    @settings(fuzzed, max_examples=100)
    @given(data, operands, operands, st.sampled_from(sorted(PLAIN)))
    def test_transforms(self, workspace: dict[str, Any], left: Any, right: Any, comparison: str) -> None:
        rule = {comparison: [left, right]}
        try:
            expected = evaluate(compile_rule(rule, FIELDS), workspace)
        except ConditionError:
            return
        self.assertIs(apply_transform({"x": rule}, workspace, FIELDS)["x"], expected)
        answer = {"workspace": workspace, "response": {}}
        self.assertIs(apply_transform({"x": _below_workspace(rule)}, answer, FIELDS)["x"], expected)

    def test_what_another_system_answered(self) -> None:
        for name, kind, texts in (("m", "moment", MOMENTS), ("t", "time", TIMES)):
            for left, right, comparison in product(texts, texts, PLAIN):
                rule = {comparison: [v(f"workspace.{name}"), v("response.body.at")]}
                data = {"workspace": {name: left}, "response": {"body": {"at": right}}}
                with self.subTest(rule, left=left, right=right):
                    expected = PLAIN[comparison](parse(kind, left), parse(kind, right))
                    self.assertIs(apply_transform({"x": rule}, data, FIELDS)["x"], expected)

    @settings(fuzzed, max_examples=200)
    @given(data, operands, st.lists(operands, max_size=4))
    def test_membership(self, workspace: dict[str, Any], item: Any, members: list[Any]) -> None:
        kind = kind_of(item) if kinds_of(item) else kind_of(*members)
        value = evaluate(item, workspace)
        expected = any(
            compared(
                "==", [(value, evaluate(member, workspace))], kind if kind_of(item, member) == kind else ""
            )
            for member in members
        )
        if kinds_of(item) or len({kind_of(each) for each in members if kinds_of(each)}) < 2:
            self.assertIs(evaluate(compile_rule({"in": [item, members]}, FIELDS), workspace), expected)
