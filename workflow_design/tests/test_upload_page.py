"""A workflow file comes in through the page."""

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


def text_of(**changes: Any) -> str:
    """The vacation file, which names no roles, as text."""
    tickets = [{**ticket, "submitter_roles": []} for ticket in VACATION["tickets"]]
    tasks = [{**task, "executor_roles": []} for task in VACATION["tasks"]]
    document = {**VACATION, "ticket_admin_roles": [], "tickets": tickets, "tasks": tasks, **changes}
    return json.dumps(document, indent=2)


class Upload(DesignPageTestCase):
    """By our designer, who may not make roles."""

    def titles(self) -> list[tuple[str, int]]:
        with self.ours.scope():
            found = WorkflowDefinition.objects.drafts().order_by("title")
            return list(found.values_list("title", "version"))

    def test_pasted_text_becomes_a_draft(self) -> None:
        answer = self.client.post(PATH, {"text": text_of(title="Sabbatical")})
        with self.ours.scope():
            draft = WorkflowDefinition.objects.get(title="Sabbatical")
        detail = reverse("workflow_definition_detail", args=[draft.pk])
        self.assertRedirects(answer, detail, fetch_redirect_response=False)
        self.assertEqual((draft.status, draft.created_by_id), ("DRAFT", self.ours.designer.pk))
        self.assertContains(self.client.get(detail), "“Sabbatical” is now a draft, version 1.")

    def test_a_file_becomes_a_draft(self) -> None:
        file = SimpleUploadedFile("a.json", b"\xef\xbb\xbf" + text_of(title="Sabbatical").encode())
        self.assertEqual(self.client.post(PATH, {"file": file, "text": "older"}).status_code, 302)
        self.assertIn(("Sabbatical", 1), self.titles())

    def test_all_problems_at_once_each_with_its_pointer(self) -> None:
        tasks = [{**task, "oops": 1} for task in VACATION["tasks"]]
        text = text_of(title="", tasks=tasks)
        answer = self.client.post(PATH, {"text": text})
        self.assertEqual(answer.status_code, 200)
        for where in ("/title", "/tasks/0/oops", "/tasks/1/oops", "/tasks/2/oops"):
            self.assertContains(answer, f"<code>{where}</code>")
        self.assertEqual(answer.context["form"]["text"].value(), text)  # what was pasted is kept

    def test_problems_of_meaning_too(self) -> None:
        tasks = [{**task, "executor_roles": [], "input_fields": ["nope"]} for task in VACATION["tasks"]]
        answer = self.client.post(PATH, {"text": text_of(title="New", tasks=tasks)})
        for number in range(3):
            self.assertContains(answer, f"<code>/tasks/{number}/input_fields/0</code>")
        self.assertNotIn(("New", 1), self.titles())

    def test_the_text_of_a_refused_file_is_kept(self) -> None:
        answer = self.client.post(PATH, {"file": SimpleUploadedFile("a.json", b'{"title": 1}')})
        self.assertEqual(answer.context["form"]["text"].value(), '{"title": 1}')
        self.assertContains(answer, "problems were found")

    def test_what_is_no_text_is_refused(self) -> None:
        for content in (b"\xff\xfe\x00{", b"", b"[]", b"nonsense", b"{" * 2_000, b'{"a": 1e999}'):
            with self.subTest(content=content[:20]):
                answer = self.client.post(PATH, {"file": SimpleUploadedFile("a.json", content)})
                self.assertContains(answer, "1 problem was found" if content != b"[]" else "found")

    def test_what_is_too_large_is_refused(self) -> None:
        file = SimpleUploadedFile("a.json", b'"' + b"x" * 2_000_000 + b'"')
        answer = self.client.post(PATH, {"file": file})
        self.assertContains(answer, "too large")
        self.assertEqual(answer.context["form"]["text"].value(), "")

    def test_nothing_at_all_is_refused(self) -> None:
        for text in ("", "  \n"):
            answer = self.client.post(PATH, {"text": text})
            self.assertFormError(answer.context["form"], "file", "Choose a file, or paste its text below.")

    def test_a_draft_is_replaced_only_when_asked(self) -> None:
        text = text_of(description="Newer.")
        asked = self.client.post(PATH, {"text": text})
        self.assertContains(asked, "Replace the draft of “Vacation”?")
        self.assertNotEqual(self.stored(self.draft).description, "Newer.")
        form = asked.context["form"]
        self.assertEqual(form["text"].value(), text)
        answer = self.client.post(PATH, {field.name: field.value() for field in form})
        self.assertRedirects(
            answer, reverse("workflow_definition_detail", args=[self.draft.pk]), fetch_redirect_response=False
        )
        draft = self.stored(self.draft)
        self.assertEqual((draft.description, draft.version), ("Newer.", 2))

    def test_the_next_version_of_a_published_workflow(self) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            publish(self.draft, by=self.ours.designer)
        self.client.post(PATH, {"text": text_of(title="VACATION")})
        self.assertEqual(self.titles(), [("VACATION", 3)])

    def test_missing_roles_are_a_problem_for_designers_and_made_for_admins(self) -> None:
        text = text_of(title="New", ticket_admin_roles=["Board"])
        self.assertContains(self.client.post(PATH, {"text": text}), "<code>/ticket_admin_roles/0</code>")
        self.assertEqual(logged_in(self.ours.admin).post(PATH, {"text": text}).status_code, 302)
        with self.ours.scope():
            self.assertTrue(CompanyRole.objects.filter(name="Board").exists())

    def test_of_another_company_nothing_is_known(self) -> None:
        answer = logged_in(self.theirs.designer).post(PATH, {"text": text_of(description="Theirs")})
        self.assertEqual(answer.status_code, 302)  # no question: that draft is ours
        self.assertNotEqual(self.stored(self.draft).description, "Theirs")

    def test_bears_hostile_texts(self) -> None:
        for text in HOSTILE_TEXTS:
            for field in ("text", "file", "replace"):
                with self.subTest(field=field, text=text[:40]):
                    answer = post_raw(self.client, PATH, {"text": text_of(title="Same"), field: text})
                    self.assertIn(answer.status_code, {200, 302})
                    self.assertNotContains(answer, "<script>alert", status_code=answer.status_code)

    def test_hostile_names_in_the_file_stay_text(self) -> None:
        answer = self.client.post(PATH, {"text": '{"<script>alert(1)</script>": "\\ud800"}'})
        self.assertNotContains(answer, "<script>alert")
        answer = self.client.post(PATH, {"text": '{"<script>alert(1)</script>": 1}'})
        self.assertNotContains(answer, "<script>alert")

    def test_who_may(self) -> None:
        people = self.ours
        self.assert_open(PATH, people.admin, people.designer)
        for method in ("get", "post"):
            self.assert_refused(PATH, people.submitter, people.worker, people.ticket_admin, method=method)
        self.assert_wrong_methods(PATH, "put", "delete")

    def test_staff_in_the_company_may(self) -> None:
        staff = logged_in(self.staff)
        staff.post(reverse("company_enter", args=[self.ours.company.pk]))
        self.assertEqual(staff.post(PATH, {"text": text_of(title="By staff")}).status_code, 302)
        with self.ours.scope():
            made = WorkflowDefinition.objects.get(title="By staff")
        self.assertEqual((made.created_by_id, made.impersonator_id), (None, self.staff.pk))
        page = staff.get(reverse("workflow_definition_detail", args=[made.pk]))
        self.assertEqual(page.status_code, 200)


class AtOnce(CommittedTestCase):
    """Two browsers at the same moment."""

    def test_one_draft(self) -> None:
        client = logged_in(self.ours.designer)
        answers = at_once(*[lambda: client.post(PATH, {"text": text_of()})] * 4)
        self.assertEqual(sorted(answer.status_code for answer in answers), [200, 200, 200, 302])
        with self.ours.scope(), transaction.atomic():
            self.assertEqual(WorkflowDefinition.objects.count(), 1)
