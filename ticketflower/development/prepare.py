"""Preparation of the site before it starts: `python -m ticketflower.development.prepare`.

Migrates the database, collects the static files and, with `--demo`, loads the demo company. Each
step is skipped if it is already done. All of it runs in one process, because starting Django is
slow.
"""

import hashlib
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import django
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from ticketflower import environment
from ticketflower.development.console import say
from ticketflower.embedded_postgres import FOLDER

_COLLECTED = environment.BASE_DIR / "staticfiles" / "collected-from.txt"
# Stored next to the data, so that a new embedded database gets the demo again. Change the content
# whenever the demo grows, so that databases of older checkouts are completed.
_DEMO_LOADED = FOLDER / "demo-loaded"
_DEMO = "people, connections, workflows, tickets"


def prepare(*, demo: bool) -> None:
    """Bring the database and the static files up to date, announcing each step that is due."""
    collected_from = _static_files_fingerprint()
    is_collected = _COLLECTED.exists() and _COLLECTED.read_text(encoding="ascii") == collected_from
    is_demo_loaded = _DEMO_LOADED.exists() and _DEMO_LOADED.read_text(encoding="ascii") == _DEMO
    missing = _missing_migrations()
    steps: list[tuple[str, Callable[[], None]]] = []
    if missing:
        steps.append((f"Bringing the database up to date: {missing} changes", lambda: _migrate(missing)))
    if not is_collected:
        steps.append(("Collecting style sheets and pictures", lambda: _collect(collected_from)))
    if demo and not is_demo_loaded:
        steps.append(("Loading the demo company", _load_demo))
    for number, (text, step) in enumerate(steps, start=1):
        say(f"Step {number} of {len(steps)}: {text} ...")
        step()


def _migrate(missing: int) -> None:
    call_command("migrate", verbosity=1, stdout=_Progress("Applying", missing))


class _Progress(io.StringIO):
    """An output stream that reports progress after every ten lines of a kind, and discards the rest."""

    def __init__(self, word: str, total: int) -> None:
        super().__init__()
        self._word, self._total, self._count = word, total, 0

    def write(self, text: str) -> int:
        """Count the text if it starts with the word."""
        if text.lstrip().startswith(self._word):
            self._count += 1
            if self._count % 10 == 0:
                say(f"  {self._count} of {self._total} ...")
        return len(text)


def _collect(collected_from: str) -> None:
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    _COLLECTED.write_text(collected_from, encoding="ascii")


def _load_demo() -> None:
    """Load the missing parts of the demo; if that fails, print the reason and continue without them."""
    try:
        call_command("load_demo", stdout=io.StringIO())  # `run` prints the log-ins
    except CommandError as problem:
        say(f"The demo is not complete: {problem} A new database gets the complete demo: docs/operations.md.")
    _DEMO_LOADED.write_text(_DEMO, encoding="ascii")


def _missing_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _static_files_fingerprint() -> str:
    """Return a fingerprint that changes whenever a static file is added, removed or modified."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(ignore_patterns=[]):
            state = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ticketflower.settings")
    django.setup()
    try:
        prepare(demo="--demo" in sys.argv)
    except CommandError as problem:
        sys.exit(str(problem))
