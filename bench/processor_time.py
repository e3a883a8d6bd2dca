"""Processor time of a running site: what a request costs, whatever else the machine does meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import psutil
import psycopg

_NANOSECONDS = 1e9


def site_seconds(ports: Sequence[int], database: str, owner: psycopg.Connection) -> float:
    """Return the seconds of processor time that a site has taken so far.

    Counted are our child processes that were given one of `ports`, and the sessions in the database.
    """
    names = {str(port) for port in ports}
    servers = [child.pid for child in psutil.Process().children() if names & {*child.cmdline()}]
    # Autovacuum has no role. What kind of process a session of another role is, only some may know.
    query = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND usesysid IS NOT NULL"
    sessions = [pid for (pid,) in owner.execute(query, [database])]
    return sum(process_seconds(pid) for pid in [*servers, *sessions])


def process_seconds(pid: int) -> float:
    """Return the seconds of processor time that a process has taken so far."""
    # The scheduler of Linux counts nanoseconds; everywhere else there are clock ticks of a hundredth.
    threads = list(Path(f"/proc/{pid}/task").glob("*/schedstat"))
    if threads:
        return sum(int(thread.read_text().split()[0]) for thread in threads) / _NANOSECONDS
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system
