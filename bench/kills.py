"""Workers that are killed while they make calls: `python3 dev.py bench kills`.

Tickets with two actions each, one that is answered and one that is called back, are submitted in several
companies. Workers are killed (SIGKILL) while the other system works, just after it answered, and at random
moments. In the end every action must have had its effect once, and all its calls must have had the same key.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from queue import Empty, SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import psutil

from bench.places import new_database, prepare, variables
from bench.receiver import Received, Receiver
from ticketflower import environment
from ticketflower.development.console import say

if TYPE_CHECKING:
    from users.tests.cases import People
    from workflow_ops.models import TicketInstance
    from workflow_ops.tests.engine_cases import Engine

_WORKERS = 2
_TICKETS_BETWEEN_KILLS = 2
_SILENT_SECONDS = 2.0
"""After how long a worker counts as dead; these give a sign of life every 0.2 seconds."""
_MOST_INTERRUPTIONS = 3
"""After so many, a call is left alone until it is done. After eight, it would be given up."""
_GIVE_UP_SECONDS = 60.0
_chance = random.SystemRandom()
_MOMENTS = ("before the answer", "after the answer", "at random")


@dataclass
class Outcome:
    """What became of the actions. `wrong` tells in words what is not as it should be."""

    actions: int
    kills: int
    calls: int = 0
    interrupted: int = 0
    most_calls: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


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
        victim = worker or _chance.choice(self._running)
        victim.kill()
        self._running.remove(victim)

    def kill_all(self) -> None:
        """Kill all workers."""
        while self._running:
            self.kill()


class _Moments:
    """Kills the worker whose call the receiver has, before or after it answers."""

    def __init__(self, receiver: Receiver, workers: Workers) -> None:
        self._workers = workers
        self._next: SimpleQueue[str] = SimpleQueue()
        self._killed = Event()
        receiver.around_answer = self._around_answer

    def kill_next(self, moment: str, *, meanwhile: Callable[[], None]) -> None:
        """Kill a worker at such a moment, and start another."""
        self._killed.clear()
        if moment == "at random":
            time.sleep(_chance.uniform(0, 0.2))
            self._workers.kill()
        else:
            self._next.put(moment)
            give_up = time.monotonic() + _GIVE_UP_SECONDS
            while not self._killed.wait(0.1):
                assert time.monotonic() < give_up, f"no call was made to be killed {moment}"
                meanwhile()
        self._workers.fill_up()

    def _around_answer(self, received: Received, answer: Any) -> None:
        try:
            moment = self._next.get_nowait()
        except Empty:
            answer()
            return
        worker = self._workers.who_calls_from(received.port)
        if moment == "after the answer":
            answer()
            time.sleep(_chance.uniform(0, 0.03))  # it may have recorded the answer, or not
        self._workers.kill(worker)
        self._killed.set()


class Kills:
    """The companies with their tickets, the other system and the workers, in a process with Django."""

    def __init__(self, companies: Sequence[People], env: dict[str, str]) -> None:
        from workflow_ops.tests.engine_cases import Engine

        self._engines = [Engine(people, lambda function: function()) for people in companies]
        self._env = env
        self._callbacks: SimpleQueue[tuple[str, str]] = SimpleQueue()
        self._tickets: list[tuple[Engine, TicketInstance, str]] = []

    def run(self, kills: int) -> Outcome:
        """Kill workers so many times and return what became of the actions."""
        from django.test import override_settings

        began = time.monotonic()
        with ExitStack() as stack:
            stack.enter_context(override_settings(ACTIONS_ALLOW_LOOPBACK=True))
            receiver = stack.enter_context(Receiver(self._answer))
            env = {**self._env, "ACTIONS_ALLOW_LOOPBACK": "true"}
            workers = stack.enter_context(Workers(env))
            workflows = [engine.load(_workflow(receiver.url)) for engine in self._engines]
            moments = _Moments(receiver, workers)
            for number in range(kills):
                for _ticket in range(_TICKETS_BETWEEN_KILLS):
                    place = len(self._tickets) % len(workflows)
                    name, engine = f"n{len(self._tickets)}", self._engines[place]
                    self._tickets.append((engine, engine.submit(workflows[place], name=name), name))
                moments.kill_next(_MOMENTS[number % len(_MOMENTS)], meanwhile=self._go_on)
                self._go_on()
                self._wait(attempts=_MOST_INTERRUPTIONS)
            self._wait()
            outcome = self._outcome(kills, receiver.received)
        outcome.seconds = time.monotonic() - began
        return outcome

    def _answer(self, received: Received) -> tuple[int, Any]:
        time.sleep(_chance.uniform(0, 0.05))
        if received.path == "/check":
            return 200, {"checked": received.body["name"]}
        self._callbacks.put((received.body["callback_url"], received.body["checked"]))
        return 202, {}

    def _go_on(self) -> None:
        """Post the callbacks that are due, and take up the jobs of killed workers."""
        from asgiref.sync import async_to_sync
        from django.test import Client
        from procrastinate.contrib.django import app

        from ticketflower.jobs import take_up

        while not self._callbacks.empty():
            address, name = self._callbacks.get()
            body = json.dumps({"account": name})
            Client().post(urlsplit(address).path, body, "application/json", SERVER_NAME="127.0.0.1")
        async_to_sync(take_up)(app.job_manager, silent_seconds=_SILENT_SECONDS)

    def _wait(self, *, attempts: int = 0) -> None:
        """Wait until no job is left that has had so many attempts, and no callback."""
        from django.db.models import Q
        from django.db.models.functions import Now
        from procrastinate.contrib.django.models import ProcrastinateJob

        # Jobs that apply what a request stored wait for half a minute, and find nothing.
        is_fallback = Q(task_name="workflow_ops.jobs.apply_writes", scheduled_at__gt=Now())
        names = ("workflow_ops.jobs.call_action", "workflow_ops.jobs.apply_writes")
        jobs = ProcrastinateJob.objects.filter(
            status__in=("todo", "doing"), task_name__in=names, attempts__gte=attempts
        ).exclude(is_fallback)
        give_up = time.monotonic() + _GIVE_UP_SECONDS
        while (jobs.exists() or not self._callbacks.empty()) and time.monotonic() < give_up:
            self._go_on()
            time.sleep(0.1)

    # --- What became of them ------------------------------------------------------------

    def _outcome(self, kills: int, received: Sequence[Received]) -> Outcome:
        from workflow_ops.models import ActionCall, CallOutcome

        outcome = Outcome(2 * len(self._tickets), kills, calls=len(received))
        keys: dict[tuple[str, str], list[str]] = defaultdict(list)
        for call in received:
            keys[call.path, call.body.get("name") or call.body["checked"]].append(call.key)
        outcome.most_calls = max(map(len, keys.values()))
        outcome.wrong += [f"keys of {action}: {each}" for action, each in keys.items() if len({*each}) != 1]
        if len({key for each in keys.values() for key in each}) != outcome.actions:
            outcome.wrong.append("two actions have the same key, or one has none")
        for engine, ticket, name in self._tickets:
            outcome.wrong += _problems(engine, ticket, name)
        for engine in self._engines:
            calls = engine.call(lambda: [*ActionCall.objects.values_list("outcome", flat=True)])
            outcome.interrupted += calls.count(CallOutcome.INTERRUPTED)
            if CallOutcome.RUNNING in calls:
                outcome.wrong.append("calls are still running")
        return outcome


def _problems(engine: Engine, ticket: TicketInstance, name: str) -> list[str]:
    """Return in words what is not as if each action of a ticket had been made once."""
    found = {
        "unfinished": engine.unfinished(ticket),
        "steps": [step.modified_fields for step in engine.steps(ticket)],
        "writes": [write.status for write in engine.writes(ticket)],
        "tasks started": engine.event_kinds(ticket).count("TASK_STARTED"),
        "errors": [error.error_message for error in engine.errors(ticket)],
        "data": {*engine.run(ticket).data.values()},
    }
    expected = {
        "unfinished": ["Look #1"],
        "steps": [["name"], ["checked"], ["account"]],
        "writes": ["APPLIED"] * 3,
        "tasks started": 3,
        "errors": [],
        "data": {name},
    }
    return [f"{ticket}: {key}: {found[key]}" for key in expected if found[key] != expected[key]]


def _workflow(url: str) -> Any:
    from workflow_ops.tests.engine_cases import form, workflow

    return workflow(
        form("Check", "name", "checked", task_type="SYNC_ACTION", action_url=f"{url}/check"),
        form("Account", "checked", "account", task_type="ASYNC_ACTION", action_url=f"{url}/account"),
        form("Look", "account"),
        ticket="name",
    )


def main() -> None:
    """Run the benchmark and print the outcome."""
    parser = argparse.ArgumentParser(prog="dev.py bench kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    options = parser.parse_args()
    with new_database("ticketflower_bench_kills") as database:
        env = variables("ticketflower.settings", database, as_owner=False)
        prepare("bench.product", env=env)
        env |= {"SITE_URL": "http://127.0.0.1:8000", "BEHIND_HTTPS_PROXY": "", "LOG_LEVEL": "ERROR"}
        found: dict[str, Any] = prepare("bench.kills", env={**env, "BENCH_KILLS": str(options.kills)})
    outcome = Outcome(**found)
    say(
        f"{outcome.kills} kills in {outcome.seconds:.0f} s: {outcome.actions} actions, {outcome.calls} calls,"
        f" at most {outcome.most_calls} for one action, {outcome.interrupted} recorded as interrupted; "
        f"wrong: {len(outcome.wrong)}"
    )
    for problem in outcome.wrong:
        say(f"  {problem}")
    sys.exit(bool(outcome.wrong))


def kill_in_new_companies(kills: int) -> None:
    """Make four companies, kill workers, and print the outcome."""
    import django

    django.setup()

    from users.tests.cases import People

    companies = [People(f"Company {number}") for number in range(4)]
    json.dump(asdict(Kills(companies, {**os.environ}).run(kills)), sys.stdout)


if __name__ == "__main__":
    own = environment.text("BENCH_KILLS")
    kill_in_new_companies(int(own)) if own else main()
