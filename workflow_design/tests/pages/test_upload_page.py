"""The page that uploads a workflow file."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from users.models import CompanyRole
from users.tests.at_once import at_once
from users.tests.cases import CommittedTestCase, logged_in
from users.tests.hostile import HOSTILE_TEXTS, post_raw
from workflow_design.models import WorkflowDefinition
from workflow_design.tests.files import VACATION
from workflow_design.tests.page_cases import DesignPageTestCase
from workflow_design.versions.publishing import publish

PATH = "/design/upload/"


def vacation_text(**changes: Any) -> str:
    """Return the vacation file, which names no roles, as text."""
    tickets = [{**ticket, "submitter_roles": []} for ticket in VACATION["tickets"]]
    tasks = [{**task, "executor_roles": []} for task in VACATION["tasks"]]
    document = {**VACATION, "ticket_admin_roles": [], "tickets": tickets, "tasks": tasks, **changes}
    return json.dumps(document, indent=2)


class Upload(DesignPageTestCase):
    """Uploads by our designer, who may not create roles."""

    def titles(self) -> list[tuple[str, int]]:
        with self.ours.scope():
            found = WorkflowDefinition.objects.drafts().order_by("title")
            return list(found.values_list("title", "version"))

    def test_pasted_text_becomes_a_draft(self) -> None:
        response = self.client.post(PATH, {"text": vacation_text(title="Sabbatical")})
        with self.ours.scope():
            draft = WorkflowDefinition.objects.get(title="Sabbatical")
        detail = reverse("workflow_definition_detail", args=[draft.pk])
        self.assertRedirects(response, detail, fetch_redirect_response=False)
        self.assertEqual((draft.status, draft.created_by_id), ("DRAFT", self.ours.designer.pk))
        self.assertContains(self.client.get(detail), "“Sabbatical” is now a draft, version 1.")

    def test_a_file_becomes_a_draft(self) -> None:
        file = SimpleUploadedFile("a.json", b"\xef\xbb\xbf" + vacation_text(title="Sabbatical").encode())
        self.assertEqual(self.client.post(PATH, {"file": file, "text": "older"}).status_code, 302)
        self.assertIn(("Sabbatical", 1), self.titles())

    def test_shows_all_problems_with_their_pointers(self) -> None:
        tasks = [{**task, "oops": 1} for task in VACATION["tasks"]]
        text = vacation_text(title="", tasks=tasks)
        response = self.client.post(PATH, {"text": text})
        self.assertEqual(response.status_code, 200)
        for where in ("/title", "/tasks/0/oops", "/tasks/1/oops", "/tasks/2/oops"):
            self.assertContains(response, f"<code>{where}</code>")
        self.assertEqual(response.context["form"]["text"].value(), text)  # what was pasted is kept

    def test_shows_problems_of_meaning(self) -> None:
        tasks = [{**task, "executor_roles": [], "input_fields": ["nope"]} for task in VACATION["tasks"]]
        response = self.client.post(PATH, {"text": vacation_text(title="New", tasks=tasks)})
        for number in range(3):
            self.assertContains(response, f"<code>/tasks/{number}/input_fields/0</code>")
        self.assertNotIn(("New", 1), self.titles())

    def test_every_problem_says_what_fixes_it(self) -> None:
        first, second, *rest = VACATION["tasks"]
        mine = {"assignee_field": "$submitter", "not_submitter": True}
        for text, fix in (
            ("{'title': 'New'}", "double quotes around names and texts"),
            (vacation_text(tasks=[first, {**second, "title": first["title"]}, *rest]), "another title"),
            (vacation_text(tasks=[{**first, **mine}, second, *rest]), "Allow the submitter to do it"),
            (vacation_text(title="New", ticket_admin_roles=["MANAGERS"]), "Did you mean “Manager”?"),
        ):
            self.assertContains(self.client.post(PATH, {"text": text}), fix)

    def test_the_text_of_a_refused_file_is_preserved(self) -> None:
        response = self.client.post(PATH, {"file": SimpleUploadedFile("a.json", b'{"title": 1}')})
        self.assertEqual(response.context["form"]["text"].value(), '{"title": 1}')
        self.assertContains(response, "problems were found")

    def test_binary_files_are_refused(self) -> None:
        for content in (b"\xff\xfe\x00{", b"", b"[]", b"nonsense", b"{" * 2_000, b'{"a": 1e999}'):
            with self.subTest(content=content[:20]):
                response = self.client.post(PATH, {"file": SimpleUploadedFile("a.json", content)})
                self.assertContains(response, "1 problem was found" if content != b"[]" else "found")

    def test_large_files_are_refused(self) -> None:
        file = SimpleUploadedFile("a.json", b'"' + b"x" * 2_000_000 + b'"')
        response = self.client.post(PATH, {"file": file})
        self.assertContains(response, "too large")
        self.assertEqual(response.context["form"]["text"].value(), "")

    def test_an_empty_form_is_refused(self) -> None:
        for text in ("", "  \n"):
            response = self.client.post(PATH, {"text": text})
            self.assertFormError(response.context["form"], "file", "Choose a file, or paste its text below.")

    def test_a_draft_is_replaced_only_when_asked(self) -> None:
        text = vacation_text(description="Newer.")
        asked = self.client.post(PATH, {"text": text})
        self.assertContains(asked, "Replace the draft of “Vacation”?")
        self.assertNotEqual(self.stored(self.draft).description, "Newer.")
        form = asked.context["form"]
        self.assertEqual(form["text"].value(), text)
        response = self.client.post(PATH, {field.name: field.value() for field in form})
        self.assertRedirects(
            response,
            reverse("workflow_definition_detail", args=[self.draft.pk]),
            fetch_redirect_response=False,
        )
        draft = self.stored(self.draft)
        self.assertEqual((draft.description, draft.version), ("Newer.", 2))

    def test_the_next_version_of_a_published_workflow(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            publish(self.draft, by=self.ours.designer)
        self.client.post(PATH, {"text": vacation_text(title="VACATION")})
        self.assertEqual(self.titles(), [("VACATION", 3)])

    def test_missing_roles_are_refused_for_designers_and_created_for_admins(self) -> None:
        text = vacation_text(title="New", ticket_admin_roles=["Board"])
        self.assertContains(self.client.post(PATH, {"text": text}), "<code>/ticket_admin_roles/0</code>")
        self.assertEqual(logged_in(self.ours.admin).post(PATH, {"text": text}).status_code, 302)
        with self.ours.scope():
            self.assertTrue(CompanyRole.objects.filter(name="Board").exists())

    def test_ignores_other_companies(self) -> None:
        response = logged_in(self.theirs.designer).post(PATH, {"text": vacation_text(description="Theirs")})
        self.assertEqual(response.status_code, 302)  # no question: that draft is ours
        self.assertNotEqual(self.stored(self.draft).description, "Theirs")

    def test_survives_hostile_texts(self) -> None:
        for text in HOSTILE_TEXTS:
            for field in ("text", "file", "replace"):
                with self.subTest(field=field, text=text[:40]):
                    response = post_raw(self.client, PATH, {"text": vacation_text(title="Same"), field: text})
                    self.assertIn(response.status_code, {200, 302})
                    self.assertNotContains(response, "<script>alert", status_code=response.status_code)

    def test_hostile_names_in_the_file_stay_text(self) -> None:
        response = self.client.post(PATH, {"text": '{"<script>alert(1)</script>": "\\ud800"}'})
        self.assertNotContains(response, "<script>alert")
        response = self.client.post(PATH, {"text": '{"<script>alert(1)</script>": 1}'})
        self.assertNotContains(response, "<script>alert")

    def test_who_may(self) -> None:
        people = self.ours
        self.assert_open(PATH, people.admin, people.designer)
        for method in ("get", "post"):
            self.assert_refused(PATH, people.submitter, people.worker, people.ticket_admin, method=method)
        self.assert_wrong_methods(PATH, "put", "delete")

    def test_staff_in_the_company_may(self) -> None:
        staff = logged_in(self.staff)
        staff.post(reverse("company_enter", args=[self.ours.company.pk]))
        self.assertEqual(staff.post(PATH, {"text": vacation_text(title="By staff")}).status_code, 302)
        with self.ours.scope():
            made = WorkflowDefinition.objects.get(title="By staff")
        self.assertEqual((made.created_by_id, made.impersonator_id), (None, self.staff.pk))
        page = staff.get(reverse("workflow_definition_detail", args=[made.pk]))
        self.assertEqual(page.status_code, 200)


class AtOnce(CommittedTestCase):
    """Two requests at the same time."""

    def test_one_draft(self) -> None:
        client = logged_in(self.ours.designer)
        responses = at_once(*[lambda: client.post(PATH, {"text": vacation_text()})] * 4)
        self.assertEqual(sorted(response.status_code for response in responses), [200, 200, 200, 302])
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(WorkflowDefinition.objects.count(), 1)
