"""Memory and start of a site process and of a worker: `python3 dev.py bench memory`.

The site is sent 200 requests of the main job: a form is opened, a ticket submitted and looked at, "My tasks"
opened, and a task completed. None of that leaves a job. A worker then reads the timelines, stores who
is told of what, and enters the tickets into the search. Both run as in production.
"""

from __future__ import annotations

import argparse
import compileall
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psutil

from bench.browser import visit_at_once
from bench.pages import Site
from bench.places import new_database, owner_session, prepare, server, variables
from bench.processor_time import process_seconds
from ticketflower import environment
from ticketflower.development.console import say
from ticketflower.development.run import LANES, worker_command

_PACKAGES = ("ticketflower", "users", "workflow_design", "workflow_ops")
_MAIN_JOB = ("form", "submit", "own_ticket", "my_tasks", "complete")
_LANE = "default"
_GIVE_UP_SECONDS = 120.0
_IS_READY = "SELECT count(*) = 1 FROM procrastinate_workers"
_COUNT_DONE = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded' AND queue_name = %s"
_DO_NOW = "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo' AND queue_name = %s"
# Not whether jobs wait: none does until the worker looks for events, which it does every five seconds.
_IS_DONE = """
    SELECT EXISTS (SELECT FROM workflow_ops_timelineevent) AND NOT EXISTS (
        SELECT FROM workflow_ops_timelineevent AS event
        WHERE NOT EXISTS (
            SELECT FROM workflow_ops_eventcursor AS place
            WHERE place.company_id = event.company_id AND place.reader = 'notifications'
                AND (place.transaction, place.event_id) >= (event.transaction, event.id)))
"""
_MODULES_OF_SITE = "import ticketflower.wsgi"
_MODULES_OF_WORKER = """
import django; django.setup()
from procrastinate.contrib.django import app
app.perform_import_paths()
"""


def main() -> None:
    """Run the benchmark and print the results."""
    parser = argparse.ArgumentParser(prog="dev.py bench memory", description=__doc__)
    parser.add_argument("--requests", type=int, default=200, help="requests of the main job")
    parser.add_argument("--threads", type=int, default=12, help="threads of the site")
    options = parser.parse_args()
    for package in _PACKAGES:  # in the image, too
        compileall.compile_dir(environment.BASE_DIR / package, quiet=2)
    with new_database("ticketflower_bench_memory") as database:
        env = {**variables(database), "BENCH_COMPANIES": "1", "MALLOC_ARENA_MAX": "2"}  # as in the image
        companies: Any = prepare("bench.companies", env=env)["companies"]
        site = Site("ticketflower", env, [company["visits"] for company in companies], companies)
        say(f"{'':<32}{'PSS':>10}{'private':>10}{'processor':>14}{'modules':>10}")
        _measure_site(site, options)
        _measure_worker(env)


def _measure_site(site: Site, options: argparse.Namespace) -> None:
    tickets = options.requests // len(_MAIN_JOB)
    steps = zip(*(site.next_visits(page, 0, tickets) for page in _MAIN_JOB), strict=True)
    with server("ticketflower.wsgi.application", env=site.env, threads=options.threads) as port:
        process = next(each for each in psutil.Process().children() if str(port) in each.cmdline())
        _report("site, started", process, modules=_modules(_MODULES_OF_SITE, site.env))
        visit_at_once([port], [[visit for step in steps for visit in step]])
        _report(f"site, after {tickets * len(_MAIN_JOB)} requests", process)


def _measure_worker(env: Mapping[str, str]) -> None:
    with owner_session(env["DB_NAME"]) as owner, _worker(env) as process:
        _wait_until(lambda: owner.execute(_IS_READY).fetchone() == (True,))
        _report("worker, started", process, modules=_modules(_MODULES_OF_WORKER, env))
        owner.execute(_DO_NOW, [_LANE])
        _wait_until(lambda: owner.execute(_IS_DONE).fetchone() == (True,))
        (jobs,) = owner.execute(_COUNT_DONE, [_LANE]).fetchone() or (0,)
        _report(f"worker, after {jobs} jobs", process)


@contextmanager
def _worker(env: Mapping[str, str]) -> Iterator[psutil.Process]:
    command = worker_command(_LANE, LANES[_LANE])
    with subprocess.Popen(command, cwd=environment.BASE_DIR, env=env, stderr=subprocess.DEVNULL) as process:
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


def _wait_until(is_so: Callable[[], bool]) -> None:
    give_up = time.monotonic() + _GIVE_UP_SECONDS
    while not is_so():
        if time.monotonic() > give_up:
            raise RuntimeError("the worker did not start, or did not read all timelines")
        time.sleep(0.2)


def _modules(code: str, env: Mapping[str, str]) -> int:
    """Return how many modules are loaded after the code has run in a process of its own."""
    command = [sys.executable, "-c", f"{code}\nimport sys\nprint(len(sys.modules))"]
    result = subprocess.run(
        command, check=True, cwd=environment.BASE_DIR, env=env, capture_output=True, text=True
    )
    return int(result.stdout)


def _report(name: str, process: psutil.Process, *, modules: int | None = None) -> None:
    proportional, private = _megabytes(process)
    milliseconds = process_seconds(process.pid) * 1000
    say(f"{name:<32}{proportional:>7.1f} MB{private:>7.1f} MB{milliseconds:>11.0f} ms{modules or '':>10}")


def _megabytes(process: psutil.Process) -> tuple[float, float]:
    """Return the memory of a process, its share of shared pages included, and what it has alone.

    Where the system does not count shared pages, both are what it has alone.
    """
    memory = process.memory_full_info()
    return getattr(memory, "pss", memory.uss) / 2**20, memory.uss / 2**20


if __name__ == "__main__":
    main()
