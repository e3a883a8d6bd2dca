"""Workers that are killed while they make notifications: `python3 dev.py bench notifications`.

In several companies, events are written all the time, by transactions that commit in any order. Workers are
killed (SIGKILL) at random moments, and between taking events and committing their notifications. In the end
each person must have been told of each event once.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from threading import Event, Thread
from typing import TYPE_CHECKING

from bench.killed_workers import GIVE_UP_SECONDS, Outcome, Workers, chance, main, take_up_jobs

if TYPE_CHECKING:
    from users.tests.cases import People
    from workflow_ops.models import TicketInstance
    from workflow_ops.tests.engine_cases import Engine

_WRITERS = 2
"""How many write events in each company at once."""


@dataclass
class NewsOutcome(Outcome):
    """What became of the notifications."""

    before_commit: int = 0
    events: int = 0
    out_of_order: int = 0
    notifications: int = 0
    missing: int = 0
    doubled: int = 0

    def __str__(self) -> str:
        return (
            f"{self.before_commit} of them between taking and committing: {self.events} events, of which "
            f"{self.out_of_order} came from an earlier transaction than the one before; "
            f"{self.notifications} notifications, {self.missing} missing, {self.doubled} doubled"
        )


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

    def run(self, kills: int) -> NewsOutcome:
        """Kill workers so many times, and return what became of the notifications."""
        outcome = NewsOutcome()
        writers = [Thread(target=self._write, args=place) for place in self._places * _WRITERS]
        with ExitStack() as stack:
            workers = stack.enter_context(Workers(self._env))
            stack.callback(self._stop.set)
            for writer in writers:
                writer.start()
            for number in range(kills):
                if number % 2:
                    self._go_on(seconds=chance.uniform(0.5, 2.0))
                    workers.kill()
                else:
                    workers.kill_all_before_insert(
                        "workflow_ops_notification", meanwhile=partial(self._go_on, seconds=0.05)
                    )
                    outcome.before_commit += 1
                workers.fill_up()
            self._stop.set()
            for writer in writers:
                writer.join()
            self._finish(outcome)
        for place in self._places:
            _count(outcome, *place)
        return outcome

    def _write(self, engine: Engine, ticket: TicketInstance) -> None:
        from django.db import connection, transaction

        from workflow_ops.models import TimelineEvent, TimelineKind

        while not self._stop.wait(chance.uniform(0, 2)):
            with engine.people.scope(), transaction.atomic():
                TimelineEvent.objects.create(ticket=ticket, kind=TimelineKind.HELD)
                time.sleep(chance.uniform(0, 0.05))  # meanwhile, others commit later ids
                TimelineEvent.objects.create(ticket=ticket, kind=TimelineKind.HELD)
        connection.close()

    def _go_on(self, *, seconds: float) -> None:
        """Look for events, and take up the jobs of killed workers, for so long."""
        from workflow_ops.notifications.events import READER

        end = time.monotonic() + seconds
        while True:
            READER.look_for_events()
            take_up_jobs()
            if time.monotonic() > end:
                return
            time.sleep(0.02)

    def _finish(self, outcome: NewsOutcome) -> None:
        """Wait until no company has events of which nobody was told."""
        from procrastinate.contrib.django.models import ProcrastinateJob

        jobs = ProcrastinateJob.objects.filter(
            task_name="workflow_ops.jobs.create_notifications", status__in=("todo", "doing")
        )
        self._go_on(seconds=0)
        newest, give_up = 0, time.monotonic() + GIVE_UP_SECONDS
        while waiting := jobs.order_by("-id").values_list("id", flat=True)[:1]:
            if waiting[0] != newest:  # it goes on
                newest, give_up = waiting[0], time.monotonic() + GIVE_UP_SECONDS
            if time.monotonic() > give_up:
                outcome.wrong.append("events are left of which nobody was told")
                return
            self._go_on(seconds=0.1)


def _follow(ticket: TicketInstance, people: People) -> None:
    """Let those follow the ticket who administer it. Sam, who submitted it, is told as well."""
    from workflow_ops.models import TicketFollower

    for person in (people.admin, people.ticket_admin):
        TicketFollower.objects.create(ticket=ticket, person=person)


def _count(outcome: NewsOutcome, engine: Engine, ticket: TicketInstance) -> None:
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


if __name__ == "__main__":
    main("notifications", __doc__, KilledReaders)
