"""The difference between two workflow files: no false differences, and each real one once."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields, replace
from typing import Any

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_design.compare.difference import Change, ChangeKind, Difference, difference
from workflow_design.compare.wording import MEMBERS
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.tests.files import VACATION, with_message, workflow_file
from workflow_design.tests.gallery_files import NAMES, gallery_file

FILE = workflow_file()
ANOTHER: dict[str, Any] = {
    "title": "Something else",
    "description": "Another description",
    "ext_ref": ({"Label": "Elsewhere", "Desc": "", "URI": "https://example.com/else"},),
    "display_layout": ("first_day", {"text": "Look"}),
    "edit_layout": ("first_day", {"text": "Look"}),
    "ticket_admin_roles": ("Somebody else",),
    "submitter_roles": ("Somebody else",),
    "executor_roles": ("Somebody else",),
    "fields": ("another",),
    "subject": "{another}",
    "priority_field": "another",
    "task_type": "ASYNC_ACTION",
    "input_fields": ("another",),
    "shown_fields": ("another",),
    "output_fields": ("another",),
    "reset_fields": ("another",),
    "condition": {"==": [{"var": "days"}, 59]},
    "assignee_field": "another",
    "connection": "Human resources",
    "path": "/accounts",
    "action": {"chat": {"connection": "Team", "text": "New: {days}"}},
    "sample_response": {"body": {"days": 3}},
    "action_url": "https://example.com/another",
    "input_transform": {"another": 1},
    "output_transform": {"another": 1},
    "timeout_seconds": 4321,
    "due_hours": 7.5,
    "overdue_field": "another",
    "completion_status": "ON_HOLD",
    "accepted": ({"code": "stall", "pointer": "/tasks/2", "title": "Book it", "reason": "HR calls."},),
}
FIELD_CHANGES: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("days", {"title": "Working days"}, "Title", "Days", "Working days"),
    ("days", {"description": "Without weekends"}, "Help", "", "Without weekends"),
    ("days", {"type": "number"}, "Kind", "Whole number", "Number"),
    ("days", {"minimum": 2}, "Minimum", "1", "2"),
    ("days", {"maximum": 30}, "Maximum", "60", "30"),
    ("days", {"exclusiveMinimum": 0}, "More than", "", "0"),
    ("days", {"exclusiveMaximum": 99}, "Less than", "", "99"),
    ("days", {"multipleOf": 2}, "Multiple of", "", "2"),
    ("days", {"default": 5}, "Default value", "", "5"),
    ("first_day", {"format": "date-time"}, "Kind", "Date", "Date and time"),
    ("manager_note", {"minLength": 3}, "Minimum number of characters", "", "3"),
    ("employee_note", {"maxLength": 50}, "Maximum number of characters", "1,000", "50"),
    ("manager_note", {"pattern": "^a"}, "Pattern", "", "^a"),
    ("decision", {"filterable": True}, "Lists are filtered by it", "No", "Yes"),
]


def with_field(name: str, changes: dict[str, Any]) -> WorkflowFile:
    schema = deepcopy(VACATION["fields_schema"])
    schema["properties"][name] |= changes
    return workflow_file(fields_schema=schema)


def all_changes(found: Difference) -> list[Change]:
    parts = [part for section in found.sections for part in section.parts]
    return [*found.workflow, *(change for part in parts for change in part.changes)]


def with_parts(file: WorkflowFile, parts: dict[str, Any]) -> WorkflowFile:
    return replace(file, **parts)


def mutations(file: WorkflowFile) -> Iterator[tuple[str, WorkflowFile]]:
    """Yield files with one changed member each, and the name of the member."""
    for name, changed in _changed(file):
        yield name, changed
    for kind in ("tickets", "tasks", "completions"):
        parts = getattr(file, kind)
        for place, part in enumerate(parts):
            for name, changed in _changed(part):
                yield name, with_parts(file, {kind: (*parts[:place], changed, *parts[place + 1 :])})


def _changed(part: Any) -> Iterator[tuple[str, Any]]:
    for member in fields(type(part)):
        before = getattr(part, member.name)
        if isinstance(before, bool):
            yield member.name, replace(part, **{member.name: not before})
        elif member.name in ANOTHER and before != ANOTHER[member.name]:
            yield member.name, replace(part, **{member.name: ANOTHER[member.name]})


class Mutations(SimpleTestCase):
    """One mutation gives one change, which names the member."""

    def test_when_a_task_is_due(self) -> None:
        timed = replace(FILE.tasks[0], due_hours=7.5, overdue_field="booked")
        found = all_changes(difference(FILE, with_parts(FILE, {"tasks": (timed, *FILE.tasks[1:])})))
        words = [(change.what, change.old, change.new) for change in found]
        due = ("Due after", "", "7.5 working hours")
        self.assertEqual(words, [due, ("When overdue, sets", "", "Booked")])

    def test_every_member_is_known(self) -> None:
        names = {name for name, _file in mutations(FILE)}
        self.assertEqual(names, MEMBERS.keys())

    def test_each_member_of_each_part(self) -> None:
        for source in (FILE, *map(gallery_file, NAMES)):
            for name, changed in mutations(source):
                with self.subTest(workflow=source.title, member=name):
                    found = difference(source, changed)
                    self.assertEqual(len(found), 1, found)
                    (change,) = all_changes(found)
                    self.assertEqual(change.what, str(MEMBERS[name][0]))
                    self.assertNotEqual(change.old, change.new)

    def test_a_message_in_words(self) -> None:
        old, new = (with_message(chat={"connection": "Team", "text": text}) for text in ("Hi", "{days}"))
        (change,) = all_changes(difference(old, new))
        chat = "Chat message to “Team”"
        self.assertEqual(change, Change("Message", f"{chat}\nHi", f"{chat}\n{{days}}"))

    def test_each_attribute_of_a_field(self) -> None:
        for name, changes, *expected in FIELD_CHANGES:
            with self.subTest(changes):
                found = difference(FILE, with_field(name, changes))
                self.assertEqual(all_changes(found), [Change(*expected)])
                self.assertEqual(len(found), 1)

    def test_required(self) -> None:
        schema = {**VACATION["fields_schema"], "required": ["days", "first_day", "decision"]}
        found = difference(FILE, workflow_file(fields_schema=schema))
        self.assertEqual(all_changes(found), [Change("Required", "Yes", "No")])

    def test_choices(self) -> None:
        options = VACATION["fields_schema"]["properties"]["decision"]["oneOf"]
        found = difference(FILE, with_field("decision", {"oneOf": options[:2]}))
        old = "Approve (approve), Ask for a change (change), Reject (reject)"
        new = "Approve (approve), Ask for a change (change)"
        self.assertEqual(all_changes(found), [Change("Choices", old, new)])

    def test_number_of_files_or_choices(self) -> None:
        papers = {"type": "array", "items": {"type": "string", "format": "file"}}
        for bound, what in (("minItems", "Minimum number"), ("maxItems", "Maximum number")):
            old, new = (with_field_added("papers", papers | {bound: count}) for count in (2, 3))
            self.assertEqual([change.what for change in all_changes(difference(old, new))], [what])

    @settings(max_examples=60, derandomize=True, deadline=None)
    @given(st.data())
    def test_several_at_once(self, data: st.DataObject) -> None:
        """Count one change per changed ticket, task and completion."""
        drawn = {
            kind: data.draw(st.sampled_from([None, *(each for each in ALL if _differs(each, kind))]))
            for kind in ("tickets", "tasks", "completions")
        }
        chosen = {kind: getattr(file, kind) for kind, file in drawn.items() if file is not None}
        self.assertEqual(len(difference(FILE, with_parts(FILE, chosen))), len(chosen))


ALL = [file for _name, file in mutations(FILE)]


def _differs(file: WorkflowFile, kind: str) -> bool:
    return bool(getattr(file, kind) != getattr(FILE, kind))


def with_field_added(name: str, declared: dict[str, Any]) -> WorkflowFile:
    schema = deepcopy(VACATION["fields_schema"])
    schema["properties"][name] = declared
    return workflow_file(fields_schema=schema)


class NoDifference(SimpleTestCase):
    """Values with the same meaning are no difference."""

    def assert_same(self, old: WorkflowFile, new: WorkflowFile) -> None:
        self.assertEqual((len(difference(old, new)), difference(old, new).sections), (0, ()))

    def test_same_file(self) -> None:
        for source in (FILE, *map(gallery_file, NAMES)):
            self.assert_same(source, source)

    def test_the_order_of_roles_and_of_fields_in_a_form(self) -> None:
        tasks = deepcopy(VACATION["tasks"])
        for name in ("executor_roles", "input_fields", "output_fields"):
            tasks[0][name].reverse()
        self.assert_same(FILE, workflow_file(tasks=tasks))

    def test_another_notation_of_a_number(self) -> None:
        self.assert_same(FILE, with_field("days", {"minimum": 1.0}))

    def test_yes_is_not_one(self) -> None:
        old, new = (with_field_added("x", {"default": value, "enum": ["a"]}) for value in ("a", "a"))
        self.assert_same(old, new)
        rules = [{"==": [{"var": "days"}, value]} for value in (1, True)]
        tasks = [[{**VACATION["tasks"][0], "condition": rule}] for rule in rules]
        files = [replace(FILE, tasks=workflow_file(tasks=each).tasks) for each in tasks]
        self.assertEqual(len(difference(*files)), 1)


class Parts(SimpleTestCase):
    """Parts that are added, removed, renamed or reordered."""

    def test_added_and_removed(self) -> None:
        fewer = replace(FILE, tasks=FILE.tasks[:-1])
        for old, new, kind in ((fewer, FILE, ChangeKind.ADDED), (FILE, fewer, ChangeKind.REMOVED)):
            found = difference(old, new)
            (section,) = found.sections
            (part,) = section.parts
            self.assertEqual((section.title, part.kind, part.title), ("Tasks", kind, "Book it"))
            self.assertIn("It starts when Decision, Days or First day is written", part.sentence)
            self.assertEqual(len(found), 1)

    def test_a_field_added(self) -> None:
        (section,) = difference(
            FILE, with_field_added("place", {"type": "string", "title": "Place"})
        ).sections
        (part,) = section.parts
        found = (part.kind, part.title, part.sentence)
        self.assertEqual(found, (ChangeKind.ADDED, "Place", "Short text (place)"))

    def test_renamed(self) -> None:
        tasks = (replace(FILE.tasks[0], title="Think", description="Hard"), *FILE.tasks[1:])
        found = difference(FILE, replace(FILE, tasks=tasks))
        self.assertEqual(
            all_changes(found), [Change("Title", "Decide", "Think"), Change("Description", "", "Hard")]
        )

    def test_case_of_a_title(self) -> None:
        tasks = (replace(FILE.tasks[0], title="DECIDE", output_fields=("decision",)), *FILE.tasks[1:])
        found = all_changes(difference(FILE, replace(FILE, tasks=tasks)))
        self.assertEqual([change.what for change in found], ["Title", "Writes"])

    def test_another_title_and_another_behavior(self) -> None:
        tasks = (replace(FILE.tasks[0], title="Think", input_fields=("days",)), *FILE.tasks[1:])
        (section,) = difference(FILE, replace(FILE, tasks=tasks)).sections
        self.assertEqual([part.kind for part in section.parts], [ChangeKind.ADDED, ChangeKind.REMOVED])

    def test_two_parts_swap_titles(self) -> None:
        first, second, third = FILE.tasks
        tasks = (replace(first, title=second.title), replace(second, title=first.title), third)
        found = difference(FILE, replace(FILE, tasks=tasks))
        self.assertNotIn("Title", [change.what for change in all_changes(found)])

    def test_the_order_of_completions(self) -> None:
        found = difference(FILE, replace(FILE, completions=FILE.completions[::-1]))
        (section,) = found.sections
        self.assertEqual(section.order, Change("Order", "Booked, Rejected", "Rejected, Booked"))
        self.assertEqual((len(found), section.parts), (1, ()))

    def test_scenarios(self) -> None:
        moves = [{"kind": "ticket", "title": "Vacation request", "values": {"days": 3}}]
        stored = {
            "title": "Short",
            "people": {"Max": ["HR"], "Eva": []},
            "moves": moves,
            "expect": {"unfinished": []},
        }
        other = {**stored, "expect": {"status": "ON_HOLD"}}
        old, new = replace(FILE, scenarios=(stored,)), replace(FILE, scenarios=(other,))
        ((changed,),) = (section.parts for section in difference(old, new).sections)
        (change,) = changed.changes
        self.assertEqual(changed.title, "Short")
        steps = "Max (HR)\nEva (no role)\nThe ticket “Vacation request” is submitted: Days 3.\n"
        self.assertEqual(change.old, f"{steps}No task is open.")
        self.assertEqual(change.new, f"{steps}The workflow is on hold.")
        ((added,),) = (section.parts for section in difference(FILE, old).sections)
        self.assertEqual((added.title, added.sentence), ("Short", change.old))
        self.assertEqual(len(difference(old, FILE)), 1)

    def test_the_order_of_fields(self) -> None:
        schema = deepcopy(VACATION["fields_schema"])
        schema["properties"] = dict(reversed(schema["properties"].items()))
        found = difference(FILE, workflow_file(fields_schema=schema))
        self.assertEqual(len(found), 1)
        self.assertIsNotNone(found.sections[0].order)


class Texts(SimpleTestCase):
    """The texts of changes."""

    def test_a_condition_is_a_sentence(self) -> None:
        rule = {"and": [{"==": [{"var": "decision"}, "change"]}, {">": [{"var": "days"}, 3]}]}
        tasks = (FILE.tasks[0], replace(FILE.tasks[1], condition=rule), FILE.tasks[2])
        (change,) = all_changes(difference(FILE, replace(FILE, tasks=tasks)))
        self.assertEqual(
            change,
            Change(
                "Condition",
                "Decision is “Ask for a change”",
                "Decision is “Ask for a change” and Days is more than 3",
            ),
        )

    def test_changes_with_equal_texts_are_shown_as_json(self) -> None:
        old = with_field_added("other", {"type": "string", "title": "Days"})
        new = replace(old, tickets=(replace(old.tickets[0], fields=("other",)),))
        old = replace(old, tickets=(replace(old.tickets[0], fields=("days",)),))
        (change,) = all_changes(difference(old, new))
        self.assertEqual(change, Change("Fields", '["days"]', '["other"]'))

    def test_invalid_fields(self) -> None:
        broken = replace(FILE, fields_schema={"type": "array"})
        self.assertEqual(len(difference(broken, broken)), 0)
        (change,) = all_changes(difference(FILE, broken))
        self.assertEqual(change.what, "Fields")
        self.assertIn('"array"', change.new)
