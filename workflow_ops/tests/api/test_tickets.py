"""Tickets over the API."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.utils import timezone

from users.models import AuditEvent, Scope, SystemRoleMembership
from workflow_ops.api.old_calls import remove_old_keys
from workflow_ops.models import IdempotentCall, TicketInstance
from workflow_ops.tests.api.cases import ApiTestCase, Program
from workflow_ops.tests.engine_cases import NUMBER, form, workflow


class TicketsTests(ApiTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.made = self.engine.load(workflow(form("Check", "a"), ticket="a n", n=NUMBER))
        self.kind = self.engine.call(self.made.tickets.get).pk
        self.sam = self.program(self.ours.submitter, Scope.READ, Scope.SUBMIT)

    def submit(self, program: Program | None = None, **body: Any) -> Any:
        content = {"ticket_type": self.kind, "values": {"a": "Paper", "n": 5}} | body
        return self.send(program or self.sam, "POST", "tickets", content)

    def count(self) -> int:
        found: int = self.engine.call(TicketInstance.objects.count)
        return found

    def test_the_catalogue_has_the_form(self) -> None:
        (item,) = json.loads(self.sam.get("ticket-types").content)["items"]
        self.assertEqual((item["id"], item["title"], item["workflow"]), (self.kind, "Ticket", "Test"))
        form_of = json.loads(self.sam.get(f"ticket-types/{self.kind}").content)["form"]
        self.assertEqual(form_of["properties"], {"a": {"type": "string"}, "n": {"type": "number"}})

    def test_submit_read_list_withdraw(self) -> None:
        response = self.submit()
        self.assertEqual(response.status_code, 201, response.content)
        receipt = json.loads(response.content)
        self.assertEqual(receipt, {"number": receipt["number"], "status": "NOT_STARTED"})
        number = receipt["number"]
        read = json.loads(self.sam.get(f"tickets/{number}").content)
        self.assertEqual((read["status"], read["submitted"]), ("IN_PROGRESS", {"a": "Paper", "n": 5}))
        (item,) = json.loads(self.sam.get("tickets").content)["items"]
        self.assertEqual(item["number"], number)
        (task,) = item["unfinished_tasks"]
        self.assertEqual((task["title"], task["status"]), ("Check", "OPEN"))
        response = self.send(self.sam, "POST", f"tickets/{number}/withdraw", {"reason": "No need"})
        self.assertEqual(json.loads(response.content)["status"], "CANCELLED")
        again = self.send(self.sam, "POST", f"tickets/{number}/withdraw", {"reason": "No need"})
        self.problems(again, 409)

    def test_each_wrong_value_is_pointed_at(self) -> None:
        response = self.submit(values={"a": 5, "n": "many"})
        self.assertEqual(set(self.problems(response, 422)), {"/values/a", "/values/n"})
        self.assertEqual(self.problems(self.submit(values={"a": "x", "b": 1}), 422), ["/values/b"])
        self.assertEqual(self.problems(self.submit(ticket_type="x"), 422), ["/ticket_type"])
        self.assertEqual(self.problems(self.submit(more=1), 422), ["/more"])
        self.assertEqual(self.count(), 0)

    def test_the_same_key_makes_one_ticket(self) -> None:
        body = {"ticket_type": self.kind, "values": {"a": "Paper"}}
        first, second = (
            self.send(self.sam, "POST", "tickets", body, Idempotency_Key="key 1") for _each in range(2)
        )
        self.assertEqual([first.status_code, second.status_code], [201, 201])
        self.assertEqual(json.loads(first.content)["number"], json.loads(second.content)["number"])
        self.assertEqual(self.count(), 1)
        other = self.send(self.sam, "POST", "tickets", {**body, "values": {}}, Idempotency_Key="key 1")
        self.problems(other, 422)

    def test_a_repeat_is_answered_with_the_rights_of_today(self) -> None:
        tom = self.program(self.ours.ticket_admin, Scope.SUBMIT)
        body = {"ticket_type": self.kind, "values": {"a": "Paper"}, "requester": self.ours.submitter.pk}
        for _each in range(2):
            made = self.send(tom, "POST", "tickets", body, Idempotency_Key="for Sam")
            self.assertEqual(made.status_code, 201, made.content)
        theirs = {"person": self.ours.ticket_admin}
        self.engine.call(lambda: SystemRoleMembership.objects.filter(**theirs).delete())
        self.problems(self.send(tom, "POST", "tickets", body, Idempotency_Key="for Sam"), 403)
        self.assertEqual(self.count(), 1)

    def test_a_ticket_that_has_not_started_says_so_in_the_list(self) -> None:
        self.sam.post("tickets", {"ticket_type": self.kind, "values": {"a": "Paper"}})  # nothing follows
        (item,) = json.loads(self.sam.get("tickets").content)["items"]
        self.assertEqual((item["status"], item["unfinished_tasks"]), ("NOT_STARTED", []))

    def test_a_refused_request_leaves_its_key_free(self) -> None:
        body = {"ticket_type": self.kind, "values": {"a": 5}}
        self.problems(self.send(self.sam, "POST", "tickets", body, Idempotency_Key="k"), 422)
        body["values"] = {"a": "five"}
        self.assertEqual(self.send(self.sam, "POST", "tickets", body, Idempotency_Key="k").status_code, 201)

    def test_the_audit_log_names_the_token(self) -> None:
        self.submit()
        events = self.engine.call(
            lambda: list(AuditEvent.objects.filter(table="workflow_ops_ticketinstance"))
        )
        self.assertEqual(
            {(event.way, event.token[:7], event.person_id) for event in events},
            {("api", "Program", self.ours.submitter.pk)},
        )

    def test_without_a_token_and_with_others(self) -> None:
        number = json.loads(self.submit().content)["number"]
        self.problems(Program().get("tickets"), 401)
        self.problems(Program("tf_wrong").get("tickets"), 401)
        self.problems(self.program(self.ours.submitter, Scope.SUBMIT).get("tickets"), 403)
        self.problems(self.program(self.theirs.admin).get(f"tickets/{number}"), 404)
        self.problems(self.program(self.ours.designer).get(f"tickets/{number}"), 403)
        self.problems(self.sam.send("DELETE", f"tickets/{number}"), 405)
        self.problems(self.sam.get("nothing"), 404)

    def test_a_key_lasts_a_week(self) -> None:
        body = {"ticket_type": self.kind, "values": {"a": "Paper"}}
        first = self.send(self.sam, "POST", "tickets", body, Idempotency_Key="k")
        remove_old_keys()
        self.assertEqual(self.engine.call(IdempotentCall.objects.count), 1)
        week_ago = timezone.now() - timedelta(days=8)
        self.engine.call(lambda: IdempotentCall.objects.update(made_at=week_ago))
        remove_old_keys(batch=1)
        self.assertEqual(self.engine.call(IdempotentCall.objects.count), 0)
        self.assertEqual(first.status_code, 201)
