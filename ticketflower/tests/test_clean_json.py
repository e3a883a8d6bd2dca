"""Untrusted JSON: accepted values are returned unchanged, everything else raises a JsonError."""

import json
import math
import time
from typing import Any

from django.test import SimpleTestCase
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ticketflower.clean_json import LARGEST_NUMBER, JsonError, clean_json, parse_json, pointer

fuzzed = settings(max_examples=150, deadline=None, derandomize=True)

storable_text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
storable = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_NUMBER, LARGEST_NUMBER)
    | st.floats(-1e15, 1e15)
    | storable_text,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(storable_text, inner, max_size=5),
    max_leaves=20,
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.just(object()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner),
    max_leaves=20,
)


class Refusal(SimpleTestCase):
    def refused(self, text: str | bytes, at: str = "", saying: str = "", **bounds: int) -> None:
        with self.assertRaises(JsonError) as caught:
            parse_json(text, **bounds)
        self.assertEqual(caught.exception.pointer, at)
        self.assertIn(saying, caught.exception.message)


class TextTests(Refusal):
    def test_accepts_json(self) -> None:
        self.assertEqual(parse_json('{"a": [1, 2.5, true, null, "ü"]}'), {"a": [1, 2.5, True, None, "ü"]})
        self.assertEqual(parse_json('"\\ud83d\\ude00"'), "😀")

    def test_skips_the_byte_order_mark_that_editors_write(self) -> None:
        self.assertEqual(parse_json(b'\xef\xbb\xbf{"a": 1}'), {"a": 1})
        self.assertEqual(parse_json('\ufeff{"a": 1}'), {"a": 1})
        self.refused("\ufeff\ufeff1")

    def test_refuses_other_encodings(self) -> None:
        for encoding in ("utf-16", "utf-32"):
            self.refused('{"a": 1}'.encode(encoding), saying="UTF-8")
        self.refused('"ü"'.encode("latin-1"), saying="UTF-8")
        self.refused(b'"\xed\xa0\x80"', saying="UTF-8")  # a surrogate, encoded

    def test_says_where_the_text_stops_being_json(self) -> None:
        self.refused('{"a": 1,\n "b": }', saying="line 2, column 7")
        for text in ("", " ", "{", "[1,]", "{'a': 1}", '"a\nb"', "1 2", "nul", "\0", "[1]\0"):
            self.refused(text, saying="This is not JSON")

    def test_refuses_a_repeated_name(self) -> None:
        self.refused('{"a": 1, "a": 2}', saying="“a”")
        self.refused('[{"x/y": {"b": 1, "c": 2, "b": 1}}]', at="/0/x~1y", saying="“b”")
        self.refused('{"\\ud800": 1, "\\ud800": 2}', saying="“\ufffd”")

    def test_finds_the_repetition_among_very_many_names(self) -> None:
        members = ",".join(f'"{number}":1' for number in range(70_000))
        began = time.process_time()
        self.refused(f'{{{members},"69999":1}}', saying="69999")
        self.assertLess(time.process_time() - began, 1)

    def test_refuses_numbers_beyond_the_database_or_javascript(self) -> None:
        numbers = ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e16", str(2**53), str(-(2**53))]
        for number in [*numbers, "9" * 5000, "0." + "1" * 5000, "1" + "0" * 5000 + "e-5000"]:
            self.refused(f'{{"n": [0, {number}]}}', at="/n/1", saying="9,007,199,254,740,991")

    def test_accepts_numbers_up_to_the_bound(self) -> None:
        for number in (LARGEST_NUMBER, -LARGEST_NUMBER, 0.1, -0.0, 1e-300, 9007199254740990.0):
            self.assertEqual(parse_json(json.dumps(number)), number)

    def test_refuses_nul_and_lone_surrogates(self) -> None:
        for escaped in ("\\u0000", "a\\ud800", "\\udc00\\ud800"):
            self.refused(f'{{"a": ["{escaped}"]}}', at="/a/0", saying="surrogate")
            self.refused(f'{{"a": {{"{escaped}": 1}}}}', at="/a", saying="surrogate")

    def test_refuses_depth_however_deep(self) -> None:
        self.assertEqual(parse_json("[" * 64 + "]" * 64), json.loads("[" * 64 + "]" * 64))
        self.refused("[" * 65 + "]" * 65, at="/0" * 64, saying="64 levels")
        self.refused('{"a":' * 3 + "1" + "}" * 3, at="/a/a", max_depth=2, saying="2 levels")
        for opening, closing in (("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")):
            for levels in (5000, 150_000):
                with self.assertRaisesMessage(JsonError, "64 levels"):
                    parse_json(opening * levels + "1" + closing * levels, max_bytes=2**21)

    def test_refuses_depth_before_an_error_further_on(self) -> None:
        """Every release of Python gives the same answer, however deep its parser goes."""
        for opening in ("[", '{"a":', '{"]}\\"]": [', "[ [], {},"):
            for levels in (65, 500, 5000, 150_000):
                with self.subTest(opening, levels=levels):
                    self.refused(opening * levels, saying="64 levels", max_bytes=2**22)
        for text in ("[" * 64, "[]," * 65, '["' + "[" * 65, '{"' + "[{" * 65 + '": 1 1', "{" * 64 + "]" * 65):
            with self.subTest(text):
                self.refused(text, saying="not JSON")

    def test_refuses_size_before_it_parses(self) -> None:
        self.assertEqual(parse_json('"ab"', max_bytes=4), "ab")
        self.refused('"abc"', max_bytes=4, saying="4 bytes")
        self.refused(b'"abc"', max_bytes=4, saying="4 bytes")
        self.refused('"ü"', max_bytes=3, saying="3 bytes")
        self.refused(" " * (1024 * 1024 + 1), saying="1,048,576 bytes")

    @fuzzed
    @given(storable)
    def test_accepted_values_are_returned_unchanged(self, value: Any) -> None:
        text = json.dumps(value, ensure_ascii=False)
        self.assertEqual(parse_json(text), value)
        self.assertEqual(parse_json(text.encode()), value)
        self.assertIs(clean_json(value), value)

    @fuzzed
    @given(st.text() | st.binary() | st.text(st.sampled_from('[]{}",:\\u0dn1e.- ')))
    @example("\ud800")
    def test_any_text_is_accepted_or_refused(self, text: str | bytes) -> None:
        try:
            value = parse_json(text)
        except JsonError:
            return
        clean_json(value)
        json.dumps(value, allow_nan=False).encode()


class ValueTests(SimpleTestCase):
    def refused(self, value: Any, at: str = "", saying: str = "", **bounds: int) -> None:
        with self.assertRaises(JsonError) as caught:
            clean_json(value, **bounds)
        self.assertEqual(caught.exception.pointer, at)
        self.assertIn(saying, caught.exception.message)

    def test_refuses_what_the_text_would_be_refused_for(self) -> None:
        for number in (math.nan, math.inf, -math.inf, 10**5000, 2**53, 1e300):
            self.refused({"a": [number]}, at="/a/0", saying="Numbers")
        self.refused({"a": "\0"}, at="/a")
        self.refused({"\ud800": 1})

    def test_refuses_what_is_not_json(self) -> None:
        for value in ((1,), {1}, b"a", object(), json, 1j):
            self.refused({"a": [value]}, at="/a/0", saying="is not JSON")
        self.refused([{1: 2}], at="/0", saying="names")
        self.refused([{None: 2}], at="/0", saying="names")

    def test_refuses_a_value_that_holds_itself(self) -> None:
        endless: list[Any] = []
        endless.append(endless)
        self.refused(endless, at="/0" * 64, saying="64 levels")

    def test_refuses_a_small_value_with_a_long_text(self) -> None:
        value: list[Any] = ["x" * 100]
        for _doubling in range(60):
            value = [value, value]
        began = time.process_time()
        self.refused(value, saying="1,048,576 bytes")
        self.assertLess(time.process_time() - began, 1)

    def test_computes_the_length_of_the_compact_text(self) -> None:
        value = {"ab": [1, 2.5, None, "ü"], "c": {}}
        length = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
        self.assertIs(clean_json(value, max_bytes=length), value)
        self.refused(value, max_bytes=length - 1, saying=f"{length - 1} bytes")

    @fuzzed
    @given(anything)
    def test_any_value_is_accepted_or_refused(self, value: Any) -> None:
        try:
            clean_json(value)
        except JsonError:
            return
        json.dumps(value, allow_nan=False).encode()

    def test_pointers_are_escaped(self) -> None:
        self.assertEqual(pointer("a/b", 0, "c~d", ""), "/a~1b/0/c~0d/")
        self.assertEqual(pointer(), "")
