"""A site process that can be killed at a statement, for tests and `bench api_kills`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Self

from tests.processes.wire import Tap
from ticketflower import environment

LOG_IN = "/users/login/"


class KillableSite:
    """A site whose line to the database goes through `tap`. It is loaded once and forked by `start()`."""

    def __init__(self, database: dict[str, Any], env: Mapping[str, str], *, first: str = LOG_IN) -> None:
        """Take the database, variables, and the page that is asked for `first`, which loads what it needs."""
        self.tap = Tap(database)
        self._env, self._first = env, first
        self._process: int | None = None

    def __enter__(self) -> Self:
        """Load the site."""
        self.tap.__enter__()
        self._site = subprocess.Popen(
            [sys.executable, "-m", "tests.processes.site", self._first],
            cwd=environment.BASE_DIR,
            env={**self._env, "DB_HOST": self.tap.folder, "DB_PORT": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = self._number()
        return self

    def __exit__(self, *_error: object) -> None:
        """End everything."""
        self.kill()
        self._site.kill()
        self._site.communicate()
        self.tap.__exit__(None, None, None)

    def _number(self) -> int:
        assert self._site.stdout is not None
        return int(self._site.stdout.readline())

    def start(self) -> None:
        """Start a new process that serves the port, replacing any other."""
        self.kill()
        assert self._site.stdin is not None
        self._site.stdin.write("\n")
        self._site.stdin.flush()
        self._process = self._number()

    def kill(self) -> None:
        """Kill the process with SIGKILL, if there is one."""
        if self._process is not None:
            os.kill(self._process, signal.SIGKILL)
        self._process = None
