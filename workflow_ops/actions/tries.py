"""Pauses before failed calls are retried, for actions and webhooks alike."""

from __future__ import annotations

from typing import Final

from ticketflower.outgoing.call import CallFailedError

PAUSES: Final = (10, 60, 300, 1800)
"""Seconds until the second try and those after it."""
MAX_TRIES: Final = len(PAUSES) + 1
LONGEST_PAUSE: Final = 3600
"""The longest pause, in seconds, for which another system may ask."""


def pause_after(failure: CallFailedError, *, earlier: int) -> float:
    """Return how many seconds to wait after a failure that follows this many earlier ones."""
    return max(PAUSES[min(earlier, len(PAUSES) - 1)], min(failure.retry_after or 0, LONGEST_PAUSE))
