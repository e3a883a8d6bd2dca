"""What each list costs at a million rows, beside a thousand: `python3 dev.py bench lists`.

Both sites run as in production, and each page is asked for in turns, so that whatever else the machine
does falls on both. One process with one thread each: a statement is planned anew for its first
executions, and once and for all after that, which is what has to be measured.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection, RemoteDisconnected
from statistics import median
from urllib.parse import urlsplit

from bench.places import SITE_URL, new_database, prepared, server, variables
from ticketflower.development.console import say

WARM = 12
"""Executions after which PostgreSQL has settled on a plan: five to prepare, five to compare, and two."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site that runs, and its pages: name, session and address of each."""

    line: HTTPConnection
    pages: list[tuple[str, str, str]]


def main() -> None:
    """Measure, and say what came of it, the worst first."""
    parser = argparse.ArgumentParser(prog="dev.py bench lists", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="how often each page is measured in turn")
    parser.add_argument("--rows", type=int, default=1_000_000, help="tickets of the larger company")
    parser.add_argument("--only", default="", help="pages whose names hold this")
    options = parser.parse_args()
    with ExitStack() as stack:
        sites = [_site(stack, rows) for rows in (1_000, options.rows)]
        found = []
        for small, large in zip(*(site.pages for site in sites), strict=True):
            if options.only in small[0]:
                found.append((small[0], *_measured(sites, (small, large), options.rounds)))
        _report(found)


def _site(stack: ExitStack, rows: int) -> Site:
    database = stack.enter_context(new_database(f"ticketflower_bench_lists_{rows}"))
    env = variables("ticketflower.settings", database, as_owner=False)
    made = prepared("bench.many_tickets", env={**env, "BENCH_TICKETS": str(rows)})
    port = stack.enter_context(server("ticketflower.wsgi:application", env=env, workers=1, threads=1))
    line = HTTPConnection("127.0.0.1", port, timeout=120)
    stack.callback(line.close)
    return Site(line, json.loads(made["pages"]))


def _measured(
    sites: Sequence[Site], pages: Sequence[tuple[str, str, str]], rounds: int
) -> tuple[float, float]:
    """Milliseconds at a thousand and at a million rows."""
    for site, page in zip(sites, pages, strict=True):
        for _warm in range(WARM):
            _get(site, page)
    took = [[_get(site, page) for site, page in zip(sites, pages, strict=True)] for _round in range(rounds)]
    small, large = (median(one) * 1000 for one in zip(*took, strict=True))
    return small, large


def _get(site: Site, page: tuple[str, str, str]) -> float:
    name, session, address = page
    headers = {
        "Host": urlsplit(SITE_URL).netloc,
        "X-Forwarded-Proto": "https",
        "Cookie": f"sessionid={session}",
    }
    began = time.perf_counter()
    try:
        site.line.request("GET", address, headers=headers)
        answer = site.line.getresponse()
    except RemoteDisconnected:  # the server ends lines that rested, while the other site was being made
        site.line.close()
        return _get(site, page)
    text = answer.read()
    took = time.perf_counter() - began
    if answer.status != 200:  # noqa: PLR2004 - a page
        raise RuntimeError(f"{name}: {answer.status} {text[:500]!r}")
    return took


def _report(found: Sequence[tuple[str, float, float]]) -> None:
    say(f"{'thousand ms':>12}{'million ms':>12}{'ratio':>8}")
    for name, small, large in sorted(found, key=lambda row: row[1] / row[2]):
        say(f"{small:>12.1f}{large:>12.1f}{large / small:>8.2f}  {name}")


if __name__ == "__main__":
    main()
