"""Workers that are killed (SIGKILL), for `bench kills`, `bench notifications` and `tests/processes/`."""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, Self

import psutil

from bench.places import PLAIN_ADDRESS, owner_session, prepare, product
from ticketflower import environment
from ticketflower.development.console import say

if TYPE_CHECKING:
    from users.tests.cases import People

GIVE_UP_SECONDS = 60.0
_WORKERS = 2
_SILENT_SECONDS = 2.0
"""After how long a worker counts as dead; these give a sign of life every 0.2 seconds."""
_WAITING = "SELECT count(*) FROM pg_locks WHERE relation = %s::regclass AND NOT granted"
chance = random.SystemRandom()


class Workers:
    """Two worker processes, forked by `bench.worker_nursery`, each replaced when it is killed."""

    def __init__(self, env: dict[str, str]) -> None:
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "bench.worker_nursery"],
            cwd=environment.BASE_DIR,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._running: list[psutil.Process] = []

    def __enter__(self) -> Self:
        self.fill_up()
        return self

    def __exit__(self, *_error: object) -> None:
        self._nursery.communicate()  # at the end of its input, it kills those that run

    def fill_up(self) -> None:
        """Start workers in place of those that were killed."""
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        while len(self._running) < _WORKERS:
            self._nursery.stdin.write("\n")
            self._nursery.stdin.flush()
            self._running.append(psutil.Process(int(self._nursery.stdout.readline())))

    def who_calls_from(self, port: int) -> psutil.Process | None:
        """Return the worker that holds this port."""
        for worker in self._running:
            if any(port == each.laddr.port for each in worker.net_connections("tcp4")):
                return worker
        return None

    def kill(self, worker: psutil.Process | None = None) -> None:
        """Kill this worker, or any."""
        victim = worker or chance.choice(self._running)
        victim.kill()
        self._running.remove(victim)

    def kill_all(self) -> None:
        """Kill all workers."""
        while self._running:
            self.kill()

    def kill_all_before_insert(self, table: str, *, meanwhile: Callable[[], None]) -> None:
        """Kill all workers when one of them waits to insert rows into this table.

        Its transaction waits for a lock of ours. When that is released, the worker is gone.
        """
        from django.db import connection

        with owner_session(connection.settings_dict["NAME"]) as ours, ours.transaction():
            ours.execute(f"LOCK TABLE {table} IN SHARE MODE")
            give_up = time.monotonic() + GIVE_UP_SECONDS
            while ours.execute(_WAITING, [table]).fetchone() == (0,):
                assert time.monotonic() < give_up, f"no worker inserted into {table}"
                meanwhile()
            self.kill_all()


def take_up_jobs() -> None:
    """Take up the jobs of killed workers, as a job does in production."""
    from asgiref.sync import async_to_sync
    from procrastinate.contrib.django import app

    from ticketflower.jobs import take_up

    async_to_sync(take_up)(app.job_manager, silent_seconds=_SILENT_SECONDS)


# --- A benchmark that kills ---------------------------------------------------------------


@dataclass
class Outcome:
    """What became of the work. `wrong` tells in words what is not as it should be."""

    wrong: list[str] = field(default_factory=list)


class Killer(Protocol):
    """Kills workers at their work."""

    def run(self, kills: int) -> Outcome:
        """Kill workers so many times, and return what became of their work."""


MakeKiller = Callable[[Sequence["People"], dict[str, str]], Killer]
"""It is given companies to work in, and the variables with which workers run."""


def main(name: str, about: str | None, make_killer: MakeKiller) -> None:
    """Run the benchmark `name` in new companies, and print the outcome.

    It starts the module again in a process with Django, which works on a database of its own.
    """
    if kills := environment.text("BENCH_KILLS"):
        _kill_in_new_companies(make_killer, int(kills))
        return
    parser = argparse.ArgumentParser(prog=f"dev.py bench {name}", description=about)
    parser.add_argument("--kills", type=int, default=50)
    options = parser.parse_args()
    with product(name) as (env, _made):
        own = {**PLAIN_ADDRESS, "LOG_LEVEL": "ERROR", "BENCH_KILLS": str(options.kills)}
        outcome: dict[str, Any] = prepare(f"bench.{name}", env={**env, **own})
    seconds, wrong = outcome["seconds"], outcome["wrong"]
    say(f"{options.kills} kills in {seconds:.0f} s, {outcome['text']}; wrong: {len(wrong)}")
    for problem in wrong:
        say(f"  {problem}")
    sys.exit(bool(wrong))


def _kill_in_new_companies(make_killer: MakeKiller, kills: int) -> None:
    import django

    django.setup()

    from users.tests.cases import People

    companies = [People(f"Company {number}") for number in range(4)]
    began = time.monotonic()
    outcome = make_killer(companies, {**os.environ}).run(kills)
    seconds = time.monotonic() - began
    json.dump({"text": str(outcome), "wrong": outcome.wrong, "seconds": seconds}, sys.stdout)
