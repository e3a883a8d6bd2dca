"""What is due and overdue: in lists, on pages and under "Needs you"."""

import csv
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from unittest.mock import patch

from django.db import transaction
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone

from users.models import CustomUser
from users.tests.cases import logged_in
from workflow_ops.desk.actions import hold_workflow
from workflow_ops.desk.lists.saved_views import LISTS
from workflow_ops.models import DeskList, TaskInstance, TicketInstance
from workflow_ops.tests.desk.desk_cases import DeskTestCase

NOON = datetime(2026, 3, 4, 11, tzinfo=UTC)
"""A Wednesday. In the company it is noon."""


class Due(DeskTestCase):
    """Five tickets: overdue, due today, in five days and in two weeks; the last is never due."""

    tasks: ClassVar[dict[int, int]]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        for _number in range(4):
            cls.vacations.submit()
        with cls.ours.scope(), transaction.atomic():
            cls.ours.company.time_zone = "Europe/Berlin"
            cls.ours.company.save()
            rows = TaskInstance.objects.values_list("workflow_instance__ticket__number", "pk")
            cls.tasks = dict(rows)
            lengths = (timedelta(days=-1), timedelta(hours=2), timedelta(days=5), timedelta(days=14))
            for number, length in enumerate(lengths, start=1):
                TaskInstance.objects.filter(pk=cls.tasks[number]).update(due_at=NOON + length)

    def numbers(self, query: str, desk_list: DeskList = DeskList.TICKETS) -> list[int]:
        """Return the numbers of the tickets, or of those of the tasks, in the order of the list at noon."""
        with self.admin.scope(), transaction.atomic(), patch.object(timezone, "now", return_value=NOON):
            found = LISTS[desk_list](QueryDict(query), CustomUser.objects.get(pk=self.admin.pk))
            rows = found.page(RequestFactory().get("/", QueryDict(query).dict())).rows
            return [int(f"{row.heading} {row.below}".rsplit("#", 1)[1]) for row in rows]

    def test_filters_and_orders(self) -> None:
        marek = self.vacations.manager.pk
        for query, expected in (
            ("due=overdue", [1]),
            ("due=today", [2]),
            ("due=week", [3, 2]),
            ("due=week&sort=due", [2, 3]),
            ("due=week&sort=-due", [3, 2]),
            (f"due=week&assigned={marek}&sort=due", [2, 3]),
            ("due=overdue&assigned=nobody", []),
            ("due=overdue&status=ON_HOLD", []),
            ("due=overdue&status=finished", []),
            ("sort=due", [1, 2, 3, 4, 5]),
            ("sort=-due", [5, 4, 3, 2, 1]),
            (f"assigned={marek}&sort=due", [1, 2, 3, 4, 5]),
            (f"submitter={self.ours.submitter.pk}&sort=-due", [5, 4, 3, 2, 1]),
            (f"workflow={self.vacations.workflow.line_id}&sort=due", [1, 2, 3, 4, 5]),
            ("q=Sam&due=week&sort=due", [2, 3]),
        ):
            with self.subTest(query):
                self.assertEqual(self.numbers(query), expected)
        for query, expected in (
            ("due=overdue", [1]),
            ("due=today", [2]),
            ("due=week&sort=-due", [3, 2]),
            ("due=overdue&status=all", [1]),
            ("sort=due", [1, 2, 3, 4, 5]),
            (f"assigned={marek}&sort=due", [1, 2, 3, 4, 5]),
        ):
            with self.subTest(tasks=query):
                self.assertEqual(self.numbers(query, DeskList.TASKS), expected)

    def test_today_is_the_day_of_the_company(self) -> None:
        for day, is_today in ((3, True), (4, False)):  # half past midnight of the next day in Berlin
            moment = datetime(2026, 3, day, 23, 30, tzinfo=UTC)
            with self.ours.scope(), transaction.atomic():
                TaskInstance.objects.filter(pk=self.tasks[2]).update(due_at=moment)
            for desk_list in (DeskList.TICKETS, DeskList.TASKS):
                self.assertEqual(2 in self.numbers("due=today", desk_list), is_today)

    def test_a_hold_stops_the_clock(self) -> None:
        with self.ours.scope(), transaction.atomic():
            hold_workflow(self.ticket, reason="Later", by=self.ours.admin)
        for desk_list in (DeskList.TICKETS, DeskList.TASKS):
            self.assertEqual(self.numbers("due=overdue", desk_list), [])
        self.assertEqual(self.numbers("sort=due", DeskList.TASKS), [2, 3, 4, 1, 5])
        page = self.client.get(f"/manage/tasks/{self.tasks[1]}/")
        self.assertNotContains(page, "Overdue")

    def test_the_column_is_there_if_something_is_due(self) -> None:
        for desk_list in ("tickets", "tasks"):
            with self.subTest(desk_list):
                self.assertIn("due", self.client.get(f"/manage/{desk_list}/").context["heads"])
                with self.ours.scope(), transaction.atomic():
                    TaskInstance.objects.update(due_at=None)
                self.assertNotIn("due", self.client.get(f"/manage/{desk_list}/").context["heads"])
                with self.ours.scope(), transaction.atomic():
                    TaskInstance.objects.filter(pk=self.tasks[2]).update(due_at=NOON)

    def test_files(self) -> None:
        for desk_list in ("tickets", "tasks"):
            answer: Any = self.client.get(f"/manage/{desk_list}/csv/?sort=due")
            rows = list(csv.DictReader(answer.getvalue().decode().splitlines()))
            expected = [f"2026-03-{time}:00:00+01:00" for time in ("03 12", "04 14")]
            self.assertEqual([row["Due"] for row in rows][:2], expected)
            self.assertEqual([row["Due"] for row in rows][-1], "")

    def test_pages_say_it(self) -> None:
        overdue, due = NOON - timedelta(days=1), timezone.now() + timedelta(days=2, hours=1)
        with self.ours.scope(), transaction.atomic():
            TaskInstance.objects.filter(pk=self.tasks[2]).update(due_at=due)
        manager, sam = logged_in(self.vacations.manager), logged_in(self.ours.submitter)
        for client, path in (
            (self.client, "/manage/tickets/{number}/"),
            (self.client, "/manage/tasks/{task}/"),
            (manager, "/tasks/{task}/"),
            (sam, "/tickets/{number}/"),
        ):
            for number, words in ((1, "Overdue"), (2, "Due")):
                with self.subTest(path, number=number):
                    page = client.get(path.format(number=number, task=self.tasks[number]))
                    moment = overdue if number == 1 else due
                    self.assertContains(page, f'{words} <time datetime="{moment:%Y-%m-%dT%H:%M:%S}')

    def test_my_tasks_begin_with_what_is_overdue(self) -> None:
        with self.ours.scope(), transaction.atomic():
            TaskInstance.objects.filter(pk=self.tasks[5]).update(due_at=NOON - timedelta(days=3))
            TaskInstance.objects.filter(pk=self.tasks[2]).update(due_at=None)
        manager = logged_in(self.vacations.manager)
        expected = [self.tasks[number] for number in (5, 1, 3, 4, 2)]
        page = manager.get("/tasks/")
        self.assertEqual([row.id for row in page.context["page"].rows], expected)
        self.assertContains(page, "days over")
        oldest = [row.id for row in manager.get("/tasks/?sort=since").context["page"].rows]
        self.assertEqual(oldest, sorted(expected))
        dashboard = manager.get("/users/dashboard/").context["tasks"]
        self.assertEqual([task.url for task in dashboard], [f"/tasks/{pk}/" for pk in expected])
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        done = manager.get(f"/tasks/{self.tasks[1]}/")
        self.assertEqual(done.context["next_task"].pk, self.tasks[5])

    def test_needs_an_admin(self) -> None:
        with self.ours.scope(), transaction.atomic():
            TaskInstance.objects.filter(pk__in=list(self.tasks.values())).update(due_at=None)
            TaskInstance.objects.filter(pk=self.tasks[1]).update(due_at=timezone.now() - timedelta(hours=1))
        label = "Overdue tickets"
        for client in (self.client, logged_in(self.ours.admin)):
            page = client.get("/users/dashboard/")
            self.assertEqual({need.label: need.count for need in page.context["needs"]}, {label: "1"})
            self.assertContains(page, 'href="/manage/tickets/?due=overdue&amp;sort=due"')
        self.assertNotContains(logged_in(self.ours.submitter).get("/users/dashboard/"), label)

    def test_what_is_due_later_does_not_stand_still(self) -> None:
        with self.ours.scope(), transaction.atomic():
            TaskInstance.objects.filter(pk=self.tasks[1]).update(due_at=timezone.now() + timedelta(days=1))
            TaskInstance.objects.filter(pk=self.tasks[2]).update(due_at=timezone.now() - timedelta(days=1))
            still = timezone.now() - timedelta(days=20)
            TicketInstance.objects.filter(number__in=(1, 2, 5)).update(changed_at=still)
        rows = self.client.get("/manage/tickets/?still=1").context["rows"]
        self.assertEqual({row.number for row in rows}, {2, 5})
        needs = self.client.get("/users/dashboard/").context["needs"]
        self.assertIn(
            "2", [need.count for need in needs if need.label.startswith("Tickets that stand still")]
        )
