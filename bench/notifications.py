"""Workers that are killed while they make notifications: `python3 dev.py bench notifications`.

In several companies, events are written all the time, by transactions that commit in any order. Workers are
killed (SIGKILL) at random moments, and between taking events and committing their notifications. In the end
each person must have been told of each event once.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import pairwise
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import psycopg

from bench.kills import Workers
from bench.places import new_database, prepare, variables
from ticketflower import environment
from ticketflower.development.console import say

if TYPE_CHECKING:
    from users.tests.cases import People
    from workflow_ops.models import TicketInstance
    from workflow_ops.tests.engine_cases import Engine

_WRITERS = 2
"""How many write events in each company at once."""
_SILENT_SECONDS = 2.0
_GIVE_UP_SECONDS = 60.0
_WAITING = (
    "SELECT count(*) FROM pg_locks WHERE relation = 'workflow_ops_notification'::regclass AND NOT granted"
)
_chance = random.SystemRandom()


@dataclass
class Outcome:
    """What became of the notifications. `wrong` tells in words what is not as it should be."""

    kills: int
    before_commit: int = 0
    events: int = 0
    out_of_order: int = 0
    notifications: int = 0
    missing: int = 0
    doubled: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


class KilledReaders:
    """The companies with a ticket each, those who write events, and the workers."""

    def __init__(self, companies: Sequence[People], env: dict[str, str]) -> None:
        from workflow_ops.tests.engine_cases import Engine, form, workflow

        self._env, self._stop = env, Event()
        self._places: list[tuple[Engine, TicketInstance]] = []
        for people in companies:
            engine = Engine(people, lambda function: function())
            ticket = engine.submit(engine.load(workflow(form("Do", "a"))), a="x")
            engine.call(partial(_follow, ticket, people))
            self._places.append((engine, ticket))

    def run(self, kills: int) -> Outcome:
        """Kill workers so many times, and return what became of the notifications."""
        outcome, began = Outcome(kills), time.monotonic()
        writers = [Thread(target=self._write, args=place) for place in self._places * _WRITERS]
        with ExitStack() as stack:
            workers = stack.enter_context(Workers(self._env))
            stack.callback(self._stop.set)
            for writer in writers:
                writer.start()
            for number in range(kills):
                if number % 2:
                    self._go_on(seconds=_chance.uniform(0.5, 2.0))
                    workers.kill()
                else:
                    outcome.before_commit += self._kill_before_commit(workers)
                workers.fill_up()
            self._stop.set()
            for writer in writers:
                writer.join()
            self._finish(outcome)
        for place in self._places:
            _count(outcome, *place)
        outcome.seconds = time.monotonic() - began
        return outcome

    def _write(self, engine: Engine, ticket: TicketInstance) -> None:
        from django.db import connection, transaction

        from workflow_ops.models import TimelineEvent, TimelineKind

        while not self._stop.wait(_chance.uniform(0, 2)):
            with engine.people.scope(), transaction.atomic():
                TimelineEvent.objects.create(ticket=ticket, kind=TimelineKind.HELD)
                time.sleep(_chance.uniform(0, 0.05))  # meanwhile, others commit later ids
                TimelineEvent.objects.create(ticket=ticket, kind=TimelineKind.HELD)
        connection.close()

    def _kill_before_commit(self, workers: Workers) -> bool:
        """Kill the workers when one has taken events and can't store their notifications.

        Its transaction waits for a lock of ours. When that is released, the worker is gone.
        """
        with _session() as ours:
            ours.execute("LOCK TABLE workflow_ops_notification IN SHARE MODE")
            give_up = time.monotonic() + _GIVE_UP_SECONDS
            while not _number(ours, _WAITING):
                assert time.monotonic() < give_up, "no worker made notifications"
                self._go_on(seconds=0.05)
            workers.kill_all()
        return True

    def _go_on(self, *, seconds: float) -> None:
        """Look for events, and take up the jobs of killed workers, for so long."""
        from asgiref.sync import async_to_sync
        from procrastinate.contrib.django import app

        from ticketflower.jobs import take_up
        from workflow_ops.notifications.events import look_for_events

        end = time.monotonic() + seconds
        while True:
            look_for_events()
            async_to_sync(take_up)(app.job_manager, silent_seconds=_SILENT_SECONDS)
            if time.monotonic() > end:
                return
            time.sleep(0.02)

    def _finish(self, outcome: Outcome) -> None:
        """Wait until no company has events of which nobody was told."""
        from procrastinate.contrib.django.models import ProcrastinateJob

        jobs = ProcrastinateJob.objects.filter(
            task_name="workflow_ops.jobs.tell_people", status__in=("todo", "doing")
        )
        self._go_on(seconds=0)
        newest, give_up = 0, time.monotonic() + _GIVE_UP_SECONDS
        while waiting := jobs.order_by("-id").values_list("id", flat=True)[:1]:
            if waiting[0] != newest:  # it goes on
                newest, give_up = waiting[0], time.monotonic() + _GIVE_UP_SECONDS
            if time.monotonic() > give_up:
                outcome.wrong.append("events are left of which nobody was told")
                return
            self._go_on(seconds=0.1)


def _session() -> psycopg.Connection:
    from django.db import connection

    database = connection.settings_dict
    return psycopg.connect(
        host=database["HOST"],
        port=database["PORT"] or None,
        dbname=database["NAME"],
        user=database["USER"],
        password=database["PASSWORD"],
    )


def _number(session: psycopg.Connection, statement: str) -> int:
    (number,) = session.execute(statement).fetchone() or (0,)
    return int(number)


def _follow(ticket: TicketInstance, people: People) -> None:
    """Let those follow the ticket who administer it. Sam, who submitted it, is told as well."""
    from workflow_ops.models import TicketFollower

    for person in (people.admin, people.ticket_admin):
        TicketFollower.objects.create(ticket=ticket, person=person)


def _count(outcome: Outcome, engine: Engine, ticket: TicketInstance) -> None:
    """Compare who was told of the holds of this ticket with who had to be."""
    from workflow_ops.models import Notification, TimelineEvent, TimelineKind

    def read() -> tuple[list[tuple[int, int]], Counter[tuple[int, int]]]:
        events = TimelineEvent.objects.filter(ticket=ticket, kind=TimelineKind.HELD).order_by("pk")
        rows = Notification.objects.filter(event__in=events).values_list("event", "person")
        return [*events.values_list("transaction", "pk")], Counter(rows)

    events, found = engine.call(read)
    people = (engine.people.submitter, engine.people.admin, engine.people.ticket_admin)
    expected = {(event, person.pk) for _transaction, event in events for person in people}
    outcome.events += len(events)
    outcome.out_of_order += sum(one > two for (one, _), (two, _) in pairwise(events))
    outcome.notifications += sum(found.values())
    outcome.missing += len(expected - set(found))
    outcome.doubled += sum(number - 1 for number in found.values())
    if set(found) != expected or max(found.values(), default=1) > 1:
        outcome.wrong.append(f"{ticket} of {engine.people.company}")


def main() -> None:
    """Run the benchmark and print the outcome."""
    parser = argparse.ArgumentParser(prog="dev.py bench notifications", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    options = parser.parse_args()
    with new_database("ticketflower_bench_notifications") as database:
        env = variables("ticketflower.settings", database, as_owner=False)
        prepare("bench.product", env=env)
        env |= {"SITE_URL": "http://127.0.0.1:8000", "BEHIND_HTTPS_PROXY": "", "LOG_LEVEL": "ERROR"}
        env |= {"BENCH_KILLS": str(options.kills)}
        found: dict[str, Any] = prepare("bench.notifications", env=env)
    outcome = Outcome(**found)
    say(
        f"{outcome.kills} kills in {outcome.seconds:.0f} s, {outcome.before_commit} of them between taking"
        f" and committing: {outcome.events} events, of which {outcome.out_of_order} came from an earlier"
        f" transaction than the one before; {outcome.notifications} notifications, {outcome.missing} missing,"
        f" {outcome.doubled} doubled"
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
    json.dump(asdict(KilledReaders(companies, {**os.environ}).run(kills)), sys.stdout)


if __name__ == "__main__":
    own = environment.text("BENCH_KILLS")
    kill_in_new_companies(int(own)) if own else main()
