"""Submitters correct their own ticket until work on it begins."""

from functools import partial
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from users.models import AuditEvent
from users.tests.at_once import at_once
from users.tests.cases import logged_in
from workflow_ops.desk.actions import edit_data, hold_workflow, resume_workflow
from workflow_ops.models import FileUpload, TicketInstance
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, form, workflow
from workflow_ops.tests.work.test_submit_pages import PageTestCase
from workflow_ops.work.submissions import save_draft

BEGUN = "“Do” has been begun, so the ticket can&#x27;t be corrected any more. Add a comment."


class OwnCorrections(PageTestCase):
    """The submitter's ticket, with a text, a yes or no, and a file; `Do` reads the text."""

    def setUp(self) -> None:
        super().setUp()
        self.ticket: TicketInstance = self.engine.submit(self.workflow, a="typo", sure=True)
        self.page = f"/tickets/{self.ticket.number}/"
        self.correct = f"{self.page}correct/"

    def send(self, **changes: Any) -> Any:
        step = str(self.engine.run(self.ticket).step)
        return self.post(self.correct, **{"a": "typo", "sure": "True", "_step": step, **changes})

    def begin(self) -> None:
        task = self.engine.task(self.ticket, "Do")
        by = task.assigned_to
        assert by is not None
        self.engine.as_person(by, lambda: save_draft(task, values={"out": "x"}, by=by))

    def test_writes_only_what_was_changed(self) -> None:
        self.assertContains(self.browser.get(self.page), f'href="{self.correct}"')
        self.assertContains(self.browser.get(self.correct), 'value="typo"')
        self.assertRedirects(self.send(a="right"), self.page)
        self.assertEqual(self.engine.run(self.ticket).data, {"a": "right", "sure": True})
        step = self.engine.steps(self.ticket)[-1]
        self.assertEqual((step.source, step.modified_fields), ("ticket", ["a"]))
        task = self.engine.task(self.ticket, "Do")
        self.assertEqual((task.run, task.input_data), (1, {"a": "right"}))
        self.assertContains(self.browser.get(self.page), "corrected what was submitted: A")
        event = self.engine.call(lambda: AuditEvent.objects.get(table="workflow_ops_workflowwrite"))
        self.assertEqual((event.label, event.person_id), ("a", self.ours.submitter.pk))

    def test_a_file(self) -> None:
        file = SimpleUploadedFile("paper.pdf", b"%PDF-1.4", content_type="application/pdf")
        self.send(paper=file)
        stored = self.engine.call(FileUpload.objects.get)
        self.assertEqual(stored.ticket_id, self.ticket.pk)
        self.assertEqual(self.engine.run(self.ticket).data["paper"], str(stored.pk))

    def test_the_same_again_and_what_is_not_allowed(self) -> None:
        self.assertContains(self.browser.post(self.correct, {"a": ""}), "Please fill this in.")
        self.send()
        self.assertEqual(self.engine.run(self.ticket).step, 1)

    def test_not_once_work_has_begun(self) -> None:
        self.begin()
        self.assertNotContains(self.browser.get(self.page), self.correct)
        self.assertContains(self.browser.get(self.correct, follow=True), BEGUN)
        answer = self.send(a="What I typed")
        self.assertContains(answer, BEGUN)
        self.assertContains(answer, "What I typed")
        self.assertEqual(self.engine.run(self.ticket).data["a"], "typo")

    def test_not_once_it_has_ended(self) -> None:
        self.post(f"{self.page}withdraw/", reason="Not needed")
        self.assertContains(self.browser.get(self.correct, follow=True), "This ticket has ended already.")
        self.assertContains(self.send(a="late"), "This ticket has ended already.")

    def test_is_for_its_submitter_only(self) -> None:
        for person, status in (
            (self.ours.admin, 403),  # who may see the ticket
            (self.ours.designer, 403),
            (self.theirs.submitter, 404),
        ):
            for answer in (logged_in(person).get(self.correct), self.post(self.correct, logged_in(person))):
                self.assertEqual(answer.status_code, status, person)
        self.assertEqual(self.browser.put(self.correct).status_code, 405)
        self.assertEqual(Client().get(self.correct).status_code, 302)

    def test_says_what_an_admin_changed(self) -> None:
        admin = self.ours.admin
        self.engine.as_person(admin, lambda: edit_data(self.ticket, values={"sure": False}, by=admin))
        answer = self.send(a="mine", _step="1")
        ((change, who),) = answer.context["foreign"]
        self.assertEqual((change.before, change.after, who), ("Yes", "No", admin.get_full_name()))
        self.assertContains(answer, 'value="mine"')

    def test_on_hold_it_waits(self) -> None:
        admin = self.ours.admin
        self.engine.as_person(admin, lambda: hold_workflow(self.ticket, reason="", by=admin))
        self.send(a="later")
        self.assertEqual(self.engine.run(self.ticket).data["a"], "typo")
        self.engine.as_person(admin, lambda: resume_workflow(self.ticket, by=admin))
        self.assertEqual(self.engine.run(self.ticket).data["a"], "later")


class AtOnce(CommittedEngineTestCase):
    def test_the_task_is_begun_while_the_submitter_corrects(self) -> None:
        """Either the correction comes first and the worker's draft stays, or it is refused."""
        made = self.engine.load(workflow(form("Do", "a")))
        ticket = self.engine.submit(made, a="x")
        task = self.engine.task(ticket, "Do")
        by = task.assigned_to
        assert by is not None
        path = f"/tickets/{ticket.number}/correct/"
        correct = partial(logged_in(self.ours.submitter).post, path, {"a": "y", "_step": "1"})
        begin = partial(self.engine.as_person, by, lambda: save_draft(task, values={"out": "1"}, by=by))
        answer, _draft = at_once(correct, begin)
        run, accepted = self.engine.run(ticket), getattr(answer, "status_code", 0) == 302
        self.assertEqual(run.data["a"], "y" if accepted else "x")
        self.assertEqual(self.engine.task(ticket, "Do").draft, {"out": "1"})
        if not accepted:
            self.assertContains(answer, BEGUN)
