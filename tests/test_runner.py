"""`manage.py test`, as an editor's test panel runs it."""

import os
import subprocess
import sys
from unittest import mock

from django.db import connection
from django.test import SimpleTestCase
from django.test.runner import DiscoverRunner

from tests import runner
from ticketflower import environment
from ticketflower.tenancy.owner import connects_as_owner
from users.tests.starting_rows import empty_tables


class ManageTest(SimpleTestCase):
    """Settings and runner are chosen without being named."""

    def test_one_module(self) -> None:
        variables = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        done = subprocess.run(
            [sys.executable, "manage.py", "test", "ticketflower.tests.test_http"],
            cwd=environment.BASE_DIR,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"Ran \d+ tests")


class Databases(SimpleTestCase):
    """Who makes them, and what is never emptied."""

    databases = {"default"}

    def set_up(self, made: list[str], *, parallel: int = 1) -> list[str]:
        """Return what happens, in order."""
        happened: list[str] = []

        def make(*arguments: object, **options: object) -> list[str]:
            happened.append("made by the owner" if connects_as_owner() else "made by the site")
            return made

        with (
            mock.patch.object(DiscoverRunner, "setup_databases", make),
            mock.patch.object(runner, "make_everybody", side_effect=lambda: happened.append("people")),
            mock.patch.object(
                connection.creation, "clone_test_db", side_effect=lambda **_: happened.append("copy")
            ),
        ):
            runner.TestRunner(parallel=parallel).setup_databases()
        return happened

    def test_the_owner_makes_them_and_people_are_in_every_copy(self) -> None:
        self.assertEqual(self.set_up(["one"]), ["made by the owner", "people"])
        self.assertEqual(self.set_up(["one"], parallel=2), ["made by the owner", "people", "copy", "copy"])

    def test_no_people_where_no_test_needs_a_database(self) -> None:
        self.assertEqual(self.set_up([]), ["made by the owner"])

    def test_nothing_else_is_ever_emptied(self) -> None:
        with (
            mock.patch.dict(connection.settings_dict, NAME="ticketflower"),
            self.assertRaisesMessage(RuntimeError, "not a test database"),
        ):
            empty_tables()
