"""How many statements something may send to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


@dataclass
class Sent:
    """How many statements were sent, known at the end of the `with` block."""

    number: int = 0


@contextmanager
def at_most_queries(number: int) -> Iterator[Sent]:
    """Fail if more statements than this are sent inside; fewer are welcome."""
    result = Sent()
    with CaptureQueriesContext(connection) as sent:
        yield result
    result.number = len(sent)
    assert len(sent) <= number, _said(sent, f"at most {number}")


@contextmanager
def same_queries_as(before: Sent) -> Iterator[None]:
    """Fail unless exactly as many statements are sent as `before`, when there were fewer rows."""
    with CaptureQueriesContext(connection) as sent:
        yield
    assert len(sent) == before.number, _said(sent, f"{before.number}, as before")


def _said(sent: CaptureQueriesContext, wanted: str) -> str:
    statements = "\n".join(f"{number}. {each['sql']}" for number, each in enumerate(sent, 1))
    return f"{len(sent)} statements, not {wanted}:\n{statements}"


@dataclass(frozen=True)
class Work:
    """What PostgreSQL did for a statement: blocks that it touched, and rows that it read in vain."""

    blocks: int
    thrown_away: int

    def __add__(self, other: "Work") -> "Work":
        return Work(self.blocks + other.blocks, self.thrown_away + other.thrown_away)


def finds_rows(statement: str) -> bool:
    """Return whether the statement finds or counts the rows of a page, and does not read them."""
    return '"row_id"' in statement or statement.startswith("SELECT COUNT(")


def work_of(statement: str) -> Work:
    """Execute a statement and return what PostgreSQL did for it."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}")
        plan = cursor.fetchone()[0][0]["Plan"]
    return Work(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], _thrown_away(plan))


def _thrown_away(plan: dict[str, Any]) -> int:
    rows: int = round(sum(plan.get(name, 0) for name in _REMOVED) * plan["Actual Loops"])
    return rows + sum(_thrown_away(each) for each in plan.get("Plans", ()))


_REMOVED = ("Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck")
