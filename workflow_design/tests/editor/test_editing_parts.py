"""Tests that create, change, duplicate, move and delete parts of a draft."""

import json
from dataclasses import replace
from threading import Thread
from typing import Any

from django.db import connection, transaction
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from ticketflower.http import PageRequest
from users.company_roles import delete_role
from users.models import CompanyRole
from users.tests.audit import audit_events
from workflow_design.definition.workflow import CompletionFile, TaskFile, TicketFile
from workflow_design.editor.draft_page import draft_page
from workflow_design.editor.drafts import (
    DraftRefusedError,
    EditConflictError,
    NotADraftError,
    Seen,
    current_edition,
)
from workflow_design.editor.fields.actions import FieldGoneError, add_field
from workflow_design.editor.parts.actions import (
    PartGoneError,
    change_part,
    create_part,
    delete_part,
    duplicate_part,
    move_part,
)
from workflow_design.models import Part, WorkflowDefinition
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.importing import RolesMissingError
from workflow_design.tests.editor.draft_pages import CommittedDraftTestCase
from workflow_design.tests.editor.editing_cases import EditingTestCase, ordered_parts
from workflow_design.tests.editor.test_editing_fields import short_text
from workflow_design.versions.publishing import discard_draft

TASK = TaskFile(title="Archive", task_type="FORM", input_fields=("booked",), output_fields=("manager_note",))


class PartTestCase(EditingTestCase):
    def part(self, members: str, number: int) -> Part:
        return ordered_parts(self.draft, members)[number]

    def titles(self, members: str = "tasks") -> list[str]:
        return [row.title for row in ordered_parts(self.draft, members)]

    def refused_pointers(self, content: Any) -> list[str]:
        with self.assertRaises(DraftRefusedError) as caught:
            create_part(self.draft, content, by=self.ours.designer)
        return [problem.pointer for problem in caught.exception.problems]


class CreatePartTests(PartTestCase):
    def test_is_appended_with_its_roles(self) -> None:
        content = replace(TASK, executor_roles=("hr",))
        row = create_part(self.draft, content, by=self.ours.designer)
        self.assertEqual(self.file.tasks[-1], replace(TASK, executor_roles=("HR",)))
        self.assertEqual(len(self.file.tasks), 4)
        self.assertEqual((row.created_by, row.version), (self.ours.designer, self.draft.version))

    def test_problems_that_other_parts_can_fix_are_allowed(self) -> None:
        add_field(self.draft, short_text("Later"))
        create_part(self.draft, replace(TASK, input_fields=("later",)), by=self.ours.designer)
        self.assertIn("never-triggered", self.codes())

    def test_reports_all_problems_at_once(self) -> None:
        wrong = TaskFile(
            title="decide",
            task_type="FORM",
            input_fields=(),
            output_fields=("nowhere",),
            reset_fields=("days",),
            condition={"method": [1]},
            assignee_field="days",
        )
        found = self.refused_pointers(wrong)
        self.assertEqual(
            found,
            [
                "/title",
                "/input_fields",
                "/output_fields/0",
                "/reset_fields/0",
                "/condition/method",
                "/assignee_field",
            ],
        )
        self.assertEqual(self.refused_pointers(TicketFile(title="", fields=())), ["/title", "/fields"])
        link = {"Label": "x", "Desc": "", "URI": "javascript:alert(1)"}
        completion = CompletionFile(
            title="End", completion_status="DONE", fields=("days",), ext_ref=(link,), display_layout=("x",)
        )
        self.assertEqual(
            self.refused_pointers(completion),
            ["/ext_ref/0/URI", "/completion_status", "/completion_status", "/display_layout/0"],
        )

    def test_roles_that_the_company_lacks(self) -> None:
        with self.assertRaises(RolesMissingError) as caught:
            create_part(self.draft, replace(TASK, executor_roles=("Nobody",)), by=self.ours.designer)
        self.assertEqual([each.pointer for each in caught.exception.problems], ["/executor_roles/0"])
        self.assertEqual(len(self.titles()), 3)

    def test_titles_that_only_the_database_equates(self) -> None:
        create_part(self.draft, replace(TASK, title="İ"), by=self.ours.designer)
        with self.assertRaises(DraftRefusedError):
            create_part(self.draft, replace(TASK, title="i\u0307"), by=self.ours.designer)

    def test_only_drafts_can_change(self) -> None:
        self.publish()
        with self.assertRaises(NotADraftError):
            create_part(self.draft, TASK, by=self.ours.designer)


class ChangePartTests(PartTestCase):
    def test_stores_the_content_and_keeps_the_id(self) -> None:
        row = self.part("tasks", 0)
        content = replace(self.file.tasks[0], title="Look at it", executor_roles=("Manager",))
        change_part(row, content)
        self.assertEqual(self.file.tasks[0], content)
        self.assertEqual(self.part("tasks", 0).pk, row.pk)
        self.assertEqual(len(self.titles()), 3)

    def test_a_rule_that_differs_only_in_the_type_of_a_value_is_stored(self) -> None:
        row, content = self.part("completions", 0), self.file.completions[0]
        for value in (1, True, 1.0):  # equal in Python, but different JSON
            change_part(row, replace(content, condition={"or": [{"var": "booked"}, value]}))
            stored = self.file.completions[0].condition
            self.assertEqual(json.dumps(stored["or"][1]), json.dumps(value))

    def test_roles_that_stay_are_left_alone(self) -> None:
        row = self.part("tasks", 0)
        before = set(row.executor_links.values_list("pk", flat=True))  # type: ignore[attr-defined]
        change_part(row, replace(self.file.tasks[0], executor_roles=("Manager", "HR", "Employee")))
        after = set(row.executor_links.values_list("pk", flat=True))  # type: ignore[attr-defined]
        self.assertLess(before, after)

    def test_the_audit_log_knows_who(self) -> None:
        row = self.part("completions", 0)
        change_part(row, replace(self.file.completions[0], title="Entered"))
        event = audit_events(type(row)).get(operation="update")
        self.assertEqual(event.changes, {"title": ["Booked", "Entered"]})
        self.assertEqual(event.person_id, self.ours.designer.pk)

    def test_an_edit_conflict_is_reported(self) -> None:
        seen = Seen(current_edition(self.draft))
        content = self.file.tasks[0]
        change_part(self.part("tasks", 0), replace(content, title="First"), seen=seen)
        with self.assertRaises(EditConflictError):
            change_part(self.part("tasks", 0), replace(content, title="Second"), seen=seen)
        self.assertEqual(self.titles()[0], "First")

    def test_deleted_in_the_meantime(self) -> None:
        row = self.part("tasks", 0)
        delete_part(row)
        with self.assertRaises(PartGoneError):
            change_part(row, TASK)

    def test_only_drafts_can_change(self) -> None:
        row, before = self.part("tasks", 0), self.file
        self.publish()
        for change in (
            lambda: change_part(row, TASK),
            lambda: duplicate_part(row, by=self.ours.designer),
            lambda: move_part(row, up=False),
            lambda: delete_part(row),
        ):
            with self.assertRaises(NotADraftError):
                change()
        self.assertEqual(self.file, before)


class GoneTests(PartTestCase):
    def test_a_discarded_draft(self) -> None:
        row = self.part("tasks", 0)
        discard_draft(self.draft, by=self.ours.designer)
        with self.assertRaises(WorkflowDefinition.DoesNotExist):
            change_part(row, TASK)

    def test_deletions_during_a_request_give_404(self) -> None:
        request = RequestFactory().post("/")
        request.user, request.company = self.ours.designer, self.ours.company  # type: ignore[attr-defined]
        for gone in (PartGoneError, FieldGoneError, WorkflowDefinition.DoesNotExist):

            @draft_page
            def page(request: PageRequest, gone: type[Exception] = gone) -> HttpResponse:
                raise gone

            with self.assertRaises(Http404):
                page(request)


class ArrangePartTests(PartTestCase):
    def test_a_copy_comes_right_after_with_a_title_of_its_own(self) -> None:
        for _number in range(2):
            duplicate_part(self.part("tasks", 0), by=self.ours.designer)
        titles = ["Decide", "Decide (copy 2)", "Decide (copy)", "Change request", "Book it"]
        self.assertEqual(self.titles(), titles)
        first, copy = self.file.tasks[:2]
        self.assertEqual(replace(copy, title=first.title), first)

    def test_the_copy_of_a_long_title(self) -> None:
        row = self.part("tickets", 0)
        change_part(row, replace(self.file.tickets[0], title="x" * 255))
        copy = duplicate_part(row, by=self.ours.designer)
        self.assertEqual(copy.title, "x" * 248 + " (copy)")

    def test_one_place_up_or_down_and_not_beyond_the_ends(self) -> None:
        move_part(self.part("tasks", 2), up=True)
        self.assertEqual(self.titles(), ["Decide", "Book it", "Change request"])
        move_part(self.part("tasks", 0), up=True)
        move_part(self.part("tasks", 2), up=False)
        self.assertEqual(self.titles(), ["Decide", "Book it", "Change request"])
        delete_part(self.part("tasks", 1))
        move_part(self.part("tasks", 0), up=False)
        self.assertEqual(self.titles(), ["Change request", "Decide"])

    def test_deleted_twice(self) -> None:
        row = self.part("completions", 1)
        delete_part(row)
        delete_part(row)
        self.assertEqual(self.titles("completions"), ["Booked"])
        with self.assertRaises(PartGoneError):
            move_part(row, up=True)
        with self.assertRaises(PartGoneError):
            duplicate_part(row, by=self.ours.designer)

    def test_the_check_follows(self) -> None:
        for number in (1, 0):
            delete_part(self.part("completions", number))
        self.assertIn("no-end", self.codes())


class TwoAtOnce(CommittedDraftTestCase):
    def at_once(self, *changes: Any) -> list[str]:
        """Run each change in its own thread and connection, and return the names of the exceptions."""
        failed: list[str] = []

        def run(change: Any) -> None:
            try:
                with self.ours.designer.scope(), transaction.atomic():
                    change()
            except Exception as error:
                failed.append(type(error).__name__)
            finally:
                connection.close()

        threads = [Thread(target=run, args=(change,)) for change in changes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(failed)

    def test_only_one_of_two_edits_of_the_same_edition_is_stored(self) -> None:
        seen = Seen(current_edition(self.draft))

        def add(title: str) -> Any:
            return lambda: create_part(
                self.draft, replace(TASK, title=title), by=self.ours.designer, seen=seen
            )

        self.assertEqual(self.at_once(add("One"), add("Two")), ["EditConflictError"])
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(len(export_workflow(WorkflowDefinition.objects.get(pk=self.draft.pk)).tasks), 4)

    def test_changes_without_an_edition_wait_for_each_other(self) -> None:
        with self.ours.scope(), transaction.atomic():
            row = ordered_parts(self.draft, "tasks")[0]
        copies = [lambda: duplicate_part(row, by=self.ours.designer)] * 3
        self.assertEqual(self.at_once(*copies, lambda: move_part(row, up=False)), [])
        with self.ours.scope(), transaction.atomic():
            rows = ordered_parts(self.draft, "tasks")
            self.assertEqual(len({each.title for each in rows}), 6)
            self.assertEqual([each.position for each in rows], list(range(6)))

    def test_a_named_role_cannot_be_deleted(self) -> None:
        with self.ours.scope(), transaction.atomic():
            role = CompanyRole.objects.create(name="Archivist")
        content = replace(TASK, executor_roles=("Archivist",))
        failed = self.at_once(
            lambda: create_part(self.draft, content, by=self.ours.designer), lambda: delete_role(role)
        )
        self.assertEqual(len(failed), 1)
        self.assertIn(failed[0], ("RoleInUseError", "RolesMissingError"))
