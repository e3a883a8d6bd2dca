"""A finding of a draft is accepted as meant so, on its pages, and everywhere it counts."""

from typing import Any

from django.db import transaction
from django.urls import reverse

from users.tests.cases import logged_in
from workflow_design.check.acceptance import key_of
from workflow_design.compare.difference import difference
from workflow_design.definition.accepted import MAX_ACCEPTED
from workflow_design.models import DefinitionCheck, TaskDefinition, WorkflowDefinition
from workflow_design.persistence.exporting import export_workflow
from workflow_design.tests.check.test_acceptance import REASON, STALLING
from workflow_design.tests.page_cases import DesignPageTestCase, checked, make_draft
from workflow_design.versions.publishing import new_version

MESSAGE = "If “Book it” is completed and the field “Booked” is no, nothing goes on"


class AcceptedCase(DesignPageTestCase):
    """A draft with one problem: “Book it” may answer no."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.draft = make_draft(cls.ours, tasks=STALLING["tasks"])

    def setUp(self) -> None:
        super().setUp()
        self.path = reverse("workflow_definition_detail", args=[self.draft.pk])
        stall = next(each for each in checked(self.ours, self.draft).findings if each["code"] == "stall")
        self.accept_path = reverse("finding_accept", args=[self.draft.pk, stall["digest"]])

    def accept(self) -> None:
        response = self.client.post(self.accept_path, {"reason": REASON})
        self.assertRedirects(response, f"{self.path}#check", fetch_redirect_response=False)

    @property
    def entries(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.stored(self.draft).accepted
        return entries

    @property
    def undo_path(self) -> str:
        return reverse("acceptance_undo", args=[self.draft.pk, key_of(self.entries[0])])

    def change_task(self, **columns: Any) -> None:
        with self.ours.designer.scope(), transaction.atomic():
            TaskDefinition.objects.filter(workflow=self.draft, title="Book it").update(**columns)
        self.client.post(reverse("workflow_definition_check", args=[self.draft.pk]))


class AcceptTests(AcceptedCase):
    def test_it_is_offered_shown_and_no_longer_counted(self) -> None:
        page = self.client.get(self.path)
        self.assertContains(page, self.accept_path)
        self.assertContains(page, "Problems: these can happen to users")
        self.assertContains(page, "1 problem")
        self.assertContains(self.client.get(self.accept_path), MESSAGE)
        self.accept()
        page = self.client.get(self.path)
        self.assertNotContains(page, "Problems: these can happen to users")
        self.assertNotContains(page, "1 problem")
        for text in (
            "Accepted as meant so",
            MESSAGE,
            REASON,
            str(self.ours.designer),
            "nothing that is not meant so",
        ):
            self.assertContains(page, text)
        self.assertContains(page, "None leads to an error, or to a problem that is not meant so.")

    def test_the_report_stays_valid(self) -> None:
        before = checked(self.ours, self.draft)
        self.accept()
        self.assertEqual(checked(self.ours, self.draft).checked_at, before.checked_at)
        self.assertNotContains(self.client.get(self.path), "The current version has not been checked.")

    def test_publishing_does_not_ask_about_it(self) -> None:
        path = reverse("workflow_definition_publish", args=[self.draft.pk])
        self.assertContains(self.client.get(path), "I have read the problems above")
        self.accept()
        self.assertNotContains(self.client.get(path), "I have read the problems above")
        seen = checked(self.ours, self.draft).digest
        self.client.post(path, {"seen": seen})
        self.assertFalse(self.stored(self.draft).is_draft)

    def test_a_reason_is_required(self) -> None:
        for reason in ("", "  ", "x" * 501):
            response = self.client.post(self.accept_path, {"reason": reason})
            self.assertEqual(response.status_code, 200)
            self.assertTrue(response.context["form"].errors["reason"])
        self.assertEqual(self.entries, [])

    def test_twice_is_once(self) -> None:
        self.accept()
        response = self.client.post(self.accept_path, {"reason": "Another reason"}, follow=True)
        self.assertContains(response, "or it is accepted already")
        self.assertEqual([each["reason"] for each in self.entries], [REASON])

    def test_what_is_no_finding(self) -> None:
        path = reverse("finding_accept", args=[self.draft.pk, "0123456789ab"])
        self.assertContains(
            self.client.post(path, {"reason": REASON}, follow=True), "does not say this any more"
        )
        self.assertEqual(self.entries, [])

    def test_who_is_known_of_the_newest_changes(self) -> None:
        self.accept()
        (entry,) = self.entries
        with self.ours.admin.scope(), transaction.atomic():
            row = WorkflowDefinition.objects.filter(pk=self.draft.pk)
            for number in range(MAX_ACCEPTED):
                row.update(accepted=[entry, {**entry, "reason": f"Reason {number}"}])
        lines = self.client.get(self.path).context["check"].accepted
        self.assertEqual([line.who for line in lines], ["", str(self.ours.admin)])

    def test_undo(self) -> None:
        self.accept()
        undo_path = self.undo_path
        for _time in range(2):
            response = self.client.post(undo_path)
            self.assertRedirects(response, f"{self.path}#check", fetch_redirect_response=False)
            self.assertEqual(self.entries, [])
        self.assertContains(self.client.get(self.path), "Problems: these can happen to users")

    def test_it_is_out_of_date_when_the_place_changes(self) -> None:
        self.accept()
        self.change_task(description="Ask the calendar.")
        page = self.client.get(self.path)
        self.assertContains(page, "Accepted as meant so: something is out of date")
        self.assertContains(page, "Problems: these can happen to users")

    def test_what_is_accepted_again_replaces_what_is_out_of_date(self) -> None:
        self.accept()
        self.change_task(description="Ask the calendar.")
        stall = next(each for each in checked(self.ours, self.draft).findings if each["code"] == "stall")
        path = reverse("finding_accept", args=[self.draft.pk, stall["digest"]])
        self.assertContains(self.client.get(path), REASON)
        self.client.post(path, {"reason": "Still so."})
        self.assertEqual([each["reason"] for each in self.entries], ["Still so."])
        self.assertNotContains(self.client.get(self.path), "something is out of date")

    def test_a_published_version_shows_it_and_can_not_change_it(self) -> None:
        self.accept()
        undo_path = self.undo_path
        self.client.post(
            reverse("workflow_definition_publish", args=[self.draft.pk]),
            {"seen": checked(self.ours, self.draft).digest},
        )
        page = self.client.get(self.path)
        self.assertContains(page, REASON)
        self.assertNotContains(page, undo_path)
        self.client.post(undo_path)
        self.client.post(self.accept_path, {"reason": "Later"})
        self.assertEqual([each["reason"] for each in self.entries], [REASON])

    def test_who_may(self) -> None:
        others = (self.ours.submitter, self.ours.worker, self.ours.ticket_admin)
        self.assert_refused(self.accept_path, *others)
        self.assert_refused(self.accept_path, *others, method="post")
        self.assert_unknown_to_others(self.accept_path)
        self.accept()
        self.assert_refused(self.undo_path, *others, method="post")
        self.assert_unknown_to_others(self.undo_path, method="post")
        self.assert_wrong_methods(self.undo_path, "get", "put", "delete")
        self.assertEqual(len(self.entries), 1)


class CarriedTests(AcceptedCase):
    def test_export_and_import_carry_it(self) -> None:
        self.accept()
        with self.ours.scope(), transaction.atomic():
            file = export_workflow(WorkflowDefinition.objects.get(pk=self.draft.pk))
        self.assertEqual([each["reason"] for each in file.accepted], [REASON])
        again = make_draft(self.ours, tasks=STALLING["tasks"], accepted=list(file.accepted))
        self.assertEqual(self.stored(again).accepted, list(file.accepted))
        self.assertNotContains(self.client.get(self.path), "Problems: these can happen to users")

    def test_a_new_version_copies_it_with_who_and_when(self) -> None:
        self.accept()
        self.client.post(
            reverse("workflow_definition_publish", args=[self.draft.pk]),
            {"seen": checked(self.ours, self.draft).digest},
        )
        with self.ours.admin.scope(), transaction.atomic():
            version = new_version(self.stored(self.draft), by=self.ours.admin)
        self.assertEqual([each["reason"] for each in version.accepted], [REASON])
        page = logged_in(self.ours.admin).get(reverse("workflow_definition_detail", args=[version.pk]))
        (line,) = page.context["check"].accepted
        self.assertEqual((line.who, line.why_outdated), (str(self.ours.designer), ""))

    def test_the_comparison_of_versions_mentions_it(self) -> None:
        with self.ours.scope(), transaction.atomic():
            before = export_workflow(self.draft)
        self.accept()
        with self.ours.scope(), transaction.atomic():
            after = export_workflow(self.stored(self.draft))
        (change,) = difference(before, after).workflow
        self.assertEqual(
            (change.what, change.old, change.new),
            ("Findings that are meant so", "", f"Book it (stall): {REASON}"),
        )

    def test_a_change_of_the_draft_leaves_it(self) -> None:
        self.accept()
        path = reverse("workflow_definition_update", args=[self.draft.pk])
        self.client.post(path, {"title": "Vacation", "description": "New", "ext_ref-TOTAL": "0"})
        self.assertEqual([each["reason"] for each in self.entries], [REASON])
        with self.ours.scope():
            self.assertTrue(DefinitionCheck.objects.filter(workflow=self.draft).exists())
