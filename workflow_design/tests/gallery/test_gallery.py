"""The gallery: every workflow is valid and can be played to its end."""

import json
from collections.abc import Iterable
from random import Random
from typing import Any

from django.test import SimpleTestCase

from workflow_design.check.static import check_definition
from workflow_design.definition.field_types import INTEGER
from workflow_design.definition.fields import Field
from workflow_design.definition.file_json import parse_workflow_file, to_json
from workflow_design.definition.schema import data_validator, parse_fields
from workflow_design.definition.workflow import (
    CompletionFile,
    Kind,
    PartFile,
    TaskFile,
    TicketFile,
    WorkflowFile,
)
from workflow_design.editor.transforms.preview import preview_written, sample_workspace
from workflow_design.engine.plan import build_plan
from workflow_design.tests.engine.interpreter import IN_PROGRESS, RunningWorkflow
from workflow_design.tests.examples import VACATION
from workflow_design.tests.gallery.gallery_paths import PathCase, Play, Step
from workflow_design.tests.gallery_files import FOLDER, NAMES, gallery_file, gallery_text, stalling_vacation
from workflow_design.wording.transforms import describe_request


class ValidityTests(SimpleTestCase):
    def test_contents(self) -> None:
        self.assertEqual(tuple(sorted(path.stem for path in FOLDER.iterdir())), NAMES)

    def test_no_problems(self) -> None:
        for name in NAMES:
            with self.subTest(name):
                self.assertEqual(check_definition(gallery_file(name)), [])

    def test_samples_of_answers_can_be_written(self) -> None:
        actions = [
            (name, task)
            for name in NAMES
            for task in gallery_file(name).tasks
            if not task.is_form and task.action is None
        ]
        self.assertTrue(actions)
        for name, task in actions:
            with self.subTest(name, task=task.title):
                validator = data_validator(gallery_file(name).fields_schema)
                preview = preview_written(task, validator, task.sample_response)
                self.assertEqual((preview["failed"], preview["is_refused"]), ("", False), preview["entries"])
                self.assertIn(
                    "sent", describe_request(task, sample_workspace(validator.fields), validator.fields)
                )

    def test_round_trip(self) -> None:
        for name in NAMES:
            with self.subTest(name):
                file = gallery_file(name)
                self.assertEqual(parse_workflow_file(json.dumps(to_json(file))), file)

    def test_files_are_in_canonical_order(self) -> None:
        for name in NAMES:
            with self.subTest(name):
                written, full = json.loads(gallery_text(name)), to_json(gallery_file(name))
                self.assertEqual(list(written), [member for member in full if member in written])
                for kind in ("tickets", "tasks", "completions"):
                    for part, full_part in zip(written[kind], full[kind], strict=True):
                        self.assertEqual(list(part), [member for member in full_part if member in part])

    def test_everything_has_a_description(self) -> None:
        for name in NAMES:
            file = gallery_file(name)
            parts: list[TicketFile | TaskFile | CompletionFile] = [
                *file.tickets,
                *file.tasks,
                *file.completions,
            ]
            self.assertTrue(all([file.description, *(part.description for part in parts)]), name)
            for field in parse_fields(file.fields_schema).values():
                self.assertNotEqual(field.title, field.name)

    def test_every_form_has_a_layout_and_every_task_shows_something(self) -> None:
        for name in NAMES:
            file = gallery_file(name)
            forms: list[TicketFile | TaskFile] = [*file.tickets, *file.tasks]
            is_action = {task.title: not task.is_form for task in file.tasks}
            self.assertTrue(all(form.edit_layout or is_action.get(form.title) for form in forms), name)
            self.assertTrue(all(part.display_layout for part in forms), name)
            self.assertTrue(all(part.display_layout for part in file.completions), name)

    def test_every_task_has_executors(self) -> None:
        for name in NAMES:
            for task in gallery_file(name).tasks:
                self.assertTrue(
                    not task.is_form or task.executor_roles or task.assignee_field, (name, task.title)
                )

    def test_every_field_is_displayed_and_written(self) -> None:
        for name in NAMES:
            file = gallery_file(name)
            written = {field for part in file.tickets for field in part.fields}
            written |= {field for task in file.tasks for field in task.may_write}
            self.assertEqual(written, set(parse_fields(file.fields_schema)), name)

    def test_the_vacation_request_equals_the_example(self) -> None:
        file = stalling_vacation()

        def behavior(parts: Iterable[PartFile]) -> list[Any]:
            return [(each.title, each.reads, each.writes, getattr(each, "condition", None)) for each in parts]

        for kind in Kind:
            parts, expected = getattr(file, kind.members), getattr(VACATION, kind.members)
            self.assertEqual(behavior(parts), behavior(expected))
        ends = [each.completion_status for each in file.completions]
        self.assertEqual(ends, [each.completion_status for each in VACATION.completions])
        self.assertEqual(file.fields_schema["required"], ["days", "first_day", "decision", "booked"])
        self.assertEqual(
            {task.title: (task.executor_roles, task.assignee_field) for task in file.tasks},
            {
                "Decide": (("Manager",), None),
                "Change request": ((), "$submitter"),
                "Book it": (("HR",), None),
            },
        )


class PathTests(PathCase):
    """The paths that the descriptions mention."""

    def test_it_support(self) -> None:
        ticket = {"summary": "Printer", "category": "hardware", "urgency": "normal", "details": "Blinks"}
        question = {"outcome": "question", "it_note": "Which one?"}
        specialist, solved = (
            {"outcome": "specialist", "it_note": "Fuser"},
            {"outcome": "solved", "it_note": "New fuser"},
        )
        self.assert_way(
            "it_support",
            ticket,
            (["Help #1"], ("Help", question)),
            (["Answer a question #1"], ("Answer a question", {"reply": "The big one"})),
            (["Help #2"], ("Help", question)),
            (["Answer a question #2"], ("Answer a question", {"reply": "The big one"})),
            (["Help #3"], ("Help", specialist)),
            (["Help as a specialist #1"], ("Help as a specialist", specialist)),
            (["Help as a specialist #2"], ("Help as a specialist", solved)),
            (["Try it out #1"], ("Try it out", {"works": False, "feedback": "Still blinks"})),
            (["Help #4"], ("Help", solved)),
            (["Try it out #2"], ("Try it out", {"works": True})),
            end="Solved",
        )

    PURCHASE = {"item": "Saw", "amount": 1000.01, "reason": "Old one broken", "cost_center": "production"}

    def test_purchase_approval(self) -> None:
        damaged = ("Confirm the delivery", {"delivery": "damaged", "delivery_note": "Rust"})
        self.assert_way(
            "purchase_approval",
            self.PURCHASE,
            (["Decide as manager #1"], ("Decide as manager", {"manager_decision": "change"})),
            (["Change the request #1"], ("Change the request", self.PURCHASE)),
            (["Decide as manager #2"], ("Decide as manager", {"manager_decision": "approve"})),
            (["Decide as Finance #1"], ("Decide as Finance", {"finance_decision": "approve"})),
            (["Order #1"], ("Order", {"order_number": "4711"})),
            (["Confirm the delivery #1"], damaged),
            (["Talk to the supplier #1"], ("Talk to the supplier", {"supplier_answer": "A new one comes"})),
            (["Confirm the delivery #2"], damaged),
            (["Talk to the supplier #2"], ("Talk to the supplier", {"supplier_answer": "A new one comes"})),
            (["Confirm the delivery #3"], ("Confirm the delivery", {"delivery": "complete"})),
            end="Delivered",
        )

    def test_a_small_purchase_skips_finance(self) -> None:
        self.assert_way(
            "purchase_approval",
            self.PURCHASE | {"amount": 1000},
            (["Decide as manager #1"], ("Decide as manager", {"manager_decision": "approve"})),
            (["Order #1"], ("Order", {"order_number": "4711"})),
            (["Confirm the delivery #1"], ("Confirm the delivery", {"delivery": "complete"})),
            end="Delivered",
        )

    def test_manager_and_finance_may_reject_a_purchase(self) -> None:
        approve = ("Decide as manager", {"manager_decision": "approve"})
        self.assert_way(
            "purchase_approval",
            self.PURCHASE,
            (["Decide as manager #1"], ("Decide as manager", {"manager_decision": "reject"})),
            end="Rejected",
        )
        self.assert_way(
            "purchase_approval",
            self.PURCHASE,
            (["Decide as manager #1"], approve),
            (["Decide as Finance #1"], ("Decide as Finance", {"finance_decision": "reject"})),
            end="Rejected",
        )

    NEW_EMPLOYEE = {
        "new_name": "Ada",
        "first_day": "2030-01-02",
        "job_title": "Engineer",
        "department": "office",
        "manager": "7",
    }
    PREPARED: tuple[Step, ...] = (
        ("Have the contract signed", {"contract_signed_on": "2029-12-01"}),
        ("Set up accounts", {"login_name": "ada"}),
        ("Prepare the workplace", {"desk": "B 2"}),
    )

    def test_onboarding_waits_for_all_in_any_order(self) -> None:
        equipment: Step = ("Get the equipment ready", {"equipment_ready_on": "2029-12-20"})
        steps = [*self.PREPARED, equipment]
        for number in range(len(steps)):
            play = Play("onboarding")
            waiting = play.submit({**self.NEW_EMPLOYEE, "equipment": ["laptop", "phone"]})
            for title, values in [*steps[number:], *steps[:number]]:
                self.assertNotIn("Welcome on the first day #1", waiting)
                waiting = play.complete(title, values)
            self.assertEqual(waiting, ["Welcome on the first day #1"])
            play.complete("Welcome on the first day", {"arrived": "arrived"})
            self.assertEqual(play.workflow.completion, "On board")

    def test_onboarding_without_equipment(self) -> None:
        play = Play("onboarding")
        waiting = play.submit(self.NEW_EMPLOYEE)
        self.assertNotIn("Get the equipment ready #1", waiting)
        for title, values in self.PREPARED:
            waiting = play.complete(title, values)
        self.assertEqual(waiting, ["Welcome on the first day #1"])
        play.complete("Welcome on the first day", {"arrived": "absent"})
        self.assertEqual(play.workflow.completion, "Did not come")

    CLAIM = {
        "purpose": "Trade fair",
        "category": "travel",
        "spent_on": "2029-12-01",
        "amount": 50.01,
        "receipts": ["f1"],
    }

    def test_expense_claim(self) -> None:
        correct = ("Check the receipts", {"check_result": "correct", "finance_note": "Unreadable"})
        self.assert_way(
            "expense_claim",
            self.CLAIM,
            (["Check the receipts #1"], correct),
            (["Correct the claim #1"], ("Correct the claim", self.CLAIM)),
            (["Check the receipts #2"], correct),
            (["Correct the claim #2"], ("Correct the claim", self.CLAIM)),
            (["Check the receipts #3"], ("Check the receipts", {"check_result": "ok"})),
            (["Approve #1"], ("Approve", {"approval": "approve"})),
            (["Pay #1"], ("Pay", {"paid_on": "2029-12-24"})),
            end="Paid",
        )

    def test_a_small_claim_needs_no_manager(self) -> None:
        self.assert_way(
            "expense_claim",
            self.CLAIM | {"amount": 50},
            (["Check the receipts #1"], ("Check the receipts", {"check_result": "ok"})),
            (["Pay #1"], ("Pay", {"paid_on": "2029-12-24"})),
            end="Paid",
        )

    def test_finance_and_manager_may_reject_a_claim(self) -> None:
        self.assert_way(
            "expense_claim",
            self.CLAIM,
            (["Check the receipts #1"], ("Check the receipts", {"check_result": "reject"})),
            end="Rejected",
        )
        self.assert_way(
            "expense_claim",
            self.CLAIM,
            (["Check the receipts #1"], ("Check the receipts", {"check_result": "ok"})),
            (["Approve #1"], ("Approve", {"approval": "reject"})),
            end="Rejected",
        )

    CONTENT = {"headline": "News", "channel": "press", "body": "We are great."}

    def test_content_approval_asks_both_again_and_forgets_their_verdicts(self) -> None:
        play = Play("content_approval")
        both = ["Review as Legal #{0}", "Review as editor #{0}"]
        rework = {"headline": "News", "body": "We are good.", "goes_on": "again"}
        waiting = play.submit(self.CONTENT)
        for turn, verdicts in enumerate((("change", "ok"), ("ok", "change"), ("change", "change")), start=1):
            self.assertEqual(waiting, [name.format(turn) for name in both])
            self.assertNotIn("legal_verdict", play.workflow.data)
            self.assertNotIn("editors_verdict", play.workflow.data)
            waiting = play.complete("Review as Legal", {"legal_verdict": verdicts[0]})
            self.assertEqual(waiting, [f"Review as editor #{turn}"])
            waiting = play.complete("Review as editor", {"editors_verdict": verdicts[1]})
            self.assertEqual(waiting, [f"Rework #{turn}"])
            waiting = play.complete("Rework", rework)
        play.complete("Review as editor", {"editors_verdict": "ok"})
        self.assertEqual(play.complete("Review as Legal", {"legal_verdict": "ok"}), ["Publish #1"])
        play.complete("Publish", {"published_on": "2030-01-01"})
        self.assertEqual(play.workflow.completion, "Published")

    def test_content_may_be_dropped(self) -> None:
        self.assert_way(
            "content_approval",
            self.CONTENT,
            (["Review as Legal #1", "Review as editor #1"], ("Review as Legal", {"legal_verdict": "change"})),
            (["Review as editor #1"], ("Review as editor", {"editors_verdict": "ok"})),
            (["Rework #1"], ("Rework", {"headline": "News", "body": "x", "goes_on": "drop"})),
            end="Dropped",
        )


class RandomPathTests(SimpleTestCase):
    """With any responses, a task is open until the workflow ends."""

    WAYS = 50  # the rarest completion needs 8
    MAX_STEPS = 40

    def test_no_path_stalls_or_fails(self) -> None:
        for name in NAMES:
            with self.subTest(name):
                ends = {self._walk(gallery_file(name), seed) for seed in range(self.WAYS)}
                completions = {completion.title for completion in gallery_file(name).completions}
                self.assertEqual(ends - {"goes on"}, completions)

    def _walk(self, file: WorkflowFile, seed: int) -> str:
        random = Random(seed)  # noqa: S311 - picks ways, not keys
        fields, workflow = parse_fields(file.fields_schema), RunningWorkflow(build_plan(file))
        (ticket,) = file.tickets
        workflow.submit(ticket.title, **{name: _value(fields[name], random) for name in ticket.fields})
        for _step in range(self.MAX_STEPS):
            self.assertEqual(workflow.decisions[-1].failures, ())
            if workflow.has_stalled:
                return "stalled"
            if workflow.status != IN_PROGRESS:
                return str(workflow.completion)
            task = random.choice(workflow.unfinished()).plan
            # A message that was not sent is not answered.
            values = {
                name: True if task.action else _value(fields[name], random) for name in task.output_fields
            }
            workflow.complete(task.title, **values)
        return "goes on"


def _value(field: Field, random: Random) -> Any:
    """Return a random valid value, or None for a blank optional field."""
    if not field.required and random.random() < 0.5:
        return None
    if values := field.type.all_values(field):
        return random.choice(values)
    if field.type.holds_numbers(field):
        return 5 if field.type is INTEGER else random.choice([50, 51, 1000, 1001])
    return ["1"] if field.type.item else "x"
