"""Which locks sessions of a database wait for, and how long: looked at all the time from a thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

import psycopg

_BETWEEN_LOOKS = 0.002
# The session that holds the lock works, or waits for its client: then the other process needs the processor.
_WAITS = """
    SELECT lock.locktype || ', ' || coalesce(lock.relation::text, '-') || ', ' || left(waiting.query, 120)
            || ' | held by: ' || coalesce(holder.state || ', ' || left(holder.query, 120), 'nobody any more'),
        extract(epoch FROM clock_timestamp() - lock.waitstart)::float * 1000
    FROM pg_locks AS lock
    JOIN pg_stat_activity AS waiting USING (pid)
    LEFT JOIN pg_stat_activity AS holder ON holder.pid = (pg_blocking_pids(lock.pid))[1]
    WHERE NOT lock.granted AND lock.waitstart IS NOT NULL AND waiting.datname = %s
"""


@dataclass
class LockWaits:
    """The longest wait for each lock in milliseconds, in the part of the benchmark that is running."""

    part: object = None
    longest: dict[object, dict[str, float]] = field(default_factory=dict)

    def add(self, lock: str, milliseconds: float) -> None:
        """Remember a wait, unless a longer one for the same lock is known."""
        of_part = self.longest.setdefault(self.part, {})
        of_part[lock] = max(milliseconds, of_part.get(lock, 0.0))

    def over(self, part: object, milliseconds: float) -> list[tuple[str, float]]:
        """Return the locks that were waited for longer in a part, the longest wait first."""
        waits = self.longest.get(part, {}).items()
        return sorted((wait for wait in waits if wait[1] > milliseconds), key=lambda wait: -wait[1])


@contextmanager
def lock_waits(env: Mapping[str, str]) -> Iterator[LockWaits]:
    """Look for sessions of a site that wait for locks, until the end of the `with` block.

    `env` is the environment of the site's processes: only its own role sees the statements.
    """
    waits, end = LockWaits(), Event()

    def look() -> None:
        with _session(env) as session:
            while not end.wait(_BETWEEN_LOOKS):
                for lock, milliseconds in session.execute(_WAITS, [env["DB_NAME"]]):
                    waits.add(lock, milliseconds)

    thread = Thread(target=look)
    thread.start()
    try:
        yield waits
    finally:
        end.set()
        thread.join()


def _session(env: Mapping[str, str]) -> psycopg.Connection:
    """Return a session of the site's role in another database, so that it does not count as the site's."""
    return psycopg.connect(
        host=env["DB_HOST"],
        port=env.get("DB_PORT") or None,
        dbname="postgres",
        user=env["DB_USER"],
        password=env.get("DB_PASSWORD"),
        autocommit=True,
    )
