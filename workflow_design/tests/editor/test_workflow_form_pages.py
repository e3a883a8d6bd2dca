"""Tests of creating a workflow, of its own settings and layouts, and of the next step."""

import json
from dataclasses import replace
from typing import Any
from unittest import TestCase

from django.urls import reverse

from users.tests.cases import logged_in
from workflow_design.editor.drafts import (
    DraftRefusedError,
    EditConflictError,
    NotADraftError,
    Seen,
    current_edition,
)
from workflow_design.editor.workflow.actions import change_workflow, create_workflow
from workflow_design.models import WorkflowDefinition, WorkflowLine
from workflow_design.pages.next_step import build_progress
from workflow_design.pages.report import CheckSummary
from workflow_design.persistence.exporting import export_workflow
from workflow_design.tests.editor.draft_pages import DraftPageTestCase
from workflow_design.tests.editor.editing_cases import EditingTestCase
from workflow_design.tests.files import without_roles, workflow_file
from workflow_design.tests.tryout.tryout_file import REPAIR
from workflow_design.versions.publishing import new_version

NEW = reverse("workflow_create")
FORM = ["a", "days", "first_day", "employee_note"]


class CreateWorkflow(DraftPageTestCase):
    def test_redirects_to_its_fields(self) -> None:
        response = self.client.post(NEW, {"title": "Travel", "description": "By train"}, follow=True)
        with self.ours.scope():
            workflow = WorkflowDefinition.objects.get(title="Travel")
            self.assertEqual(workflow.created_by, self.ours.designer)
            self.assertEqual((workflow.version, workflow.status, workflow.line.title), (1, "DRAFT", "Travel"))
        self.assertRedirects(response, reverse("workflow_fields", args=[workflow.pk]))
        self.assertContains(response, "Add the first field")
        detail = self.client.get(reverse("workflow_definition_detail", args=[workflow.pk]))
        self.assertContains(detail, "Next: the fields.")

    def test_shows_problems_beside_their_fields(self) -> None:
        for title, message in (
            ("", "Please fill this in."),
            ("x" * 256, "at most 255"),
            ("vacation", "already has a workflow with this title"),
        ):
            response = self.client.post(NEW, {"title": title, "description": "x"})
            self.assert_beside(response, title=message)
        response = self.client.post(NEW, {"title": "Ok", "description": "x" * 5001})
        self.assert_beside(response, description="at most 5000")

    def test_no_control_cuts_a_long_text(self) -> None:
        _frame, content = self.client.get(NEW).content.decode().split("<main")
        self.assertNotIn("maxlength", content)

    def test_is_only_for_designers(self) -> None:
        ours = self.ours
        for method in ("get", "post"):
            self.assert_refused(NEW, ours.submitter, ours.worker, ours.ticket_admin, method=method)
        self.assert_wrong_methods(NEW, "put", "delete")
        logged_in(self.theirs.designer).post(NEW, {"title": "Vacation"})
        with self.theirs.scope():
            self.assertEqual(WorkflowLine.objects.get().title, "Vacation")

    def test_the_list_leads_here(self) -> None:
        path = reverse("workflow_definitions_list")
        self.assertContains(self.client.get(path), f'href="{NEW}"')
        self.assertNotContains(logged_in(self.ours.ticket_admin).get(path), f'href="{NEW}"')


class ChangeWorkflow(DraftPageTestCase):
    def path(self) -> str:
        return self.address("workflow_definition_update")

    def test_stores_the_form(self) -> None:
        form = self.client.get(self.path()).context["form"]
        response = self.post(
            self.path(),
            title="Days off",
            description="",
            ticket_admin_roles=[form.fields["ticket_admin_roles"].choices[0][0]],
            ext_ref_Label=["Rules", "Mail"],
            ext_ref_Desc=["", "Ask"],
            ext_ref_URI=["https://example.com/", "mailto:hr@example.com"],
        )
        self.assertRedirects(response, reverse("workflow_definition_detail", args=[self.draft.pk]))
        file = self.file()
        self.assertEqual((file.title, file.description), ("Days off", ""))
        self.assertEqual(file.ticket_admin_roles, (form.fields["ticket_admin_roles"].choices[0][1],))
        self.assertEqual(len(file.ext_ref), 2)
        with self.ours.scope():
            self.assertEqual(WorkflowLine.objects.get(pk=self.draft.line_id).title, "Days off")
            self.assertEqual(WorkflowDefinition.objects.get(pk=self.workflow.pk).title, "Vacation")

    def test_all_problems_are_shown_beside_their_fields(self) -> None:
        with self.ours.designer.scope():
            create_workflow(title="Other", by=self.ours.designer)
        with self.theirs.scope():
            foreign = self.theirs.employee_role.pk
        bad = {
            "ext_ref_Label": ["x", ""],
            "ext_ref_Desc": ["", ""],
            "ext_ref_URI": ["https://a.b", "ftp://a.b"],
        }
        response = self.post(self.path(), title="", ticket_admin_roles=[foreign], **bad)
        self.assert_beside(
            response, title="Please fill this in.", ticket_admin_roles="not one of", ext_ref="Row 2"
        )
        self.assert_beside(
            self.post(self.path(), title="OTHER"), title="already has a workflow with this title"
        )

    def test_is_only_for_designers_and_drafts(self) -> None:
        published = self.path().replace(f"/{self.draft.pk}/", f"/{self.workflow.pk}/")
        for method in ("get", "post"):
            self.assert_only_for_designers(self.path(), method=method)
            self.assert_drafts_only(self.path(), published, method=method)
        self.assert_wrong_methods(self.path(), "put", "delete")


class ChangeWorkflowFunction(EditingTestCase):
    def test_two_at_once(self) -> None:
        seen = Seen(current_edition(self.draft))
        change_workflow(self.draft, self.file, seen=seen)
        with self.assertRaises(EditConflictError):
            change_workflow(self.draft, self.file, seen=seen)

    def test_stores_only_members_of_the_whole_workflow(self) -> None:
        before = self.file
        change_workflow(self.draft, without_roles(title="Days off", tasks=[]))
        after = self.file
        self.assertEqual((after.title, after.ticket_admin_roles), ("Days off", ()))
        self.assertEqual((after.tasks, after.tickets), (before.tasks, before.tickets))

    def test_a_published_version_does_not_change(self) -> None:
        self.publish()
        with self.assertRaises(NotADraftError):
            change_workflow(self.draft, self.file)
        draft = new_version(self.draft, by=self.ours.designer)
        change_workflow(draft, self.file)

    def test_a_title_that_is_taken(self) -> None:
        create_workflow(title="Other", by=self.ours.designer)
        for title in ("other", "OTHER"):
            with self.assertRaises(DraftRefusedError):
                create_workflow(title=title, by=self.ours.designer)
            with self.assertRaises(DraftRefusedError):
                change_workflow(self.draft, without_roles(title=title))
        self.assertEqual(export_workflow(self.draft).title, "Vacation")


class Layouts(DraftPageTestCase):
    def layouts(self) -> list[tuple[str, str, list[Any]]]:
        """Return each page, the same page of the published version, and a valid layout for it."""
        found: list[tuple[str, str, list[Any]]] = [
            (
                reverse("workflow_definition_layout", args=[self.draft.pk]),
                reverse("workflow_definition_layout", args=[self.workflow.pk]),
                ["days"],
            )
        ]
        for members, name, title, which, layout in (
            ("tickets", "ticket_definition", "Vacation request", "form", FORM),
            ("tickets", "ticket_definition", "Vacation request", "reading", ["decision"]),
            ("tasks", "task_definition", "Decide", "form", [["manager_note", "decision"]]),
            ("tasks", "task_definition", "Decide", "reading", [{"section": "S", "items": ["days"]}]),
            ("completions", "completion", "Booked", "reading", ["booked"]),
        ):
            own, other = self.part(members, title), self.part(members, title, of=self.workflow)
            found.append(
                (
                    reverse(f"{name}_layout", args=[own.pk, which]),
                    reverse(f"{name}_layout", args=[other.pk, which]),
                    layout,
                )
            )
        return found

    def test_are_shown_and_stored(self) -> None:

        for path, _published, layout in self.layouts():
            self.assertEqual(self.client.get(path).status_code, 200)
            sent = {"layout-view": "json", "layout-json": json.dumps(layout)}
            self.assert_saved(self.post(path, **sent))
        file = self.file()
        self.assertEqual(file.display_layout, ("days",))
        self.assertEqual(file.tickets[0].edit_layout, ("a", "days", "first_day", "employee_note"))
        self.assertEqual(file.tickets[0].display_layout, ("decision",))
        self.assertEqual(file.tasks[0].edit_layout, (["manager_note", "decision"],))
        self.assertEqual(file.completions[0].display_layout, ("booked",))

    def test_a_form_leaves_no_field_out(self) -> None:
        path = self.layouts()[1][0]
        response = self.post(path, **{"layout-view": "json", "layout-json": '["days"]'})
        self.assert_beside(response, layout="is missing")
        response = self.post(path, **{"layout-view": "json", "layout-json": '["nowhere"]'})
        self.assertIn("layout", response.context["form"].errors)

    def test_actions_and_completions_have_no_form(self) -> None:
        action = self.part("tasks", "Book it")
        completion = self.part("completions", "Booked")
        for path in (
            reverse("task_definition_layout", args=[action.pk, "form"]),
            reverse("completion_layout", args=[completion.pk, "form"]),
            reverse("completion_layout", args=[completion.pk, "nonsense"]),
        ):
            self.assertEqual(self.client.get(path).status_code, 404)

    def test_are_only_for_designers_and_drafts(self) -> None:
        for path, published, _layout in self.layouts():
            for method in ("get", "post"):
                self.assert_only_for_designers(path, method=method)
                self.assert_drafts_only(path, published, method=method)
            self.assert_wrong_methods(path, "put", "delete")


class WayTests(TestCase):
    def test_the_first_step_that_is_not_done_is_next(self) -> None:
        check = CheckSummary("", "", [], None, False, False, False, False)
        steps: tuple[tuple[int, dict[str, Any], str, str], ...] = (
            (0, {}, "Next: the fields.", "/design/7/fields/"),
            (1, {}, "Next: the ticket.", "/design/7/tickets/new/"),
            (2, {}, "Next: the first task.", "/design/7/tasks/new/"),
            (3, {}, "Next: a completion.", "/design/7/completions/new/"),
            (4, {"is_missing": True}, "The check is running.", "#check"),
            (4, {"is_pending": True}, "The check is running.", "#check"),
            (4, {"has_errors": True}, "It can't be published yet.", "#check"),
            (4, {"has_warnings": True}, "The check found something.", "#check"),
            (4, {}, "It is complete.", "/design/7/publish/"),
        )
        for number, more, head, address in steps:
            members = ("fields_schema", "tickets", "tasks", "completions")
            empty: dict[str, Any] = {"fields_schema": {}, "tickets": (), "tasks": (), "completions": ()}
            rest = {name: empty[name] for name in members[number:]}
            way = build_progress(7, replace(workflow_file(REPAIR), **rest), replace(check, **more))
            self.assertEqual((way["head"], way["links"][0]["url"]), (head, address))
            self.assertEqual(sum(step["is_current"] for step in way["steps"]), 1)
