"""Preparation of the site before it starts: `python -m ticketflower.development.prepare`.

Migrates the database, collects the static files and, with `--demo`, loads the demo company. Each
step is skipped if it is already done. All of it runs in one process, because starting Django is
slow.
"""

import hashlib
import io
import os
import sys
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
_DEMO = "people, workflows, tickets"


def prepare(*, demo: bool) -> None:
    """Bring the database and the static files up to date, announcing steps that take a while."""
    if _migrations_are_missing():
        say("Bringing the database up to date ...")
        call_command("migrate", verbosity=0)
    collected_from = _static_files_fingerprint()
    if not _COLLECTED.exists() or _COLLECTED.read_text(encoding="ascii") != collected_from:
        say("Collecting static files ...")
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        _COLLECTED.write_text(collected_from, encoding="ascii")
    if demo and not (_DEMO_LOADED.exists() and _DEMO_LOADED.read_text(encoding="ascii") == _DEMO):
        _load_demo()


def _load_demo() -> None:
    """Load the missing parts of the demo; if that fails, print the reason and continue without them."""
    say("Loading the demo company ...")
    try:
        call_command("load_demo", stdout=io.StringIO())  # `run` prints the log-ins
    except CommandError as problem:
        say(f"The demo is not complete: {problem} A new database gets the complete demo: docs/operations.md.")
    _DEMO_LOADED.write_text(_DEMO, encoding="ascii")


def _migrations_are_missing() -> bool:
    if "django_migrations" not in connection.introspection.table_names():
        return True
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


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
