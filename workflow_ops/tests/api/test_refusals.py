"""What the API answers when it refuses a request or fails, and what is left of the request then."""

from __future__ import annotations

import json
from threading import Event
from typing import Any

from django.db import transaction
from django.test import Client, RequestFactory

from users.models import Scope
from users.tests.at_once import at_once, await_blocked_process
from workflow_design.definition.file_json import to_json
from workflow_design.definition.problems import Problem
from workflow_design.editor.drafts import NotADraftError
from workflow_design.models import DefinitionCheck, WorkflowDefinition
from workflow_design.persistence.importing import DraftExistsError, RolesMissingError, import_workflow
from workflow_design.versions.publishing import (
    NotActiveError,
    NotReadError,
    StillCheckedError,
    WithErrorsError,
    discard_draft,
)
from workflow_ops.api.service import make_api
from workflow_ops.models import Comment, IdempotentCall
from workflow_ops.tests.api.cases import ApiTestCase, Program, make_secret
from workflow_ops.tests.engine.failing_storage import PERMANENT_ERROR, RefusingDatabase
from workflow_ops.tests.engine_cases import CommittedEngineTestCase, form, workflow


class ErrorsTests(ApiTestCase):
    """Errors of functions that programs and people share."""

    def answer(self, error: Exception) -> Any:
        with self.ours.scope(), transaction.atomic():
            return make_api().on_exception(RequestFactory().get("/api/1/things"), error)

    def test_errors_of_definitions(self) -> None:
        draft = self.engine.call(lambda: import_workflow(workflow(form("Check", "a")), by=None))
        wrong = [Problem("/tasks/0", "This is wrong.", "wrong", fix="Do it right.")]
        cases: list[tuple[Exception, int]] = [
            (NotADraftError(draft), 409),
            (DraftExistsError(draft), 409),
            (NotActiveError(), 409),
            (StillCheckedError(), 409),
            (NotReadError(), 409),
            (WithErrorsError(wrong), 422),
            (RolesMissingError(wrong), 422),
            (WorkflowDefinition.DoesNotExist(), 404),
        ]
        for error, status in cases:
            with self.subTest(type(error).__name__):
                pointers = self.problems(self.answer(error), status)
                self.assertEqual(pointers, ["/tasks/0"] if status == 422 else [])


class WhatStaysTests(ApiTestCase):
    """A refused request is undone, except what the shared function promises to leave."""

    def test_the_report_that_publishing_needs(self) -> None:
        dora = self.program(self.ours.designer, Scope.DESIGN, Scope.PUBLISH)
        file = to_json(workflow(form("Check", "a"), title="Purchase"))
        number = json.loads(self.send(dora, "POST", "workflows", file).content)["id"]
        self.engine.call(lambda: DefinitionCheck.objects.all().delete())
        for _each in range(2):  # the key is free again: the second is no repeat of what was never done
            body = {"read": "another"}
            refused = self.send(dora, "POST", f"workflows/{number}/publish", body, Idempotency_Key="k")
            self.problems(refused, 409)
            self.assertTrue(self.engine.call(DefinitionCheck.objects.exists))
        self.assertFalse(self.engine.call(IdempotentCall.objects.exists))

    def test_writes_that_were_left_behind(self) -> None:
        """An edit is refused because of one, and applies it, so that the next edit is not."""
        ticket = self.engine.submit(self.engine.load(workflow(form("Check", "a"))), a="Paper")
        tom, path = self.program(self.ours.ticket_admin, Scope.ADMINISTER), f"desk/tickets/{ticket.number}"
        ink, glue = ({"values": {"a": word}} for word in ("Ink", "Glue"))
        # Without what follows the commit, as if the process had died.
        self.assertEqual(tom.post(f"{path}/edit", ink, If_Match='"1"').status_code, 200)
        self.assertEqual(self.engine.run(ticket).data["a"], "Paper")
        self.problems(self.send(tom, "POST", f"{path}/edit", glue, If_Match='"1"'), 412)
        self.assertEqual(self.engine.run(ticket).data["a"], "Ink")
        self.assertEqual(self.send(tom, "POST", f"{path}/edit", glue, If_Match='"2"').status_code, 200)


class FailuresTests(RefusingDatabase, CommittedEngineTestCase):
    """Errors of ours, and requests that are overtaken by others."""

    def test_an_error_of_ours(self) -> None:
        ticket = self.engine.submit(self.engine.load(workflow(form("Check", "a"))), a="Paper")
        self.refuse("INSERT ON workflow_ops_timelineevent", code=PERMANENT_ERROR)
        secret = make_secret(self.ours.submitter)
        headers = {"authorization": f"Bearer {secret}"}
        client = Client(headers=headers, raise_request_exception=False)
        path = f"/api/1/tickets/{ticket.number}/comments"
        with self.assertLogs("django.request", "ERROR") as logged:
            response = client.post(path, {"text": "Hello"}, content_type="application/json")
        self.assertEqual(response.status_code, 500)
        self.assertEqual(response.headers["Content-Type"], "application/problem+json")
        problem = response.json()
        self.assertEqual((problem["status"], problem["errors"]), (500, []))
        self.assertRegex(problem["detail"], r"\b[0-9a-f]{8}\.$")
        self.assertIn("RateLimit-Remaining", response.headers)
        self.assertEqual(
            [record.getMessage() for record in logged.records], [f"Internal Server Error: {path}"]
        )
        self.assertIsNotNone(logged.records[0].exc_info)
        self.assertFalse(self.engine.call(Comment.objects.exists))

    def test_a_draft_that_is_discarded_meanwhile(self) -> None:
        """The one who replaces it waits for the lock, and finds nothing then."""
        dora, file = self.ours.designer, workflow(form("Check", "a"), title="Purchase")
        draft = self.engine.call(lambda: import_workflow(file, by=None))
        program, path = Program(make_secret(dora, Scope.DESIGN)), f"workflows/{draft.pk}/file"
        etag = program.get(path).headers["ETag"]
        has_lock = Event()
        answers: list[Any] = []

        def discard() -> None:
            with dora.scope(), transaction.atomic():
                discard_draft(draft, by=dora)
                has_lock.set()
                await_blocked_process()

        def put() -> None:
            has_lock.wait(timeout=20)
            answers.append(program.send("PUT", path, to_json(file), If_Match=etag))

        at_once(discard, put)
        (answer,) = answers
        self.assertEqual(answer.status_code, 404, answer.content)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertFalse(self.engine.call(WorkflowDefinition.objects.exists))
