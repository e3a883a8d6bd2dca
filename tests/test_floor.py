"""The floor of the benchmarks, which all ratios are measured by, is the one that is named."""

from pathlib import Path

from django.test import SimpleTestCase

from bench import floor, pages


class FloorTests(SimpleTestCase):
    def test_the_floor_is_the_one_that_ratios_are_measured_by(self) -> None:
        """Whoever changes the floor on purpose changes the checksum, and measures everything again."""
        self.assertEqual(pages.checksum(Path(floor.__path__[0])), pages.FLOOR)
