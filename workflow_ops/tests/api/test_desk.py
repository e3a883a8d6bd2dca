"""The desk over the API."""

from __future__ import annotations

import json
from typing import Any

from users.models import CustomUser, Scope
from users.signup import give_system_roles
from users.system_roles import SystemRoleName
from users.token_actions import make_service_account
from workflow_ops.models import TaskStatus
from workflow_ops.tests.api.cases import ApiTestCase, Program
from workflow_ops.tests.engine_cases import NUMBER, equals, form, workflow


class DeskTests(ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        made = self.engine.load(
            workflow(
                form("Check", "a"), form("Never", "n", condition=equals("n", 99)), ticket="a n", n=NUMBER
            )
        )
        self.ticket = self.engine.submit(made, a="Paper", n=1)
        self.task = self.engine.task(self.ticket, "Check")
        self.tom = self.program(self.ours.ticket_admin, Scope.ADMINISTER)
        self.path = f"desk/tickets/{self.ticket.number}"
        self.task_path = f"desk/tasks/{self.task.pk}"

    def do(self, path: str, body: Any = None, program: Program | None = None, **headers: str) -> Any:
        response = self.send(program or self.tom, "POST", path, {} if body is None else body, **headers)
        self.assertEqual(response.status_code, 200, response.content[:500])
        return json.loads(response.content)

    def read(self, path: str) -> Any:
        response = self.tom.get(path)
        self.assertEqual(response.status_code, 200, response.content[:500])
        return json.loads(response.content)

    def test_lists(self) -> None:
        (item,) = self.read("desk/tickets")["items"]
        self.assertEqual((item["number"], item["status"]), (self.ticket.number, "IN_PROGRESS"))
        self.assertEqual(self.read("desk/tickets?status=finished")["items"], [])
        (task,) = self.read("desk/tasks")["items"]
        self.assertEqual((task["id"], task["title"]), (self.task.pk, "Check"))
        self.assertEqual(self.read("desk/errors")["items"], [])

    def test_pages_of_a_list(self) -> None:
        made = self.ticket.ticket_definition.workflow
        for _each in range(55):
            self.engine.submit(made, a="More", n=2)
        first = self.read("desk/tickets")
        second = self.read(first["next"].removeprefix("/api/1/"))
        numbers = [item["number"] for page in (first, second) for item in page["items"]]
        self.assertEqual(len(first["items"]), 50)
        self.assertEqual(sorted(numbers, reverse=True), numbers)
        self.assertEqual(len(set(numbers)), 56)
        self.assertIsNone(second["next"])

    def test_hold_resume_cancel(self) -> None:
        self.assertEqual(self.do(f"{self.path}/hold", {"reason": "Wait"})["status"], "ON_HOLD")
        self.problems(self.send(self.tom, "POST", f"{self.path}/hold", {"reason": "Wait"}), 409)
        self.do(f"{self.path}/resume", {"note": "Go on"})
        self.assertEqual(self.read(self.path)["status"], "IN_PROGRESS")
        self.assertEqual(self.do(f"{self.path}/cancel", {"reason": "No need"})["status"], "CANCELLED")

    def test_edit_with_the_version_that_was_read(self) -> None:
        response = self.tom.get(self.path)
        etag = response.headers["ETag"]
        edit = {"values": {"a": None, "n": 7}}
        self.problems(self.send(self.tom, "POST", f"{self.path}/edit", edit), 428)
        self.do(f"{self.path}/edit", edit, If_Match=etag)
        self.assertEqual(self.read(self.path)["data"], {"n": 7})
        self.problems(self.send(self.tom, "POST", f"{self.path}/edit", edit, If_Match=etag), 412)
        wrong = self.send(self.tom, "POST", f"{self.path}/edit", {"values": {"n": "x"}}, If_Match='"2"')
        self.assertEqual(self.problems(wrong, 422), ["/values/n"])

    def test_responsible_and_links(self) -> None:
        person = self.ours.ticket_admin
        answer = self.do(f"{self.path}/responsible", {"person": person.pk})
        self.assertEqual(answer["responsible"], person.get_full_name())
        for unable in (self.theirs.admin, self.ours.submitter):
            refused = self.send(self.tom, "POST", f"{self.path}/responsible", {"person": unable.pk})
            self.assertEqual(self.problems(refused, 422), ["/person"])
        other = self.engine.submit(self.ticket.ticket_definition.workflow, a="Other", n=2)
        link = {"other": other.number, "kind": "RELATES"}
        self.do(f"{self.path}/links", link)
        linked = {"number": other.number, "kind": "RELATES", "status": "IN_PROGRESS"}
        self.assertEqual(self.read(self.path)["links"], [linked])
        self.problems(self.send(self.tom, "POST", f"{self.path}/links", link), 409)
        self.do(f"{self.path}/unlink/{other.number}")
        self.do(f"{self.path}/links", link)

    def test_tasks(self) -> None:
        worker = self.ours.worker
        self.assertEqual(self.read(self.task_path)["input"]["a"], "Paper")
        self.assertEqual(self.do(f"{self.task_path}/assign", {"person": None})["assignee"], "")
        answer = self.do(f"{self.task_path}/assign", {"person": worker.pk, "note": "Please"})
        self.assertEqual(answer["assignee"], worker.get_full_name())
        self.assertEqual(
            self.do(f"{self.task_path}/restrict", {"people": [worker.pk]})["allowed"], [worker.pk]
        )
        stranger = {"people": [self.theirs.worker.pk]}
        refused = self.send(self.tom, "POST", f"{self.task_path}/restrict", stranger)
        self.assertEqual(self.problems(refused, 422), ["/people"])
        self.problems(self.send(self.tom, "POST", f"{self.task_path}/retry", {}), 403)
        done = self.do(f"{self.task_path}/cancel", {"reason": "Twice"}, Idempotency_Key="k")
        self.assertEqual(done["status"], TaskStatus.CANCELLED)
        again = self.do(f"{self.task_path}/cancel", {"reason": "Twice"}, Idempotency_Key="k")
        self.assertEqual(again, done)

    def test_a_task_is_restricted_only_to_those_who_may_do_it(self) -> None:
        gone = self.engine.person("Gone", system_roles=[SystemRoleName.TASK_WORKER])
        offered = self.read(f"{self.task_path}/restrictable-people")["items"]
        self.assertEqual({each["id"] for each in offered}, {self.ours.admin.pk, self.ours.worker.pk, gone.pk})
        self.engine.call(lambda: CustomUser.objects.filter(pk=gone.pk).update(is_active=False))
        for person in (gone, self.ours.submitter):
            body = {"people": [self.ours.worker.pk, person.pk]}
            refused = self.send(self.tom, "POST", f"{self.task_path}/restrict", body)
            self.assertEqual(self.problems(refused, 422), ["/people"])
        self.assertEqual(self.read(self.task_path)["allowed"], [])
        submitter = {"person": self.ours.submitter.pk}
        refused = self.send(self.tom, "POST", f"{self.task_path}/assign", submitter)
        self.assertEqual(self.problems(refused, 422), ["/person"])

    def test_a_version_that_was_read_before_the_hold(self) -> None:
        before = self.tom.get(self.path).headers["ETag"]
        self.do(f"{self.path}/hold", {"reason": "Wait"})
        on_hold = self.tom.get(self.path).headers["ETag"]
        self.do(f"{self.path}/edit", {"values": {"n": 900}}, If_Match=on_hold)
        for version in (before, on_hold, f'{before[:-1]}.x"', f'{before[:-1]}."'):
            with self.subTest(version):
                edit = {"values": {"n": 1200}}
                self.problems(self.send(self.tom, "POST", f"{self.path}/edit", edit, If_Match=version), 412)
                correct = f"tickets/{self.ticket.number}/correct"
                sam = self.program(self.ours.submitter)
                self.problems(self.send(sam, "POST", correct, edit, If_Match=version), 412)
        self.do(f"{self.path}/resume")
        self.assertEqual(self.read(self.path)["data"]["n"], 900)

    def test_until_when_a_ticket_is_on_hold(self) -> None:
        self.assertEqual(self.read(self.path)["held_until"], None)
        body = {"reason": "Wait", "until": "2999-01-31", "resumes_by_itself": True}
        held = self.do(f"{self.path}/hold", body)
        self.assertEqual((held["held_until"][:4], held["resumes_by_itself"]), ("2999", True))

    def test_who_can_be_responsible(self) -> None:
        robot = self.engine.as_person(self.ours.admin, lambda: make_service_account(name="Robo"))
        self.engine.call(lambda: give_system_roles(robot, [SystemRoleName.TICKET_ADMIN]))
        offered = {each["id"] for each in self.read(f"{self.path}/people")["items"]}
        self.assertEqual(offered, {self.ours.ticket_admin.pk, self.ours.admin.pk})

    def test_ids_that_no_row_can_have(self) -> None:
        for path, body, status in (
            (f"{self.task_path}/restrict", {"people": [10**30]}, 400),
            (f"{self.task_path}/restrict", {"people": [0]}, 422),
            (f"{self.task_path}/assign", {"person": -1}, 422),
            (f"{self.path}/links", {"other": 10**30, "kind": "RELATES"}, 400),
        ):
            with self.subTest(path):
                pointers = self.problems(self.send(self.tom, "POST", path, body), status)
                self.assertEqual(len(pointers), 1)
        self.problems(self.send(self.tom, "POST", f"{self.path}/unlink/{10**30}"), 404)
        self.problems(self.tom.get(f"desk/tickets/{10**30}"), 404)
        self.problems(self.tom.get(f"desk/errors/{10**30}"), 404)

    def test_errors(self) -> None:
        self.do(f"{self.task_path}/cancel", {"reason": "So that it stalls"})
        (item,) = self.read("desk/errors")["items"]
        (same,) = self.read(self.path)["errors"]
        self.assertEqual({name: item[name] for name in same}, same)
        self.assertEqual((same["ticket"], same["kind"], same["reason"]), (1, "WORKFLOW_TRANSITION", "STALL"))
        self.assertEqual(len(self.read("desk/errors?reason=STALL&kind=WORKFLOW_TRANSITION")["items"]), 1)
        path = f"desk/errors/{item['id']}"
        self.assertEqual(self.do(f"{path}/review", {"notes": "Seen"})["status"], "REVIEWED")
        self.do(f"{path}/retry", {"note": "Again"})
        self.assertEqual(self.do(f"{path}/resolve", {"notes": "Done"})["status"], "RESOLVED")
        read = self.read(path)
        self.assertEqual((read["notes"], read["message"]), ("Done", item["message"]))
        self.assertEqual(read["task_title"], "")

    def test_who_may_not(self) -> None:
        sam, wanda, stranger = self.ours.submitter, self.ours.worker, self.theirs.admin
        for person, status in ((sam, 403), (wanda, 403), (stranger, 404)):
            program = self.program(person)
            for path in (self.path, self.task_path):
                with self.subTest(person=person, path=path):
                    self.problems(program.get(path), status)
                    self.problems(program.post(f"{path}/cancel", {"reason": "x"}), status)
        without = self.program(self.ours.ticket_admin, Scope.READ, Scope.WORK)
        self.problems(without.get("desk/tickets"), 403)
        self.problems(without.post(f"{self.path}/cancel", {"reason": "x"}), 403)
