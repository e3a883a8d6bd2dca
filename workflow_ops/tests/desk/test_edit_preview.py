"""Editing data: what follows is shown before it is saved, and can be left out."""

from typing import Any

from workflow_ops.models import RunStatus, TaskStatus, WorkflowData
from workflow_ops.tests.desk.desk_cases import DeskTestCase


class EditPreviewTests(DeskTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.path = f"/manage/tickets/{self.ticket.number}/edit/"

    def send(self, **changes: Any) -> Any:
        """Send the form as the edit page shows it, with these changes."""
        run = self.now().workflow_instance
        return self.client.post(self.path, {**run.data, "_step": str(run.step), "_waiting": "0", **changes})

    def press(self, preview: Any, **button: str) -> Any:
        """Press a button of the preview, which sends its hidden controls."""
        hidden = {
            name: preview.context[key] for name, key in (("_step", "step"), ("_waiting", "waiting_writes"))
        }
        return self.client.post(self.path, {**dict(preview.context["typed"]), **hidden, **button})

    def test_shows_what_follows_and_saves_nothing(self) -> None:
        answer = self.send(days="6", decision="approve")
        hr = self.vacations.hr.get_full_name()
        self.assertEqual(
            answer.context["preview"].follows,
            [
                f"“Book it” starts, for {hr}.",
                "“Decide”, which Marek Tester has, shows the new data.",
            ],
        )
        for words in ("Save and start these", "Only correct, start nothing", "<del>5</del>", "<ins>6</ins>"):
            self.assertContains(answer, words)
        self.assertEqual(self.now().workflow_instance.step, 1)
        self.assertEqual(self.press(answer, _save="all").status_code, 302)
        self.assertEqual(self.vacations.task(self.now(), "Book it").status, TaskStatus.OPEN)

    def test_only_corrects(self) -> None:
        answer = self.send(days="6", decision="approve")
        self.assertEqual(
            answer.context["preview"].corrects, ["“Decide”, which Marek Tester has, shows the new data."]
        )
        self.press(answer, _save="correct")
        run = self.now().workflow_instance
        self.assertEqual((run.data["days"], run.data["decision"]), (6, "approve"))
        with self.ours.scope():
            self.assertEqual(run.tasks.count(), 1)
            self.assertEqual(WorkflowData.objects.get(workflow_instance=run, step=2).source, "correct")
        history = self.client.get(f"/manage/tickets/{self.ticket.number}/history/")
        self.assertContains(history, "Correction, which started nothing")
        page = self.client.get(f"/manage/tickets/{self.ticket.number}/")
        self.assertContains(page, "corrected the data: Days and Decision; started nothing")

    def test_back_keeps_what_was_typed(self) -> None:
        answer = self.press(self.send(days="6", employee_note="Typed\r\ntwice"), _redisplay="1")
        self.assertTemplateUsed(answer, "workflow_ops/ticket_edit.html")
        self.assertContains(answer, "Typed\r\ntwice")
        self.assertContains(answer, 'value="6"')
        self.assertEqual(self.now().workflow_instance.step, 1)

    def test_saves_at_once_if_nothing_follows(self) -> None:
        self.assertEqual(self.send(manager_note="By phone").status_code, 302)
        self.assertEqual(self.now().workflow_instance.data["manager_note"], "By phone")

    def test_an_end(self) -> None:
        answer = self.send(decision="reject")
        self.assertEqual(
            answer.context["preview"].follows,
            ["The ticket ends as “Rejected”, and what is open is cancelled: “Decide”."],
        )
        self.assertContains(answer, "Save and end the ticket")
        self.press(answer, _save="all")
        self.assertEqual(self.now().workflow_instance.status, RunStatus.CANCELLED)

    def test_data_that_changes_under_the_preview(self) -> None:
        preview = self.send(days="6")
        self.vacations.complete(self.ticket, "Decide", decision="change", manager_note="Too long")
        answer = self.press(preview, _save="all")
        self.assertTemplateUsed(answer, "workflow_ops/manage_ticket_edit_preview.html")
        changes = [(each.change.label, each.who) for each in answer.context["foreign"]]
        by = self.ours.admin.get_full_name()
        self.assertEqual(changes, [("Decision", by), ("Note of the manager", by)])
        self.assertContains(answer, "Too long")
        self.assertEqual(answer.context["preview"].follows[0], "“Decide” starts, for Marek Tester.")
        self.assertEqual(self.now().workflow_instance.data["days"], 5)
        self.press(answer, _save="all")
        run = self.now().workflow_instance
        self.assertEqual((run.data["days"], run.data["manager_note"]), (6, "Too long"))

    def test_on_hold_it_says_what_follows_then_and_what_waits(self) -> None:
        self.client.post(f"/manage/tickets/{self.ticket.number}/hold/", {"reason": "Wait"})
        answer = self.send(days="6")
        self.assertContains(answer, "What follows once it is resumed")
        self.press(answer, _save="all")
        self.assertContains(self.client.get(self.path), "Waits already")
        late = self.send(days="7")  # its page said that nothing waits
        self.assertContains(late, "The data has changed since you opened this page")
        ((change, who),) = late.context["waiting"]
        self.assertEqual((change.before, change.after, who), ("5", "6", self.admin.get_full_name()))

    def test_fields_named_in_the_address_come_first(self) -> None:
        page = self.client.get(f"{self.path}?fields=decision,unknown")
        names = list(page.context["form"].fields)
        self.assertEqual((names[0], len(names)), ("decision", 6))
        self.assertContains(page, "All other data")
