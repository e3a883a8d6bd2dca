"""How much work a check may do, and how much it has done."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from workflow_design.engine.conditions.bounds import MAX_OPERATIONS, Budget, ConditionError
from workflow_design.engine.conditions.evaluation import Prepared
from workflow_design.engine.conditions.operations import is_true

_WORK_PER_LOOK: Final = 20_000


class OutOfWorkError(Exception):
    """The check has done as much work as it may."""


class Work:
    """The work that a check may still do.

    It is counted, never timed, so that the same file ends the same way on every machine. A unit takes about
    a microsecond. `seconds` is only a guard: it ends a check whose units cost far more than they should.
    """

    __slots__ = ("_ends_at", "_look_at", "_now", "left")

    def __init__(
        self, units: int, *, seconds: float | None = None, now: Callable[[], float] = time.thread_time
    ) -> None:
        self.left = units
        self._now = now
        self._ends_at = None if seconds is None else now() + seconds
        self._look_at = units - _WORK_PER_LOOK

    def spend(self, units: int) -> None:
        """Count this much work; raise OutOfWorkError if that is more than is left."""
        self.left -= units
        if self.left > self._look_at and self.left >= 0:
            return
        self._look_at = self.left - _WORK_PER_LOOK
        if self.left < 0 or (self._ends_at is not None and self._now() > self._ends_at):
            self.left = -1
            raise OutOfWorkError

    def holds(self, rule: Prepared, data: Mapping[str, Any], *, size: int) -> bool | None:
        """Return whether a prepared rule holds, None if it fails, and count the work of evaluating it.

        `size` is `count_values` of the rule. Rules over lists may need more operations than that.
        """
        budget = Budget()
        try:
            return is_true(rule(budget, data))
        except ConditionError:
            return None
        finally:
            self.spend(10 + size + 2 * (MAX_OPERATIONS - budget.operations_left))


UNLIMITED: Final = 10**15
"""So many units that they are never spent."""


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
