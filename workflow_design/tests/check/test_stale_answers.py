"""An answer is old only if something that it was about was written again (`docs/check.md`)."""

from django.test import SimpleTestCase

from workflow_design.check.check_file import check_file
from workflow_design.check.exploration.machine import Machine
from workflow_design.definition.schema import parse_fields
from workflow_design.definition.workflow import CompletionStatus, WorkflowFile
from workflow_design.tests.check.naive_explorer import Naive
from workflow_design.tests.examples import completion, equals, task, ticket

SCHEMA = {
    "type": "object",
    "properties": {
        "person": {"type": "string"},
        "note": {"type": "string"},
        "identity": {"enum": ["proven", "refused"]},
        "data": {"type": "string"},
        "legal": {"enum": ["send", "more"]},
        "sent": {"type": "string"},
    },
    "required": ["person", "identity", "data", "legal", "sent"],
}
IS_TO_COLLECT = {"and": [equals("identity", "proven"), {"!=": [{"var": "legal"}, "send"]}]}


def build_request(*, legal_writes: str = "legal", send_writes: str = "sent") -> WorkflowFile:
    """Build a request for personal data, where identity is asked once; it is about the person."""
    return WorkflowFile(
        title="Data",
        fields_schema=SCHEMA,
        tickets=(ticket("Ask", "person"),),
        tasks=(
            task("Prove identity", "person", "identity", condition={"!": {"var": "identity"}}),
            task("Collect", "identity legal", "data", condition=IS_TO_COLLECT),
            task("Ask Legal", "data", legal_writes),
            task("Send", "legal", send_writes, condition=equals("legal", "send")),
        ),
        completions=(
            completion("Done", "sent"),
            completion(
                "Refused",
                "identity",
                condition=equals("identity", "refused"),
                status=CompletionStatus.CANCELLED,
            ),
        ),
    )


class StartsAgainTests(SimpleTestCase):
    def assert_old(self, file: WorkflowFile, *titles: str) -> None:
        found = [each for each in check_file(file).findings if each.code == "stale-answer"]
        self.assertEqual([file.tasks[int(each.pointer.split("/")[2])].title for each in found], [*titles])
        # The explorers of the tests, which have their own definition, agree.
        naive = Naive(Machine(file, parse_fields(SCHEMA)), most=600)
        self.assertTrue(naive.explore())
        self.assertEqual([title for code, title in naive.found if code == "stale-answer"], [*titles])

    def test_a_fact_that_was_settled_once_is_not_old(self) -> None:
        self.assert_old(build_request())

    def test_it_is_old_once_something_that_it_was_about_is_written(self) -> None:
        self.assert_old(build_request(legal_writes="legal person"), "Collect")

    def test_what_its_task_does_not_read_does_not_make_it_old(self) -> None:
        self.assert_old(build_request(legal_writes="legal note"))

    def test_what_is_written_only_after_the_last_start_does_not_make_it_old(self) -> None:
        self.assert_old(build_request(send_writes="sent person"))
