"""Callbacks of other systems (`docs/engine.md`, "Callbacks")."""

from __future__ import annotations

import json
from collections import Counter
from copy import copy
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ticketflower.clean_json import MAX_BYTES
from users.tests.at_once import at_once
from users.tests.cases import logged_in
from workflow_design.models import Connection
from workflow_ops.actions.callbacks import MAX_REFUSED, callback_url
from workflow_ops.actions.secrets import encrypt_secrets
from workflow_ops.desk.actions import cancel_task, hold_workflow, resume_workflow
from workflow_ops.models import (
    ActionCall,
    RunStatus,
    TaskInstance,
    TaskStatus,
    TicketInstance,
    WorkflowData,
    WorkflowWrite,
)
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, Engine, EngineTestCase, form, workflow

ACTION: dict[str, Any] = {"task_type": "ASYNC_ACTION", "action_url": "https://example.com/hook"}
RIGHT = {"out": "x"}


def start(engine: Engine, **action: Any) -> tuple[TicketInstance, TaskInstance]:
    """Submit a ticket whose action waits for its callback. "Next" follows."""
    title = action.pop("title", "Test")
    asks = form("Ask", "a", "out", **ACTION | action)
    file = workflow(asks, form("Next", "out", "done"), title=title)
    made = engine.load(replace(file, fields_schema={**file.fields_schema, "required": ["out"]}))
    ticket = engine.submit(made, a="x")
    task = engine.task(ticket, "Ask")
    change(engine, task, answer_until=timezone.now() + timedelta(days=1))
    return ticket, task


def change(engine: Engine, task: TaskInstance, **values: Any) -> None:
    """Change columns of the task."""
    engine.call(lambda: TaskInstance.objects.filter(pk=task.pk).update(**values))


def path_of(task: TaskInstance) -> str:
    """Return the path of the task's callback address."""
    return urlsplit(callback_url(task)).path


class CallbackTests(EngineTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.ticket, self.task = start(self.engine)
        self.path = path_of(self.task)

    def post(self, body: Any = RIGHT, *, path: str = "", client: Client | None = None) -> tuple[int, str]:
        """Post to the address. Return the status and the detail of the answer."""
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        with self.captureOnCommitCallbacks(execute=True):
            response = (client or Client(enforce_csrf_checks=True)).post(
                path or self.path, data, content_type="application/json"
            )
        return response.status_code, response.json()["detail"]

    def calls(self) -> list[ActionCall]:
        """Return the callbacks that were kept, oldest first."""
        calls: list[ActionCall] = self.engine.call(lambda: list(ActionCall.objects.order_by("pk")))
        return calls

    def outcomes(self) -> list[tuple[str, int | None]]:
        return [(call.outcome, call.status) for call in self.calls()]

    def assert_unchanged(self) -> None:
        self.assertEqual(self.engine.unfinished(self.ticket), ["Ask #1"])
        self.assertEqual(len(self.engine.writes(self.ticket)), 1)

    def test_answer_completes_the_task_and_the_workflow_goes_on(self) -> None:
        self.assertEqual(self.post(), (200, "The answer has been accepted."))
        self.assertEqual(self.engine.unfinished(self.ticket), ["Next #1"])
        self.assertEqual(self.engine.run(self.ticket).data["out"], "x")
        task = self.engine.task(self.ticket, "Ask")
        self.assertEqual((task.status, task.output_data), (TaskStatus.COMPLETED, RIGHT))
        (call,) = self.calls()
        self.assertEqual((call.kind, call.outcome, call.status), ("CALLBACK", "ANSWERED", 200))
        self.assertEqual(
            (json.loads(call.request["body"]), call.task_id, call.error), (RIGHT, self.task.pk, "")
        )
        self.assertNotIn(self.path.split("/")[2], str(call.request))
        log = logged_in(self.ours.admin).get(reverse("audit_log"))
        self.assertContains(log, "<strong>Another system</strong> completed")
        self.assertNotContains(log, "A visitor")

    def test_address_is_absolute_and_the_same_for_each_try(self) -> None:
        self.assertEqual(callback_url(self.task), callback_url(self.engine.task(self.ticket, "Ask")))
        self.assertEqual(callback_url(self.task), settings.SITE_URL + self.path)

    def test_answer_may_come_before_the_answer_of_the_call_and_after_it_failed(self) -> None:
        for status in (TaskStatus.IN_PROGRESS, TaskStatus.ERROR):
            with self.subTest(status=status), transaction.atomic():
                change(self.engine, self.task, status=status)
                self.assertEqual(self.post()[0], 200)
                self.assertEqual(self.engine.unfinished(self.ticket), ["Next #1"])
                transaction.set_rollback(True)

    def test_repeated_answer(self) -> None:
        self.post({"out": "x", "more": [1, 2]})
        same = '{ "more": [1, 2],\n "out": "x" }'  # another spelling of the same
        self.assertEqual(self.post(same), (200, "This answer had been accepted already."))
        self.assertEqual(len(self.calls()), 1)
        for other in ({"out": "y"}, {"out": "x", "more": [1, True]}, "nonsense"):
            with self.subTest(body=other):
                status, detail = self.post(other)
                self.assertEqual(status, 409)
                self.assertIn("Nothing was changed", detail)
        self.assertEqual(len(self.engine.writes(self.ticket)), 2)
        self.assertEqual(self.outcomes(), [("ANSWERED", 200), *[("FAILED", 409)] * 3])

    def test_answer_that_is_too_late_may_still_be_a_repeated_one(self) -> None:
        self.post()
        change(self.engine, self.task, answer_until=timezone.now() - timedelta(days=1))
        self.assertEqual(self.post()[0], 200)

    def test_forged_addresses_cost_no_statement(self) -> None:
        token = self.path.split("/")[2]
        other = signing.Signer(salt="another").sign_object([self.ours.company.pk, self.task.pk, 1])
        for forged in (token[:-1], token + "x", f"x{token}", "nonsense", "a:b", other, "é:ü", "." + token):
            with self.subTest(token=forged), CaptureQueriesContext(connection) as asked:
                self.assertEqual(self.post(path=f"/callbacks/{forged}/")[0], 404)
                self.assertEqual(len(asked), 0)
        self.assert_unchanged()
        self.assertEqual(self.calls(), [])

    def test_address_opens_one_company_only(self) -> None:
        """An address is signed with its company, so a task is never looked for elsewhere."""
        theirs = copy(self.task)
        theirs.company_id = self.theirs.company.pk
        path = path_of(theirs)
        self.assertEqual(self.post(path=path)[0], 404)
        self.assert_unchanged()
        # Whoever is logged in in this browser, the scope is that of the address.
        self.assertEqual(self.post(client=logged_in(self.theirs.admin))[0], 200)
        self.assertEqual(self.engine.unfinished(self.ticket), ["Next #1"])

    def test_address_of_a_task_that_is_not_in_the_restored_backup(self) -> None:
        """A database that was restored gives the numbers of later tasks away again."""
        change(self.engine, self.task, created_at=self.task.created_at + timedelta(hours=1))
        self.assertEqual(self.post()[0], 404)
        self.assert_unchanged()
        self.assertEqual(self.calls(), [])

    def test_secret_key_can_be_rotated(self) -> None:
        with override_settings(SECRET_KEY="a new one", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
            self.assertEqual(self.post()[0], 200)
        with override_settings(SECRET_KEY="a new one", SECRET_KEY_FALLBACKS=[]):
            self.assertEqual(self.post()[0], 404)

    def test_answer_that_nobody_waits_for(self) -> None:
        yesterday = timezone.now() - timedelta(days=1)
        for values, word in (
            ({"answer_until": yesterday}, "too late"),
            ({"input_version": 2}, "has changed"),
            ({"status": TaskStatus.CANCELLED}, "cancelled"),
        ):
            with self.subTest(values=values), transaction.atomic():
                change(self.engine, self.task, **values)
                status, detail = self.post()
                self.assertEqual(status, 410)
                self.assertIn(word, detail)
                self.assertEqual(len(self.engine.writes(self.ticket)), 1)
                self.assertEqual(self.outcomes(), [("OUTDATED", 410)])
                transaction.set_rollback(True)

    def test_cancelled_task(self) -> None:
        admin = self.ours.ticket_admin
        self.engine.as_person(admin, lambda: cancel_task(self.task, reason="", by=admin))
        self.assertEqual(self.post()[0], 410)

    def test_task_that_was_completed_by_hand(self) -> None:
        change(self.engine, self.task, status=TaskStatus.COMPLETED, output_data=RIGHT)
        self.assertEqual(self.post(), (409, "This task is completed already. Nothing was changed."))

    def test_answers_that_cannot_be_read_leave_the_address_usable(self) -> None:
        large = b'"' + b"x" * MAX_BYTES + b'"'
        for body, status, word in (
            (b"nonsense", 400, "not JSON"),
            (b"", 400, "not JSON"),
            (b'{"out": NaN}', 400, "Numbers must be"),
            (b'{"out": "x", "out": "y"}', 400, "twice"),
            (b'{"out": "\xff"}', 400, "UTF-8"),
            (b'{"out": "\\u0000"}', 400, "NUL"),
            (b"\0", 400, "not JSON"),
            (large, 413, "1,048,576 bytes"),
            ({}, 422, "Out: "),
            ({"out": 1}, 422, "Out: "),
            (["x"], 422, ""),
            (None, 422, ""),
        ):
            with self.subTest(body=str(body)[:30]):
                got, detail = self.post(body)
                self.assertEqual(got, status)
                self.assertIn(word, detail)
                self.assertEqual(self.calls()[-1].error, detail)
        self.assert_unchanged()
        self.assertLess(max(len(str(call.request)) for call in self.calls()), 12_000)
        self.assertEqual(self.post()[0], 200)

    def test_secrets_that_the_answer_repeats_are_not_kept(self) -> None:
        secrets = encrypt_secrets(headers=[("Authorization", "Bearer opensesame")])
        self.engine.call(
            lambda: Connection.objects.create(name="CRM", base_address="https://crm.example", secrets=secrets)
        )
        _ticket, task = start(self.engine, title="Other", action_url="", connection="crm")
        self.assertEqual(self.post({"out": ["opensesame"]}, path=path_of(task))[0], 422)
        self.assertEqual(self.post({"out": "opensesame"}, path=path_of(task))[0], 200)
        for call in self.calls():
            self.assertNotIn("opensesame", f"{call.request} {call.response} {call.error}")
            self.assertIn("●●●", call.request["body"])

    def test_only_some_refused_callbacks_are_kept(self) -> None:
        for _number in range(MAX_REFUSED + 2):
            self.assertEqual(self.post({})[0], 422)
        self.assertEqual(len(self.calls()), MAX_REFUSED)
        self.assertEqual(self.post()[0], 200)  # what is accepted is always kept
        self.assertEqual(self.outcomes()[-1], ("ANSWERED", 200))

    @override_settings(LIMITS={**settings.LIMITS, "CALLBACKS_OF_TASK": 2})
    def test_too_many_callbacks_of_a_task(self) -> None:
        self.post({})
        self.post({})
        response = Client().post(self.path, RIGHT, content_type="application/json")
        self.assertEqual(response.status_code, 429)
        self.assertIn("Try again", response.json()["detail"])
        self.assertGreater(int(response["Retry-After"]), 3500)
        self.assert_unchanged()

    def test_only_a_post_is_taken(self) -> None:
        for method in ("get", "head", "put", "delete"):
            with self.subTest(method=method):
                response = getattr(Client(), method)(self.path)
                self.assertEqual((response.status_code, response["Allow"]), (405, "POST"))
                self.assertEqual(response["Content-Type"], "text/plain; charset=utf-8")
        self.assertContains(Client().get(self.path), "another system posts", status_code=405)

    def test_on_hold_the_answer_is_kept(self) -> None:
        admin = self.ours.ticket_admin
        self.engine.as_person(admin, lambda: hold_workflow(self.ticket, reason="", by=admin))
        self.assertEqual(self.post()[0], 200)
        self.assertEqual(self.engine.status(self.ticket), RunStatus.ON_HOLD)
        self.assertNotIn("out", self.engine.run(self.ticket).data)
        self.engine.as_person(admin, lambda: resume_workflow(self.ticket, by=admin))
        self.assertEqual(self.engine.unfinished(self.ticket), ["Next #1"])


class CallbacksAtOnceTests(CommittedEngineTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.ticket, self.task = start(self.engine)

    def post(self, body: Any) -> int:
        path = path_of(self.task)
        return Client().post(path, body, content_type="application/json").status_code

    def assert_written_once(self) -> None:
        self.assertEqual(self.engine.unfinished(self.ticket), ["Next #1"])
        counted = self.engine.call(lambda: (WorkflowWrite.objects.count(), WorkflowData.objects.count()))
        self.assertEqual(counted, (2, 2))

    def test_twenty_equal_ones_write_once(self) -> None:
        self.assertEqual(Counter(at_once(*[partial(self.post, RIGHT)] * 20)), {200: 20})
        self.assert_written_once()
        self.assertEqual(self.engine.call(ActionCall.objects.count), 1)

    def test_twenty_different_ones_write_once(self) -> None:
        bodies = [{"out": f"answer {number}"} for number in range(20)]
        answers = at_once(*[partial(self.post, body) for body in bodies])
        self.assertEqual(Counter(answers), {200: 1, 409: 19})
        self.assert_written_once()
        self.assertEqual(self.engine.run(self.ticket).data["out"], bodies[answers.index(200)]["out"])
