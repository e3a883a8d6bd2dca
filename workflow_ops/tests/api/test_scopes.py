"""What a token reads without the scope for reading: receipts, and nothing of tickets and tasks."""

from __future__ import annotations

import json
from typing import Any

from users.models import Scope
from users.system_roles import SystemRoleName
from workflow_ops.tests.api.cases import ApiTestCase, Program
from workflow_ops.tests.engine_cases import form, workflow

OF_TICKET = {"number", "status"}
OF_TASK = {"id", "status", "is_prepared", "completed_at"}


class ScopeTests(ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.made = self.engine.load(workflow(form("Check", "a")))
        self.ticket = self.engine.submit(self.made, a="Paper")
        self.task = self.engine.task(self.ticket, "Check")

    def members(self, program: Program, method: str, path: str, body: Any, **headers: str) -> set[str]:
        """Return what an answer says, by the names of its members."""
        response = self.send(program, method, path, body, **headers)
        self.assertIn(response.status_code, (200, 201), response.content)
        return set(json.loads(response.content))

    def test_submitting(self) -> None:
        sam, path = self.program(self.ours.submitter, Scope.SUBMIT), f"tickets/{self.ticket.number}"
        new = {"ticket_type": self.engine.call(self.made.tickets.get).pk, "values": {"a": "Ink"}}
        for end, body in (
            ("correct", {"values": {"a": "Pens"}}),
            ("unfollow", {}),
            ("follow", {}),
            ("withdraw", {"reason": "No need"}),
        ):
            with self.subTest(end):
                found = self.members(sam, "POST", f"{path}/{end}", body, If_Match='"1"')
                self.assertEqual(found, OF_TICKET)
        for _each in range(2):
            self.assertEqual(self.members(sam, "POST", "tickets", new, Idempotency_Key="k"), OF_TICKET)
        self.problems(sam.get(path), 403)

    def test_the_receipt_of_a_change_has_its_version(self) -> None:
        sam, path = self.program(self.ours.submitter), f"tickets/{self.ticket.number}"
        followed = self.send(sam, "POST", f"{path}/follow")
        self.assertEqual(followed.headers["ETag"], sam.get(path).headers["ETag"])

    def test_working(self) -> None:
        assert self.task.assigned_to is not None
        worker, path = self.program(self.task.assigned_to, Scope.WORK), f"tasks/{self.task.pk}"
        for method, end, body in (
            ("POST", "give-back", {}),
            ("POST", "take", {}),
            ("PUT", "draft", {"values": {"out": "Fi"}}),
            ("POST", "complete", {"values": {"out": "Fine"}}),
        ):
            with self.subTest(end):
                found = self.members(worker, method, f"{path}/{end}", body, If_Match='"1"')
                self.assertEqual(found, OF_TASK)
        self.problems(worker.get(path), 403)

    def test_a_scenario_of_a_ticket(self) -> None:
        roles = [SystemRoleName.WORKFLOW_CREATOR, SystemRoleName.TICKET_ADMIN]
        person = self.engine.person("Both", system_roles=roles)
        path, body = f"desk/tickets/{self.ticket.number}/scenario", {"title": "As it came"}
        for scope in (Scope.DESIGN, Scope.ADMINISTER):
            self.problems(self.send(self.program(person, scope), "POST", path, body), 403)
        made = self.send(self.program(person, Scope.DESIGN, Scope.ADMINISTER), "POST", path, body)
        self.assertEqual(made.status_code, 201, made.content)
