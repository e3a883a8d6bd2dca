"""Texts that match a pattern, written from the pattern itself."""

import re2
from django.test import SimpleTestCase

from workflow_design.check.values.pattern_texts import texts_matching

PATTERNS = (
    r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$",
    r"^(INV|CR)-[0-9]+$",
    r"(?i)^abc[d-f]$",
    r"(?s)^.\n$",
    r"^(?i:ab)(?-i)c$",
    r"(?U)^a+b$",
    r"^\p{Greek}+$",
    r"^\pN\p{Lu}\P{Lu}$",
    r"^\p{Han}{2}\p{Cyrillic}?$",
    r"^[[:alpha:]][[:^digit:]][[:punct:]]$",
    r"^\d{4}-\d{2}(-\d{2})?$",
    r"^(?P<a>x|y)\z",
    r"^(?<b>x|y)z$",
    r"\A(?:a|b)*?c\z",
    r"^[^a-zA-Z0-9]$",
    r"^[^\W\d_]{3}$",
    r"^[]a]$",
    r"^[^]]$",
    r"^[\]\-]{2}$",
    r"^\x{1F600}\x41\101\t$",
    r"^\Qa.b\E$",
    r"^(a{2}){3}$",
    r"^$|^a$",
    r"^a{,3}$",
    r"^[\pL\s'-]{2,50}$",
    r"\bword\b",
    r"^€\s?\d+(?:[.,]\d{1,2})?$",
)


class PatternTextTests(SimpleTestCase):
    def test_every_syntax_has_a_text(self) -> None:
        for pattern in PATTERNS:
            with self.subTest(pattern):
                texts = list(texts_matching(pattern))
                matcher = re2.compile(pattern)
                self.assertTrue(texts)
                self.assertEqual([text for text in texts if not matcher.search(text)], [])

    def test_each_branch_and_each_count_is_written(self) -> None:
        self.assertLessEqual({"INV-0", "CR-0", "INV-00"}, set(texts_matching(r"^(INV|CR)-[0-9]+$")))
        self.assertLessEqual({"xy", "y", "xxy"}, set(texts_matching("^x*y$")))
        self.assertEqual(max(map(len, texts_matching("^x+y$", length=300))), 301)

    def test_what_can_not_be_read_costs_only_samples(self) -> None:
        for pattern in ("^[[:nothing:]]$", "(" * 2_000, r"^\p{Nothing}$", "^a", ""):
            with self.subTest(pattern):
                self.assertLess(len(list(texts_matching(pattern))), 100)
