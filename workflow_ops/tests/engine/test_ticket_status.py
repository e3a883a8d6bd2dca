"""The copy of the workflow's status in the ticket's row. Triggers update it on every change."""

from __future__ import annotations

from itertools import pairwise

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from users.models import AuditEvent
from workflow_ops.desk.actions import hold_workflow, resume_workflow
from workflow_ops.models import RunStatus, TicketInstance, WorkflowInstance
from workflow_ops.tests.desk.desk_cases import DeskTestCase
from workflow_ops.work.submissions import withdraw_ticket


class TicketStatusTests(DeskTestCase):
    def row(self, ticket: TicketInstance | None = None) -> TicketInstance:
        """Return the ticket's row, and assert that its copies equal the workflow's columns."""
        now = self.now(ticket)
        run = now.workflow_instance
        copied = (now.status, now.is_finished, now.changed_at)
        changed_at = run.updated_at if now.changed_at != now.created_at else now.created_at
        self.assertEqual(copied, (run.status, run.is_final, changed_at))
        return now

    def test_of_a_ticket_that_has_not_started(self) -> None:
        with self.ours.scope(), transaction.atomic():
            fresh = TicketInstance.objects.get(pk=self.vacations.submit().pk)
            WorkflowInstance.objects.filter(pk=fresh.workflow_instance_id).update(status="NOT_STARTED")
            fresh.refresh_from_db()
            self.assertEqual((fresh.status, fresh.is_finished), (RunStatus.NOT_STARTED, False))

    def test_follows_each_change(self) -> None:
        rows = [self.row()]
        times = {rows[0].changed_at, rows[0].waiting_since, rows[0].updated_at, rows[0].created_at}
        self.assertEqual(len(times), 1, times)  # it was inserted as it is, at one time
        with self.admin.scope():
            with transaction.atomic():
                hold_workflow(self.ticket, reason="Holiday", by=self.admin)
            rows.append(self.row())
            with transaction.atomic():
                resume_workflow(self.ticket, by=self.admin)
            rows.append(self.row())
        self.vacations.complete(self.ticket, "Decide", decision="reject")
        rows.append(self.row())
        self.assertEqual([row.status for row in rows], ["IN_PROGRESS", "ON_HOLD", "IN_PROGRESS", "CANCELLED"])
        self.assertTrue(all(one.changed_at < two.changed_at for one, two in pairwise(rows)))

    def test_of_a_ticket_that_is_withdrawn(self) -> None:
        with self.ours.submitter.scope(), transaction.atomic():
            withdraw_ticket(self.ticket, reason="Changed my mind", by=self.ours.submitter)
        self.assertTrue(self.row().is_finished)

    def test_the_list_filters_and_sorts_by_one_table(self) -> None:
        for address in ("", "?sort=changed&status=unfinished", "?sort=-changed&status=ON_HOLD"):
            with CaptureQueriesContext(connection) as captured:
                self.client.get(f"/manage/tickets/{address}")
            lists = [query["sql"] for query in captured if "LIMIT 51" in query["sql"]]
            self.assertEqual(len(lists), 1)
            self.assertNotIn('"workflow_ops_workflowinstance"."updated_at"', lists[0])
            self.assertNotIn('"workflow_ops_workflowinstance"."status"', lists[0])

    def test_leaves_no_entry_in_the_audit_log(self) -> None:
        with self.ours.scope(), transaction.atomic():
            events = AuditEvent.objects.filter(table=TicketInstance._meta.db_table, row_id=self.ticket.pk)
            self.assertEqual([event.operation for event in events], ["insert"])
