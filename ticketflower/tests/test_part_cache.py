"""The cache of parts of pages."""

from itertools import count

from django.test import SimpleTestCase, override_settings

from ticketflower.part_cache import MOST, clear_parts, make_once


class PartCache(SimpleTestCase):
    """Once for each key, and not for ever."""

    def setUp(self) -> None:
        clear_parts()
        self.numbers = count()

    def make(self, *key: object) -> int:
        return make_once(key, lambda: next(self.numbers))

    def test_once_for_each_key(self) -> None:
        made = [self.make(*key) for key in (("a", 1), ("a", 1), ("a", "1"), ("a1",), ("a", 1))]
        self.assertEqual(made, [0, 0, 1, 2, 0])

    def test_what_is_not_used_is_forgotten(self) -> None:
        for number in range(MOST):
            self.make(number)
        self.assertEqual(self.make(0), 0)
        self.assertEqual(self.make("one more"), MOST)
        self.assertEqual(self.make(0), 0)
        self.assertEqual(self.make(1), MOST + 1)

    def test_a_result_may_be_none(self) -> None:
        calls: list[str] = []
        for _again in range(2):
            self.assertIsNone(make_once(("nothing",), lambda: calls.append("made")))
        self.assertEqual(calls, ["made"])

    @override_settings(DEBUG=True)
    def test_anew_for_developers(self) -> None:
        self.assertEqual([self.make("a"), self.make("a")], [0, 1])
