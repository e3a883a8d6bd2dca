"""Tests of a whole draft as JSON: showing, changing and rejecting it."""

import json
from typing import Any

from workflow_design.definition.file_json import to_json
from workflow_design.definition.problems import DefinitionError
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.editor.drafts import DraftRefusedError, NotADraftError, current_edition
from workflow_design.editor.workflow.actions import replace_draft
from workflow_design.tests.editor.draft_pages import DraftPageTestCase
from workflow_design.tests.editor.editing_cases import EditingTestCase, ordered_parts
from workflow_design.tests.files import VACATION, without_roles, workflow_file
from workflow_design.tests.gallery_files import gallery_file


class ChangeWhole(EditingTestCase):
    def change(self, file: WorkflowFile, **more: Any) -> None:
        replace_draft(self.draft, file, by=self.ours.designer, **more)

    def test_stores_the_whole_file(self) -> None:
        tasks = [VACATION["tasks"][2], {**VACATION["tasks"][0], "title": "decide", "executor_roles": ["HR"]}]
        file = workflow_file(title="Days off", tasks=[*tasks, VACATION["tasks"][1]])
        self.change(file)
        self.assertEqual(self.file, file)
        self.assertEqual(self.codes(), set())

    def test_parts_keep_their_addresses(self) -> None:
        before = {row.title: row.pk for row in ordered_parts(self.draft, "tasks")}
        self.change(workflow_file(tasks=list(reversed(VACATION["tasks"]))))
        self.assertEqual({row.title: row.pk for row in ordered_parts(self.draft, "tasks")}, before)
        self.assertEqual(ordered_parts(self.draft, "tasks")[0].title, "Book it")

    def test_another_workflow_altogether(self) -> None:
        file = gallery_file("it_support")
        plain = without_roles()
        self.change(plain)
        self.assertEqual(self.file, plain)
        with self.assertRaises(DefinitionError) as caught:
            self.change(file)
        self.assertRegex(caught.exception.problems[0].pointer, r"^/(tickets|tasks|ticket_admin_roles)")
        self.assertEqual(self.file, plain)

    def test_unfinished_files_are_stored_but_not_wrong_ones(self) -> None:
        self.change(workflow_file(tickets=[], tasks=[], completions=[]))
        self.assertLessEqual({"no-ticket", "no-end"}, self.codes())
        with self.assertRaises(DraftRefusedError) as caught:
            self.change(workflow_file(display_layout=["nowhere"]))
        self.assertEqual([each.pointer for each in caught.exception.problems], ["/display_layout/0"])

    def test_a_published_version_does_not_change(self) -> None:
        self.publish()
        with self.assertRaises(NotADraftError):
            self.change(workflow_file())


class WholePage(DraftPageTestCase):
    def path(self) -> str:
        return self.address("workflow_components_upload")

    def test_submitting_the_unchanged_text_changes_nothing(self) -> None:
        before = self.file()
        text = self.client.get(self.path()).context["form"]["text"].value()
        self.assertEqual(json.loads(text), to_json(before))
        self.assert_saved(self.post(self.path(), text=text))
        self.assertEqual(self.file(), before)

    def test_problems_are_shown_with_pointers(self) -> None:
        wrong = {**VACATION, "tasks": [{**VACATION["tasks"][0], "input_fields": ["nowhere"]}], "extra": 1}
        self.assert_beside(self.post(self.path(), text=json.dumps(wrong)), text="/extra")
        del wrong["extra"]
        self.assert_beside(self.post(self.path(), text=json.dumps(wrong)), text="/tasks/0/input_fields/0")
        for text, message in (
            ("", "Please fill this in."),
            ("{", "not JSON"),
            ("[]", "an object"),
            ("[" * 5000, "too deep"),
        ):
            self.assert_beside(self.post(self.path(), text=text), text=message)
        roles = {**VACATION, "ticket_admin_roles": ["Nobody"]}
        self.assert_beside(self.post(self.path(), text=json.dumps(roles)), text="no role “Nobody”")

    def test_an_edit_conflict_keeps_the_input(self) -> None:
        seen = current_edition(self.stored(self.draft))
        text = json.dumps({**VACATION, "description": "First"})
        self.assert_saved(self.client.post(self.path(), {"edition": seen, "text": text}))
        response = self.client.post(self.path(), {"edition": seen, "text": text.replace("First", "Second")})
        self.assert_beside(response, __all__="you yourself changed this workflow")
        self.assertContains(response, "Second")
        self.assertEqual(self.file().description, "First")

    def test_is_only_for_designers_and_drafts(self) -> None:
        published = self.path().replace(f"/{self.draft.pk}/", f"/{self.workflow.pk}/")
        for method in ("get", "post"):
            self.assert_only_for_designers(self.path(), method=method)
            self.assert_drafts_only(self.path(), published, method=method)
        self.assert_wrong_methods(self.path(), "put", "delete")
