"""Workers that are killed while they make calls: `python3 dev.py bench kills`.

Tickets with two actions each, one that is answered and one that is called back, are submitted in several
companies. Workers are killed (SIGKILL) while the other system works, just after it answered, and at random
moments. In the end every action must have had its effect once, and all its calls must have had the same key.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bench.killed_workers import GIVE_UP_SECONDS, Outcome, Workers, chance, main, take_up_jobs
from bench.receiver import Received, Receiver

if TYPE_CHECKING:
    from users.tests.cases import People
    from workflow_ops.models import TicketInstance
    from workflow_ops.tests.engine_cases import Engine

_TICKETS_BETWEEN_KILLS = 2
_MOST_INTERRUPTIONS = 3
"""After so many, a call is left alone until it is done. After eight, it would be given up."""
_MOMENTS = ("before the answer", "after the answer", "at random")


@dataclass
class CallsOutcome(Outcome):
    """What became of the actions."""

    actions: int = 0
    calls: int = 0
    interrupted: int = 0
    most_calls: int = 0

    def __str__(self) -> str:
        return (
            f"{self.actions} actions, {self.calls} calls, at most {self.most_calls} for one action, "
            f"{self.interrupted} recorded as interrupted"
        )


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
            time.sleep(chance.uniform(0, 0.2))
            self._workers.kill()
        else:
            self._next.put(moment)
            give_up = time.monotonic() + GIVE_UP_SECONDS
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
            time.sleep(chance.uniform(0, 0.03))  # it may have recorded the answer, or not
        self._workers.kill(worker)
        self._killed.set()


class KilledCallers:
    """The companies with their tickets, the other system and the workers, in a process with Django."""

    def __init__(self, companies: Sequence[People], env: dict[str, str]) -> None:
        from workflow_ops.tests.engine_cases import Engine

        self._engines = [Engine(people, lambda function: function()) for people in companies]
        self._env = env
        self._callbacks: SimpleQueue[tuple[str, str]] = SimpleQueue()
        self._tickets: list[tuple[Engine, TicketInstance, str]] = []

    def run(self, kills: int) -> CallsOutcome:
        """Kill workers so many times and return what became of the actions."""
        from django.test import override_settings

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
            return self._outcome(receiver.received)

    def _answer(self, received: Received) -> tuple[int, Any]:
        time.sleep(chance.uniform(0, 0.05))
        if received.path == "/check":
            return 200, {"checked": received.body["name"]}
        self._callbacks.put((received.body["callback_url"], received.body["checked"]))
        return 202, {}

    def _go_on(self) -> None:
        """Post the callbacks that are due, and take up the jobs of killed workers."""
        from django.test import Client

        while not self._callbacks.empty():
            address, name = self._callbacks.get()
            body = json.dumps({"account": name})
            Client().post(urlsplit(address).path, body, "application/json", SERVER_NAME="127.0.0.1")
        take_up_jobs()

    def _wait(self, *, attempts: int = 0) -> None:
        """Wait until no job is left that has had so many attempts, and no callback."""
        from procrastinate.contrib.django.models import ProcrastinateJob

        names = ("workflow_ops.jobs.call_action", "workflow_ops.jobs.apply_writes")
        jobs = ProcrastinateJob.objects.filter(
            status__in=("todo", "doing"), task_name__in=names, attempts__gte=attempts
        )
        give_up = time.monotonic() + GIVE_UP_SECONDS
        while (jobs.exists() or not self._callbacks.empty()) and time.monotonic() < give_up:
            self._go_on()
            time.sleep(0.1)

    # --- What became of them ------------------------------------------------------------

    def _outcome(self, received: Sequence[Received]) -> CallsOutcome:
        from workflow_ops.models import ActionCall, CallOutcome

        outcome = CallsOutcome(actions=2 * len(self._tickets), calls=len(received))
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


if __name__ == "__main__":
    main("kills", __doc__, KilledCallers)
