"""`manage.py shell` and `dbshell` with a company in view, as processes."""

import os
import subprocess
import sys

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from users.tests.cases import CompanyTestCase

READ = "from users.models import *; print(sorted({str(p.company) for p in CustomUser.objects.all()}))"
COUNT = "SELECT count(DISTINCT company_id) FROM users_customuser WHERE company_id IS NOT NULL"


class ShellTests(CompanyTestCase):
    """Each test starts processes on the database of the tests, which see the companies made for all tests."""

    def run_command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Return what a command printed."""
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "ticketflower.settings",
            "DB_NAME": str(connection.settings_dict["NAME"]),
            "LOG_LEVEL": "WARNING",
        }
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            check=False,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def test_the_shell_shows_one_company_and_says_so(self) -> None:
        result = self.run_command("shell", "--company", self.ours.company.name, "-c", READ)
        self.assertIn(f"In view: {self.ours.company.name} (id {self.ours.company.pk})", result.stdout)
        self.assertIn(f"[{self.ours.company.name!r}]", result.stdout, result.stderr)

    def test_the_shell_shows_all_companies(self) -> None:
        result = self.run_command("shell", "--all-companies", "-c", READ)
        for people in (self.ours, self.theirs):
            self.assertIn(repr(people.company.name), result.stdout, result.stderr)

    def test_without_a_company_both_the_shell_and_its_error_name_the_way_out(self) -> None:
        result = self.run_command("shell", "-c", READ)
        self.assertIn("No company is in view", result.stdout)
        self.assertIn("ScopeError", result.stderr)
        self.assertIn("manage.py shell --company NAME", result.stderr)

    def test_an_unknown_company_is_an_error(self) -> None:
        with self.assertRaisesMessage(CommandError, "There is no company “Nobody & Sons”."):
            call_command("shell", company="Nobody & Sons", command=READ)

    def test_psql_shows_what_is_in_view(self) -> None:
        for options, expected in (
            (["--company", self.ours.company.name], "1"),
            (["--all-companies"], "2"),
            ([], "0"),
        ):
            with self.subTest(options=options):
                result = self.run_command("dbshell", *options, "--", "--tuples-only", "-c", COUNT)
                self.assertEqual(result.stdout.split()[-1], expected, result.stderr)
