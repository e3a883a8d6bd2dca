"""Processor time of running programs: what a request costs, whatever else the machine does meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import psutil

_NANOSECONDS = 1e9


def processor_seconds(processes: Iterable[int]) -> float:
    """Return the seconds of processor time that these processes (their ids) have taken together."""
    return sum(_seconds(pid) for pid in processes)


def _seconds(pid: int) -> float:
    # The scheduler of Linux counts nanoseconds; everywhere else there are clock ticks of a hundredth.
    threads = list(Path(f"/proc/{pid}/task").glob("*/schedstat"))
    if threads:
        return sum(int(thread.read_text().split()[0]) for thread in threads) / _NANOSECONDS
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system
