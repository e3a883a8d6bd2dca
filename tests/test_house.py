"""The plan of the house (`docs/architecture.md`): few rooms in each app, and no file too long to read."""

from pathlib import Path
from unittest import TestCase

from django.conf import settings

MOST_ENTRIES = {"workflow_design": 22, "workflow_ops": 22}
NOT_COUNTED = {"__init__.py", "__pycache__", "apps.py", "management", "migrations", "tests"}
APPS = ("ticketflower", "users", "workflow_design", "workflow_ops")
MOST_LINES = 300


class HouseTests(TestCase):
    """A reader who opens a folder sees at a glance what it is about."""

    def test_entries_of_the_apps(self) -> None:
        for app, most in MOST_ENTRIES.items():
            entries = sorted(path.name for path in (settings.BASE_DIR / app).iterdir())
            with self.subTest(app):
                self.assertLessEqual(
                    len([name for name in entries if name not in NOT_COUNTED]), most, entries
                )

    def test_length_of_files(self) -> None:
        long = [
            str(path) for path in self.modules() if len(path.read_text("utf-8").splitlines()) > MOST_LINES
        ]
        self.assertEqual(long, [])

    def modules(self) -> list[Path]:
        """Return the Python files of the apps, without migrations and tests."""
        found = [path for app in APPS for path in (settings.BASE_DIR / app).rglob("*.py")]
        self.assertGreater(len(found), 200)
        return [path for path in found if not {"migrations", "tests"} & set(path.parts)]
