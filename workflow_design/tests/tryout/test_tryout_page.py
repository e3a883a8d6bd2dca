"""The page of a try-out."""

import json
import re
from html import unescape
from typing import Any, ClassVar

from django.db import DatabaseError, connection, transaction
from django.test import TestCase
from django.urls import reverse

from ticketflower.read_only import forbid_writes
from ticketflower.tenancy.owner import database_owner
from users.tests.cases import CommittedTestCase, logged_in
from users.tests.queries import at_most_queries, same_queries_as
from workflow_design.definition.file_json import to_json
from workflow_design.models import TaskDefinition, WorkflowCompletion, WorkflowDefinition
from workflow_design.tests.files import MESSAGE, long_file
from workflow_design.tests.page_cases import DesignPageTestCase, make_active, make_draft
from workflow_design.tests.tryout.tryout_file import REPAIR

STATEMENTS = 13
ROWS = "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM % t"
REQUEST = {"days": "5", "first_day": "2026-07-01"}


TIMED: dict[str, Any] = {
    **REPAIR,
    "title": "Timed repair",
    "fields_schema": {
        **REPAIR["fields_schema"],
        "properties": {**REPAIR["fields_schema"]["properties"], "late": {"type": "boolean", "title": "Late"}},
    },
    "tasks": [
        {**REPAIR["tasks"][0], "due_hours": 8, "overdue_field": "late"},
        *REPAIR["tasks"][1:],
        {"title": "Hurry", "task_type": "FORM", "input_fields": ["late"], "output_fields": ["urgent"]},
    ],
}


def moves_in(page: str) -> list[dict[str, Any]]:
    """Return the moves that the page carries."""
    found = re.search(r'name="_moves" value="([^"]*)"', page)
    assert found is not None
    moves: list[dict[str, Any]] = json.loads(unescape(found[1]))
    return moves


class TryoutCase(DesignPageTestCase):
    """A test case that plays on the page; `self.page` is its latest HTML."""

    repair: ClassVar[WorkflowDefinition]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.repair = make_active(cls.ours, **REPAIR)

    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("workflow_definition_tryout", args=[self.workflow.pk])
        self.show(self.client.get(self.path))

    def show(self, response: Any) -> None:
        self.assertEqual(response.status_code, 200)
        self.page = response.content.decode()
        self.context = response.context

    def begin(self, workflow: WorkflowDefinition) -> None:
        """Open the try-out of another workflow."""
        self.path = reverse("workflow_definition_tryout", args=[workflow.pk])
        self.show(self.client.get(self.path))

    def send(self, **values: Any) -> None:
        """Submit the form of the page with a button."""
        self.show(self.client.post(self.path, {"_moves": json.dumps(moves_in(self.page)), **values}))

    def fill(self, name: str, **values: Any) -> None:
        """Fill in the form of a ticket or task and submit it."""
        self.send(_fill=name, **values)

    def state(self) -> str:
        return str(self.context["state"].word)


class Plays(TryoutCase):
    """Playing the vacation workflow, and one with every feature."""

    def test_to_the_end(self) -> None:
        self.assertEqual(self.state(), "Not started")
        self.assertIn('name="days"', self.page)
        self.fill("ticket:Vacation request", **REQUEST)
        self.assertIn("<strong>Decide</strong> (HR or Manager, but never the submitter)", self.page)
        self.assertIn("“Decide” started, since Days, Employee note and First day were written.", self.page)
        self.fill("task:Decide", decision="reject")
        self.assertEqual(self.state(), "Cancelled")
        self.assertIn("<strong>Rejected</strong> ended it after 2 steps.", self.page)
        self.assertIn("Play it again", self.page)

    def test_a_task_that_becomes_overdue(self) -> None:
        self.begin(make_draft(self.ours, **TIMED))
        self.fill("ticket:Something broke", what="Lamp")
        self.assertIn("Due after 8 working hours. When it is overdue, “Late” becomes yes.", self.page)
        self.assertEqual(self.page.count('name="_overdue"'), 1)
        self.send(_overdue="Look at it")
        self.assertIn("“Hurry” started, since Late was written.", self.page)
        self.assertEqual(self.context["past"][-1]["title"], "Look at it became overdue")
        self.assertNotIn('name="_overdue"', self.page)
        marks = {node.title: node.mark.mark.word for node in self.context["picture"].nodes if node.mark}
        self.assertEqual(
            marks,
            {
                "Something broke": "Submitted",
                "Look at it": "Overdue",
                "Ask for the price": "Open",
                "Hurry": "Open",
            },
        )
        self.send(_overdue="Look at it")
        self.assertIn("“Look at it” is overdue already.", self.page)
        self.assertEqual(moves_in(self.page)[-1]["kind"], "overdue")
        self.fill("task:Look at it", verdict="wait")
        self.assertEqual(self.state(), "On hold")
        self.assertNotIn('name="_overdue"', self.page)

    def test_shows_the_workspace_and_the_picture(self) -> None:
        self.assertEqual(self.context["named"], {})
        self.fill("ticket:Vacation request", **REQUEST)
        named = {"kind": "Vacation request", "subject": "1 July 2026", "priority": ""}
        self.assertEqual(self.context["named"], named)
        self.fill("task:Decide", decision="change", manager_note="Too long")
        entries = [entry for block in self.context["workspace"] for entry in block.entries]
        self.assertEqual(
            [entry.label for entry in entries], ["Days", "First day", "Decision", "Manager note"]
        )
        marks = {
            node.title: node.mark.mark.word for node in self.context["picture"].nodes if node.mark is not None
        }
        self.assertEqual(marks, {"Vacation request": "Submitted", "Decide": "Done", "Change request": "Open"})
        self.assertIn("Too long", self.page)

    def test_an_action_is_answered_by_hand(self) -> None:
        self.fill("ticket:Vacation request", **REQUEST)
        self.fill("task:Decide", decision="approve")
        self.assertIn("Another system answers here", self.page)
        self.assertTrue(self.context["opened"]["is_by_hand"])
        self.fill("task:Book it", booked="True")
        self.assertEqual(self.state(), "Completed")

    def test_shows_what_an_action_would_send(self) -> None:
        self.fill("ticket:Vacation request", **REQUEST)
        self.fill("task:Decide", decision="approve")
        self.assertIn("Calls https://calendar.example.com/book.", self.page)
        self.assertIn('{\n  "start": "2026-07-01",\n  "days": 5\n}', unescape(self.page))

    def test_an_action_is_answered_as_the_system_would(self) -> None:
        self.fill("ticket:Vacation request", **REQUEST)
        self.fill("task:Decide", decision="approve")
        for status, body, problem in (
            ("200", "{", "Body: This is not JSON"),
            ("404", "{}", "only 200 to 299 mean that it went well"),
            ("20", "{}", "a number from 100 to 599"),
        ):
            with self.subTest(status=status, body=body):
                self.fill("task:Book it", _system="1", _answer_status=status, _answer_body=body)
                self.assertIn(problem, self.page)
                self.assertFalse(self.context["opened"]["is_by_hand"])
        self.fill("task:Book it", _system="1", _answer_status="200", _answer_body="{}")
        self.assertEqual(self.state(), "Completed")
        # Like a scenario, the page has the values that were written, not the answer.
        self.assertEqual(moves_in(self.page)[-1]["values"], {"booked": True})

    def test_an_answer_that_can_not_become_a_write(self) -> None:
        with self.ours.scope():
            self.draft.tasks.filter(title="Book it").update(output_transform=None)
        self.begin(self.draft)
        self.fill("ticket:Vacation request", **REQUEST)
        self.fill("task:Decide", decision="approve")
        self.fill("task:Book it", _system="1", _answer_body='{"booked": "certainly"}')
        self.assertIn("Booked: This must be yes or no.", self.page)
        self.assertIn("certainly", self.page)

    def test_an_answer_is_kept_as_the_sample_of_a_draft(self) -> None:
        self.begin(self.draft)
        self.fill("ticket:Vacation request", **REQUEST)
        self.fill("task:Decide", decision="approve")
        with self.ours.scope():
            task = self.draft.tasks.get(title="Book it")
        keep = reverse("task_keep_sample", args=[task.pk])
        self.assertIn(f'formaction="{keep}"', self.page)
        answer = {"_answer_status": "201", "_answer_body": '{"id": 7}'}
        sent = {"_moves": json.dumps(moves_in(self.page)), "_fill": "task:Book it", "_system": "1", **answer}
        self.show(self.client.post(keep, sent, follow=True))
        self.assertIn("The answer is now the sample of “Book it”.", self.page)
        self.assertEqual([move["title"] for move in moves_in(self.page)][-1], "Book it")
        with self.ours.scope():
            task.refresh_from_db()
        self.assertEqual(task.sample_response, {"status": 201, "body": {"id": 7}})
        self.send(_back="2")
        self.assertIn("&quot;id&quot;: 7", self.page)
        self.show(self.client.post(keep, {**sent, "_answer_body": "["}, follow=True))
        self.assertIn("Body: This is not JSON", self.page)
        self.assert_refused(keep, self.ours.submitter, method="post")
        self.assert_unknown_to_others(keep, method="post")
        self.assert_wrong_methods(keep, "get")

    def test_a_task_also_shows_fields_that_do_not_start_it(self) -> None:
        self.fill("ticket:Vacation request", **REQUEST, a="7.5")
        self.fill("task:Decide", decision="change")
        entries = [entry for block in self.context["opened"]["about"] for entry in block.entries]
        self.assertEqual([(each.label, each.value) for each in entries[1:]], [("A", "7.5")])

    def test_an_invalid_form_preserves_the_input(self) -> None:
        self.fill("ticket:Vacation request", days="500", first_day="2026-07-01")
        self.assertEqual(self.state(), "Not started")
        self.assertIn('value="500"', self.page)
        self.assertIn("days", self.context["opened"]["form"].errors)
        self.fill("ticket:Vacation request", first_day="2026-07-01")
        self.assertIn("Please fill this in.", self.page)

    def test_forms_start_with_the_workspace(self) -> None:
        self.fill("ticket:Vacation request", **REQUEST)
        self.fill("task:Decide", decision="change")
        self.assertIn('value="2026-07-01"', self.page)

    def test_goes_back_to_any_step_and_starts_again(self) -> None:
        self.fill("ticket:Vacation request", **REQUEST)
        self.fill("task:Decide", decision="change")
        self.fill("task:Change request", days="3", first_day="2026-08-01")
        self.send(_back="1")
        self.assertEqual([move["title"] for move in moves_in(self.page)], ["Vacation request"])
        self.assertEqual(self.context["opened"]["title"], "Decide")
        self.send(_back="0")
        self.assertEqual(self.state(), "Not started")

    def test_going_back_preserves_the_values(self) -> None:
        self.fill("ticket:Vacation request", **REQUEST, employee_note="Please")
        self.fill("task:Decide", decision="reject", manager_note="Too long")
        self.send(_back="1")
        self.assertEqual(self.context["opened"]["form"].initial["decision"], "reject")
        self.assertIn("Too long", self.page)
        self.send(_back="0")
        self.assertIn('value="2026-07-01"', self.page)
        self.assertIn("Please", self.page)

    def test_going_back_opens_the_undone_task(self) -> None:
        self.begin(self.repair)
        self.fill("ticket:Something broke", what="Lamp", photo="stand-in-2")
        self.fill("task:Ask for the price", price="5")
        self.send(_back="1")
        self.assertEqual(self.context["opened"]["title"], "Ask for the price")
        self.send(_back="0")
        self.assertIn('<option value="stand-in-2" selected>', self.page)

    def test_link_to_the_current_state(self) -> None:
        self.assertNotIn("Link to this point", self.page)
        self.fill("ticket:Vacation request", **REQUEST)
        self.fill("task:Decide", decision="reject")
        link = f"{self.path}?{self.context['link']}"
        self.assertIn(link.replace("&", "&amp;"), self.page)
        self.show(self.client.get(link))
        self.assertEqual(self.state(), "Cancelled")
        long = {**REQUEST, "employee_note": "x" * 1000, "a": "1"}
        self.send(_back="0")
        self.fill("ticket:Vacation request", **long)
        self.fill("task:Decide", decision="change", manager_note="y" * 1000)
        self.assertEqual(self.context["link"], "")

    def test_fills_empty_fields_with_examples(self) -> None:
        self.fill("ticket:Vacation request", days="7", a="x", _examples="1")
        self.assertEqual((self.state(), moves_in(self.page)), ("Not started", []))
        values = self.context["opened"]["form"].initial
        self.assertEqual((values["days"], values["a"], values["employee_note"]), (7, 1, "Example"))
        self.begin(self.repair)
        self.fill("ticket:Something broke", _examples="1")
        self.assertIn('<option value="stand-in-1" selected>', self.page)
        self.assertIn(
            self.context["opened"]["form"].initial["expert"], [str(p.pk) for p in self.ours.everybody]
        )

    def test_chooses_the_ticket(self) -> None:
        self.begin(self.repair)
        self.assertIn("Which ticket starts it?", self.page)
        self.assertEqual(self.context["opened"]["title"], "Something broke")
        self.send(_open="ticket:Something urgent broke")
        self.assertEqual(self.context["opened"]["title"], "Something urgent broke")

    def test_people_and_example_files(self) -> None:
        self.begin(self.repair)
        person = self.ours.worker
        self.assertIn(f'<option value="{person.pk}">{person.get_full_name()}</option>', self.page)
        self.assertNotIn('type="file"', self.page)
        papers = ["stand-in-1", "stand-in-3"]
        self.fill("ticket:Something broke", what="Lamp", photo="stand-in-2", papers=papers, expert=person.pk)
        self.assertIn("Example file 1<br>Example file 3", self.page)
        self.assertIn(person.get_full_name(), self.page)
        self.send(_back="0")
        self.fill("ticket:Something broke", what="Lamp", photo="../etc", expert=self.theirs.worker.pk)
        self.assertEqual(set(self.context["opened"]["form"].errors), {"photo", "expert"})

    def test_names_people_in_conditions(self) -> None:
        looking, *others = REPAIR["tasks"]
        person = self.ours.worker
        condition = {"!=": [{"var": "expert"}, str(person.pk)]}
        tasks = [{**looking, "input_fields": ["expert"], "condition": condition}, *others]
        self.begin(make_draft(self.ours, **REPAIR | {"tasks": tasks}))
        self.fill("ticket:Something broke", what="Lamp", expert=person.pk)
        name = person.get_full_name()
        self.assertIn(f"it starts only if Expert is not “{name}” (Expert is “{name}”)", self.page)

    def test_a_hold_and_its_end(self) -> None:
        self.begin(self.repair)
        self.fill("ticket:Something broke", what="Lamp")
        self.fill("task:Look at it", verdict="wait")
        self.assertEqual(self.state(), "On hold")
        self.fill("task:Ask for the price", price="5")
        self.assertIn("1 answer waits until then.", self.page)
        self.send(_resume="1")
        self.assertEqual(self.state(), "Stalled")
        self.assertIn("price", moves_in(self.page)[2]["values"])

    def test_shows_a_counterexample(self) -> None:
        moves = [
            {"kind": "ticket", "title": "Vacation request", "values": {"days": 5, "first_day": "2026-07-01"}},
            {"kind": "task", "title": "Decide", "values": {"decision": "approve"}},
            {"kind": "task", "title": "Book it", "values": {"booked": False}},
        ]
        for method in (self.client.get, self.client.post):
            self.show(method(self.path, {"moves": json.dumps(moves)}))
            self.assertEqual((self.state(), moves_in(self.page)), ("Stalled", moves))
        self.send(_back="2")
        self.assertEqual(self.context["opened"]["title"], "Book it")

    def test_unknown_file(self) -> None:
        values = {"what": "Lamp", "photo": "0", "papers": ["a", "b"], "expert": "999999999"}
        self.begin(self.repair)
        moves = json.dumps([{"kind": "ticket", "title": "Something broke", "values": values}])
        self.show(self.client.get(self.path, {"moves": moves}))
        self.assertIn("A file<br>A file", self.page)
        self.assertIn("A person who is no longer here", self.page)


class Drafts(TryoutCase):
    """The try-out of an incomplete draft."""

    def change(self, **columns: Any) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            TaskDefinition.objects.filter(workflow=self.draft, title="Decide").update(**columns)
        self.begin(self.draft)

    def test_mentions_findings(self) -> None:
        self.begin(self.draft)
        self.assertNotIn("found in this draft", self.page)
        self.change(input_fields=["nope"])
        self.assertIn("1 problem was found in this draft, which may stop the try-out.", self.page)
        self.assertIn(f'href="/design/{self.draft.pk}/#check"', self.page)
        self.assertEqual(self.state(), "Not started")

    def test_a_draft_that_is_only_unfinished_has_no_problem(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            WorkflowCompletion.objects.filter(workflow=self.draft).delete()
        self.begin(self.draft)
        self.assertNotIn("found in this draft", self.page)

    def test_an_invalid_form(self) -> None:
        self.change(edit_layout=["decision", "decision"])
        self.fill("ticket:Vacation request", **REQUEST)
        self.assertIn("This form can't be shown", self.page)
        self.fill("task:Decide", decision="approve")
        self.assertIn("This form can't be shown", self.page)

    def test_invalid_fields(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            WorkflowDefinition.objects.filter(pk=self.draft.pk).update(fields_schema={"type": "array"})
        path = reverse("workflow_definition_tryout", args=[self.draft.pk])
        for response in (self.client.get(path), self.client.post(path, {"_fill": "ticket:x"})):
            self.assertContains(response, "It can't be tried out yet")

    def test_no_tickets(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            self.draft.tickets.all().delete()
        self.begin(self.draft)
        self.assertIn("No ticket starts this workflow yet.", self.page)

    def test_changed_since_the_page_was_shown(self) -> None:
        self.begin(self.draft)
        self.fill("ticket:Vacation request", **REQUEST)
        self.fill("task:Decide", decision="change")
        with self.ours.designer.scope(), transaction.atomic():
            TaskDefinition.objects.filter(workflow=self.draft, title="Decide").update(title="Think")
        self.fill("task:Change request", days="3", first_day="2026-08-01")
        self.assertIn("Step 2 can&#x27;t be played.", self.page)
        self.assertEqual(len(moves_in(self.page)), 1)
        self.assertEqual(self.context["opened"]["title"], "Think")


class Hostile(TryoutCase):
    """Manipulated POST requests."""

    def test_moves(self) -> None:
        move = {"kind": "ticket", "title": "Vacation request", "values": REQUEST}
        for text in (
            "{{ 7*7 }}",
            "<script>",
            "[1]",
            "[" * 3000,
            '[{"kind":"ticket","title":"a","values":{"days":NaN}}]',
            '[{"kind":"ticket","title":"\\ud800","values":{}}]',
            "\0",
            "x" * 250_000,
            json.dumps([move] * 200),
        ):
            for name in ("_moves", "moves"):
                self.show(self.client.post(self.path, {name: text, "_fill": "ticket:Vacation request"}))
            self.assertEqual((moves_in(self.page), self.state()), ([], "Not started"))
            self.assertIn("These moves can't be played", self.page)

    def test_values(self) -> None:
        for value in (True, [], {}, [[1]], "x" * 10_000, 1e15, -1, None, {"days": 1}):
            move = {"kind": "ticket", "title": "Vacation request", "values": {**REQUEST, "days": value}}
            self.show(self.client.post(self.path, {"_moves": json.dumps([move])}))
            self.assertEqual(moves_in(self.page), [])
            self.assertIn("Step 1 can&#x27;t be played.", self.page)

    def test_values_of_an_undone_step(self) -> None:
        for value in (True, [], {}, [[1]], "x" * 10_000, -1, None, {"days": 1}):
            values = dict.fromkeys(("days", "first_day", "employee_note", "a"), value)
            move = {"kind": "ticket", "title": "Vacation request", "values": values}
            self.show(self.client.post(self.path, {"_moves": json.dumps([move]), "_back": "0"}))
            self.assertEqual((moves_in(self.page), self.state()), ([], "Not started"))

    def test_names_and_numbers(self) -> None:
        for values in (
            {"_fill": "task:Decide"},
            {"_fill": "\0<script>"},
            {"_open": "x" * 10_000},
            {"_back": "9" * 5000},
            {"_back": "-1"},
            {"_back": "٣"},
            {"_resume": "1"},
            {"_fill": "ticket:Vacation request", "days": "\0", "first_day": "\ud7ff" * 9, "a": "9" * 400},
        ):
            with self.subTest(values=str(values)[:60]):
                self.begin(self.workflow)
                self.send(**values)
                self.assertEqual(moves_in(self.page), [])

    def test_a_form_that_is_not_open(self) -> None:
        self.fill("ticket:Vacation request", **REQUEST)
        self.fill("task:Change request", days="1", first_day="2026-07-01", decision="approve")
        self.assertIn("That form is not open any more.", self.page)
        self.assertEqual(len(moves_in(self.page)), 1)

    def test_markup_is_escaped(self) -> None:
        note = "<script>alert(1)</script>{{ 7*7 }}\"'"
        self.fill("ticket:Vacation request", **REQUEST, employee_note=note)
        self.assertNotIn("<script>alert", self.page)
        self.assertIn("{{ 7*7 }}", self.page)
        self.assertEqual(moves_in(self.page)[0]["values"]["employee_note"], note)


class Who(TryoutCase):
    """Access to the try-out."""

    def test_who_may(self) -> None:
        people = self.ours
        self.assert_open(self.path, people.admin, people.designer)
        others = (people.submitter, people.worker, people.ticket_admin)
        for method in ("get", "post"):
            self.assert_refused(self.path, *others, method=method)
            self.assert_unknown_to_others(self.path, method=method)
        self.assert_wrong_methods(self.path, "put", "delete")

    def test_links_to_the_page(self) -> None:
        for workflow in (self.workflow, self.draft):
            detail = reverse("workflow_definition_detail", args=[workflow.pk])
            path = reverse("workflow_definition_tryout", args=[workflow.pk])
            self.assertContains(self.client.get(detail), path)
            self.assertNotContains(logged_in(self.ours.ticket_admin).get(detail), path)


class Statements(TryoutCase):
    """The number of statements."""

    def test_constant_statements(self) -> None:
        with at_most_queries(STATEMENTS):
            self.begin(self.workflow)
        with at_most_queries(STATEMENTS) as few:
            self.fill("ticket:Vacation request", **REQUEST)
        tasks = to_json(long_file(50))["tasks"]
        many = make_active(self.ours, title="Many", tasks=tasks)
        self.begin(many)
        with same_queries_as(few):
            self.fill("ticket:Vacation request", **REQUEST)
        self.assertEqual(len(self.context["choices"]), 50)


class LongTryouts(TryoutCase):
    """A try-out with the maximum number of steps."""

    def test_page_stays_small(self) -> None:
        moves = [
            {"kind": "ticket", "title": "Vacation request", "values": {"days": 5, "first_day": "2026-07-01"}}
        ]
        for _time in range(49):
            moves.append({"kind": "task", "title": "Decide", "values": {"decision": "change"}})
            moves.append({**moves[0], "kind": "task", "title": "Change request"})
        self.show(self.client.post(self.path, {"moves": json.dumps(moves)}))
        self.assertEqual(len(self.context["past"]), 99)
        self.assertLess(len(self.page), 100_000)


class NothingIsStored(CommittedTestCase):
    """The try-out changes no row of any table."""

    def test_no_row_changes(self) -> None:
        draft = make_draft(self.ours)
        client = logged_in(self.ours.designer)
        path = reverse("workflow_definition_tryout", args=[draft.pk])
        client.get(path)
        before = _every_row()
        page = client.get(path).content.decode()
        submitted = {"_fill": "ticket:Vacation request", **REQUEST}
        for values in (submitted, {"_fill": "task:Decide", "decision": "reject"}):
            response = client.post(path, {"_moves": json.dumps(moves_in(page)), **values})
            page = response.content.decode()
        self.assertEqual(len(moves_in(page)), 2)
        self.assertEqual(_every_row(), before)


class ReadOnly(TestCase):
    """The database refuses writes during a try-out."""

    def test_a_write_fails(self) -> None:
        with self.assertRaisesMessage(DatabaseError, "read-only"), transaction.atomic():
            forbid_writes()
            with connection.cursor() as cursor:
                cursor.execute("UPDATE users_company SET name = name")


def _every_row() -> dict[str, str]:
    """Return the contents of every table as text."""
    with database_owner(), connection.cursor() as cursor:
        contents = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(ROWS.replace("%", connection.ops.quote_name(table)))
            contents[table] = str(cursor.fetchone())
    return contents


class Messages(TryoutCase):
    """A message is shown as it would be sent, and is sent by one button."""

    END: ClassVar = {"title": "Told", "completion_status": "COMPLETED", "fields": ["booked"]}

    def test_one_button(self) -> None:
        message = {**MESSAGE, "input_fields": ["days"]}
        parts = {"tasks": [message], "completions": [self.END]}
        self.begin(make_draft(self.ours, title="Told", **parts))
        self.send(_fill="ticket:Vacation request", **REQUEST)
        self.assertIn("Vacation from 1 July 2026", self.page)
        self.assertIn("5 days, {from} 1 July 2026.", self.page)
        self.assertIn("E-mail to Team leads", self.page)
        self.send(_fill="task:Tell the team")
        self.assertEqual(moves_in(self.page)[-1]["values"], {"booked": True})
        self.assertIn("ended it after 2 steps", self.page)

    def test_shows_the_input_that_triggered_it(self) -> None:
        five = {"==": [{"var": "days"}, 5]}
        message = {**MESSAGE, "input_fields": ["days"], "condition": five}
        change = {
            "title": "Change",
            "task_type": "FORM",
            "input_fields": ["first_day"],
            "output_fields": ["days"],
        }
        self.begin(make_draft(self.ours, title="Told", tasks=[message, change], completions=[self.END]))
        self.fill("ticket:Vacation request", **REQUEST)
        self.fill("task:Change", days="7")
        self.send(_open="task:Tell the team")
        self.assertIn("5 days, {from} 1 July 2026.", self.page)
