"""A real ticket made into a scenario of its workflow's draft, without what says who it was about."""

from typing import Any

from django.db import transaction
from django.test import SimpleTestCase

from users.models import CompanyRole, CompanyRoleMembership
from users.tests.cases import logged_in
from workflow_design.definition.scenarios import MAX_MOVES
from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import CompletionFile, TaskFile, WorkflowFile
from workflow_design.editor.fields.actions import remove_field
from workflow_design.engine import Write
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.models import DefinitionCheck, WorkflowDefinition
from workflow_design.persistence.exporting import export_workflow
from workflow_design.versions.publishing import new_version
from workflow_ops.desk.actions import cancel_workflow, edit_data, hold_workflow, resume_workflow
from workflow_ops.history.past_scenarios import read_moves, without_texts
from workflow_ops.models import TaskInstance, WorkflowData, WorkflowWrite, WriteSource
from workflow_ops.state_manager import WorkflowStateManager
from workflow_ops.tests.desk.desk_cases import DeskTestCase

SECRET = "Surgery on my knee"


class TextsLeftOut(SimpleTestCase):
    def test_only_what_a_condition_compares_stays(self) -> None:
        names = ("customer", "iban", "reason", "note", "city", "street", "state", "title", "amount")
        schema = {
            "type": "object",
            "properties": {name: {"type": "number" if name == "amount" else "string"} for name in names},
        }
        pay = TaskFile(
            title="Pay",
            task_type="SYNC_ACTION",
            input_fields=("amount",),
            output_fields=("state",),
            condition={
                "and": [
                    {"!!": {"var": "customer"}},
                    {"!": {"var": "note"}},
                    {"!=": [{"var": "reason"}, None]},
                    {"!": {"missing": ["city"]}},
                    {
                        "if": [
                            {"var": "street"},
                            {"==": [{"if": [{"in": ["Dr", {"var": "title"}]}, 1]}, None]},
                        ]
                    },
                ]
            },
            input_transform={"to": {"var": "iban"}, "text": {"cat": ["For ", {"var": "customer"}]}},
            output_transform={"state": {"cat": [{"var": "customer"}, {"var": "response.body.state"}]}},
        )
        paid = CompletionFile(
            title="Paid",
            completion_status="COMPLETED",
            fields=("state",),
            condition={"==": [{"var": "state"}, "paid"]},
        )
        file = WorkflowFile(
            title="Refund", fields_schema=schema, tickets=(), tasks=(pay,), completions=(paid,)
        )
        values = {**{name: f"Its {name}" for name in names}, "amount": 5}
        (move,) = without_texts([Move(MoveKind.TICKET, "Refund", values)], file)
        unchanged = {name: value for name, value in move.values.items() if value != "text"}
        self.assertEqual(unchanged, {"state": "Its state", "title": "Its title", "amount": 5})

    def test_different_values_stay_different(self) -> None:
        fields = {"note": {"type": "string"}, "scan": {"type": "string", "format": "file"}}
        schema = {"type": "object", "properties": fields}
        file = WorkflowFile(title="Refund", fields_schema=schema, tickets=())
        notes = [("Anna", "f1"), ("Ben", "f2"), (None, None), ("Anna", "f1")]
        moves = [Move(MoveKind.EDIT, "", {"note": note, "scan": scan}) for note, scan in notes]
        self.assertEqual(
            [tuple(move.values.values()) for move in without_texts(moves, file)],
            [("text", "stand-in-1"), ("text 2", "stand-in-2"), (None, None), ("text", "stand-in-1")],
        )

    def test_what_stands_in_is_what_the_form_takes(self) -> None:
        order = {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$"}
        address = {"type": "string", "format": "email"}
        schema = {"type": "object", "properties": {"order": order, "address": address}}
        file = WorkflowFile(title="Refund", fields_schema=schema, tickets=())
        values = [("KR-1234", "anna@nowak.pl"), ("KR-1235", "ben@nowak.pl")]
        moves = [Move(MoveKind.EDIT, "", {"order": each, "address": by}) for each, by in values]
        given = [move.values for move in without_texts(moves, file)]
        for each in given:
            self.assertEqual(data_validator(schema).problems(each), [])
            self.assertNotIn("KR-123", each["order"])
            self.assertNotIn("nowak", each["address"])
        self.assertNotEqual(given[0]["order"], given[1]["order"])
        self.assertNotEqual(given[0]["address"], given[1]["address"])


class TicketScenario(DeskTestCase):
    def setUp(self) -> None:
        super().setUp()
        # Our designer administers tickets of HR, too.
        with self.ours.scope(), transaction.atomic():
            CompanyRoleMembership.objects.create(
                role=CompanyRole.objects.get(name="HR"), person=self.ours.designer
            )
        self.client = logged_in(self.ours.designer)
        ticket = self.vacations.submit(employee_note=SECRET)
        self.vacations.complete(ticket, "Decide", decision="change", manager_note="Anna Nowak is away, too")
        self.vacations.complete(ticket, "Change request", days=3, first_day="2026-08-01")
        self.path = f"/manage/tickets/{ticket.number}/scenario/"

    def scenarios(self) -> list[dict[str, Any]]:
        with self.ours.scope():
            newest = WorkflowDefinition.objects.order_by("-version")[0]
            return [dict(each) for each in export_workflow(newest).scenarios]

    def test_the_page_says_what_happened_without_names(self) -> None:
        page = self.client.get(self.path)
        self.assertContains(page, "Anna submits “Vacation request”: Days 5; First day 1 July 2026;")
        self.assertContains(page, "This workflow has no draft")
        self.assertContains(page, "Open: “Decide”.")
        for hidden in (SECRET, "Nowak", "Sam Tester"):
            self.assertNotContains(page, hidden)

    def test_a_task_that_became_overdue(self) -> None:
        ticket = self.vacations.submit()
        with self.ours.scope():
            run = ticket.workflow_instance_id
            WorkflowWrite.objects.create(
                workflow_instance_id=run,
                source=WriteSource.CLOCK,
                task=TaskInstance.objects.get(workflow_instance=run),
                content=Write.by_clock({"employee_note": "Late"}).as_json(),
            )
            WorkflowStateManager(run).apply_waiting()
            moves, left_out = read_moves(ticket)
        self.assertEqual((moves[1:], left_out), ([Move(MoveKind.OVERDUE, "Decide")], ""))

    def test_it_becomes_part_of_a_new_draft(self) -> None:
        before = len(self.scenarios())
        response = self.client.post(self.path, {"title": "Changed once", "expected": ["unfinished/"]})
        made = self.scenarios()[-1]
        with self.ours.scope():
            draft = WorkflowDefinition.objects.get(status="DRAFT")
            self.assertEqual(DefinitionCheck.objects.get(workflow=draft).report.errors, ())
        self.assertRedirects(response, f"/design/{draft.pk}/scenarios/")
        self.assertEqual(len(self.scenarios()), before + 1)
        self.assertEqual(made["expect"], {"unfinished": ["Decide"]})
        # An admin completed these tasks: no role let them, so the scenario does not say who.
        self.assertEqual([move.get("by") for move in made["moves"]], ["Anna", None, None])
        self.assertEqual(made["people"], {"Anna": []})
        self.assertEqual(made["moves"][0]["values"]["employee_note"], "text")
        self.assertEqual(made["moves"][1]["values"], {"decision": "change", "manager_note": "text"})

    def test_it_is_added_to_the_draft_that_there_is(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            draft = new_version(self.vacations.workflow, by=self.ours.designer)
            remove_field(draft, "manager_note")
        page = self.client.get(self.path)
        self.assertNotContains(page, "This workflow has no draft")
        self.assertContains(page, "so the scenario ends before it.")
        self.client.post(self.path, {"title": "On the draft", "expected": []})
        made = self.scenarios()[-1]
        self.assertEqual((made["title"], len(made["moves"]), made["expect"]), ("On the draft", 1, {}))

    def test_nothing_can_be_played_on_the_draft(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            remove_field(new_version(self.vacations.workflow, by=self.ours.designer), "employee_note")
        for data in (None, {"title": "Nothing", "expected": []}):
            response = self.client.post(self.path, data) if data else self.client.get(self.path)
            self.assertRedirects(response, self.path.removesuffix("scenario/"), fetch_redirect_response=False)
        page = self.client.get(self.path.removesuffix("scenario/"))
        self.assertContains(page, "Step 1 can&#x27;t be played on this draft")
        self.assertNotIn("Nothing", [each["title"] for each in self.scenarios()])

    def test_what_was_done_by_hand_is_left_out(self) -> None:
        ticket = self.ticket
        with self.ours.admin.scope():
            with transaction.atomic():
                hold_workflow(ticket, reason="Wait", by=self.ours.admin)
            with transaction.atomic():
                resume_workflow(ticket, by=self.ours.admin)
            self.now(ticket)
            with transaction.atomic():
                cancel_workflow(ticket, reason="Not needed", by=self.ours.admin)
        page = self.client.get(f"/manage/tickets/{ticket.number}/scenario/")
        self.assertContains(page, "The ticket itself is cancelled: what was done by hand")
        self.assertContains(page, "Open: “Decide”.")
        self.assertNotContains(page, "resumes the workflow")

    def test_a_long_ticket_ends_with_the_last_step_that_fits(self) -> None:
        run = self.ticket.workflow_instance
        with self.ours.scope(), transaction.atomic():
            WorkflowData.objects.bulk_create(
                WorkflowData(workflow_instance=run, step=run.step + number, data={}, source="resume")
                for number in range(1, MAX_MOVES + 1)
            )
            moves, left_out = read_moves(self.ticket)
        self.assertEqual((len(moves), left_out), (100, "A scenario has at most 100 steps. It ends there."))

    def test_an_edit_and_a_repair(self) -> None:
        ticket = self.ticket
        with self.ours.admin.scope(), transaction.atomic():
            step = ticket.workflow_instance.step
            edit_data(
                ticket, values={"days": 7, "employee_note": None}, expected_step=step, by=self.ours.admin
            )
        self.now(ticket)
        page = self.client.get(f"/manage/tickets/{ticket.number}/scenario/")
        self.assertContains(page, "A ticket admin changes: Days 7; Note empty.")
        self.assertContains(page, "Days is 7.")

    def test_a_title_that_is_taken_makes_no_draft(self) -> None:
        page = self.client.post(self.path, {"title": "approved AND booked", "expected": []})
        self.assertContains(page, 'id="id_title_error"')
        with self.ours.scope():
            self.assertFalse(WorkflowDefinition.objects.drafts().exists())

    def test_who_may(self) -> None:
        """Who administers the ticket and designs; neither alone."""
        for person, status in (
            (self.vacations.hr, 403),
            (self.ours.submitter, 403),
            (self.ours.admin, 200),
            (self.theirs.admin, 404),
        ):
            with self.subTest(person.first_name):
                self.assertEqual(logged_in(person).get(self.path).status_code, status)
        with self.ours.scope(), transaction.atomic():
            CompanyRoleMembership.objects.filter(person=self.ours.designer).delete()
        self.assertEqual(logged_in(self.ours.designer).get(self.path).status_code, 403)
        detail = self.path.removesuffix("scenario/")
        self.assertContains(logged_in(self.ours.admin).get(detail), self.path)
        self.assertNotContains(logged_in(self.vacations.hr).get(detail), self.path)
