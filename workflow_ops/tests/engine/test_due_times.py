"""When tasks are due, and what becomes of that on hold (`docs/engine.md`, "Clock")."""

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from users.models import Company
from users.working_time import WorkingTime
from workflow_ops.desk.actions import (
    hold_workflow,
    resume_held_ticket,
)
from workflow_ops.models import (
    TaskInstance,
    TaskStatus,
    TimelineKind,
)
from workflow_ops.tests.engine.due_cases import BERLIN, MINUTE, DueCase, approval, at, berlin
from workflow_ops.tests.engine_cases import (
    end,
    form,
    workflow,
)


class StartTests(DueCase):
    """Tasks get a due time as they start."""

    def test_started(self) -> None:
        made = self.engine.load(approval())
        with at(berlin("04-02 16:30") + timedelta(seconds=59)):  # the Thursday before Easter
            ticket = self.engine.submit(made, a="x")
        task = self.now(ticket)
        # Half an hour on Thursday, the rest on Tuesday: on Good Friday and Easter Monday nobody works.
        self.assertEqual((task.due_at, task.overdue_at), (berlin("04-07 16:30"), None))

    def test_an_action(self) -> None:
        call: dict[str, Any] = {
            "task_type": "SYNC_ACTION",
            "action_url": "https://example.com/",
            "due_hours": 0.5,
        }
        made = self.engine.load(workflow(form("Approve", "a", **call), form("Then", "out", "done")))
        with at(berlin("03-02 16:45")):
            ticket = self.engine.submit(made, a="x")
        task = self.now(ticket)
        self.assertEqual((task.status, task.due_at), (TaskStatus.PENDING, berlin("03-03 09:15")))

    def test_refreshed_and_started_anew(self) -> None:
        made = self.engine.load(workflow(form("Approve", "a out", "out", due_hours=0.25)))
        with at(berlin("03-02 10:00")):
            ticket = self.engine.submit(made, a="x")
        with at(berlin("03-02 11:00")):
            self.edit(ticket, a="y")
        refreshed = self.now(ticket)
        self.assertEqual((refreshed.run, refreshed.input_version), (1, 2))
        self.assertEqual(refreshed.due_at, berlin("03-02 10:15"))
        with at(berlin("03-02 12:00")):
            self.engine.complete(ticket, "Approve", out="again")
        again = self.now(ticket)
        self.assertEqual((again.run, again.due_at), (2, berlin("03-02 12:15")))


class HoldTests(DueCase):
    """On hold, no working time passes."""

    def setUp(self) -> None:
        super().setUp()
        self.made = self.engine.load(approval())

    def test_what_was_left_is_left_again(self) -> None:
        with at(berlin("03-02 10:00")):  # a Monday
            ticket = self.engine.submit(self.made, a="x")
        with at(berlin("03-02 15:20")):
            self.hold(ticket)
        with at(berlin("03-05 16:00")):
            self.resume(ticket)
        # Of the eight hours 2:40 are left: one on Thursday.
        self.assertEqual(self.now(ticket).due_at, berlin("03-06 10:40"))

    def test_resumed_by_itself(self) -> None:
        admin, day = self.ours.admin, date(2026, 3, 5)
        with at(berlin("03-02 10:00")):
            ticket = self.engine.submit(self.made, a="x")
            self.engine.as_person(
                admin,
                lambda: hold_workflow(ticket, reason="Why", by=admin, until=day, resumes_by_itself=True),
            )
        with at(berlin("03-05 00:00")):
            self.engine.as_person(admin, lambda: resume_held_ticket(ticket.pk, until=berlin("03-05 00:00")))
        self.assertEqual(self.now(ticket).due_at, berlin("03-05 17:00"))

    def test_what_was_overdue_stays_so(self) -> None:
        for was_noticed in (True, False):
            with self.subTest(was_noticed=was_noticed):
                with at(berlin("03-02 09:00")):
                    ticket = self.engine.submit(self.made, a="x")
                with at(berlin("03-02 17:00")):
                    if was_noticed:
                        self.tell()
                    self.hold(ticket)
                with at(berlin("03-03 09:00")):
                    self.resume(ticket)
                    self.tell()
                task = self.now(ticket)
                self.assertEqual(task.due_at, berlin("03-02 17:00"))
                self.assertEqual(
                    task.overdue_at, berlin("03-02 17:00") if was_noticed else berlin("03-03 09:00")
                )
                self.assertEqual(len(self.events(ticket, TimelineKind.OVERDUE)), 1)

    def test_on_hold_nothing_becomes_overdue(self) -> None:
        with at(berlin("03-02 09:00")):
            ticket = self.engine.submit(self.made, a="x")
            self.hold(ticket)
        with at(berlin("04-30 12:00")):
            self.tell()
        self.assertEqual(self.events(ticket, TimelineKind.OVERDUE), [])
        self.assertIsNone(self.now(ticket).overdue_at)

    def test_a_hold_by_a_completion(self) -> None:
        """The tasks that waited for the resume are due after it; those that were open get back their time."""
        made = self.engine.load(
            workflow(
                form("Approve", "a", "out", due_hours=8),
                form("Ask", "a", "done", due_hours=4),
                form("Then", "out", "then", due_hours=1),
                end("Wait", "out", status="ON_HOLD"),
                title="Held",
            )
        )
        with at(berlin("03-02 09:00")):
            ticket = self.engine.submit(made, a="x")
        with at(berlin("03-02 11:00")):
            self.engine.complete(ticket, "Approve", out="x")
        self.assertEqual(self.engine.unfinished(ticket), ["Ask #1"])
        with at(berlin("03-04 16:30")):
            self.resume(ticket)
        self.assertEqual(self.now(ticket, "Ask").due_at, berlin("03-05 10:30"))
        self.assertEqual(self.now(ticket, "Then").due_at, berlin("03-05 09:30"))

    def test_many_tasks_in_few_statements(self) -> None:
        counts = []
        for number in (1, 20):
            tasks = [form(f"Task {each}", "a", f"out{each}", due_hours=8) for each in range(number)]
            made = self.engine.load(workflow(*tasks, title=f"{number} tasks"))
            with at(berlin("03-02 09:00")):
                ticket = self.engine.submit(made, a="x")
                self.hold(ticket)
            with at(berlin("03-02 10:00")), CaptureQueriesContext(connection) as sent:
                self.resume(ticket)
            counts.append(len(sent))
            due = self.engine.call(lambda: set(TaskInstance.objects.values_list("due_at", flat=True)))
            self.assertEqual(due, {berlin("03-03 10:00")})
            self.engine.call(lambda: TaskInstance.objects.update(due_at=berlin("03-03 10:00")))
        self.assertEqual(counts[0], counts[1])

    def test_against_counting_each_minute(self) -> None:
        """Weeks of random hours and holds, around the changes of the clocks and Easter."""
        chosen = random.Random(14)  # noqa: S311 - no secret
        for _round in range(12):
            hours = chosen.choice([(None, None), (time(9), time(17)), (time(22, 15), time(23, 45))])
            days = sorted(chosen.sample(range(7), chosen.randint(3, 7)))
            self.settle(working_days=days, day_begins=hours[0], day_ends=hours[1])
            begin = berlin(chosen.choice(["03-25 00:00", "10-21 00:00"]))
            moments = [
                begin + timedelta(seconds=second) for second in sorted(chosen.sample(range(600_000), 5))
            ]
            due_hours = chosen.randint(1, 60) / 4
            with self.subTest(hours=hours, days=days, moments=moments, due_hours=due_hours):
                made = self.engine.load(approval(due_hours=due_hours))
                with at(moments[0]):
                    ticket = self.engine.submit(made, a="x")
                for held, resumed in (moments[1:3], moments[3:5]):
                    with at(held):
                        self.hold(ticket)
                    with at(resumed):
                        self.resume(ticket)
                expected = self.count(moments, due_hours)
                self.assertEqual(self.now(ticket).due_at, expected)

    def count(self, moments: list[datetime], due_hours: float) -> datetime:
        """Return when a task is due, by looking at each minute: whether one works, and not on hold."""
        company = self.engine.call(lambda: Company.objects.get(pk=self.ours.company.pk))
        week = WorkingTime.of(company)
        now, *stops = [moment.astimezone(UTC).replace(second=0, microsecond=0) for moment in moments]
        left = round(due_hours * 60)
        while left:
            hours = week.hours_of(now.astimezone(BERLIN).date())
            on_hold = stops[0] <= now < stops[1] or stops[2] <= now < stops[3]
            if hours and hours[0] <= now < hours[1] and not on_hold:
                left -= 1
            now += MINUTE
        return now


class TwoWeeksTests(DueCase):
    """Two working weeks by the clock, with Easter, the change to summer time and a hold."""

    def test_to_the_minute(self) -> None:
        made = self.engine.load(approval(due_hours=24))
        with at(berlin("03-26 15:20")):  # a Thursday
            ticket = self.engine.submit(made, a="x")
        # 1:40 on Thursday, 8 hours on Friday and on Monday, 6:20 on Tuesday, when it is summer time.
        self.assertEqual(self.now(ticket).due_at, berlin("03-31 15:20"))
        with at(berlin("03-27 11:05")):
            self.hold(ticket)
        with at(berlin("03-31 15:20")):
            self.tell()
        self.assertEqual(self.events(ticket, TimelineKind.OVERDUE), [])
        with at(berlin("04-01 16:10")):
            self.resume(ticket)
        # Of the 20:15 hours left, 0:50 on Wednesday, 8 on Thursday, none over Easter, 8 on Tuesday.
        self.assertEqual(self.now(ticket).due_at, berlin("04-08 12:25"))
        with at(berlin("04-08 12:24")):
            self.tell()
        self.assertEqual(self.engine.unfinished(ticket), ["Approve #1"])
        with at(berlin("04-08 12:25")):
            self.tell()
        self.assertEqual(self.engine.unfinished(ticket), ["Approve #1", "Escalate #1"])
        self.assertEqual(self.now(ticket, "Escalate").due_at, berlin("04-08 14:25"))
        with at(berlin("04-08 14:24")):
            self.tell()
            self.assertEqual(len(self.events(ticket, TimelineKind.OVERDUE)), 1)
            self.engine.complete(ticket, "Escalate", done="x")
        with at(berlin("04-08 14:25")):
            self.tell()
            self.engine.complete(ticket, "Approve", out="x")
        self.assertEqual(len(self.events(ticket, TimelineKind.OVERDUE)), 1)

    def test_all_hours_count_where_none_are_set(self) -> None:
        self.settle(day_begins=None, day_ends=None, working_days=list(range(7)))
        made = self.engine.load(approval(due_hours=12))
        with at(berlin("03-28 20:00")):  # the night in which the clocks go forward
            ticket = self.engine.submit(made, a="x")
        self.assertEqual(self.now(ticket).due_at, berlin("03-29 09:00"))
        with at(berlin("03-29 01:30")):
            self.hold(ticket)
        with at(berlin("03-29 03:30")):  # an hour later
            self.resume(ticket)
        self.assertEqual(self.now(ticket).due_at, berlin("03-29 10:00"))
