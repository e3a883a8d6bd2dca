"""The hand-written statements of lists agree with the models."""

from django.db import transaction
from django.utils import timezone

from workflow_ops.desk.actions import hold_workflow
from workflow_ops.desk.lists.rows import assignee_name, task_title
from workflow_ops.history.list_rows import read_task_rows, read_ticket_rows
from workflow_ops.history.own_tickets import read_own_tickets
from workflow_ops.history.state_sentence import state_sentence
from workflow_ops.models import TaskInstance, TicketInstance
from workflow_ops.tests.desk.desk_cases import DeskTestCase


class ListRows(DeskTestCase):
    """A ticket in work, one on hold and one that has ended, each with its tasks."""

    def setUp(self) -> None:
        super().setUp()
        held, ended = self.vacations.submit(), self.vacations.submit()
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        self.vacations.complete(ended, "Decide", decision="reject")
        with self.ours.scope(), transaction.atomic():
            hold_workflow(held, reason="Later", by=self.ours.admin)
            TaskInstance.objects.update(due_at=held.created_at)
            TaskInstance.objects.filter(workflow_instance__ticket=held).update(run=2)

    def test_tasks(self) -> None:
        with self.ours.scope(), transaction.atomic():
            tasks = list(TaskInstance.objects.order_by("-pk"))
            rows = read_task_rows([task.pk for task in tasks])
            self.assertEqual({row.status for row in rows}, {"OPEN", "ON_HOLD", "COMPLETED"})
            for task, row in zip(tasks, rows, strict=True):
                ticket = task.workflow_instance.ticket
                with self.subTest(row.title, status=row.status):
                    self.assertEqual(
                        (row.id, row.title, row.status, row.due_at, row.assignee),
                        (*(task.pk, task_title(task)), *_as_seen(task), assignee_name(task)),
                    )
                    self.assertEqual(
                        (row.heading, row.below, row.requester, row.is_draft, row.completed_at),
                        (
                            *_two_lines(ticket),
                            str(ticket.created_by),
                            task.draft is not None,
                            task.completed_at,
                        ),
                    )

    def test_tickets(self) -> None:
        with self.ours.scope(), transaction.atomic():
            now, tickets = timezone.now(), list(TicketInstance.objects.order_by("-number"))
            ids = [ticket.pk for ticket in tickets]
            rows, own = read_ticket_rows(ids), read_own_tickets(ids, reader=self.ours.submitter)
            self.assertEqual([row.is_finished for row in tickets], [True, False, False])
            for ticket, row, mine in zip(tickets, rows, own, strict=True):
                with self.subTest(ticket.number):
                    self.assertEqual((row.heading, row.below), _two_lines(ticket))
                    self.assertEqual((row.number, row.due_at), (mine.number, mine.due_at))
                    self.assertEqual((row.number, row.due_at), (ticket.number, ticket.visible_due_at))
                    self.assertEqual(row.waiting_since is None, ticket.is_finished)
                    if not ticket.is_finished:
                        run = ticket.workflow_instance
                        unfinished = list(run.tasks.filter(status="OPEN"))
                        self.assertEqual(mine.state_sentence(now), state_sentence(run, unfinished, now=now))

    def test_order_and_missing_rows(self) -> None:
        with self.ours.scope(), transaction.atomic():
            first, second = TicketInstance.objects.order_by("number").values_list("pk", flat=True)[:2]
            self.assertEqual([row.number for row in read_ticket_rows([second, 0, first])], [2, 1])
            self.assertEqual(read_ticket_rows([]), [])
        with self.theirs.scope(), transaction.atomic():
            self.assertEqual(read_ticket_rows([first]), [])


def _as_seen(task: TaskInstance) -> tuple[object, object]:
    return task.visible_status, task.visible_due_at


def _two_lines(ticket: TicketInstance) -> tuple[str, str]:
    return ticket.heading, ticket.subheading
