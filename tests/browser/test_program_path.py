"""A journey of a program and a person: prepared over HTTP with a token, sent back, prepared, confirmed."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import Request, urlopen

from tests.browser.path_cases import OnAPhone, PathTestCase
from users.models import CompanyRole, CompanyRoleMembership, CustomUser, Scope
from users.token_actions import make_service_account
from workflow_ops.desk.actions import assign_task
from workflow_ops.tests.api.cases import make_secret
from workflow_ops.tests.engine_cases import NUMBER, form, workflow

NOTE = "The amount stands on page 2."


class ProgramPath(PathTestCase):
    """Robot reads invoices, and Hugo confirms what it has found."""

    def setUp(self) -> None:
        super().setUp()
        read = form("Read it", "invoice", "payee amount", executor_roles=("Reader",), needs_approval=True)
        titles = {"invoice": "Invoice", "payee": "Payee"}
        fields = {name: {"type": "string", "title": title} for name, title in titles.items()}
        file = workflow(
            read, ticket="invoice", title="Invoices", amount={**NUMBER, "title": "Amount"}, **fields
        )
        self.made = self.engine.load(file)
        self.robot: CustomUser = self.engine.call(self.make_robot)
        self.hugo = self.engine.person("Hugo", roles=["Reader"])
        self.secret = make_secret(self.robot, Scope.READ, Scope.WORK, by=self.ours.admin)
        self.ticket = self.engine.submit(self.made, invoice="From the printer's, 12 May")
        self.task = self.engine.task(self.ticket, "Read it")
        by = self.ours.admin
        self.engine.as_person(by, lambda: assign_task(self.task, to=self.robot, by=by))

    def make_robot(self) -> CustomUser:
        robot = make_service_account(name="Robot")
        role = CompanyRole.objects.get(name="Reader")
        CompanyRoleMembership.objects.create(role=role, person=robot)
        return robot

    def ask(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Send a request with the token; return the status and the content of the answer."""
        request = Request(  # noqa: S310 - the site of this test
            f"{self.live_server_url}/api/1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json", **headers},
        )
        with urlopen(request) as answer:  # noqa: S310 - the same
            return answer.status, json.load(answer)

    def answers(self, amount: float) -> None:
        """Let the program read its task and answer it."""
        _status, tasks = self.ask("tasks")
        (found,) = tasks["items"]
        _status, task = self.ask(f"tasks/{found['id']}")
        self.assertEqual(task["input"], {"invoice": "From the printer's, 12 May"})
        body = {"values": {"payee": "Printers", "amount": amount}, "note": NOTE}
        version = {"If-Match": f'"{task["input_version"]}"'}
        status, receipt = self.ask(f"tasks/{task['id']}/complete", body, **version)
        self.assertEqual((status, receipt["is_prepared"]), (202, True))
        self.assertEqual(self.ask("tasks")[1]["items"], [])

    def test_sent_back_once_and_confirmed_with_a_change(self) -> None:
        self.answers(12)
        with self.walker(self.hugo) as page:
            self.go(page, "/tasks/", "Read it", "To confirm", "Prepared by Robot (service account)")
            self.follow(page, "Read it", "has prepared the answers", NOTE)
            self.assert_filled(page, payee="Printers", amount="12")
            self.assert_accessible(page)
            self.follow(page, "Send the answer back", "reads the reason and answers again")
            self.fill(page, reason="This is the date")
            self.press(page, "Send it back", "You have sent the answer back.")
            _status, task = self.ask(f"tasks/{self.task.pk}")
            self.assertEqual(task["sent_back"]["reason"], "This is the date")
            self.answers(99)
            self.go(page, f"/tasks/{self.task.pk}/", "This is the date", NOTE)
            self.assert_filled(page, amount="99")
            self.fill(page, amount="99.5")
            self.press(page, "Confirm", "You have completed this task")
            changed = "confirmed “Read it”, prepared by Robot (service account)"
            self.go(page, f"/tickets/{self.ticket.number}/", changed, "changed Amount", NOTE)
        self.assertEqual(self.engine.run(self.ticket).data["amount"], 99.5)


class ProgramPathOnAPhone(OnAPhone, ProgramPath):
    """The same on a phone without JavaScript."""
