"""Calls at once, calls that are answered later, e-mails and posts to chats: checked and played alike."""

from typing import Any, Final

from django.test import SimpleTestCase

from workflow_design.check.check_file import check_file
from workflow_design.check.findings import CheckReport
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.engine.moves import Move
from workflow_design.engine.plan import build_plan
from workflow_design.picture.drawing import draw_picture
from workflow_design.tests.files import workflow_file
from workflow_design.tryout.play import Tryout
from workflow_design.wording.rules import Vocabulary

Document = dict[str, Any]
CALL: Final[Document] = {
    "action_url": "https://it.example/accounts",
    "output_transform": {"done": {"==": [{"var": "response.body.state"}, "done"]}},
}
EMAIL: Final = {"email": {"to": {"role": "HR"}, "subject": "{name}", "text": "{name} begins."}}
CHAT: Final = {"chat": {"connection": "Team chat", "text": "{name} begins."}}
KINDS: Final[dict[str, Document]] = {
    "Action": {"task_type": "SYNC_ACTION", **CALL},
    "Action, answered later": {"task_type": "ASYNC_ACTION", **CALL},
    "E-mail": {"task_type": "SYNC_ACTION", "action": EMAIL},
    "Chat message": {"task_type": "SYNC_ACTION", "action": CHAT},
}
"""By what the picture calls them."""
TICKET: Final = {"kind": "ticket", "title": "Begin", "values": {"name": "Noor"}}
ANSWER: Final = {"kind": "task", "title": "Act", "values": {"done": True}}
HOLD: Final = {"kind": "task", "title": "Wait", "values": {"day": "2030-01-01"}}


def build_file(action: Document, **members: Any) -> WorkflowFile:
    """Return a workflow with an action; beside it somebody can put the workflow on hold."""
    document = {
        "format": "ticketflower-workflow/1",
        "title": "Account",
        "fields_schema": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "title": "Name"},
                "done": {"type": "boolean", "title": "Done"},
                "day": {"type": "string", "format": "date", "title": "Day"},
                "note": {"enum": ["seen"], "title": "Note"},
            },
            "required": ["name", "done", "day", "note"],
        },
        "tickets": [{"title": "Begin", "fields": ["name"]}],
        "tasks": [
            {"title": "Act", "input_fields": ["name"], "output_fields": ["done"], **action},
            {"title": "Wait", "task_type": "FORM", "input_fields": ["name"], "output_fields": ["day"]},
            {
                "title": "Look",
                "task_type": "FORM",
                "input_fields": ["done", "day"],
                "output_fields": ["note"],
            },
        ],
        "completions": [
            {"title": "Paused", "completion_status": "ON_HOLD", "fields": ["day"]},
            {"title": "End", "completion_status": "CANCELLED", "fields": ["note"]},
        ],
        **members,
    }
    return workflow_file(document)


def scenario(*moves: Document, **expect: Any) -> Document:
    return {"title": "A case", "moves": list(moves), "expect": expect}


class ActionMoveTests(SimpleTestCase):
    def check(self, action: Document, **members: Any) -> CheckReport:
        report = check_file(build_file(action, **members))
        self.assertTrue(report.is_complete and report.is_exact)
        return report

    def test_scenarios(self) -> None:
        for kind, action in KINDS.items():
            for each, failure in (
                (scenario(TICKET, unfinished=["Act", "Wait"]), None),
                (scenario(TICKET, ANSWER, unfinished=["Wait", "Look"], values={"done": True}), None),
                (scenario(TICKET, ANSWER, ANSWER, refused=True), None),
                (scenario(TICKET, {**ANSWER, "values": {}}, refused="done"), None),
                (scenario(TICKET, HOLD, status="ON_HOLD", unfinished=["Act"]), None),
                # The answer waits for the resume.
                (
                    scenario(TICKET, HOLD, ANSWER, status="ON_HOLD", unfinished=[], values={"done": None}),
                    None,
                ),
                (scenario(TICKET, HOLD, ANSWER, {"kind": "resume"}, unfinished=["Look"]), None),
                (scenario(TICKET, values={"done": True}), "Done is yes. Came: Done is empty."),
            ):
                with self.subTest(kind, moves=len(each["moves"])):
                    found = self.check(action, scenarios=[each]).errors
                    self.assertEqual([one.code for one in found], ["scenario-failed"] if failure else [])
                    self.assertIn(failure or "", " ".join(one.message for one in found))

    def test_only_a_message_is_always_answered_with_yes(self) -> None:
        """So a condition on yes is enough for it, and a call that answers no stalls."""
        for kind, action in KINDS.items():
            is_call = "action_url" in action
            look = {"title": "Look", "task_type": "FORM", "input_fields": ["done"], "output_fields": ["note"]}
            tasks = [{"title": "Act", "input_fields": ["name"], "output_fields": ["done"], **action}]
            tasks.append({**look, "condition": {"var": "done"}})
            ends = [{"title": "End", "completion_status": "CANCELLED", "fields": ["note"]}]
            with self.subTest(kind):
                found = self.check(action, tasks=tasks, completions=ends).findings
                stalls = [each for each in found if each.code == "stall"]
                self.assertEqual([each.pointer for each in stalls], ["/tasks/0"] if is_call else [])
                for each in stalls:
                    self.assertIn("If “Act” is answered and Done is no, nothing goes on", each.message)

    def test_the_try_out_and_the_picture(self) -> None:
        for kind, action in KINDS.items():
            file = build_file(action)
            with self.subTest(kind):
                tryout = Tryout.of(file, [Move.from_json(each) for each in (TICKET, HOLD)])
                self.assertEqual([part.title for part in tryout.fillable], ["Act"])
                after = Tryout.of(file, [Move.from_json(each) for each in (TICKET, ANSWER)])
                self.assertEqual(dict(after.standing.data), {"name": "Noor", "done": True})
                nodes = draw_picture(build_plan(file), Vocabulary.of_schema(file.fields_schema)).nodes
                self.assertEqual({node.title: node.kind for node in nodes}["Act"], kind)
