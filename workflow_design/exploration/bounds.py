"""How far an exploration goes (`engine.md`, "The check")."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Bounds:
    """When an exploration gives up. What it found until then is true all the same."""

    states: int = 100_000
    """Different states: what bounds the memory, at most about five kilobytes each."""
    seconds: float | None = 10.0
    """None: no limit, so that the same definition always ends the same way."""
    answers: int = 4_096
    """Different answers of one form, or of one action, that are tried in one state."""


IN_FULL: Final = Bounds()
QUICK: Final = Bounds(states=20_000, seconds=0.5)
"""While somebody waits for a page."""
