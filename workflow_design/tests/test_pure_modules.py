"""What is pure imports of Django only what needs no settings, no rows and no request.

import-linter holds it to our own packages; of others it can only forbid all of one.
"""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import SimpleTestCase

PURE = "workflow_design: what is pure knows no rows, no company, no settings and no pages"
ALLOWED = (
    "django.db.models.TextChoices",
    "django.utils.formats.number_format",  # of the language, like a translation
    "django.utils.functional.Promise",
    "django.utils.html",
    "django.utils.safestring",
    "django.utils.text.slugify",
    "django.utils.translation",
)
ROOT = Path(settings.BASE_DIR)


def pure_modules() -> list[str]:
    """Those that import-linter's contract names."""
    configured: Any = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = configured["tool"]["importlinter"]["contracts"]
    return next(each["source_modules"] for each in contracts if each["name"] == PURE)


def sources(module: str) -> list[Path]:
    """Return the files of a module or package."""
    path = ROOT.joinpath(*module.split("."))
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


def imported(source: str) -> Iterator[str]:
    """Yield the full name of everything that a source imports, anywhere in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{each.name}" for each in node.names)


def is_impure(name: str) -> bool:
    """Whether a pure module may not import it."""
    return name.startswith("django.") and not name.startswith(ALLOWED)


class PureModulesTests(SimpleTestCase):
    def test_they_import_nothing_of_django_that_reads_rows_settings_or_requests(self) -> None:
        for module in pure_modules():
            for path in sources(module):
                with self.subTest(path=path.relative_to(ROOT)):
                    names = imported(path.read_text(encoding="utf-8"))
                    self.assertEqual([name for name in names if is_impure(name)], [])

    def test_what_would_be_found(self) -> None:
        source = (
            "import django.conf\nfrom django.db import models\ndef f():\n    from django.db import connection"
        )
        found = [name for name in imported(source) if is_impure(name)]
        self.assertEqual(found, ["django.conf", "django.db.models", "django.db.connection"])
