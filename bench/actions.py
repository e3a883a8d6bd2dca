"""Actions per second, and the processor time of one: `python3 dev.py bench actions`.

1. The other system takes 100 ms for an answer. A worker makes eight calls at once, of five companies, in
   turns with a bare HTTP client in eight threads.
2. The other system answers at once. The processor time of an action (worker and database) is compared with
   that of a submission (site and database) as `bench submit` makes it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from threading import BoundedSemaphore
from typing import Any
from uuid import uuid4

import psutil
import psycopg
import requests

from bench.load import Target, measure
from bench.places import PLAIN_ADDRESS, SITE_URL, owner_session, prepare, product, server
from bench.receiver import Received, Receiver
from ticketflower import environment
from ticketflower.development.console import say
from ticketflower.development.run import LANES, worker_command

_AT_ONCE = 8
"""`CALLS_AT_ONCE` of `workflow_ops/actions/calling.py`; the other jobs of the worker store results."""
_COMPANIES = 5
"""Of four, each would have every fourth task, and those wait for each other."""
_WARM_UP = 50
_SLOW_SECONDS = 0.1
_GIVE_UP_SECONDS = 300.0
_DONE = """
    SELECT extract(epoch FROM event.at)::float
    FROM procrastinate_events AS event JOIN procrastinate_jobs AS job ON job.id = event.job_id
    WHERE job.task_name = 'workflow_ops.jobs.call_action' AND event.type = 'succeeded' ORDER BY event.at
"""


def main() -> None:
    """Run the benchmark and print the results."""
    parser = argparse.ArgumentParser(prog="dev.py bench actions", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="number of rounds")
    parser.add_argument("--actions", type=int, default=300, help="actions in one round")
    options = parser.parse_args()
    with product("actions") as (site_env, made), Receiver(_answer) as receiver:
        own = {**PLAIN_ADDRESS, "ACTIONS_ALLOW_LOOPBACK": "true", "BENCH_RECEIVER": receiver.url}
        env = {**site_env, **own}
        prepare("bench.actions", env={**env, "BENCH_ACTIONS": "make"})
        with owner_session(env["DB_NAME"]) as session:
            bench = _Bench(session, receiver.url, env, options.actions)
            slow = [bench.throughputs() for _round in range(options.rounds)]
            with server("ticketflower.wsgi.application", env=site_env) as port:
                site = Target("TicketFlower", port, made["path"], made["session"], SITE_URL)
                quick = [bench.processor_times(site) for _round in range(options.rounds)]
    _report("Calls of 100 ms, eight at once", slow, "a second", ("bare client", "worker"))
    _report("Calls that are answered at once", quick, "ms of processor time", ("submission", "action"))


def _report(title: str, rounds: Sequence[Sequence[float]], unit: str, names: Sequence[str]) -> None:
    say(f"\n{title}, medians of {len(rounds)} rounds")
    for name, values in zip(names, zip(*rounds, strict=True), strict=True):
        say(f"  {name:<14}{median(values):>8.1f} {unit}")
    say(f"  {'ratio':<14}{median(second / first for first, second in rounds):>8.2f}")


_places = BoundedSemaphore(_AT_ONCE)


def _answer(received: Received) -> tuple[int, Any]:
    if received.body["speed"] == "slow":
        # A call too many fails, and with it the run: its task would wait for the next try.
        if not _places.acquire(blocking=False):
            return 404, {}
        time.sleep(_SLOW_SECONDS)
        _places.release()
    return 200, {"out": "yes"}


@dataclass(frozen=True)
class _Bench:
    session: psycopg.Connection
    receiver: str
    env: dict[str, str]
    actions: int

    def throughputs(self) -> tuple[float, float]:
        """Return how many slow calls a second a bare client makes, and the worker."""
        began = time.perf_counter()
        each = self.actions // _AT_ONCE
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            for client in [threads.submit(self._call, each) for _thread in range(_AT_ONCE)]:
                client.result()
        bare = each * _AT_ONCE / (time.perf_counter() - began)
        already = self._submit("slow")
        with self._worker():
            done = self._wait_for(already + _WARM_UP + self.actions)[already + _WARM_UP :]
        return bare, (len(done) - 1) / (done[-1] - done[0])

    def processor_times(self, site: Target) -> tuple[float, float]:
        """Return how many milliseconds of processor time a submission takes, and a quick action."""
        measure(site, clients=1, posts=_WARM_UP)
        process = _child_with_port(site.port)
        before = self._cpu(process)
        measure(site, clients=1, posts=self.actions)
        submission = self._cpu(process) - before
        already = self._submit("quick")
        with self._worker() as process:
            began = len(self._wait_for(already + _WARM_UP))
            before = self._cpu(process)
            ended = len(self._wait_for(already + _WARM_UP + self.actions))
            action = self._cpu(process) - before
        return submission * 1000 / self.actions, action * 1000 / (ended - began)

    def _call(self, times: int) -> None:
        with requests.Session() as client:
            for _call in range(times):
                client.post(self.receiver, json={"name": "bare", "speed": "slow"}, timeout=30).json()

    def _submit(self, speed: str) -> int:
        """Submit tickets while no worker runs. Return how many calls were made before."""
        number = _WARM_UP + self.actions
        prepare("bench.actions", env={**self.env, "BENCH_ACTIONS": f"{number} {speed}"})
        return len(self._done())

    def _done(self) -> list[float]:
        return [moment for (moment,) in self.session.execute(_DONE).fetchall()]

    def _wait_for(self, number: int) -> list[float]:
        give_up = time.monotonic() + _GIVE_UP_SECONDS
        while len(done := self._done()) < number:
            assert time.monotonic() < give_up, f"{len(done)} of {number} calls were made"
            time.sleep(0.2)
        return done

    def _cpu(self, process: psutil.Process) -> float:
        """Return the seconds that a process and the database server have used, ended connections included."""
        database = psutil.Process(self.session.info.backend_pid).parent()
        assert database is not None
        return _used(process) + _used(database, with_ended=True) + sum(map(_used, database.children()))

    @contextmanager
    def _worker(self) -> Iterator[psutil.Process]:
        with subprocess.Popen(
            worker_command("calls", LANES["calls"]),
            cwd=environment.BASE_DIR,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as worker:
            try:
                yield psutil.Process(worker.pid)
            finally:
                worker.terminate()


def _child_with_port(port: int) -> psutil.Process:
    children = psutil.Process().children()
    return next(child for child in children if str(port) in child.cmdline())


def _used(process: psutil.Process, *, with_ended: bool = False) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:  # a connection that has just ended: counted by the server
        return 0.0
    ended = times.children_user + times.children_system if with_ended else 0.0
    return times.user + times.system + ended


# --- In a process with Django -------------------------------------------------------------


def _make_companies() -> None:
    from users.tests.cases import People
    from workflow_ops.tests.engine_cases import Engine, form, workflow

    url = environment.text("BENCH_RECEIVER")
    file = workflow(
        form("Ask", "name speed", "out", task_type="SYNC_ACTION", action_url=url),
        form("Look", "out", "done"),
        ticket="name speed",
    )
    for number in range(_COMPANIES):
        Engine(People(f"Company {number}"), lambda function: function()).load(file)


def _submit_tickets(number: int, speed: str) -> None:
    """Submit tickets in all companies in turn."""
    from django.db import transaction

    from users.models import CustomUser
    from workflow_design.models import TicketDefinition
    from workflow_ops.work.submissions import submit_ticket

    places = []
    for company in range(_COMPANIES):
        person = CustomUser.objects.get_by_natural_key(f"sam@company-{company}.example")
        with person.scope(), transaction.atomic():
            places.append((person, TicketDefinition.objects.select_related("workflow").get()))
    for ticket in range(number):
        person, kind = places[ticket % _COMPANIES]
        with person.scope(), transaction.atomic():
            values = {"name": f"n{ticket}", "speed": speed}
            submit_ticket(kind, values=values, form_token=uuid4(), by=person)


def _work_with_django(task: str) -> None:
    import django

    django.setup()
    if task == "make":
        _make_companies()
    else:
        number, speed = task.split()
        _submit_tickets(int(number), speed)
    json.dump({}, sys.stdout)


if __name__ == "__main__":
    own = environment.text("BENCH_ACTIONS")
    _work_with_django(own) if own else main()
