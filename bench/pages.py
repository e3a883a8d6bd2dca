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
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import Any, NamedTuple

from bench.browser import Visit, visit_at_once
from bench.load import form_fields
from bench.places import new_database, owner_session, prepare, server, variables
from bench.processor_time import site_seconds
from ticketflower.development.console import say

FLOOR = "d2072b555894b202"
"""The checksum of the floor. Whoever changes the floor changes what everything is measured by."""

CONFIGURATIONS = ((1, 1), (8, 1), (1, 2), (8, 2))
"""Clients, and processes of each site."""
COMPANIES = max(clients for clients, _processes in CONFIGURATIONS)

RATIOS = (
    *("submit", "complete", "own_tickets", "manage_tickets", "manage_tasks", "my_tasks", "ticket", "task"),
    *("dashboard", "form"),
)
_FLOOR_OF = {
    **dict.fromkeys(("submit", "complete"), "five_inserts"),
    **dict.fromkeys(
        ("ticket", "own_ticket", "short_ticket", "long_ticket", "own_long_ticket"), "floor_ticket"
    ),
    **dict.fromkeys(("task", "form"), "floor_form"),
}
"""What a page is compared with, if it is not the floor's list."""

_POSTS = {"submit", "five_inserts", "same_rows"}
_LONG_WAIT_MS = 5
_LONGEST_WAIT = """
    SELECT max(extract(epoch FROM clock_timestamp() - waitstart) * 1000)::float
    FROM pg_locks WHERE NOT granted
"""
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
            return [
                Visit(session, path, form_fields() if page in _POSTS else None) for _visit in range(number)
            ]
        company = self.companies[client]
        with owner_session(self.env["DB_NAME"]) as owner:
            tasks = owner.execute(_OPEN_TASKS, [company["company"], number]).fetchall()
        answer = {"_input_version": "1", "out1": "Done"}
        return [Visit(company["workers"][str(person)], f"/tasks/{task}/", answer) for task, person in tasks]

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
        results = {
            configuration: _measure(sites, configuration, options)
            for configuration in CONFIGURATIONS[: 1 if options.only else None]
        }
    _report_scaling(results)
    alone = results[CONFIGURATIONS[0]]
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
    product = stack.enter_context(new_database("ticketflower_bench_pages"))
    floor = stack.enter_context(new_database("ticketflower_bench_pages_floor"))
    product_env = variables(product)
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
    sites: Sequence[Site], configuration: tuple[int, int], options: argparse.Namespace
) -> dict[str, list[Cost]]:
    """Return what each page took in each round. The first round warms up, and does not count."""
    clients, processes = configuration
    pages = [page for site in sites for page in site.visits[0]] + ["complete"]
    if options.only:
        needed = {"submit", *options.only, *(_FLOOR_OF.get(page, "floor_list") for page in options.only)}
        pages = [page for page in pages if page in needed]
    found: dict[str, list[Cost]] = {page: [] for page in pages}
    with ExitStack() as stack:
        owner = stack.enter_context(owner_session())
        waits = stack.enter_context(_longest_waits())
        ports = [stack.enter_context(site.running(processes)) for site in sites]
        for number in range(options.rounds + 1):
            for page in pages:
                at = next(
                    place for place, site in enumerate(sites) if page == "complete" or page in site.visits[0]
                )
                visits = [
                    sites[at].next_visits(page, client, max(options.requests // clients, 3))
                    for client in range(clients)
                ]
                before = site_seconds(ports[at], sites[at].env["DB_NAME"], owner)
                latencies = visit_at_once(ports[at], visits)
                took = site_seconds(ports[at], sites[at].env["DB_NAME"], owner) - before
                if number:
                    found[page].append(Cost(took * 1000 / len(latencies), median(latencies) * 1000))
    _report(configuration, found, max(waits, default=0.0))
    return found


@contextmanager
def _longest_waits() -> Iterator[list[float]]:
    """Look all the time how long sessions wait for locks, and yield a list of the milliseconds found."""
    found: list[float] = []
    end = Event()

    def look() -> None:
        with owner_session() as owner:
            while not end.wait(0.002):
                row = owner.execute(_LONGEST_WAIT).fetchone()
                if row and row[0] and row[0] > _LONG_WAIT_MS:
                    found.append(row[0])

    thread = Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        end.set()
        thread.join()


def _ratio(found: Mapping[str, Sequence[Cost]], page: str) -> float:
    """Return how many times the processor time of the floor a page takes: the median of the rounds."""
    beside = found[_FLOOR_OF.get(page, "floor_list")]
    return median(ours.processor / theirs.processor for ours, theirs in zip(found[page], beside, strict=True))


def _report(configuration: tuple[int, int], found: Mapping[str, Sequence[Cost]], waited: float) -> None:
    clients, processes = configuration
    say(f"\n{clients} clients, {processes} processes of the site; longest wait for a lock: {waited:.0f} ms")
    say(f"  {'':<18}{'processor ms':>14}{'median ms':>11}{'times the floor':>17}")
    for page, costs in found.items():
        processor, latency = (median(values) for values in zip(*costs, strict=True))
        ratio = (
            ""
            if page.startswith("floor") or page in {"five_inserts", "same_rows"}
            else f"{_ratio(found, page):.2f}"
        )
        say(f"  {page:<18}{processor:>14.1f}{latency:>11.1f}{ratio:>17}")


def _report_scaling(results: Mapping[tuple[int, int], Mapping[str, Sequence[Cost]]]) -> None:
    alone = results[CONFIGURATIONS[0]]
    for configuration, found in results.items():
        clients, processes = configuration
        if configuration != CONFIGURATIONS[0]:
            times = {
                page: median(cost.processor for cost in found[page])
                / median(cost.processor for cost in alone[page])
                for page in found
            }
            worst = ", ".join(f"{page} {ratio:.2f}" for page, ratio in times.items())
            say(f"\n{clients} clients and {processes} processes over one and one: {worst}")


if __name__ == "__main__":
    main()
