"""The desk's lists as CSV files."""

import csv
from collections.abc import Callable
from typing import Any, cast
from unittest.mock import patch

from django.db import transaction
from django.http import StreamingHttpResponse

from users.models import CompanyRoleMembership, CustomUser
from users.tests.cases import logged_in
from users.tests.queries import at_most_queries, same_queries_as
from workflow_ops.desk.list_files import contents
from workflow_ops.desk.lists import people
from workflow_ops.models import ErrorReason, ErrorType, TicketError, TicketInstance
from workflow_ops.tests.desk.desk_cases import DeskTestCase
from workflow_ops.tests.engine_cases import PERSON, EngineTestCase, form, workflow

PATH = "/manage/tickets/csv/"


class ExportTests(DeskTestCase):
    """The file has the tickets that the list has, in its order."""

    def rows(self, query: str = "", client: Any = None, path: str = PATH) -> list[dict[str, str]]:
        answer = (client or self.client).get(f"{path}{query}")
        self.assertEqual(answer.headers["Content-Type"], "text/csv; charset=utf-8")
        return list(csv.DictReader(answer.getvalue().decode().splitlines()))

    def change(self, **values: Any) -> None:
        with self.ours.scope(), transaction.atomic():
            TicketInstance.objects.filter(pk=self.ticket.pk).update(**values)

    def test_contents(self) -> None:
        self.change(subject="=cmd|' /C calc'!A0", responsible=self.admin)
        (row,) = self.rows()
        self.assertEqual(
            (row["Number"], row["Subject"], row["Type"], row["Status"]),
            ("1", "'=cmd|' /C calc'!A0", "Vacation request", "In progress"),
        )
        self.assertEqual(
            (row["Priority"], row["Submitted by"], row["Responsible"], row["Waits for"]),
            ("", "Sam Tester", self.admin.get_full_name(), "Decide: Marek Tester"),
        )

    def test_filters_order_and_parts(self) -> None:
        self.vacations.submit()
        self.vacations.submit()
        with patch.object(contents, "ROWS_AT_ONCE", 2):
            self.assertEqual([row["Number"] for row in self.rows("?sort=number")], ["1", "2", "3"])
        self.assertEqual(self.rows("?status=COMPLETED"), [])

    def test_tasks(self) -> None:
        self.vacations.complete(self.ticket, "Decide", decision="approve")
        (row,) = self.rows(path="/manage/tasks/csv/")
        names = [row[name] for name in ("Number", "Subject", "Type", "Workflow")]
        self.assertEqual(names, ["1", self.ticket.heading, "Vacation request", "Vacation request"])
        self.assertEqual((row["Task"], row["Status"], row["Done"]), ("Book it", "Open", ""))
        decided, booking = self.rows("?status=all", path="/manage/tasks/csv/")
        self.assertEqual((decided["Task"], decided["Status"]), ("Decide", "Done"))
        self.assertEqual(decided["Done by"], self.ours.admin.get_full_name())
        self.assertNotEqual((decided["Done"], decided["Created"]), ("", ""))
        self.assertEqual(booking["Assigned to"], row["Assigned to"])
        self.assertEqual(self.rows("?status=CANCELLED", path="/manage/tasks/csv/"), [])

    def test_errors(self) -> None:
        self.assertEqual(self.rows(path="/manage/errors/csv/"), [])
        with self.ours.scope(), transaction.atomic():
            TicketError.objects.create(
                ticket=self.ticket,
                task=self.vacations.task(self.ticket, "Decide"),
                error_type=ErrorType.WORKFLOW_TRANSITION,
                reason=ErrorReason.ASSIGNMENT,
                error_message="=1+1" + "x" * 2000,
                resolution_notes="+49 30 1234",
            )
        (row,) = self.rows("?reason=ASSIGNMENT", path="/manage/errors/csv/")
        self.assertEqual((row["Error"][:6], row["Notes"]), ("'=1+1x", "'+49 30 1234"))
        self.assertEqual(len(row["Error"]), 1001)
        self.assertEqual(
            (row["Number"], row["Status"], row["Kind"], row["Reason"], row["Task"]),
            ("1", "New", "The workflow could not go on", "Assignment", "Decide"),
        )
        self.assertEqual(self.rows("?reason=STALL", path="/manage/errors/csv/"), [])

    def test_statements_do_not_grow(self) -> None:
        for name in ("tickets", "tasks"):
            with at_most_queries(25) as few:
                self.rows(path=f"/manage/{name}/csv/")
            self.vacations.submit()
            with same_queries_as(few):
                self.rows(path=f"/manage/{name}/csv/")

    def test_rights_that_end_while_the_file_is_sent(self) -> None:
        endings: list[Callable[[], Any]] = [
            lambda: CompanyRoleMembership.objects.filter(person=self.admin).delete(),
            lambda: CustomUser.objects.filter(pk=self.admin.pk).update(is_active=False),
        ]
        for place, ends in enumerate(endings):
            with self.subTest(place):
                savepoint = transaction.savepoint()
                answer = cast("StreamingHttpResponse", logged_in(self.admin).get(PATH))
                lines = iter(answer)
                heads = next(lines)
                with self.ours.scope(), transaction.atomic():
                    ends()
                self.assertTrue(heads.startswith(b"Number,"), heads)
                self.assertEqual(b"".join(lines), b"")
                transaction.savepoint_rollback(savepoint)

    def test_filter_that_is_not_valid(self) -> None:
        for name in ("tickets", "tasks", "errors"):
            answer = self.client.get(f"/manage/{name}/csv/?since=never")
            self.assertRedirects(answer, f"/manage/{name}/?since=never", fetch_redirect_response=False)

    def test_others(self) -> None:
        for name, number in (("tickets", 1), ("tasks", 1), ("errors", 0)):
            with self.subTest(name):
                path = f"/manage/{name}/csv/"
                self.assertEqual(logged_in(self.ours.submitter).get(path).status_code, 403)
                theirs = self.rows(client=logged_in(self.theirs.admin), path=path)
                self.assertEqual(len(theirs), number)  # their own
                self.assertEqual(self.client.post(path).status_code, 405)
                page = self.client.get(f"/manage/{name}/?status=all")
                self.assertContains(page, f'href="{path}?status=all"')


class MarkedFields(EngineTestCase):
    """A workflow with a choice and a person that lists are filtered by."""

    def test_are_columns_once_the_workflow_is_chosen(self) -> None:
        urgent = {"type": "string", "title": "Urgency", "oneOf": [{"const": "hi", "title": "High"}]}
        fields: dict[str, Any] = {
            "a": {**urgent, "filterable": True},
            "who": {**PERSON, "title": "For", "filterable": True},
        }
        made = self.engine.load(workflow(form("Work", "b"), ticket="b a who", **fields))
        self.engine.submit(made, b="x", a="hi", who=str(self.ours.worker.pk))
        self.engine.submit(made, b="x")
        client = logged_in(self.ours.admin)
        for most in (people.MAX_CHOICES, 1):  # the people are choices, or too many for that
            with self.subTest(most=most), patch.object(people, "MAX_CHOICES", most):
                answer = client.get(f"{PATH}?workflow={made.line_id}&sort=number")
                rows = list(csv.DictReader(answer.getvalue().decode().splitlines()))
                name = self.ours.worker.get_full_name()
                self.assertEqual([(row["Urgency"], row["For"]) for row in rows], [("High", name), ("", "")])
        self.assertNotIn("Urgency", client.get(PATH).getvalue().decode())
