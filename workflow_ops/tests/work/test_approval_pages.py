"""Pages on which people confirm, change or send back what programs have prepared."""

from __future__ import annotations

from typing import Any

from django.test import Client

from users.models import CustomUser
from users.tests.cases import logged_in
from workflow_ops.models import TaskInstance
from workflow_ops.tests.program_cases import ApprovalTestCase


class ApprovalPages(ApprovalTestCase):
    """Robot has prepared One's task."""

    def setUp(self) -> None:
        super().setUp()
        self.sent = self.ticket()
        self.prepared = self.prepare(self.sent, note="Both amounts agree.")
        self.path = f"/tasks/{self.prepared.pk}/"
        self.browser = logged_in(self.one)

    def post(self, browser: Client | None = None, path: str = "", **data: Any) -> Any:
        form = {"_input_version": "1", "_prepared": self.prepared.prepared_id, "out": "pay", "n": "5", **data}
        with self.captureOnCommitCallbacks(execute=True):
            return (browser or self.browser).post(path or self.path, form, follow=True)

    def now(self) -> TaskInstance:
        return self.engine.task(self.sent, "Work")

    def test_what_the_confirmer_reads(self) -> None:
        page = self.browser.get(self.path)
        self.assertContains(page, "Robot (service account) (by “nightly”) has prepared the answers.")
        self.assertContains(page, "Both amounts agree.")
        self.assertContains(page, 'value="pay"')
        self.assertContains(page, "To confirm")
        self.assertContains(page, "Confirm</button>")
        self.assertNotContains(page, "Complete</button>")
        for path in ("/tasks/", "/users/dashboard/"):
            listed = self.browser.get(path)
            self.assertContains(listed, "To confirm")
            self.assertContains(listed, "Prepared by Robot (service account)")

    def test_what_the_desk_reads(self) -> None:
        browser = logged_in(self.boss)
        listed = browser.get("/manage/tasks/")
        self.assertContains(listed, "To confirm")
        self.assertContains(listed, "Prepared by Robot (service account)")
        page = browser.get(f"/manage/tasks/{self.prepared.pk}/")
        self.assertContains(page, "Prepared by")
        self.assertContains(page, "Robot (service account)")
        content = b"".join(browser.get("/manage/tasks/csv/").streaming_content)  # type: ignore[attr-defined]
        self.assertIn(b"To confirm", content)

    def test_confirm_with_a_change(self) -> None:
        page = self.post(n="7")
        self.assertEqual(page.redirect_chain, [(self.path, 302)])
        self.assertEqual(self.engine.run(self.sent).data["n"], 7)
        timeline = logged_in(self.ours.submitter).get(f"/tickets/{self.sent.number}/")
        self.assertContains(timeline, "prepared by Robot (service account) (by “nightly”); changed N")
        self.assertContains(timeline, "Both amounts agree.")

    def test_an_answer_that_came_meanwhile(self) -> None:
        page = self.post(_prepared="other", out="mine")
        self.assertEqual(page.status_code, 409)
        self.assertContains(page, "has prepared another answer since you opened this page", status_code=409)
        self.assertContains(page, 'value="mine"', status_code=409)
        page = self.post(_prepared="other", _save_draft="")
        self.assertEqual(page.status_code, 409)
        self.assertEqual(self.now().draft, {"out": "pay", "n": 5})
        self.assertEqual(self.post(out="mine").status_code, 200)

    def test_send_back(self) -> None:
        path = f"{self.path}send-back/"
        page = self.browser.get(path)
        self.assertContains(page, "Robot (service account) reads the reason and answers again.")
        self.assertEqual(self.post(path=path, reason="").context["form"].errors.keys(), {"reason"})
        page = self.post(path=path, reason="Look at the date", prepared=self.prepared.prepared_id)
        self.assertContains(page, "You have sent the answer back.", status_code=page.status_code)
        self.assertEqual(self.now().assigned_to, self.robot)
        desk = logged_in(self.boss).get(f"/manage/tasks/{self.prepared.pk}/")
        self.assertContains(desk, "Look at the date")

    def test_the_last_time_says_so(self) -> None:
        self.engine.call(lambda: TaskInstance.objects.filter(pk=self.prepared.pk).update(sent_back_times=2))
        page = self.browser.get(f"{self.path}send-back/")
        self.assertContains(page, "no program may answer it any more")

    def test_who_may_not_send_back(self) -> None:
        path = f"{self.path}send-back/"
        people: dict[CustomUser, int] = {self.ours.submitter: 403, self.theirs.admin: 404}
        for person, status in people.items():
            browser = logged_in(person)
            self.assertEqual(browser.get(path).status_code, status)
            self.assertEqual(browser.post(path, {"reason": "x"}).status_code, status)
        self.assertEqual(self.browser.put(path).status_code, 405)
        two = logged_in(self.engine.person("Two", roles=["Crew"]))
        self.post(two, path, reason="x", prepared=self.prepared.prepared_id)
        self.assertEqual(self.now().assigned_to, self.one)

    def test_a_confirmation_that_is_sent_twice(self) -> None:
        self.post()
        self.assertEqual(self.post().redirect_chain, [(self.path, 302)])
