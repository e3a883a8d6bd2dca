"""Tasks over the API."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.utils import timezone

from users.models import CustomUser, Scope
from workflow_ops.desk.actions import hold_workflow
from workflow_ops.models import TaskInstance, TicketInstance
from workflow_ops.tests.api.cases import ApiTestCase, Program
from workflow_ops.tests.engine_cases import NUMBER, form, workflow


class TasksTests(ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        # So that the task goes to Wanda.
        self.engine.call(
            lambda: CustomUser.objects.exclude(pk=self.ours.worker.pk).update(is_in_rotation=False)
        )
        self.made = self.engine.load(workflow(form("Check", "a", "out n"), n=NUMBER))
        self.ticket: TicketInstance = self.engine.submit(self.made, a="Paper")
        self.task = self.engine.task(self.ticket, "Check")
        self.wanda = self.program(self.ours.worker, Scope.READ, Scope.WORK)
        self.path = f"tasks/{self.task.pk}"

    def complete(self, program: Program | None = None, **headers: str) -> Any:
        values = {"out": "Fine", "n": 3}
        headers = headers or {"If_Match": '"1"'}
        return self.send(
            program or self.wanda, "POST", f"{self.path}/complete", {"values": values}, **headers
        )

    def read(self) -> dict[str, Any]:
        return dict(json.loads(self.wanda.get(self.path).content))

    def test_read_draft_complete(self) -> None:
        (item,) = json.loads(self.wanda.get("tasks").content)["items"]
        self.assertEqual((item["id"], item["title"], item["status"]), (self.task.pk, "Check", "OPEN"))
        response = self.wanda.get(self.path)
        task = json.loads(response.content)
        self.assertEqual(task["input"], {"a": "Paper"})
        self.assertEqual(set(task["form"]["properties"]), {"out", "n"})
        self.assertEqual(response.headers["ETag"], '"1"')
        draft = self.send(self.wanda, "PUT", f"{self.path}/draft", {"values": {"n": 2}})
        self.assertEqual(json.loads(draft.content)["status"], "IN_PROGRESS")
        self.assertEqual(self.read()["draft"], {"n": 2})
        done = json.loads(self.complete(If_Match=response.headers["ETag"]).content)
        self.assertEqual((done["id"], done["status"]), (self.task.pk, "COMPLETED"))
        self.assertEqual(self.read()["output"], {"out": "Fine", "n": 3})
        (item,) = json.loads(self.wanda.get("tasks?show=done").content)["items"]
        self.assertEqual(item["id"], self.task.pk)

    def test_a_field_that_is_left_out_is_blank(self) -> None:
        self.send(self.wanda, "PUT", f"{self.path}/draft", {"values": {"n": 2}})
        self.send(self.wanda, "POST", f"{self.path}/complete", {"values": {"out": "x"}}, If_Match='"1"')
        self.assertEqual(self.read()["output"], {"out": "x"})

    def test_versions(self) -> None:
        self.problems(self.send(self.wanda, "POST", f"{self.path}/complete", {"values": {}}), 428)
        self.problems(self.complete(If_Match='"2"'), 412)
        self.problems(self.complete(If_Match='"other"'), 412)
        desk = self.program(self.ours.admin)
        for version in ("9" * 5000, "*", '"1", "2"', '"1.0"', '"-1"'):
            with self.subTest(version[:9]):
                self.problems(self.complete(If_Match=version), 412)
                filling = desk.post(f"desk/{self.path}/fill-in", {"values": {}}, If_Match=version)
                self.problems(filling, 412)

    def test_twice(self) -> None:
        first, second = (self.complete(If_Match='"1"', Idempotency_Key="k") for _each in range(2))
        self.assertEqual([first.status_code, second.status_code], [200, 200])
        self.problems(self.complete(If_Match='"1"'), 409)

    def test_give_back_and_take(self) -> None:
        response = self.send(self.wanda, "POST", f"{self.path}/give-back", {"reason": "Ill"})
        self.assertEqual((response.status_code, self.read()["assignee"]), (200, ""))
        taken = self.send(self.program(self.ours.admin), "POST", f"{self.path}/take")
        self.assertEqual(json.loads(taken.content)["id"], self.task.pk)
        self.assertEqual(self.read()["assignee"], self.ours.admin.get_full_name())
        self.problems(self.complete(), 403)

    def test_drafts_are_for_those_who_may_complete_the_task(self) -> None:
        self.send(self.wanda, "PUT", f"{self.path}/draft", {"values": {"n": 2}})
        for person, draft in (
            (self.ours.worker, {"n": 2}),
            (self.ours.admin, {"n": 2}),
            (self.ours.ticket_admin, None),
        ):
            with self.subTest(person):
                read = json.loads(self.program(person, Scope.READ).get(self.path).content)
                self.assertEqual((read["draft"], read["may_complete"]), (draft, draft is not None))

    def test_a_row_names_its_ticket(self) -> None:
        def row() -> dict[str, Any]:
            (item,) = json.loads(tom.get("desk/tasks").content)["items"]
            return dict(item)

        tom = self.program(self.ours.ticket_admin, Scope.ADMINISTER)
        found = row()
        self.assertEqual((found["ticket"], found["type_title"]), (self.ticket.number, "Ticket"))
        self.assertEqual(found["ticket_title"], f"Ticket #{self.ticket.number}")
        self.assertEqual(found["assignee"], self.ours.worker.get_full_name())
        self.send(self.wanda, "POST", f"{self.path}/give-back", {})
        self.assertEqual(row()["assignee"], "")

    def test_what_is_on_hold_is_not_due(self) -> None:
        due = timezone.now() + timedelta(days=1)
        self.engine.call(lambda: TaskInstance.objects.filter(pk=self.task.pk).update(due_at=due))
        self.assertIsNotNone(self.read()["due_at"])
        admin = self.ours.admin
        self.engine.as_person(admin, lambda: hold_workflow(self.ticket, reason="Wait", by=admin))
        self.assertIsNone(self.read()["due_at"])
        desk = self.program(self.ours.ticket_admin, Scope.ADMINISTER)
        self.assertIsNone(json.loads(desk.get(f"desk/{self.path}").content)["due_at"])

    def test_who_may_not(self) -> None:
        self.problems(self.complete(self.program(self.ours.submitter)), 403)
        self.problems(self.complete(self.program(self.theirs.admin)), 404)
        self.problems(self.complete(self.program(self.ours.worker, Scope.READ)), 403)
