"""Being asked to end, noticed at a moment that suits us."""

import signal
from types import FrameType


class StopSignals:
    """True once somebody has asked this process to end: by Ctrl-C, SIGTERM, or closing the terminal.

    Nothing is interrupted: whoever waits looks here in between, and so nothing that was
    started goes unrecorded, and nothing that is being ended is left half way.
    """

    def __init__(self) -> None:
        """Takes those signals over for the rest of the process's life."""
        self._asked = False
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
            number = getattr(signal, name, None)
            if number is not None:
                signal.signal(number, self._ask)

    def __bool__(self) -> bool:
        """Has it happened?"""
        return self._asked

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
