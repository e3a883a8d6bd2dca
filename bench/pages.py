"""Processor time of pages and of the two main POSTs beside bare Django views: `python3 dev.py bench pages`.

Product and floor run as in production and are measured in turns, so that other load on the machine affects
both. Measured is the processor time of a site's processes and of their sessions in the database.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench.browser import Visit, visit_at_once
from bench.load import form_fields
from bench.lock_waits import LockWaits, lock_waits
from bench.places import THREADS, new_database, owner_session, prepare, server, variables
from bench.processor_time import site_seconds
from ticketflower.development.console import say

FLOOR = "4b97e876ff01b54c"
"""The checksum of the floor. Whoever changes the floor changes what everything is measured by."""

Configuration = tuple[int, int]
CONFIGURATIONS: tuple[Configuration, ...] = ((1, 1), (8, 1), (1, 2), (8, 2))
"""Clients, and processes of each site."""
COMPANIES = max(clients for clients, _processes in CONFIGURATIONS)

RATIOS = (
    *("submit", "complete", "own_tickets", "manage_tickets", "manage_tasks", "my_tasks", "ticket", "task"),
    *("dashboard", "form"),
)
_FLOOR_OF = {
    **dict.fromkeys(("submit", "complete", "api_submit"), "five_inserts"),
    **dict.fromkeys(
        ("ticket", "own_ticket", "short_ticket", "long_ticket", "own_long_ticket"), "floor_ticket"
    ),
    **dict.fromkeys(("task", "form", "submit_form"), "floor_form"),
}
"""What a page is compared with, if it is not the floor's list."""

PROGRAMS: Mapping[str, Sequence[Sequence[str]]] = {
    "api_submit": (("submit",), ("submit_form", "submit", "own_ticket")),
    "api_own_tickets": (("own_tickets",),),
    "api_my_tasks": (("my_tasks",),),
    "api_manage_tickets": (("manage_tickets",),),
    "api_manage_tasks": (("manage_tasks",),),
}
"""Requests of programs, each with the pages in which people do the same."""

_POSTS = {"submit", "five_inserts", "same_rows"}
_FLOORS = {*_FLOOR_OF.values(), "floor_list", "same_rows"}
WARM_UP_REQUESTS = 12
"""Executions in each thread before measuring: its session plans statements anew until then."""

_LONG_WAIT_MS = 5
_OPEN_TASKS = """
    SELECT task.id, task.assigned_to_id FROM workflow_ops_taskinstance AS task
    JOIN workflow_design_taskdefinition AS definition ON definition.id = task.task_definition_id
    WHERE task.company_id = %s AND task.status = 'OPEN' AND definition.title = 'Start 1'
    ORDER BY task.id LIMIT %s
"""


class Cost(NamedTuple):
    """What a request takes, in milliseconds: processor time, and latency in the middle."""

    processor: float
    latency: float


Found = Mapping[str, list[Cost]]
"""What each page took in each round."""


@dataclass(frozen=True)
class Site:
    """A site: the environment of its processes, and what to visit as each of its clients."""

    application: str
    env: Mapping[str, str]
    visits: Sequence[Mapping[str, Sequence[str]]]
    companies: Sequence[Mapping[str, Any]] = ()

    def next_visits(self, page: str, client: int, number: int) -> list[Visit]:
        """Return as many visits of a page, or fewer if there are no more tasks to complete."""
        if page != "complete":
            own = self.visits[client % len(self.visits)]
            session, path = own.get(page) or self.visits[0][page]
            return [Visit(session, path, self._fields(page, client)) for _visit in range(number)]
        company = self.companies[client]
        with owner_session(self.env["DB_NAME"]) as owner:
            tasks = owner.execute(_OPEN_TASKS, [company["company"], number]).fetchall()
        answer = {"_input_version": "1", "out1": "Done"}
        return [Visit(company["workers"][str(person)], f"/tasks/{task}/", answer) for task, person in tasks]

    def _fields(self, page: str, client: int) -> Mapping[str, Any] | None:
        """Return what is posted to a page, or None."""
        if page == "api_submit":
            form = form_fields()
            texts = {name: text for name, text in form.items() if not name.startswith("_")}
            values = {**texts, "amount": int(form["amount"]), "urgent": False}
            kind = self.companies[client % len(self.companies)]["kind"]
            return {"ticket_type": kind, "values": values, "may_repeat": True}
        return form_fields() if page in _POSTS else None

    @contextmanager
    def running(self, processes: int) -> Iterator[list[int]]:
        """Start the site's processes, yield their ports, and stop them at the end."""
        with ExitStack() as stack:
            name = f"{self.application}.wsgi.application"
            yield [stack.enter_context(server(name, env=self.env)) for _process in range(processes)]


def main() -> None:
    """Run the benchmark and print the results."""
    parser = argparse.ArgumentParser(prog="dev.py bench pages", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="number of rounds")
    parser.add_argument("--requests", type=int, default=24, help="requests of a page in a round")
    parser.add_argument("--only", nargs="*", help="measure these pages alone, with one client and process")
    options = parser.parse_args()
    floor = checksum(Path(__file__).parent / "floor")
    if floor != FLOOR:
        say(f"The floor has changed ({floor}): these ratios can't be compared with others.")
    with ExitStack() as stack:
        sites = _sites(stack)
        results, waits = _measure(sites, CONFIGURATIONS[: 1 if options.only else None], options)
    for configuration, found in results.items():
        _report(configuration, found, waits)
    _report_scaling(results)
    alone = results[CONFIGURATIONS[0]]
    say("\nProcessor time, 1 client and 1 process:")
    say(f"  submit over the bare view with the same rows: {_share(alone, 'submit', ['same_rows']):.2f}")
    _report_programs(alone)
    ratios = {page: _ratio(alone, page) for page in RATIOS if page in alone}
    say("RATIO " + " ".join(f"{page}={ratio:.2f}" for page, ratio in ratios.items()))


def checksum(folder: Path) -> str:
    """Return a checksum of the names and contents of a folder's Python files and templates."""
    digest = sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in {".py", ".html"}):
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _sites(stack: ExitStack) -> list[Site]:
    """Fill both databases."""
    database = stack.enter_context(new_database("ticketflower_bench_pages"))
    floor = stack.enter_context(new_database("ticketflower_bench_pages_floor"))
    product_env = variables(database)
    product_env["BENCH_COMPANIES"] = str(COMPANIES)
    floor_env = variables(floor, settings="bench.floor.settings", as_owner=True)
    companies: Any = prepare("bench.companies", env=product_env)["companies"]
    prepared: Any = prepare("bench.floor.prepare", env=floor_env)
    say(f"Statements of the floor's pages: {prepared['statements']}")
    visits = {page: [prepared["session"], path] for page, path in prepared["pages"].items()}
    return [
        Site("ticketflower", product_env, [company["visits"] for company in companies], companies),
        Site("bench.floor", floor_env, [visits]),
    ]


def _measure(
    sites: Sequence[Site], configurations: Sequence[Configuration], options: argparse.Namespace
) -> tuple[dict[Configuration, Found], LockWaits]:
    """Return what each page took in each round, and which locks of the product were waited for.

    Configurations take turns, so that what else the machine does falls on all of them.
    """
    pages = [page for site in sites for page in site.visits[0]] + ["complete"]
    if options.only:
        beside = {each for page in options.only for pages in PROGRAMS.get(page, ()) for each in pages}
        needed = {"submit", "same_rows", *options.only, *beside}
        needed |= {_floor_of(page) for page in needed}
        pages = [page for page in pages if page in needed]
    at = {page: 0 if page == "complete" or page in sites[0].visits[0] else 1 for page in pages}
    found: dict[Configuration, Found] = {each: {page: [] for page in pages} for each in configurations}
    with ExitStack() as stack:
        owner = stack.enter_context(owner_session())
        ports = {
            processes: [stack.enter_context(site.running(processes)) for site in sites]
            for processes in sorted({processes for _clients, processes in configurations})
        }
        for page, processes in product(pages, ports):
            site = sites[at[page]]
            clients = max(clients for clients, _processes in configurations)
            each = -(-WARM_UP_REQUESTS * THREADS * processes // clients)
            visit_at_once(
                ports[processes][at[page]],
                [site.next_visits(page, client, each) for client in range(clients)],
            )
        waits = stack.enter_context(lock_waits(sites[0].env))
        for _round, page, configuration in product(range(options.rounds), pages, configurations):
            clients, processes = waits.part = configuration
            site, its_ports = sites[at[page]], ports[processes][at[page]]
            each = max(options.requests // clients, 3)
            visits = [site.next_visits(page, client, each) for client in range(clients)]
            before = site_seconds(its_ports, site.env["DB_NAME"], owner)
            latencies = visit_at_once(its_ports, visits)
            took = site_seconds(its_ports, site.env["DB_NAME"], owner) - before
            found[configuration][page].append(Cost(took * 1000 / len(latencies), median(latencies) * 1000))
    return found, waits


def _floor_of(page: str) -> str:
    return _FLOOR_OF.get(page, "floor_list")


def _ratio(found: Found, page: str) -> float:
    """Return how many times the processor time of the floor a page takes: the median of the rounds."""
    return _share(found, page, [_floor_of(page)])


def _share(found: Found, page: str, others: Sequence[str]) -> float:
    """Return how many times the processor time of others together a page takes: the median of the rounds."""
    rounds = zip(found[page], zip(*(found[each] for each in others), strict=True), strict=True)
    shares = [ours.processor / sum(each.processor for each in theirs) for ours, theirs in rounds]
    return float(median(shares))


def _report(configuration: Configuration, found: Found, waits: LockWaits) -> None:
    clients, processes = configuration
    say(f"\n{clients} clients, {processes} processes of the site")
    say(f"  {'':<18}{'processor ms':>14}{'median ms':>11}{'times the floor':>17}")
    for page, costs in found.items():
        processor, latency = (median(values) for values in zip(*costs, strict=True))
        ratio = "" if page in _FLOORS else f"{_ratio(found, page):.2f}"
        say(f"  {page:<18}{processor:>14.1f}{latency:>11.1f}{ratio:>17}")
    long = waits.over(configuration, _LONG_WAIT_MS)
    say(f"  locks of the product that were waited for longer than {_LONG_WAIT_MS} ms: {len(long)}")
    for lock, milliseconds in long:
        say(f"    {milliseconds:.0f} ms: {' '.join(lock.split())}")


def _report_programs(found: Found) -> None:
    """Print what a program's request takes, as a part of what the pages take that do the same."""
    for page, beside in PROGRAMS.items():
        for pages in beside:
            if {page, *pages} <= set(found):
                say(f"  {page} of {' + '.join(pages)}: {_share(found, page, pages):.2f}")


def _report_scaling(results: Mapping[Configuration, Found]) -> None:
    """Print how much more a request takes than with one client and process, ours beside the floor's.

    All grows where two processors share what they have and several threads a process, so that the
    last column is what is ours.
    """
    alone = results[CONFIGURATIONS[0]]
    for configuration, found in results.items():
        if configuration == CONFIGURATIONS[0]:
            continue
        clients, processes = configuration
        say(f"\n{clients} clients and {processes} processes over one and one")
        say(f"  {'':<18}{'ours':>8}{'floor':>8}{'ours over the floor':>21}")
        growths = []
        for page in (page for page in found if page not in _FLOORS):
            ours, floor = (_growth(alone[each], found[each]) for each in (page, _floor_of(page)))
            growths.append(ours / floor)
            say(f"  {page:<18}{ours:>8.2f}{floor:>8.2f}{ours / floor:>21.2f}")
        say(f"  {'median':<18}{'':>16}{median(growths):>21.2f}")


def _growth(alone: Sequence[Cost], found: Sequence[Cost]) -> float:
    """Return how many times the processor time of the same round with one client and process it is."""
    return median(ours.processor / one.processor for ours, one in zip(found, alone, strict=True))


if __name__ == "__main__":
    main()
