"""Processor time and blocks read of each list at a million and a thousand rows: `python3 dev.py bench lists`.

With `--companies`, a company in a database with others like it is measured beside the same company alone.
Both sites run as in production, and their pages are requested in turns, so that other load on the machine
affects both. The time is that of the site's process and of its session in the database. Each has one
process with one thread, because PostgreSQL plans a statement again for its first executions on a
connection and then settles on a plan, which is what is measured.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection, RemoteDisconnected
from statistics import median
from urllib.parse import urlsplit

from psycopg import Connection

from bench.places import SITE_URL, new_database, owner_session, prepare, server, variables
from bench.processor_time import site_seconds
from ticketflower.development.console import say

WARM_UP_REQUESTS = 12
"""Executions before measuring: psycopg prepares after 5, PostgreSQL compares 5 plans, and 2 in reserve."""


_FEW_ROWS, _MANY_ROWS = 1_000, 1_000_000
MAX_MORE_BLOCKS, MAX_THROWN_AWAY, MAX_RATIO = 30, 500, 1.3
_HEADS = ("small ms", "large ms", "ratio", "blocks", "blocks", "thrown", "page", "page")
Page = tuple[str, str, str, int, int, int]
"""Name, session, URL, blocks touched to find the rows, rows thrown away, and blocks of the whole page."""


@dataclass(frozen=True, slots=True)
class Site:
    """A running site and its pages."""

    connection: HTTPConnection
    pages: list[Page]
    port: int
    database: str


def main() -> None:
    """Run the benchmark; print each page when it has been measured, and at the end those that miss."""
    parser = argparse.ArgumentParser(prog="dev.py bench lists", description=__doc__)
    parser.add_argument(
        "--rounds",
        type=int,
        default=15,
        help="number of measurements per page; with 0, only work is measured",
    )
    parser.add_argument(
        "--rows", type=int, help="number of tickets of the larger company, or of each of many companies"
    )
    parser.add_argument(
        "--companies", type=int, default=1, help="number of companies like the one that is measured"
    )
    parser.add_argument(
        "--only", default="", help="measure only pages whose names match this regular expression"
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the databases, and use those that are there"
    )
    options = parser.parse_args()
    with ExitStack() as stack:
        owner = stack.enter_context(owner_session())
        sites = [_site(stack, rows, companies, options) for rows, companies in _sizes(options)]
        misses = []
        say("".join(f"{head:>12}" for head in _HEADS))
        for small, large in zip(*(site.pages for site in sites), strict=True):
            times = (
                _measure_page(sites, (small, large), options.rounds, owner) if options.rounds else (1.0, 1.0)
            )
            line, is_missed = _line(small[0], times, small[3:], large[3:])
            say(line)
            if is_missed:
                misses.append(line)
        say(f"{len(misses)} of {len(sites[0].pages)} pages miss.")
        for line in misses:
            say(line)


def _sizes(options: argparse.Namespace) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the number of tickets and companies in the small database and in the large one."""
    if options.companies > 1:
        rows = options.rows or _FEW_ROWS
        return (rows, 1), (rows, options.companies)
    return (_FEW_ROWS, 1), (options.rows or _MANY_ROWS, 1)


def _site(stack: ExitStack, rows: int, companies: int, options: argparse.Namespace) -> Site:
    name = f"ticketflower_bench_lists_{rows}_{companies}"
    database = stack.enter_context(new_database(name, keep=options.keep))
    env = variables(database)
    numbers = {"BENCH_TICKETS": str(rows), "BENCH_COMPANIES": str(companies)}
    prepared = prepare("bench.many_tickets", env={**env, **numbers, "BENCH_ONLY": options.only})
    port = stack.enter_context(server("ticketflower.wsgi.application", env=env, threads=1))
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    stack.callback(connection.close)
    return Site(connection, json.loads(prepared["pages"]), port, database)


def _measure_page(
    sites: Sequence[Site], pages: Sequence[Page], rounds: int, owner: Connection
) -> tuple[float, float]:
    """Return the median milliseconds in the small database and in the large one.

    What misses the bound is measured again with three times as many rounds, and that counts: of hundreds of
    pages, some miss by chance.
    """
    times = _measure_times(sites, pages, rounds, owner)
    is_missed = times[1] > times[0] * MAX_RATIO
    return _measure_times(sites, pages, 3 * rounds, owner) if is_missed else times


def _measure_times(
    sites: Sequence[Site], pages: Sequence[Page], rounds: int, owner: Connection
) -> tuple[float, float]:
    for site, page in zip(sites, pages, strict=True):
        for _request in range(WARM_UP_REQUESTS):
            _get(site, page)
    measured = [
        [_seconds(site, page, owner) for site, page in zip(sites, pages, strict=True)]
        for _round in range(rounds)
    ]
    small, large = (median(times) * 1000 for times in zip(*measured, strict=True))
    return small, large


def _seconds(site: Site, page: Page, owner: Connection) -> float:
    before = site_seconds([site.port], site.database, owner)
    _get(site, page)
    return site_seconds([site.port], site.database, owner) - before


def _get(site: Site, page: Page) -> None:
    name, session, address, *_work = page
    headers = {
        "Host": urlsplit(SITE_URL).netloc,
        "X-Forwarded-Proto": "https",
        "Cookie": f"sessionid={session}",
    }
    try:
        site.connection.request("GET", address, headers=headers)
        response = site.connection.getresponse()
    except RemoteDisconnected:
        # The server closes connections that were idle while the other site was prepared.
        site.connection.close()
        _get(site, page)
        return
    text = response.read()
    if response.status != 200:  # noqa: PLR2004 - OK
        raise RuntimeError(f"{name}: {response.status} {text[:500]!r}")


def _line(
    name: str, times: tuple[float, float], few: tuple[int, ...], many: tuple[int, ...]
) -> tuple[str, bool]:
    """Return the line of a page, and whether it misses a bound."""
    small, large = times
    misses = [
        word
        for word, is_missed in (
            ("BLOCKS", many[0] > few[0] + MAX_MORE_BLOCKS),
            ("THROWN", many[1] > MAX_THROWN_AWAY),
            ("TIME", large > small * MAX_RATIO),
        )
        if is_missed
    ]
    numbers = (f"{small:.1f}", f"{large:.1f}", f"{large / small:.2f}", few[0], *many[:2], few[2], many[2])
    address, is_deep, _cursor = name.partition("&after=")
    notes = [*(["deep"] if is_deep else []), *(f"MISSES {miss}" for miss in misses)]
    line = "".join(f"{number:>12}" for number in numbers) + f"  {address}  {', '.join(notes)}"
    return line.rstrip(), bool(misses)


if __name__ == "__main__":
    main()
