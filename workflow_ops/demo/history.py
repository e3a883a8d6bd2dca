"""The demo company's history of the last weeks, so that its lists and reports have something to show."""

import heapq
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from unittest.mock import patch

from django.db import transaction
from django.utils import timezone

from users.models import CustomUser
from users.working_time import WorkingTime
from workflow_ops.demo.acts import (
    DESIGNER,
    EMPLOYEE,
    FINANCE,
    HR,
    IT,
    MANAGER,
    acting_as,
    ask_it,
    claim,
    complete,
    day,
    submit,
)
from workflow_ops.models import EventCursor, TimelineEvent, WorkflowInstance
from workflow_ops.notifications.events import READER
from workflow_ops.work import submissions
from workflow_ops.work.overdue import mark_overdue_tasks

DAYS: Final = 60
_DAYS_OF_SUBMISSION: Final = 55
Story = Generator[float, None, None]
"""The history of a ticket: a generator that performs an act and yields the working hours until the next."""

TICKETS: Final = 30
_LEFT: Final = {18, 19, 25}
"""Tickets whose next step nobody has taken yet, or that were withdrawn."""
_REJECTED: Final = {6, 22}
_RECENT: Final = 22
"""From this ticket on, help comes quickly, so that no current task is overdue."""
_HELP_IS_DUE: Final = 8
_LARGE: Final = 1000
_SMALL: Final = 50
"""The amounts above which purchases and claims need another decision."""
_EMPLOYEES: Final = (EMPLOYEE, DESIGNER, HR, FINANCE)
_REQUESTS: Final = (
    ("Screen stays black", "hardware"),
    ("Drive R is missing", "access"),
    ("Calendar does not open", "software"),
    ("Mouse jumps", "hardware"),
    ("Fonts look wrong after the update", "software"),
    ("Key card for the archive", "access"),
    ("Video calls break off", "software"),
    ("Docking station makes noise", "hardware"),
    ("Old laptop to give back", "other"),
    ("Password of the shared mailbox", "access"),
)
_ITEMS: Final = (
    ("Standing desk", 690),
    ("Camera for the shop", 1450),
    ("Paper for three months", 240),
    ("Folding machine", 2300),
)
_PURPOSES: Final = (
    ("Taxi to the station", "travel", 24.8),
    ("Samples of paper", "material", 46.0),
    ("Dinner with the printers", "meals", 118.2),
)


def play_history(admin: CustomUser) -> None:
    """Let people submit and work on tickets over the last weeks, all acts in chronological order.

    So ids increase with time, which lists rely on. Nobody gets notifications about this history.
    """
    assert admin.company is not None
    week, now, random = WorkingTime.of(admin.company), timezone.now(), Random(7)  # noqa: S311 - no secret
    begin = now - timedelta(days=DAYS)
    acts: list[tuple[datetime, int, Story]] = []
    for number, story in enumerate(_stories(random)):
        hours = random.uniform(0, 7) if number else 0
        morning = begin + timedelta(days=number * _DAYS_OF_SUBMISSION / TICKETS)
        at = week.add_working_time(morning, timedelta(hours=hours))
        heapq.heappush(acts, (at, number, story))
    while acts:
        at, number, story = heapq.heappop(acts)
        if at > now - timedelta(hours=1):
            continue
        with _at(at):
            hours = next(story, 0)
        with admin.scope(), transaction.atomic():  # the database dates changes by its own clock
            WorkflowInstance.objects.filter(updated_at__gte=now).update(updated_at=at)
        if hours:
            heapq.heappush(acts, (week.add_working_time(at, timedelta(hours=hours)), number, story))
    with admin.scope(), transaction.atomic():
        last = TimelineEvent.objects.latest("transaction", "pk")
        place = {"transaction": last.transaction, "event_id": last.pk}
        EventCursor.objects.update_or_create(reader=READER.name, defaults=place)  # a worker may have begun


@contextmanager
def _at(moment: datetime) -> Iterator[None]:
    """Set Django's clock, which dates the rows that people create, to this moment."""
    with patch("django.utils.timezone.now", return_value=moment):
        yield


# --- Stories -------------------------------------------------------------------------


def _stories(random: Random) -> Iterator[Story]:
    kinds = (_help, _vacation, _help, _purchase, _help, _expense, _vacation, _help)
    for number in range(TICKETS):
        yield kinds[number % len(kinds)](random, number)


def _help(random: Random, number: int) -> Story:
    summary, category = _REQUESTS[number // 2 % len(_REQUESTS)]
    urgency = "urgent" if number % 5 == 0 else "normal"
    who = random.choice(_EMPLOYEES)
    ticket = ask_it(who, summary, category, "Since this morning.", urgency)
    hours = random.choice((1, 2, 5, 7, 11) if number < _RECENT else (1, 2, 3))
    yield hours
    if hours > _HELP_IS_DUE:
        mark_overdue_tasks(ticket.company_id or 0)
        complete(ticket, "Look after it", MANAGER, manager_note="Ilse is back tomorrow.")
    if number % 3 == 0 and number < _RECENT:
        complete(ticket, "Help", IT, outcome="question", it_note="Which room is it?")
        yield random.uniform(1, 9)
        complete(ticket, "Answer a question", who, reply="Room 12.")
        yield random.uniform(1, 6)
    complete(ticket, "Help", IT, outcome="solved", it_note="It works again here.")
    if number in _LEFT:
        return
    yield random.uniform(1, 12)
    complete(ticket, "Try it out", who, works=number % 7 != 0)
    if number % 7 == 0:
        yield random.uniform(1, 4)
        complete(ticket, "Help", IT, outcome="solved", it_note="Now it is really exchanged.")
        yield random.uniform(1, 6)
        complete(ticket, "Try it out", who, works=True)


def _vacation(random: Random, number: int) -> Story:
    who, days = random.choice(_EMPLOYEES), random.randint(1, 12)
    ticket = submit("Vacation request", who, days=days, first_day=day(random.randint(70, 150)))
    if number in _LEFT:
        return
    yield random.uniform(2, 30)
    if number % 3 == 1:
        complete(ticket, "Decide", MANAGER, decision="change", manager_note="Could you make it a week later?")
        yield random.uniform(2, 16)
        complete(ticket, "Change request", who, days=days, first_day=day(160))
        yield random.uniform(2, 20)
    decision = "reject" if number in _REJECTED else "approve"
    complete(ticket, "Decide", MANAGER, decision=decision)
    if decision == "approve":
        yield random.uniform(1, 12)
        complete(ticket, "Book it", HR, booked=True)


def _purchase(random: Random, number: int) -> Story:
    item, amount = _ITEMS[number // 8 % len(_ITEMS)]
    who = random.choice((EMPLOYEE, DESIGNER))
    values: dict[str, Any] = {
        "item": item,
        "amount": amount,
        "reason": "We have none left.",
        "cost_center": "production",
    }
    ticket = submit("Purchase request", who, **values)
    yield random.uniform(2, 12)
    if number in _LEFT:
        with acting_as(who) as person:
            submissions.withdraw_ticket(ticket, reason="We found one in the cellar.", by=person)
        return
    complete(ticket, "Decide as manager", MANAGER, manager_decision="approve")
    if amount > _LARGE:
        yield random.uniform(4, 24)
        complete(ticket, "Decide as Finance", FINANCE, finance_decision="approve")
    yield random.uniform(2, 8)
    complete(ticket, "Order", FINANCE, order_number=f"B-10{number}", expected_on=day(6))
    yield random.uniform(20, 40)
    complete(ticket, "Confirm the delivery", who, delivery="complete")


def _expense(random: Random, number: int) -> Story:
    who = random.choice((EMPLOYEE, DESIGNER))
    purpose, category, amount = _PURPOSES[number // 8 % len(_PURPOSES)]
    ticket = claim(who, purpose, category, amount)
    yield random.uniform(3, 30)
    complete(ticket, "Check the receipts", FINANCE, check_result="ok")
    yield random.uniform(2, 16)
    if amount > _SMALL:
        complete(ticket, "Approve", MANAGER, approval="approve")
        yield random.uniform(2, 16)
    complete(ticket, "Pay", FINANCE, paid_on=day(0), payment_reference=f"20{number}")
