"""The pages that `bench lists` measures: each filter of the desk in each order, pairs, and other lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import product
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from users.models import CustomUser
from users.tests.queries import Work, finds_rows, work_of

ORDERS = ("number", "-changed", "waiting", "priority", "due")
PAIRS = (
    "workflow={often}&status=ON_HOLD",
    "workflow={often}&assigned={worker}",
    "workflow={often}&submitter={submitter}",
    "workflow={often}&waits_for=Look",
    "assigned={worker}&status=ON_HOLD",
    "submitter={submitter}&status=all",
)
"""Six pairs that people use: what of a workflow is on hold, waits for somebody, or came from somebody."""

SEARCHES = ("printer", "printer+toner", "word17", "word17+word4711", "printer+wor", "unheard")
"""Common and rare words, and two that never meet."""


def ticket_queries(values: Mapping[str, Any]) -> list[str]:
    """Return each filter of tickets by itself, with a rare and a frequent value of most, and the pairs."""
    statuses = ("IN_PROGRESS", "ON_HOLD", "NOT_STARTED", "COMPLETED", "CANCELLED", "finished", "all")
    return [
        "",
        *(f"status={name}" for name in statuses),
        *(f"workflow={values[name]}" for name in ("often", "rare_line")),
        f"waits_for=Look&workflow={values['rare_line']}",
        "waits_for=nothing",
        *(f"assigned={who}" for who in ("nobody", "gone", values["worker"])),
        f"submitter={values['submitter']}",
        *(f"responsible={who}" for who in ("nobody", values["worker"])),
        *(f"priority={place}" for place in (1, 8, "none")),
        "age=30",
        "age=90",
        "since=2020-01-01",
        "until=2020-01-02",
        "since=2020-01-01&day=changed",
        "held=past",
        "still=1",
        f"workflow={values['often']}&f_urgency=high",
        f"workflow={values['rare_line']}&f_urgency=low",
        *(pair.format(**values) for pair in PAIRS),
    ]


def task_queries(values: Mapping[str, Any]) -> list[str]:
    """Return each filter of tasks by itself, unfinished ones in all orders, and those of finished ones."""
    of_anything = [
        *(f"workflow={values[name]}" for name in ("often", "rare_line")),
        *(f"workflow={values[name]}&task=Look" for name in ("often", "rare_line")),
        *(f"assigned={who}" for who in ("gone", values["worker"])),
        "age=90",
        "since=2020-01-01",
    ]
    open_ones = ["", *of_anything, "assigned=nobody", "status=OPEN", "priority=8", "priority=none"]
    statuses = ("all", "COMPLETED", "CANCELLED")
    return [
        *(f"{query}&sort={order}" for query, order in product(open_ones, ("waiting", "priority", "due"))),
        *(f"status={status}" for status in statuses),
        *(f"status={status}&{query}" for status, query in product(statuses, of_anything)),
    ]


def error_queries(values: Mapping[str, Any]) -> list[str]:
    """Return each filter of errors by itself, of unresolved ones and of all."""
    each = [
        "",
        *(f"workflow={values[name]}" for name in ("often", "rare_line")),
        *(f"kind={kind}" for kind in ("WORKFLOW_CREATION", "TASK_CREATION")),
        *(f"reason={reason}" for reason in ("ASSIGNMENT", "STALL")),
        "since=2020-01-01",
    ]
    return [f"{query}{status}" for query in each for status in ("", "&status=all", "&status=NEW")]


def pages(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield who asks, and the address of each first page."""
    for query, order in product(ticket_queries(values), ORDERS):
        address = f"/manage/tickets/?{query}&sort={order}".replace("?&", "?")
        yield "admin", address
        yield "admin of one workflow", address
    for who in ("admin", "admin of one workflow"):
        for query in task_queries(values):
            yield who, f"/manage/tasks/?{query}"
        for query in error_queries(values):
            yield who, f"/manage/errors/?{query}"
    for query in ("", "status=archive", "sort=title", "status=archive&sort=-title", "q=Ticket"):
        yield "submitter", f"/tickets/?{query}"
    for query in ("", "sort=task", "show=take", "show=done", "show=done&sort=task"):
        yield "worker", f"/tasks/?{query}"
    for query in _audit(values):
        yield "admin", f"/users/audit/?{query}"
    for who, text in product(("admin", "admin of one workflow", "who has three"), SEARCHES):
        yield who, f"/search/?q={text}"
    yield "admin of one workflow", f"/users/audit/?workflow={values['workflows'][-1]}"


def _audit(values: Mapping[str, Any]) -> list[str]:
    return [
        "",
        *(f"kind={kind}" for kind in ("TASK", "ERROR", "PEOPLE")),
        f"q={values['submitter_email']}",
        "q=person7@many.example",
        "who=staff",
        "who=system",
        "ticket=500",
        *(f"workflow={values['workflows'][place]}" for place in (0, -1)),
        *(f"{day}=2020-01-02" for day in ("since", "until")),
    ]


def first_and_deep(first: str, middles: dict[tuple[str, str], str]) -> list[str]:
    """Return the address of a page, and of the one that begins at the middle row of the whole table.

    In the order of due times, that is the middle of the unfinished ones that have any.
    """
    path, _question, query = first.strip("/").partition("/?")
    middle = middles.get((path, QueryDict(query).get("sort", "").removeprefix("-")))
    return [first, *([f"{first}&after={middle}"] if middle else [])]


def work_of_page(admin: CustomUser, page: tuple[str, str, str]) -> tuple[int, int, int]:
    """Return blocks touched to find and count the rows, rows thrown away, and blocks of the whole page."""
    name, session, address = page
    client = Client(headers={"host": urlsplit(settings.SITE_URL).netloc, "x-forwarded-proto": "https"})
    client.cookies["sessionid"] = session
    client.get(address)  # read what a process keeps
    with CaptureQueriesContext(connection) as sent:
        assert client.get(address).status_code == HTTPStatus.OK, name
    found = whole = Work(0, 0)
    with admin.scope(), transaction.atomic():
        for query in sent:
            if query["sql"].startswith(("SELECT ", "(SELECT ")) and "set_config" not in query["sql"]:
                work = work_of(query["sql"])
                whole += work
                found += work if finds_rows(query["sql"]) else Work(0, 0)
    listed = found if found.blocks else whole
    return listed.blocks, whole.thrown_away, whole.blocks
