"""When a call that failed is made again: the same for actions and for webhooks."""

from __future__ import annotations

from typing import Final

from ticketflower.outgoing.call import CallFailedError

PAUSES: Final = (10, 60, 300, 1800)
"""Seconds until the second try and those after it."""
MAX_TRIES: Final = len(PAUSES) + 1
LONGEST_PAUSE: Final = 3600
"""Seconds: what another system may ask for at most."""


def pause_after(failure: CallFailedError, *, earlier: int) -> float:
    """Return for how many seconds to wait after a failure, behind so many earlier ones."""
    return max(PAUSES[min(earlier, len(PAUSES) - 1)], min(failure.retry_after or 0, LONGEST_PAUSE))
