"""Child processes of `run`: started out of reach of our terminal's Ctrl-C, and started again."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from ticketflower import environment
from ticketflower.development.processes import Process

_LONGEST_PAUSE_SECONDS = 30.0
_STEADY_SECONDS = 60.0


class Child:
    """A command that runs beside us."""

    def __init__(self, command: Sequence[str], *, clock: Callable[[], float] = time.monotonic) -> None:
        """Starts it, in the project's folder; `clock` tells seconds."""
        self._command = command
        self._clock = clock
        self._pause = 1.0
        self._ended: float | None = None
        self._start()

    def status(self) -> int | None:
        """The exit status; None while it runs."""
        return self._popen.poll()

    def start_again_if_ended(self) -> bool:
        """Start it again once it has ended and a pause is over; true if that was now.

        The pause doubles with every quick end, and is short again after a steady run.
        """
        if self.status() is None:
            return False
        now = self._clock()
        if self._ended is None:
            self._ended = now
            self._pause = 1.0 if now - self._began > _STEADY_SECONDS else self._pause
        if now - self._ended < self._pause:
            return False
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
        self._ended = None
        self._start()
        return True

    def _start(self) -> None:
        # Ctrl-C in our terminal must reach us alone: we end the children in order.
        apart: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        self._began = self._clock()
        self._popen = subprocess.Popen(self._command, cwd=environment.BASE_DIR, **apart)
        self.process = Process.of(self._popen.pid)
