"""What is proved, and what is only said not to have been seen."""

from dataclasses import replace
from typing import Any

from django.test import SimpleTestCase

from workflow_design.check.check_file import Bounds, check_file
from workflow_design.check.findings import CheckReport, Finding, Severity
from workflow_design.definition.workflow import CompletionFile, TaskFile, TicketFile, WorkflowFile
from workflow_design.tests.check.large_files import YES_NO, form
from workflow_design.tests.examples import equals

# No text is known that contains two dashes and fits (there is none).
DASHED = {"type": "string", "pattern": "^([a-c]+-)?[a-c]+$"}
HAS_DASHES = {"in": ["--", {"var": "code"}]}


def file_with(tasks: list[TaskFile], *ends: CompletionFile, **properties: Any) -> WorkflowFile:
    """Return a workflow whose ticket asks for the fields that no task writes."""
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    written = {name for task in tasks for name in task.output_fields}
    return WorkflowFile(
        title="Exact",
        fields_schema=schema,
        tickets=(TicketFile(title="Ask", fields=tuple(name for name in properties if name not in written)),),
        tasks=tuple(tasks),
        completions=ends or (CompletionFile(title="End", completion_status="COMPLETED", fields=("done",)),),
    )


def codes(report: CheckReport) -> dict[str, Finding]:
    return {finding.code: finding for finding in report.findings if finding.severity != Severity.HINT}


class NeverTests(SimpleTestCase):
    def test_without_a_doubt(self) -> None:
        rule = {"and": [{">": [{"var": "n"}, 5]}, {"<": [{"var": "n"}, 4]}]}
        tasks = [form("Do", ["n"], ["done"]), form("Never", ["n"], ["done"], rule)]
        report = check_file(file_with(tasks, n={"type": "integer"}, done=YES_NO))
        never = codes(report)["never-happens"]
        self.assertEqual((report.is_complete, report.is_exact, never.is_exact), (True, True, True))

    def test_its_own_condition_is_in_doubt(self) -> None:
        tasks = [form("Do", ["code"], ["done"]), form("Dashes", ["code"], ["done"], HAS_DASHES)]
        report = check_file(file_with(tasks, code={**DASHED, "title": "Code"}, done=YES_NO))
        found = codes(report)
        self.assertEqual(list(found), ["not-seen"])
        self.assertEqual((found["not-seen"].pointer, found["not-seen"].is_exact), ("/tasks/1", False))
        self.assertEqual(
            found["not-seen"].message,
            "“Dashes” was not seen to start with the values that were tried: not everything that “Code” can "
            "hold was tried.",
        )
        self.assertEqual((report.is_complete, report.is_exact), (True, False))

    def test_what_leads_to_it_is_in_doubt(self) -> None:
        tasks = [
            form("Do", ["code"], ["done"]),
            form("Dashes", ["code"], ["more"], HAS_DASHES),
            form("After", ["more"], ["done"]),
        ]
        report = check_file(file_with(tasks, code=DASHED, more=YES_NO, done=YES_NO))
        seen = {each.pointer: each.code for each in report.findings if each.severity != Severity.HINT}
        self.assertEqual(seen, {"/tasks/1": "not-seen", "/tasks/2": "not-seen"})

    def test_an_earlier_end_is_in_doubt(self) -> None:
        """The task starts if the code has no dashes in the middle, which was not tried."""
        early = CompletionFile(
            title="Early",
            completion_status="COMPLETED",
            fields=("code",),
            condition={"!": {"in": ["--", {"var": "code"}]}},
        )
        late = CompletionFile(title="Late", completion_status="COMPLETED", fields=("done",))
        report = check_file(
            file_with([form("Do", ["code"], ["done"])], early, late, code=DASHED, done=YES_NO)
        )
        seen = {each.pointer: each.code for each in report.findings if each.severity != Severity.HINT}
        self.assertEqual(seen, {"/tasks/0": "not-seen", "/completions/1": "not-seen"})

    def test_a_doubt_elsewhere_does_not_matter(self) -> None:
        rule = {"and": [{">": [{"var": "n"}, 5]}, {"<": [{"var": "n"}, 4]}]}
        tasks = [
            form("Do", ["n"], ["done"]),
            form("Never", ["n"], ["done"], rule),
            form("Dashes", ["code"], ["other"], HAS_DASHES),
        ]
        file = file_with(tasks, n={"type": "integer"}, code=DASHED, other=YES_NO, done=YES_NO)
        seen = {each.pointer: each.code for each in check_file(file).findings if each.code.startswith("n")}
        self.assertEqual(seen["/tasks/1"], "never-happens")
        self.assertEqual(seen["/tasks/2"], "not-seen")


class CircleTests(SimpleTestCase):
    def looping(self, condition: Any) -> Finding:
        tasks = [form("Repeat", ["code"], ["code"])]
        end = CompletionFile(
            title="End", completion_status="COMPLETED", fields=("code",), condition=condition
        )
        file = file_with(tasks, end, code=DASHED)
        found = codes(check_file(replace(file, tickets=(TicketFile(title="Ask", fields=("code",)),))))
        return next(found[code] for code in ("circle", "end-not-seen") if code in found)

    def test_an_end_that_no_value_reaches(self) -> None:
        rule = {"and": [{"==": [{"var": "code"}, "a"]}, {"==": [{"var": "code"}, "b"]}]}
        self.assertEqual((self.looping(rule).code, self.looping(rule).is_exact), ("circle", True))

    def test_an_end_that_was_not_seen(self) -> None:
        found = self.looping(HAS_DASHES)
        self.assertEqual((found.code, found.severity, found.is_exact), ("end-not-seen", "warning", False))
        self.assertIn("From here on no end was seen with the values that were tried", found.message)

    def test_a_hold_for_ever(self) -> None:
        """What the resume starts hangs on a field that may have other values."""
        hold = CompletionFile(title="Wait", completion_status="ON_HOLD", fields=("code",))
        tasks = [form("Dashes", ["code"], ["done"], HAS_DASHES), form("Again", ["code"], ["code"])]
        end = CompletionFile(title="End", completion_status="COMPLETED", fields=("done",))
        file = file_with(tasks, hold, end, code=DASHED, done=YES_NO)
        file = replace(file, tickets=(TicketFile(title="Ask", fields=("code",)),))
        self.assertEqual(set(codes(check_file(file))), {"end-not-seen", "not-seen"})


class ErrorTests(SimpleTestCase):
    def test_errors_need_no_trying(self) -> None:
        tasks = [form("Do", ["code"], ["done"], equals("gone", 1))]
        report = check_file(file_with(tasks, code=DASHED, done=YES_NO))
        self.assertEqual([each.code for each in report.errors], ["unknown-field"])
        self.assertEqual((report.is_complete, report.is_exact), (False, True))


class RareValueTests(SimpleTestCase):
    """Conditions that hold for few values: each is seen to hold, or said to be in doubt."""

    def code(self, rule: Any, **properties: Any) -> str:
        tasks = [form("Do", list(properties), ["done"]), form("Rare", list(properties), ["done"], rule)]
        report = check_file(file_with(tasks, **properties, done=YES_NO))
        found = [each.code for each in report.findings if each.pointer == "/tasks/1"]
        return found[0] if found else "exact" if report.is_exact else "seen"

    def test_remainders_of_fractions(self) -> None:
        money = {"type": "number", "format": "money"}
        for unit, rest in ((0.05, 0.03), (1, 0.37)):
            with self.subTest(unit):
                self.assertEqual(self.code({"==": [{"%": [{"var": "n"}, unit]}, rest]}, n=money), "not-seen")

    def test_remainders_of_numbers_in_texts(self) -> None:
        rule = {"==": [{"%": [{"*": [{"var": "n"}, 2]}, 7]}, 1]}
        self.assertEqual(self.code(rule, n={"type": "string"}), "not-seen")
        self.assertEqual(self.code(rule, n={"type": "integer"}), "exact")

    def test_a_number_just_above_a_whole_one(self) -> None:
        """No whole number lies just below most other numbers, so the whole one is chosen first."""
        rule = {
            "and": [{"<": [{"var": "n"}, {"var": "a"}]}, {"<": [{"var": "a"}, {"+": [{"var": "n"}, 0.1]}]}]
        }
        self.assertEqual(self.code(rule, a={"type": "number"}, n={"type": "integer"}), "exact")

    def test_texts_of_two_patterns(self) -> None:
        """Only “m” fits both, and nobody knows whether another text does."""
        rule = {"==": [{"var": "a"}, {"var": "b"}]}
        first, second = ({"type": "string", "pattern": f"^[{letters}]$"} for letters in ("a-m", "m-z"))
        self.assertEqual(self.code(rule, a=first, b=second), "seen")
        self.assertEqual(self.code(rule, a=first, b=first), "exact")
        self.assertEqual(self.code(rule, a=first, b={"type": "string"}), "exact")

    def test_ids_as_texts(self) -> None:
        person = {"type": "string", "format": "user"}
        self.assertEqual(self.code({">": [{"var": "p"}, "5"]}, p=person), "not-seen")


FEW_ANSWERS = Bounds(answers=1_000)


class CutFormTests(SimpleTestCase):
    def file(self, number: int, deciding: int, answer: bool = True) -> WorkflowFile:
        """Return a ticket with so many yes/no fields, of which one has to be answered with `answer`."""
        names = [f"need{each:02}" for each in range(number)]
        tasks = [
            form("Do", names, ["done"], equals(names[deciding], answer)),
            # All the others make a difference, too.
            *(form(f"Note {name}", [name], ["note"], equals(name, not answer)) for name in names),
        ]
        tasks[1 + deciding] = form("Other", ["done"], ["note"], equals("done", False))
        end = CompletionFile(
            title="End", completion_status="COMPLETED", fields=("done", "note"), condition=None
        )
        properties = {**dict.fromkeys(names, YES_NO), "done": YES_NO, "note": {"type": "string"}}
        return file_with(tasks, end, **properties)

    def test_each_field_is_varied_alone_first(self) -> None:
        for deciding in (0, 5, 10):
            with self.subTest(deciding):
                report = check_file(self.file(11, deciding), bounds=FEW_ANSWERS)
                stalls = [each for each in report.findings if each.code == "stall"]
                self.assertEqual([each.pointer for each in stalls], ["/tickets/0"])
                no = {name for name, value in stalls[0].counterexample[0].values.items() if value is False}
                self.assertEqual(no, {f"need{deciding:02}"})

    def test_the_form_is_named_and_no_write_counts(self) -> None:
        report = check_file(self.file(11, 0), bounds=FEW_ANSWERS)
        self.assertEqual((report.is_complete, report.is_exact, report.writes), (False, False, 0))
        (hint,) = [each for each in report.findings if each.code == "too-many-answers"]
        self.assertEqual(hint.pointer, "/tickets/0")

    def test_a_form_that_nobody_can_fill_in(self) -> None:
        """No text of this form is known, so what comes after it was not tried."""
        unknown = {"type": "string", "pattern": "^x{9}y$", "minLength": 11}
        report = check_file(file_with([form("Do", ["n"], ["done"])], n=unknown, done=YES_NO))
        self.assertEqual((report.is_complete, report.is_exact, report.writes), (False, False, 0))
        self.assertNotIn("never-happens", codes(report))
