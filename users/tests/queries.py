"""How many statements something may send to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

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
