"""The check on the pages of a version: the stored report, a new check, and acceptance before publishing."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from workflow_design.check.findings import CheckReport, Finding, Severity
from workflow_design.definition.file_json import to_json
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.models import CheckStatus, DefinitionCheck, TaskDefinition
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.reports import compute_digest
from workflow_design.tests.files import long_file
from workflow_design.tests.page_cases import DesignPageTestCase, checked, make_draft

STALL = Finding(
    "stall",
    Severity.WARNING,
    "/tasks/2",
    "If “Book it” answers no, nothing goes on.",
    "Let something start then.",
    (
        Move(MoveKind.TICKET, "Vacation request", {"days": 3, "first_day": "2026-07-01"}),
        Move(MoveKind.TASK, "Decide", {"decision": "approve"}),
        Move(MoveKind.TASK, "Book it", {"booked": False}),
    ),
    ("/completions/0/condition", "/fields_schema/properties/booked"),
)


class CheckCase(DesignPageTestCase):
    """A draft with a report that the test stores."""

    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("workflow_definition_detail", args=[self.draft.pk])
        self.check_path = reverse("workflow_definition_check", args=[self.draft.pk])
        self.publish_path = reverse("workflow_definition_publish", args=[self.draft.pk])

    def store_report(self, *findings: Finding, is_complete: bool = True, **columns: Any) -> str:
        """Store a report with these findings and return its digest."""
        report = CheckReport(findings, is_complete, states=12, writes=7, is_exact=is_complete)
        with self.ours.scope(), transaction.atomic():
            digest = compute_digest(export_workflow(self.draft))
            changes = {**report.as_json(), "status": CheckStatus.CHECKED, "digest": digest, **columns}
            del changes["out_of_date"]
            DefinitionCheck.objects.filter(workflow=self.draft).update(**changes)
        return digest

    def change(self) -> None:
        """Change the draft without running the check."""
        with self.ours.scope(), transaction.atomic():
            TaskDefinition.objects.filter(workflow=self.draft, title="Decide").update(input_fields=["nope"])


class StoredReport(CheckCase):
    """The stored report is what the page shows."""

    def test_finding_with_all_details(self) -> None:
        self.store_report(STALL)
        response = self.client.get(self.path)
        for text in (
            "Problems: these can happen to users",
            "If “Book it” answers no, nothing goes on.",
            "Let something start then.",
            "The ticket “Vacation request” is submitted: Days 3; First day 1 July 2026.",
            "“Decide” answers: Decision “Approve”.",
            "“Book it” answers: Booked no.",
            "All paths were tried, with all values that make a difference.",
        ):
            self.assertContains(response, text)

    def test_links_to_the_parts(self) -> None:
        self.store_report(STALL)
        response = self.client.get(self.path)
        with self.ours.scope(), transaction.atomic():
            task = self.draft.tasks.get(title="Book it")
            completion = self.draft.completions.get(title="Booked")
        findings = response.content.decode().split('class="tf-findings"')[1].split("</ul>")[0]
        self.assertIn(f'href="/design/task/{task.pk}/edit/">Book it</a>', findings)
        self.assertIn(f'href="/design/completion/{completion.pk}/edit/">Booked</a>, condition', findings)

    def test_links_to_the_eleventh_task(self) -> None:
        """Its position has two digits."""
        long = make_draft(self.ours, tasks=to_json(long_file(11))["tasks"])
        self.assertEqual(long.pk, self.draft.pk)
        self.store_report(replace(STALL, pointer="/tasks/10"))
        response = self.client.get(self.path)
        with self.ours.scope(), transaction.atomic():
            task = self.draft.tasks.get(title="Decide 10")
        findings = response.content.decode().split('class="tf-findings"')[1].split("</ul>")[0]
        self.assertIn(f'href="/design/task/{task.pk}/edit/">Decide 10</a>', findings)
        self.assertIn(f'href="{self.path}fields/booked/edit/">Booked</a>, field', findings)

    def test_marks_the_picture(self) -> None:
        self.store_report(STALL)
        picture = self.client.get(self.path).context["picture"]
        marks = {node.title: node.mark.mark.word for node in picture.nodes if node.mark}
        self.assertEqual(marks, {"Book it": "1 problem", "Booked": "1 problem"})

    def test_incomplete_check_never_claims_that_all_is_well(self) -> None:
        self.store_report(is_complete=False)
        response = self.client.get(self.path)
        self.assertContains(response, "all paths of up to 7 writes were tried")
        self.assertNotContains(response, "None leads to an error")
        self.store_report(is_exact=False)
        response = self.client.get(self.path)
        self.assertContains(response, "All paths were tried, but not with every value")
        self.assertNotContains(response, "None leads to an error")
        self.store_report()
        response = self.client.get(self.path)
        self.assertContains(response, "All paths were tried, with all values that make a difference.")
        self.assertContains(response, "None leads to an error")

    def test_pointer_without_target(self) -> None:
        places = (
            "",
            "/tasks/99/condition",
            "/tasks/x",
            "/nonsense",
            "/fields_schema/properties/gone",
            "/tasks/-",
        )
        self.store_report(*(Finding("code", Severity.ERROR, place, f"At {place}.") for place in places))
        response = self.client.get(self.path)
        for place in places:
            self.assertContains(response, f"At {place}.")

    def test_hostile_texts_stay_text(self) -> None:
        text = "<script>alert(1)</script> {{ 7*7 }}"
        move = Move(MoveKind.TASK, text, {text: text, "days": [text, {"a": None}]})
        self.store_report(Finding("code", Severity.WARNING, "/tasks/0", text, text, (move,)))
        response = self.client.get(self.path)
        self.assertNotContains(response, "<script>alert")
        self.assertContains(response, "{{ 7*7 }}")

    def test_pending(self) -> None:
        self.store_report(STALL, status=CheckStatus.PENDING, is_complete=False)
        response = self.client.get(self.path)
        self.assertContains(response, "The check is running")
        self.assertContains(response, STALL.message)

    def test_pending_for_long(self) -> None:
        """No worker runs, or it has much to do."""
        begun = timezone.now() - timedelta(minutes=2)
        self.store_report(STALL, status=CheckStatus.PENDING, is_complete=False, checked_at=begun)
        response = self.client.get(self.path)
        self.assertContains(response, "worker for checks is not running")
        self.assertContains(response, STALL.message)

    def test_values_that_are_not_known(self) -> None:
        unknown = Finding("no-example", Severity.HINT, "/fields_schema/properties/days", "Not known.")
        self.store_report(unknown, is_complete=False)
        response = self.client.get(self.path)
        self.assertContains(response, "Not every path could be tried")
        self.assertNotContains(response, "too large")

    def test_report_of_an_outdated_draft(self) -> None:
        self.store_report(STALL)
        self.change()
        response = self.client.get(self.path)
        self.assertContains(response, "The current version has not been checked.")
        self.assertContains(response, "Check now")
        self.assertNotContains(response, STALL.message)

    def test_publishing_it_then_offers_the_check_first(self) -> None:
        self.store_report(STALL)
        self.change()
        response = self.client.get(self.publish_path)
        self.assertContains(response, "Check now")
        link = f'<a class="btn btn-secondary" href="{self.path}">Back to the workflow</a>'
        self.assertContains(response, link, html=True)

    def test_by_an_older_check_of_a_published_version(self) -> None:
        path = reverse("workflow_definition_detail", args=[self.workflow.pk])
        with self.ours.scope(), transaction.atomic():
            DefinitionCheck.objects.filter(workflow=self.workflow).delete()
            checks = DefinitionCheck.objects.filter(workflow=self.draft)
            checks.update(workflow=self.workflow, digest="0" * 64, findings=[], states=0)
        response = self.client.get(path)
        self.assertContains(response, "The current version has not been checked.")
        self.assertContains(response, "Check now")
        self.client.post(reverse("workflow_definition_check", args=[self.workflow.pk]))
        response = self.client.get(path)
        self.assertContains(response, "Check again")
        self.assertContains(response, "All paths were tried")

    def test_errors_prevent_the_exploration(self) -> None:
        self.change()
        self.client.post(self.check_path)
        response = self.client.get(self.path)
        self.assertContains(response, "When the errors are fixed, the check tries all paths.")
        self.assertNotContains(response, "All paths were tried")
        self.assertNotContains(response, "It is too large")

    def test_a_task_for_nobody(self) -> None:
        self.assertContains(self.client.get(self.path), "Nobody could get “Decide” today")


class CheckNow(CheckCase):
    """The button “Check now”."""

    def test_checks_the_current_content(self) -> None:
        self.change()
        response = self.client.post(self.check_path)
        self.assertRedirects(response, f"{self.path}#check", fetch_redirect_response=False)
        self.assertIn("unknown-field", [each["code"] for each in checked(self.ours, self.draft).findings])

    def test_a_published_version(self) -> None:
        path = reverse("workflow_definition_check", args=[self.workflow.pk])
        self.assertEqual(self.client.post(path).status_code, 302)

    def test_who_may(self) -> None:
        people = self.ours
        others = (people.submitter, people.worker, people.ticket_admin)
        self.assert_refused(self.check_path, *others, method="post")
        self.assert_unknown_to_others(self.check_path, method="post")
        self.assert_wrong_methods(self.check_path, "get", "put", "delete")


class Publishing(CheckCase):
    """Findings must be accepted before publishing."""

    def is_draft(self) -> bool:
        return self.stored(self.draft).is_draft

    def test_problems_must_be_accepted(self) -> None:
        digest = self.store_report(STALL)
        response = self.client.get(self.publish_path)
        self.assertContains(response, STALL.message)
        self.assertContains(response, "I have read the problems above")
        response = self.client.post(self.publish_path, {"seen": digest})
        self.assertContains(response, "Read the problems above and tick this box")
        self.assertTrue(self.is_draft())
        self.client.post(self.publish_path, {"seen": digest, "has_read": "on"})
        self.assertFalse(self.is_draft())

    def test_nothing_to_accept_without_problems(self) -> None:
        digest = self.store_report(Finding("note", Severity.NOTE, "/tasks/0", "A note."))
        self.assertNotContains(self.client.get(self.publish_path), "I have read")
        self.client.post(self.publish_path, {"seen": digest})
        self.assertFalse(self.is_draft())

    def test_errors_remove_the_button(self) -> None:
        digest = self.store_report(Finding("no-end", Severity.ERROR, "/completions", "Nothing ends it."))
        response = self.client.get(self.publish_path)
        self.assertContains(response, "Nothing ends it.")
        self.assertNotContains(response, "data-submit-once novalidate")
        response = self.client.post(self.publish_path, {"seen": digest, "has_read": "on"}, follow=True)
        self.assertContains(response, "1 problem was found")
        self.assertTrue(self.is_draft())

    def test_acceptance_of_an_outdated_report(self) -> None:
        self.store_report(STALL)
        for seen in ("", "0" * 64, "\0", "x" * 10_000):
            with self.subTest(seen=seen[:5]):
                self.client.post(self.publish_path, {"seen": seen, "has_read": "on"})
                self.assertTrue(self.is_draft())

    def test_not_while_it_is_being_checked(self) -> None:
        digest = self.store_report(status=CheckStatus.PENDING, is_complete=False)
        self.assertNotContains(self.client.get(self.publish_path), 'name="seen"')
        response = self.client.post(self.publish_path, {"seen": digest}, follow=True)
        self.assertContains(response, "still being checked")
        self.assertTrue(self.is_draft())

    def test_the_try_out_takes_the_moves(self) -> None:
        self.store_report(STALL)
        entry = self.client.get(self.path).context["check"].groups[0]["findings"][0]
        self.assertEqual(
            [Move.from_json(move) for move in json.loads(entry["moves"])], list(STALL.counterexample)
        )
