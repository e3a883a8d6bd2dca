"""Child processes of `run`: isolated from the terminal's Ctrl-C and restarted when they end."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from ticketflower import environment
from ticketflower.development.processes import Process

_MAX_PAUSE_SECONDS = 30.0
_STEADY_SECONDS = 60.0


class Child:
    """A command that runs as a child process."""

    def __init__(self, command: Sequence[str], *, clock: Callable[[], float] = time.monotonic) -> None:
        """Start the command in the project's folder; `clock` returns seconds."""
        self._command = command
        self._clock = clock
        self._pause = 1.0
        self._ended: float | None = None
        self._start()

    def status(self) -> int | None:
        """Return the exit status, or None while the process runs."""
        return self._popen.poll()

    def restart_if_ended(self) -> bool:
        """Restart the process if it has ended and its pause is over; return whether it was restarted.

        The pause doubles each time the process ends quickly, and is reset after a steady run.
        """
        if self.status() is None:
            return False
        now = self._clock()
        if self._ended is None:
            self._ended = now
            self._pause = 1.0 if now - self._began > _STEADY_SECONDS else self._pause
        if now - self._ended < self._pause:
            return False
        self._pause = min(2 * self._pause, _MAX_PAUSE_SECONDS)
        self._ended = None
        self._start()
        return True

    def _start(self) -> None:
        # Ctrl-C must reach only this process, which then ends its children in order.
        isolation: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            isolation = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        self._began = self._clock()
        self._popen = subprocess.Popen(self._command, cwd=environment.BASE_DIR, **isolation)
        self.process = Process.of(self._popen.pid)
