"""Tasks that need approval over the API: prepared by a program, confirmed in the browser."""

from __future__ import annotations

import json
from typing import Any

from users.models import Scope
from users.tests.cases import logged_in
from workflow_ops.models import TaskInstance, TicketInstance
from workflow_ops.tests.api.cases import Program, make_secret
from workflow_ops.tests.program_cases import ApprovalTestCase


class ApprovalOverApi(ApprovalTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.sent: TicketInstance = self.ticket()
        self.task_id = self.engine.task(self.sent, "Work").pk
        secret = make_secret(self.robot, Scope.READ, Scope.WORK, by=self.ours.admin)
        self.robots = Program(secret)
        self.path = f"tasks/{self.task_id}"

    def completes(self, program: Program | None = None, *, status: int, **more: Any) -> dict[str, Any]:
        body = {"values": {"out": "pay", "n": 5}, **more.pop("body", {})}
        headers = {"If_Match": '"1"', **more}
        with self.captureOnCommitCallbacks(execute=True):
            response: Any = (program or self.robots).post(f"{self.path}/complete", body, **headers)
        self.assertEqual(response.status_code, status, response.content[:500])
        return dict(json.loads(response.content))

    def read(self, program: Program | None = None) -> dict[str, Any]:
        return dict(json.loads((program or self.robots).get(self.path).content))

    def stored(self) -> TaskInstance:
        return self.engine.task(self.sent, "Work")

    def test_prepared_sent_back_prepared_and_confirmed(self) -> None:
        task = self.read()
        self.assertEqual((task["needs_approval"], task["sent_back"]), (True, None))
        receipt = self.completes(status=202, body={"note": "Sure"})
        expected = {"id": self.task_id, "status": "IN_PROGRESS", "is_prepared": True, "completed_at": None}
        self.assertEqual(receipt, expected)
        self.assertEqual(self.robots.get(self.path).status_code, 403)
        one = Program(make_secret(self.one, Scope.READ, Scope.WORK))
        seen = self.read(one)
        self.assertEqual((seen["prepared_by"], seen["draft"]["n"]), ("Robot (service account)", 5))
        (item,) = json.loads(one.get("tasks").content)["items"]
        self.assertEqual((item["status"], item["prepared_by"]), ("PREPARED", "Robot (service account)"))
        browser = logged_in(self.one)
        page = browser.get(f"/tasks/{self.task_id}/send-back/")
        data = {"reason": "Look at the date", "prepared": page.context["form"].initial["prepared"]}
        browser.post(f"/tasks/{self.task_id}/send-back/", data)
        (item,) = json.loads(self.robots.get("tasks").content)["items"]
        self.assertEqual(item["id"], self.task_id)
        back = self.read()["sent_back"]
        self.assertEqual((back["times"], back["reason"], back["by"]), (1, "Look at the date", "One Tester"))
        self.completes(status=202)

    def test_the_same_request_again(self) -> None:
        first, second = (self.completes(status=202, Idempotency_Key="k") for _each in range(2))
        self.assertEqual(first, second)
        self.assertEqual(self.event_count(), 1)

    def event_count(self) -> int:
        kinds = self.engine.event_kinds(self.sent)
        return kinds.count("TASK_PREPARED")

    def test_after_the_third_time(self) -> None:
        for _each in range(3):
            self.completes(status=202)
            self.send_back(self.sent, self.one)
        self.completes(status=403)
        problem = self.completes(Program(make_secret(self.one, Scope.WORK)), status=403)
        self.assertIn("sent back three times", problem["detail"])

    def test_another_version_and_another_company(self) -> None:
        self.completes(status=412, If_Match='"2"')
        self.completes(Program(make_secret(self.theirs.admin, Scope.WORK)), status=404)
        self.completes(Program(make_secret(self.ours.submitter, Scope.WORK)), status=403)
        self.completes(status=422, body={"note": "x" * 1001})
        self.assertIsNone(self.stored().draft)

    def test_drafts_of_programs_are_refused(self) -> None:
        """Whoever opens the form takes a draft for their own, and for what was prepared."""
        one, browser = Program(make_secret(self.one, Scope.WORK)), logged_in(self.one)
        draft = {"values": {"out": "steal"}}
        self.assertEqual(self.robots.send("PUT", f"{self.path}/draft", draft).status_code, 403)
        self.assertIsNone(self.stored().draft)
        self.completes(status=202)
        for program in (one, Program(make_secret(self.ours.admin, Scope.WORK))):
            response = program.send("PUT", f"{self.path}/draft", draft)
            self.assertEqual(response.status_code, 403)
            self.assertIn("needs approval", json.loads(response.content)["detail"])
        self.assertEqual(self.stored().draft, {"out": "pay", "n": 5})
        page = browser.get(f"/tasks/{self.task_id}/").context["task"]
        browser.post(
            f"/tasks/{self.task_id}/",
            {"out": "mine", "_save_draft": "1", "_prepared": page.prepared_id, "input_version": 1},
        )
        self.assertEqual(self.stored().draft, {"out": "mine"})
