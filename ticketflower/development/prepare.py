"""What must be so before the site starts, all in one process: `python -m ticketflower.development.prepare`.

The database has the code's tables and, with `--demo`, the demo company; the collected
static files are those of the code. Each is looked at first and left alone if it is right.
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
# Beside the data: a new embedded database gets the demo anew. What it says changes when the demo gets
# more, so that a database which an older checkout made is completed.
_DEMO_LOADED = FOLDER / "demo-loaded"
_DEMO = "people, workflows, tickets"


def prepare(*, demo: bool) -> None:
    """Bring database and static files up to date, saying what takes a while."""
    if _migrations_are_missing():
        say("Bringing the database up to date ...")
        call_command("migrate", verbosity=0)
    collected_from = _static_files()
    if not _COLLECTED.exists() or _COLLECTED.read_text(encoding="ascii") != collected_from:
        say("Collecting static files ...")
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        _COLLECTED.write_text(collected_from, encoding="ascii")
    if demo and not (_DEMO_LOADED.exists() and _DEMO_LOADED.read_text(encoding="ascii") == _DEMO):
        _load_demo()


def _load_demo() -> None:
    """What the demo lacks. Where it can't be made, the site starts without, and says why."""
    say("Loading the demo company ...")
    try:
        call_command("load_demo", stdout=io.StringIO())  # `run` says how to log in
    except CommandError as problem:
        say(f"The demo is not complete: {problem} A new database gets all of it: docs/operations.md.")
    _DEMO_LOADED.write_text(_DEMO, encoding="ascii")


def _migrations_are_missing() -> bool:
    if "django_migrations" not in connection.introspection.table_names():
        return True
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _static_files() -> str:
    """Changes whenever a static file comes, goes or is written."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(ignore_patterns=[]):
            state = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ticketflower.settings")
    django.setup()
    prepare(demo="--demo" in sys.argv)
