"""The list of tickets as a CSV file."""

import csv
from collections.abc import Callable
from typing import Any, cast
from unittest.mock import patch

from django.db import transaction
from django.http import StreamingHttpResponse

from users.models import CompanyRoleMembership, CustomUser
from users.tests.cases import logged_in
from workflow_ops.desk.lists import export, people
from workflow_ops.models import TicketInstance
from workflow_ops.tests.desk.desk_cases import DeskTestCase
from workflow_ops.tests.engine_cases import PERSON, EngineTestCase, form, workflow

PATH = "/manage/tickets/csv/"


class ExportTests(DeskTestCase):
    """The file has the tickets that the list has, in its order."""

    def rows(self, query: str = "", client: Any = None) -> list[dict[str, str]]:
        answer = (client or self.client).get(f"{PATH}{query}")
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
        with patch.object(export, "ROWS_AT_ONCE", 2):
            self.assertEqual([row["Number"] for row in self.rows("?sort=number")], ["1", "2", "3"])
        self.assertEqual(self.rows("?status=COMPLETED"), [])
        with patch.object(export, "MAX_ROWS", 2):
            numbers = [row["Number"] for row in self.rows()]
        self.assertEqual(numbers[:2], ["3", "2"])
        self.assertEqual(numbers[2:], ["There are more tickets. To get them, narrow the filters."])

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
        answer = self.client.get(f"{PATH}?since=never")
        self.assertRedirects(answer, "/manage/tickets/?since=never", fetch_redirect_response=False)

    def test_others(self) -> None:
        self.assertEqual(logged_in(self.ours.submitter).get(PATH).status_code, 403)
        self.assertEqual(len(self.rows(client=logged_in(self.theirs.admin))), 1)  # their own
        self.assertEqual(self.client.post(PATH).status_code, 405)


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
