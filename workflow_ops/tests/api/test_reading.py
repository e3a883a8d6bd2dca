"""What programs read of lists, steps, calls, errors, reports and by the search."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import transaction

from users.models import Scope
from users.tests.cases import CompanyTestCase, logged_in
from workflow_ops.models import Report, ReportState
from workflow_ops.tests.api.cases import ApiTestCase, Program, make_secret
from workflow_ops.tests.api.world import World
from workflow_ops.tests.engine_cases import PERSON, form, workflow


class ReadingTests(CompanyTestCase):
    """Tom, who administers everything, reads with all scopes that he can have."""

    world: ClassVar[World]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()

        def commit(function: Any) -> Any:
            with cls.captureOnCommitCallbacks(execute=True):
                return function()

        cls.world = World(cls.ours, commit)

    def setUp(self) -> None:
        self.tom = Program(make_secret(self.ours.ticket_admin))

    def read(self, path: str, program: Program | None = None) -> Any:
        response = (program or self.tom).get(path)
        self.assertEqual(response.status_code, 200, response.content[:500])
        return json.loads(response.content)

    def refused(self, path: str, status: int) -> list[str]:
        response: Any = self.tom.get(path)
        self.assertEqual(response.status_code, status, response.content[:500])
        return [problem["pointer"] for problem in json.loads(response.content)["errors"]]

    def test_cursors_that_are_none(self) -> None:
        """Ignored, they would lead a program back to the first page for ever."""
        document, ids = self.read("openapi.json"), self.world.ids() | {"task_id": self.world.scan.pk}
        program = Program(make_secret(self.ours.admin))
        seen = 0
        for path, operations in document["paths"].items():
            names = {each["name"] for each in operations.get("get", {}).get("parameters", ())}
            if not {"after", "before"} <= names:
                continue
            mine = self.tom if "bulk-actions" in path else program
            for name in ("after", "before"):
                with self.subTest(path, name=name):
                    response: Any = mine.get(f"{path.format(**ids)}?{name}=nonsense")
                    self.assertEqual(response.status_code, 422, response.content[:300])
                    (problem,) = json.loads(response.content)["errors"]
                    self.assertEqual(problem["pointer"], f"/query/{name}")
                    self.assertEqual(mine.get(f"{path.format(**ids)}?{name}=").status_code, 200)
            seen += 1
        self.assertGreater(seen, 20)

    def test_filters_that_there_are_not(self) -> None:
        """Ignored, they would make a program take all rows for those that it asked for."""
        document, ids = self.read("openapi.json"), self.world.ids() | {"task_id": self.world.scan.pk}
        program = Program(make_secret(self.ours.admin))
        seen = 0
        for path, operations in document["paths"].items():
            names = {each["name"] for each in operations.get("get", {}).get("parameters", ())}
            if not {"after", "before"} <= names:
                continue
            mine = self.tom if "bulk-actions" in path else program
            with self.subTest(path):
                response: Any = mine.get(f"{path.format(**ids)}?nonsense=")
                self.assertEqual(response.status_code, 422, response.content[:300])
                (problem,) = json.loads(response.content)["errors"]
                self.assertEqual(problem["pointer"], "/query/nonsense")
            seen += 1
        self.assertGreater(seen, 20)
        for name in ("type", "f_urgency"):
            self.assertEqual(self.refused(f"desk/tickets?{name}=x", 422), [f"/query/{name}"])

    def test_the_type_of_a_workflow_with_one(self) -> None:
        """Its page has no such filter, which would have one choice."""
        ticket = self.world.ticket
        path = f"desk/tickets?workflow={ticket.line_id}&type="
        numbers = [item["number"] for item in self.read(f"{path}{ticket.type_title}&status=all")["items"]]
        self.assertIn(ticket.number, numbers)
        self.assertEqual(self.refused(f"{path}another", 422), ["/query/type"])
        page = logged_in(self.ours.admin).get(f"/manage/tickets/?workflow={ticket.line_id}")
        self.assertNotContains(page, 'name="type"')

    def test_calls(self) -> None:
        (item,) = self.read("desk/calls")["items"]
        self.assertEqual(
            (item["ticket"], item["task"], item["task_title"], item["kind"], item["outcome"], item["status"]),
            (self.world.ticket.number, self.world.book.pk, "Book", "CALL", "FAILED", 503),
        )
        self.assertEqual(item["seconds"], 0)
        self.assertEqual(self.read(f"desk/calls?task={item['task']}")["items"], [item])
        self.assertEqual(self.read(f"desk/calls?task={self.world.check.pk}")["items"], [])
        self.assertEqual(self.read("desk/calls?show=slow")["items"], [])
        self.assertEqual(self.refused("desk/calls?show=waiting", 422), ["/query/show"])
        self.assertEqual(self.refused(f"desk/calls?task={10**30}", 422), ["/query/task"])
        call = self.read(f"desk/calls/{item['id']}")
        self.assertEqual((call["request"]["body"], call["response"]), ('{"a":"Paper"}', None))
        self.assertEqual(call["error"], "The system answered 503.")
        self.assertEqual(self.tom.get(f"desk/calls/{10**30}").status_code, 404)

    def test_steps(self) -> None:
        path = f"tickets/{self.world.ticket.number}/steps"
        (item,) = self.read(path)["items"]
        self.assertEqual((item["step"], item["what"], item["who"]), (1, "Submitted", "Sam Tester"))
        self.assertEqual(
            item["changes"], [{"field": "a", "title": "A", "before": "", "after": "Paper 0"}], item
        )
        self.assertTrue(any("Check" in each for each in item["followed"]), item)
        step = self.read(f"{path}/1")
        self.assertEqual({name: step[name] for name in item}, item)
        self.assertEqual(step["data"], {"a": "Paper 0"})
        (check,) = (each for each in step["decisions"] if each["title"] == "Check")
        self.assertEqual((check["kind"], check["outcome"], check["was_asked"]), ("task", "started", True))
        self.assertTrue(check["why"])
        for number in (2, 10**30):
            self.assertEqual(self.tom.get(f"{path}/{number}").status_code, 404)

    def test_search(self) -> None:
        found = self.read("search?q=paper+0")["items"]
        self.assertEqual([each["number"] for each in found], [self.world.ticket.number])
        self.assertEqual((found[0]["administers"], found[0]["type_title"]), (True, "Ticket"))
        by_number = self.read(f"search?q=%23{self.world.ticket.number}")["items"]
        self.assertEqual(by_number, found)
        dora = Program(make_secret(self.ours.designer))
        for words in ("paper", str(self.world.ticket.number), "%00", "%20"):
            self.assertEqual(self.read(f"search?q={words}", dora)["items"], [])
        numbers = [each["number"] for each in self.read("search?q=paper")["items"]]
        self.assertEqual(numbers, sorted(numbers, reverse=True))
        lower = [each["number"] for each in self.read(f"search?q=paper&before={numbers[0]}")["items"]]
        self.assertEqual(lower, numbers[1:])
        self.assertEqual(self.refused("search", 422), ["/query/q"])
        self.assertEqual(self.refused("search?q=a&before=x", 422), ["/query/before"])

    def test_an_error(self) -> None:
        error = self.read(f"desk/errors/{self.world.error.pk}")
        self.assertEqual((error["reason"], error["status"], error["notes"]), ("STALL", "NEW", ""))
        self.assertTrue(error["consequence"])
        self.assertTrue(error["remedies"])

    def test_links_are_read_by_those_who_see_the_other_ticket(self) -> None:
        sam = Program(make_secret(self.ours.submitter, Scope.READ))
        linked = {"number": self.world.linked.number, "kind": "RELATES", "status": "IN_PROGRESS"}
        self.assertEqual(self.read(f"tickets/{self.world.ticket.number}", sam)["links"], [linked])

    def test_why_a_report_failed(self) -> None:
        with self.ours.scope(), transaction.atomic():
            rows = Report.objects.filter(pk=self.world.report.pk)
            rows.update(state=ReportState.FAILED, failure="Too many rows.")
        (item,) = self.read("desk/reports")["items"]
        self.assertEqual((item["state"], item["failure"]), ("FAILED", "Too many rows."))
        self.assertEqual(self.read(f"desk/reports/{item['id']}")["failure"], "Too many rows.")

    def test_people_of_a_form(self) -> None:
        path = f"ticket-types/{self.world.kind}/people"
        people = self.read(path)["items"]
        self.assertIn({"id": self.ours.worker.pk, "name": "Wanda Tester"}, people)
        self.assertEqual([each["name"] for each in self.read(f"{path}?q=wanda")["items"]], ["Wanda Tester"])
        self.assertEqual(self.refused(f"tasks/{self.world.check.pk}/people", 404), [])


class RowsTests(ApiTestCase):
    def test_names_and_titles_are_text(self) -> None:
        made = self.engine.load(workflow(form("Check & <pay>", "a")))
        ticket = self.engine.submit(made, a="Paper")
        sam = self.program(self.ours.submitter, Scope.READ)
        (item,) = json.loads(sam.get("tickets").content)["items"]
        (task,) = item["unfinished_tasks"]
        self.assertEqual((task["title"], task["status"]), ("Check & <pay>", "OPEN"))
        self.assertEqual((item["type_title"], item["status"]), ("Ticket", "IN_PROGRESS"))
        tom = self.program(self.ours.ticket_admin, Scope.ADMINISTER)
        (desk,) = json.loads(tom.get("desk/tickets").content)["items"]
        self.assertEqual((desk["number"], desk["type_title"]), (ticket.number, "Ticket"))

    def test_for_whom_one_may_submit_is_no_secret_that_answers_give_away(self) -> None:
        """The answer is the same whether the colleague may submit or not."""
        made = self.engine.load(workflow(form("Check", "a"), ticket="a who", who=PERSON))
        kind = self.engine.call(made.tickets.get).pk
        sam = self.program(self.ours.submitter)
        answers = []
        for colleague in (self.ours.worker, self.ours.designer):
            body = {"ticket_type": kind, "values": {"a": "Paper"}, "requester": colleague.pk}
            response = self.send(sam, "POST", "tickets", body)
            self.assertEqual(self.problems(response, 422), ["/requester"])
            answers.append(response.content)
        self.assertEqual(answers[0], answers[1])
        (own,) = json.loads(sam.get(f"ticket-types/{kind}/requesters").content)["items"]
        self.assertEqual(own["id"], self.ours.submitter.pk)
