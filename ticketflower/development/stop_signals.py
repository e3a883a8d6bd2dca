"""Requests to end this process, polled at safe moments."""

import signal
from types import FrameType


class StopSignals:
    """A flag that is true once Ctrl-C, SIGTERM or the closing of the terminal asked this process to end.

    Signals interrupt nothing. Waiting loops poll this flag instead, so that every started process
    is recorded and every shutdown is completed.
    """

    def __init__(self) -> None:
        """Install handlers for these signals for the rest of the process's life."""
        self._requested = False
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
            number = getattr(signal, name, None)
            if number is not None:
                signal.signal(number, self._request)

    def __bool__(self) -> bool:
        """Return whether a signal was received."""
        return self._requested

    def _request(self, number: int, frame: FrameType | None) -> None:
        self._requested = True
