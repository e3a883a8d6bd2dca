"""Callbacks: another system posts the answer of an ASYNC_ACTION (`docs/engine.md`, "Callbacks").

The address is signed and allows only this: one answer for one task and one version of its input. The
signature is checked before the database is queried (`docs/security.md`, "Callbacks").
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from ticketflower.clean_json import MAX_BYTES, JsonError, parse_json
from ticketflower.mail import site_address
from ticketflower.tenancy.context import company_scope, nobody_scope
from users import limits
from workflow_design.engine.answers import AnswerRefusedError
from workflow_ops.actions.answers import read_answer, store_answer
from workflow_ops.actions.secrets import (
    ConnectionSecrets,
    ConnectionUnusableError,
    find_connection,
    secrets_of,
)
from workflow_ops.engine.calls import definition_of
from workflow_ops.engine.task_rows import lock_task_by_id
from workflow_ops.models import ActionCall, CallKind, CallOutcome, TaskInstance, TaskStatus
from workflow_ops.models.calls import MAX_LOGGED

SALT: Final = "workflow_ops.callback"
MAX_REFUSED: Final = 20
"""Maximum number of refused callbacks that are kept for each task."""


def callback_url(task: TaskInstance) -> str:
    """Return the address for posting the answer for the task's present input; it is always the same."""
    created_at = task.created_at.isoformat()  # a restored database reuses the ids of tasks
    token = _signer().sign_object([task.company_id, task.pk, created_at, task.input_version])
    return site_address(reverse("action_callback", args=[token]))


def _signer() -> signing.Signer:
    return signing.Signer(salt=SALT)  # without a time: the task says until when it waits


@csrf_exempt
@transaction.non_atomic_requests  # so that a forged address costs no statement
def action_callback(request: HttpRequest, token: str) -> HttpResponse:
    """Accept the answer for a task. Knowing the signed address suffices; no log-in is needed."""
    if request.method != "POST":
        text = _("This is where another system posts the answer for a task, as JSON.")
        return HttpResponseNotAllowed(["POST"], f"{text}\n", content_type="text/plain; charset=utf-8")
    try:
        company_id, task_id, created_at, input_version = _signer().unsign_object(token)
    except signing.BadSignature:
        return _unknown().respond()
    callback = Callback(task_id, created_at, input_version, body=request.read(MAX_BYTES + 1))
    with nobody_scope():  # a log-in of this browser does not matter
        try:
            limits.count("CALLBACKS_OF_TASK", task_id)
        except limits.LimitReachedError as limit:
            headers = {"Retry-After": str(limit.seconds)}
            return Reply(limits.TOO_MANY_REQUESTS, str(limit)).respond(headers)
        with company_scope(company_id), transaction.atomic():
            return take_callback(callback).respond()


@dataclass(frozen=True, slots=True)
class Callback:
    """A POST to a genuine callback address. A body that is too large is cut one byte beyond the limit."""

    task_id: int
    created_at: str
    input_version: int
    body: bytes
    received_at: datetime = field(default_factory=timezone.now)

    def value(self) -> Any:
        """Return the body's JSON. Raise JsonError."""
        return parse_json(self.body)

    def digest(self) -> str:
        """Return a digest that is the same for every spelling of the same JSON. Raise JsonError."""
        return hashlib.sha256(json.dumps(self.value(), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Reply:
    """The response to a callback. `values` are the task's output, if they are to be stored."""

    status: int
    detail: str
    values: dict[str, Any] | None = None

    def body(self) -> str:
        """Return the body of the response as JSON text."""
        return json.dumps({"detail": self.detail}, ensure_ascii=False)

    def respond(self, headers: dict[str, str] | None = None) -> HttpResponse:
        """Return the response."""
        return HttpResponse(self.body(), "application/json", self.status, headers=headers)


def take_callback(callback: Callback) -> Reply:
    """Store the answer of a task, or refuse it.

    Effects: the task is completed, and its write is applied after the commit. Accepted and refused callbacks
    are kept in the log of calls; one that only repeats what was accepted changes nothing.
    """
    task = lock_task_by_id(callback.task_id)
    # Its company was deleted, or a backup was restored and another task has its id now.
    if task is None or task.created_at.isoformat() != callback.created_at:
        return _unknown()
    reply = _refuse_unawaited(task, callback) or _read(task, callback)
    if reply.values is not None:
        store_answer(task, reply.values)
        _record(task, callback, reply)
    elif reply.status != HTTPStatus.OK and _count_refused(task) < MAX_REFUSED:
        _record(task, callback, reply)
    return reply


def _refuse_unawaited(task: TaskInstance, callback: Callback) -> Reply | None:
    """Return the reply if the task does not wait for this answer, or no longer does; otherwise None."""
    if callback.input_version != task.input_version:
        text = _("The data of this task has changed since this call. Only the newest call's answer counts.")
        return Reply(HTTPStatus.GONE, text)
    if task.status == TaskStatus.COMPLETED:
        return _judge_repeated(task, callback)
    if task.is_finished:
        return Reply(HTTPStatus.GONE, _("This task was cancelled. Nobody waits for its answer any more."))
    if task.answer_until is not None and callback.received_at > task.answer_until:
        until = {"time": task.answer_until.isoformat(timespec="seconds")}
        return Reply(HTTPStatus.GONE, _("This answer is too late: it was expected by %(time)s.") % until)
    return None


def _read(task: TaskInstance, callback: Callback) -> Reply:
    """Return the reply to an answer that the task waits for, after validating the output in it."""
    if len(callback.body) > MAX_BYTES:
        text = _("An answer can have at most %(bytes)s bytes.") % {"bytes": f"{MAX_BYTES:,}"}
        return Reply(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)
    try:
        callback.value()
        values = read_answer(task, HTTPStatus.OK, callback.body)
    except JsonError as error:
        return Reply(HTTPStatus.BAD_REQUEST, str(error))
    except AnswerRefusedError as refusal:
        return Reply(HTTPStatus.UNPROCESSABLE_ENTITY, refusal.message)
    return Reply(HTTPStatus.OK, _("The answer has been accepted."), values)


def _judge_repeated(task: TaskInstance, callback: Callback) -> Reply:
    """Return the reply for a task that is already completed: repeating the accepted answer is no error."""
    accepted = _callbacks(task).filter(outcome=CallOutcome.ANSWERED).first()
    if accepted is None:
        return Reply(HTTPStatus.CONFLICT, _("This task is completed already. Nothing was changed."))
    with suppress(JsonError):
        if callback.digest() == accepted.request["digest"]:
            return Reply(HTTPStatus.OK, _("This answer had been accepted already."))
    return Reply(HTTPStatus.CONFLICT, _("Another answer has been accepted already. Nothing was changed."))


def _unknown() -> Reply:
    return Reply(
        HTTPStatus.NOT_FOUND, _("Nothing waits for an answer at this address. Was it cut or changed?")
    )


def _callbacks(task: TaskInstance) -> QuerySet[ActionCall]:
    return task.calls.filter(kind=CallKind.CALLBACK)


def _count_refused(task: TaskInstance) -> int:
    return _callbacks(task).exclude(outcome=CallOutcome.ANSWERED)[:MAX_REFUSED].count()


def _record(task: TaskInstance, callback: Callback, reply: Reply) -> None:
    """Store a callback in the log of calls, without its address and without any secrets that it contains."""
    hide = _hide_secrets(task)
    is_accepted = reply.values is not None
    request = {"body": hide(callback.body.decode(errors="replace"))[:MAX_LOGGED]}
    outcome = CallOutcome.OUTDATED if reply.status == HTTPStatus.GONE else CallOutcome.FAILED
    ActionCall.objects.create(
        task=task,
        kind=CallKind.CALLBACK,
        input_version=callback.input_version,
        outcome=CallOutcome.ANSWERED if is_accepted else outcome,
        status=reply.status,
        request=request | ({"digest": callback.digest()} if is_accepted else {}),
        response={"body": hide(reply.body())},
        error="" if is_accepted else hide(reply.detail),
        started_at=callback.received_at,
        finished_at=timezone.now(),
    )


def _hide_secrets(task: TaskInstance) -> Callable[[str], str]:
    """Return a function that makes a text storable, without the secrets that the task's calls carry."""
    name, secrets = definition_of(task).connection_name, ConnectionSecrets("", headers={})
    with suppress(ConnectionUnusableError):  # nothing can have been sent over such a connection
        secrets = secrets_of(find_connection(name, for_message=False)) if name else secrets
    return replace(secrets, callback=callback_url(task)).black_out
