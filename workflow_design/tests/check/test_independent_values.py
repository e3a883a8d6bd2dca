"""Tests that the check agrees with trying values that were chosen without it (`docs/check.md`)."""

import os
from typing import Final

from workflow_design.tests.check.agreement import AgreementTestCase
from workflow_design.tests.check.brute_force import BruteForce, TooManyError
from workflow_design.tests.check.random_files import KINDS, build_random_file

FILES: Final = int(os.environ.get("RANDOM_FILES", "5"))
"""How many files of each kind are tried; docs/check.md says how many were tried once."""
FIRST: Final = int(os.environ.get("FIRST_FILE", "0"))


class IndependentValuesTests(AgreementTestCase):
    def test_both_find_the_same(self) -> None:
        for kind in os.environ.get("KINDS", ",".join(KINDS)).split(","):
            compared = 0
            for seed in range(FIRST, FIRST + FILES):
                with self.subTest(kind=kind, seed=seed):
                    random_file = build_random_file(kind, seed)
                    try:
                        force = BruteForce(
                            random_file.file,
                            most=300,
                            domains=random_file.domains,
                            has_all_values=random_file.has_all_values,
                        )
                        expected = force.explore()
                    except TooManyError:
                        continue
                    self.assert_explored(random_file.file, expected)
                    compared += 1
            self.assertGreater(compared, FILES / 2)
