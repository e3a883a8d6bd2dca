"""Descriptions of rules."""

from typing import Any

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_design.engine.conditions.bounds import ARGUMENTS
from workflow_design.wording.rules import Vocabulary, describe_rule, join_words

SCHEMA = {
    "type": "object",
    "properties": {
        "decision": {
            "type": "string",
            "title": "Decision",
            "oneOf": [
                {"const": "approve", "title": "Approve"},
                {"const": "change", "title": "Ask for changes"},
            ],
        },
        "days": {"type": "integer", "title": "Days"},
        "booked": {"type": "boolean", "title": "Booked"},
        "kinds": {"type": "array", "title": "Kinds", "items": {"oneOf": [{"const": "a", "title": "Apple"}]}},
        "first_day": {"type": "string"},
        "until": {"type": "string", "format": "date"},
        "sent": {"type": "string", "format": "date-time"},
        "at": {"type": "string", "format": "time"},
        "grade": {"title": "Grade", "oneOf": [{"const": 1, "title": "Best"}, {"const": 2, "title": "Good"}]},
    },
}
DECISION, DAYS, BOOKED, KINDS = ({"var": name} for name in ("decision", "days", "booked", "kinds"))


class SentenceTests(SimpleTestCase):
    def test_sentences(self) -> None:
        for rule, sentence in (
            ({"==": [DECISION, "approve"]}, "Decision is “Approve”"),
            ({"===": [DECISION, "else"]}, "Decision is “else”"),
            ({"!=": [DECISION, "change"]}, "Decision is not “Ask for changes”"),
            ({"==": ["approve", DECISION]}, "Decision is “Approve”"),
            ({"==": [DECISION, None]}, "Decision is empty"),
            ({"==": [BOOKED, True]}, "Booked is yes"),
            ({"==": [{"var": "grade"}, 1]}, "Grade is “Best”"),
            ({"==": [{"var": "grade"}, 3]}, "Grade is 3"),
            ({"==": [{"var": "grade"}, [1]]}, "Grade is [1]"),
            ({"==": [BOOKED, False]}, "Booked is no"),
            (BOOKED, "Booked is yes"),
            ({"!": BOOKED}, "Booked is not yes"),
            ({"!!": [DAYS]}, "Days is filled in and not 0"),
            ({"!": [DAYS]}, "Days is empty or 0"),
            ({"var": "first_day"}, "First day is filled in"),
            ({">": [DAYS, 5]}, "Days is more than 5"),
            ({"<": [5, DAYS]}, "Days is more than 5"),
            ({">=": [DAYS, 2.5]}, "Days is at least 2.5"),
            ({"<=": [1, DAYS, 5]}, "Days is between 1 and 5"),
            ({"<": [1, DAYS, 5]}, "1 < Days < 5"),
            ({"in": ["a", KINDS]}, "Kinds contains “Apple”"),
            ({"==": [KINDS, ["a", "x, y"]]}, "Kinds is “Apple” and “x, y”"),
            ({">": [{"+": [DAYS, DAYS]}, 12_000.5]}, "Days + Days is more than 12,000.5"),
            ({"!": {"in": ["a", KINDS]}}, "Kinds does not contain “Apple”"),
            ({"!": {"in": [DECISION, ["approve"]]}}, "Decision is not “Approve”"),
            ({"!": {"in": [DECISION, ["approve", "x"]]}}, "Decision is neither “Approve” nor “x”"),
            ({"<": [{"var": "until"}, "2026-07-01"]}, "Until is before 1 July 2026"),
            ({"<": ["2026-07-01", {"var": "until"}]}, "Until is after 1 July 2026"),
            ({">=": [{"var": "until"}, "soon"]}, "Until is no earlier than “soon”"),
            (
                {"<=": ["2026-07-01", {"var": "until"}, "2026-07-31"]},
                "Until is between 1 July 2026 and 31 July 2026",
            ),
            ({"==": [{"var": "sent"}, "2026-07-01T08:00:00Z"]}, "Sent is 1 July 2026, 08:00"),
            ({"<": [{"var": "at"}, "09:30"]}, "At is before 09:30"),
            (
                {"in": [DECISION, ["approve", "change", "x"]]},
                "Decision is “Approve”, “Ask for changes” or “x”",
            ),
            ({"missing": ["days", "booked"]}, "Days or Booked is empty"),
            ({"!": {"missing": [["days", "booked"]]}}, "Days and Booked are filled in"),
            ({"!": {"missing": "days"}}, "Days is filled in"),
            ({"!": {"==": [DAYS, 1]}}, "Days is not 1"),
            ({"!": {">": [DAYS, 1]}}, "not (Days is more than 1)"),
            ({"!!": {">": [DAYS, 1]}}, "Days is more than 1"),
            ({">": [{"*": [{"+": [DAYS, 1]}, 2]}, 10]}, "(Days + 1) × 2 is more than 10"),  # noqa: RUF001
            (
                {"and": [BOOKED, {"or": [{"<": [DAYS, 3]}, {"!": DAYS}]}]},
                "Booked is yes and (Days is less than 3 or Days is empty or 0)",
            ),
            (True, "always"),
            (None, "always"),
            (False, "never"),
            (
                {"some": [KINDS, {"==": [{"var": ""}, "a"]}]},
                '{"some": [{"var": "kinds"}, {"==": [{"var": ""}, "a"]}]}',
            ),
            ({"var": ["days", 1]}, '{"var": ["days", 1]}'),
        ):
            self.assertEqual(describe_rule(rule, Vocabulary.of_schema(SCHEMA)), sentence)

    def test_joined_words(self) -> None:
        self.assertEqual(
            [join_words(list(words), "or") for words in ("", "a", "ab", "abc")],
            ["", "a", "a or b", "a, b or c"],
        )

    def test_an_invalid_schema_has_a_vocabulary(self) -> None:
        drafts: list[dict[str, Any]] = [
            {},
            {"properties": []},
            {"properties": {"a": 1, "b": {"title": 5, "oneOf": [1, {"const": []}]}}},
        ]
        for schema in drafts:
            self.assertEqual(
                describe_rule({"var": "my_field"}, Vocabulary.of_schema(schema)), "My field is filled in"
            )


scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.sampled_from(["days", "", "x"]))
malformed = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*ARGUMENTS, "method", ""]),
            inner | st.lists(inner, max_size=3),
            min_size=1,
            max_size=2,
        )
    ),
    max_leaves=12,
)


class AnyRuleTests(SimpleTestCase):
    @settings(max_examples=400, derandomize=True, deadline=None)
    @given(malformed)
    def test_every_rule_has_a_description(self, rule: Any) -> None:
        self.assertIsInstance(describe_rule(rule, Vocabulary.of_schema(SCHEMA)), str)
