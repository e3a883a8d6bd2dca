"""Service accounts over the API: what they read before and after they have answered a task."""

from __future__ import annotations

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from users.models import CompanyRole, CompanyRoleMembership, CustomUser, Scope
from users.token_actions import make_service_account
from workflow_ops.comments.writing import add_comment
from workflow_ops.desk.actions import assign_task
from workflow_ops.files import upload_file
from workflow_ops.models import FileUpload, TaskInstance
from workflow_ops.tests.api.cases import ApiTestCase, Program, make_secret
from workflow_ops.tests.engine_cases import form, workflow


class ServiceAccountTests(ApiTestCase):
    """Sam's ticket with a comment and a file; its task is the robot's."""

    def setUp(self) -> None:
        super().setUp()
        self.made = self.engine.load(workflow(form("Check", "a", executor_roles=("Crew",)), title="Made"))
        self.ticket = self.engine.submit(self.made, a="Paper")
        self.task = self.engine.task(self.ticket, "Check")
        self.robot = self.engine.call(self._make_robot)
        admin = self.ours.admin
        self.engine.as_person(admin, lambda: assign_task(self.task, to=self.robot, by=admin))
        secret = make_secret(self.robot, Scope.READ, Scope.WORK, Scope.SUBMIT, by=admin)
        self.robots = Program(secret)
        self.file = self.engine.as_person(admin, lambda: self._comment(admin))
        self.path = f"tasks/{self.task.pk}"

    def _make_robot(self) -> CustomUser:
        robot = make_service_account(name="Robot")
        CompanyRoleMembership.objects.create(role=CompanyRole.objects.get(name="Crew"), person=robot)
        return robot

    def _comment(self, by: CustomUser) -> FileUpload:
        file = upload_file(SimpleUploadedFile("note.txt", b"Note"), by=by)
        add_comment(self.ticket, text="See the file", by=by, files=[str(file.pk)])
        return file

    def complete(self, **headers: str) -> Any:
        headers = {"If_Match": '"1"', **headers}
        return self.send(self.robots, "POST", f"{self.path}/complete", {"values": {"out": "Fine"}}, **headers)

    def addresses(self) -> list[str]:
        number = self.ticket.number
        return [
            self.path,
            f"tickets/{number}",
            f"tickets/{number}/comments",
            f"files/{self.file.pk}",
        ]

    def statuses(self) -> list[int]:
        return [self.robots.get(path).status_code for path in self.addresses()]

    def test_it_sees_the_ticket_until_it_has_answered(self) -> None:
        self.assertEqual(self.statuses(), [200] * 4)
        (item,) = json.loads(self.robots.get("tasks").content)["items"]
        self.assertEqual(item["id"], self.task.pk)
        response = self.complete()
        self.assertEqual(response.status_code, 200)
        self.assertEqual(
            set(json.loads(response.content).items()) - {("completed_at", None)},
            {
                *(("id", self.task.pk), ("status", "COMPLETED"), ("is_prepared", False)),
                ("completed_at", self.completed_at()),
            },
        )
        self.assertEqual(self.statuses(), [403] * 4)
        for show in ("open", "take", "held", "done"):
            self.assertEqual(json.loads(self.robots.get(f"tasks?show={show}").content)["items"], [])
        self.assertEqual(json.loads(self.robots.get("tickets").content)["items"], [])
        body = {"text": "Late", "is_internal": False}
        self.problems(self.send(self.robots, "POST", f"tickets/{self.ticket.number}/comments", body), 403)

    def completed_at(self) -> str:
        task = self.engine.task(self.ticket, "Check")
        assert task.completed_at is not None
        return task.completed_at.isoformat().replace("+00:00", "Z")

    def test_the_same_request_again_is_answered(self) -> None:
        first, second = (self.complete(Idempotency_Key="k") for _each in range(2))
        self.assertEqual((first.status_code, second.status_code), (200, 200))
        self.assertEqual(first.content, second.content)
        self.problems(self.complete(), 403)  # without a key nobody knows that it is the same

    def test_giving_back(self) -> None:
        body = {"reason": "Unsure"}
        response = self.send(self.robots, "POST", f"{self.path}/give-back", body, Idempotency_Key="k")
        self.assertEqual(json.loads(response.content)["status"], "OPEN")
        again = self.send(self.robots, "POST", f"{self.path}/give-back", body, Idempotency_Key="k")
        self.assertEqual(again.content, response.content)
        # It may take the task again, and reads what one reads beside it.
        self.assertEqual(self.statuses(), [200, 403, 403, 200])

    def test_another_company(self) -> None:
        with self.theirs.scope(), transaction.atomic():
            theirs = make_service_account(name="Robot")
        program = Program(make_secret(theirs, Scope.READ, Scope.WORK, by=self.theirs.admin))
        for path in self.addresses():
            self.problems(program.get(path), 404)
        values = {"values": {"out": "Fine"}}
        self.problems(self.send(program, "POST", f"{self.path}/complete", values, If_Match='"1"'), 404)
        with self.ours.scope():
            self.assertFalse(TaskInstance.objects.get(pk=self.task.pk).is_finished)

    def test_a_task_that_another_has(self) -> None:
        """It may do it by its role, but can't take it from a colleague, and so reads nothing of it."""
        admin = self.ours.admin
        one = self.engine.person("One", roles=["Crew"])

        def assign(to: CustomUser | None) -> None:
            self.engine.as_person(admin, lambda: assign_task(self.task, to=to, by=admin))

        for to, status in ((self.robot, 200), (one, 403), (None, 200), (self.robot, 200)):
            with self.subTest(to):
                assign(to)
                self.assertEqual((self.statuses()[0], self.statuses()[3]), (status, status))
