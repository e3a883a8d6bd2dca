"""`kill -9` of a site in a program's request (`docs/programs.md`, "Repeated requests")."""

from __future__ import annotations

import pytest

from bench.api_kills import CALLS, FIRST, WITHOUT_EFFECT, Programs, kill_each
from tests.processes.cases import SiteProcessTestCase
from workflow_ops.api.service import openapi_document


@pytest.mark.slow
class KilledProgramsTests(SiteProcessTestCase):
    first_page = FIRST

    def test_each_post_is_killed(self) -> None:
        """A new operation needs a call here."""
        posts = {
            operations["post"]["operationId"]
            for operations in openapi_document()["paths"].values()
            if "post" in operations
        }
        self.assertEqual({call.operation for call in CALLS}, posts - WITHOUT_EFFECT)

    def test_killed_and_repeated_each_has_its_effect_once(self) -> None:
        ours, theirs = Programs(self.ours), Programs(self.theirs)
        self.assertEqual(list(kill_each(self.site, ours, theirs)), [])
