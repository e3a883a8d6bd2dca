"""The limits of an exploration."""

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Branches(Enum):
    """Where independent branches are explored one by one. The findings are always the same."""

    NEVER = "never"
    WHERE_FEWER = "where fewer"
    """Where that takes fewer states."""
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of an exploration. Everything that it finds before it reaches them is true."""

    states: int = 100_000
    """The number of different states. This limits the memory: a state takes at most about five kilobytes."""
    work: int = 8_000_000
    """The work that may be done, in units of `Work`."""
    seconds: float | None = 60.0
    """The processor time after which something is wrong with the counting; None means no limit."""
    answers: int = 20_000
    """The number of different answers of one form or action that are tried in one state."""
    branches: Branches = Branches.WHERE_FEWER


IN_FULL: Final = Bounds()
QUICK: Final = Bounds(states=20_000, work=150_000, seconds=1.0)
"""The limits while a user waits for a page."""
