"""The rows of a ticket's pages: as few after 99 finished tasks as after 60, and of one company alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.http import Http404
from django.utils import timezone

from ticketflower.tenancy.context import WallError
from users.tests.cases import logged_in
from workflow_design.access import people_who_may_administer
from workflow_ops.comments.audience import offered_people, people_who_may_read
from workflow_ops.models import Comment, TaskInstance, TaskStatus, TimelineEvent, TimelineKind, WorkflowData
from workflow_ops.tests.desk.desk_cases import DeskTestCase
from workflow_ops.work.ticket_rows import read_events, read_tasks, read_ticket


class Counted:
    """How many statements were sent, and how many rows came back."""

    statements = rows = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        self.statements += 1
        self.rows += max(context["cursor"].rowcount, 0)
        return result


@contextmanager
def counted() -> Iterator[Counted]:
    """Count what is sent to the database inside."""
    found = Counted()
    with connection.execute_wrapper(found):
        yield found


class TicketRowsTests(DeskTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.ticket = self.vacations.submit()

    def add_done(self, number: int) -> None:
        """Add finished tasks of one definition, each with a step and the entries that it leaves."""
        with self.ours.scope():
            run_id = self.ticket.workflow_instance_id
            task = TaskInstance.objects.get(workflow_instance=run_id, status=TaskStatus.OPEN)
            first = TaskInstance.objects.filter(workflow_instance=run_id).count()
            done = TaskInstance.objects.bulk_create(
                TaskInstance(
                    workflow_instance_id=run_id,
                    task_definition_id=task.task_definition_id,
                    line_id=task.line_id,
                    run=first + each,
                    status=TaskStatus.COMPLETED,
                    completed_by=self.vacations.manager,
                    completed_at=timezone.now(),
                )
                for each in range(number)
            )
            steps = WorkflowData.objects.bulk_create(
                WorkflowData(
                    workflow_instance_id=run_id,
                    step=first + place + 1,
                    data={},
                    source="task",
                    task=each,
                )
                for place, each in enumerate(done)
            )
            TimelineEvent.objects.bulk_create(
                TimelineEvent(ticket=self.ticket, kind=kind, task=each, workflow_data=step)
                for each, step in zip(done, steps, strict=True)
                for kind in (TimelineKind.TASK_STARTED, TimelineKind.TASK_COMPLETED)
            )
            TaskInstance.objects.filter(pk=task.pk).update(run=first + number)

    def test_a_page_does_not_grow_with_history(self) -> None:
        pages = {
            "desk": (self.client, f"/manage/tickets/{self.ticket.number}/"),
            "own": (logged_in(self.ours.submitter), f"/tickets/{self.ticket.number}/"),
            "picture": (logged_in(self.ours.submitter), f"/tickets/{self.ticket.number}/picture/"),
        }
        seen: dict[str, list[Counted]] = {name: [] for name in pages}
        for more in (9, 51, 39):
            self.add_done(more)
            for name, (browser, path) in pages.items():
                browser.get(path)  # what is cached for each version
                with counted() as found:
                    self.assertEqual(browser.get(path).status_code, 200)
                seen[name].append(found)
        for name, (nine, sixty, ninety_nine) in seen.items():
            with self.subTest(name):
                self.assertEqual(ninety_nine.statements, nine.statements)
                self.assertEqual(ninety_nine.rows, sixty.rows)

    def test_prepared_queries_return_what_the_models_have(self) -> None:
        self.add_done(3)
        run = self.ticket.workflow_instance
        with self.ours.scope():
            found = read_ticket(self.ticket.number, reader=self.admin)
            self.assertEqual(
                (found, found.workflow_instance, found.created_by), (self.ticket, run, self.ours.submitter)
            )
            self.assertIsNone(found.responsible)
            tasks = TaskInstance.objects.filter(workflow_instance=run.pk).select_related("task_definition")
            self.assertEqual(read_tasks(run), list(tasks.order_by("created_at", "pk")))
            self.assertEqual(len(read_tasks(run, only_last_done=True)), 2)
            events = read_events(self.ticket, explains=True, reads_internal=True, before=None, most=3)
            newest = list(TimelineEvent.objects.filter(ticket=self.ticket).order_by("-pk"))
            self.assertEqual(events, newest[:3])
            older = read_events(
                self.ticket, explains=True, reads_internal=True, before=events[-1].pk, most=100
            )
            self.assertEqual(older, newest[3:])
            comment = Comment(ticket=found)
            readers = set(people_who_may_read(comment)) - {self.admin}
            self.assertEqual(set(offered_people(found, reader=self.admin)), readers)
            self.assertLess(set(people_who_may_administer([run.workflow_id])) - {self.admin}, readers)

    def test_a_kept_query_sees_the_company_of_its_scope_alone(self) -> None:
        with self.ours.scope():
            self.assertEqual(read_ticket(self.ticket.number, reader=self.admin), self.ticket)
        with self.theirs.scope(), self.assertRaises(Http404):
            read_ticket(self.ticket.number, reader=self.theirs.admin)
        with self.assertRaises(WallError):
            read_ticket(self.ticket.number, reader=self.admin)
