"""Tests of connections: a small request, sent by a job, whose answer the page of the connection shows."""

from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from ticketflower.outgoing.call import Answer, CallFailedError
from ticketflower.tenancy.context import current_company_id
from workflow_design.models import Connection, ConnectionKind
from workflow_ops.actions.chats import post_of
from workflow_ops.actions.connections.pausing import resume
from workflow_ops.actions.requests import ActionRequest, post_of_content
from workflow_ops.actions.secrets import ConnectionSecrets, ConnectionUnusableError, secrets_of
from workflow_ops.models import ActionCall, CallKind, CallOutcome

LONGEST: Final = timedelta(minutes=2)
"""After this time, a test without an answer is considered lost, and another one can be started."""


def start_test(connection: Connection, path: str = "") -> ActionCall:
    """Enqueue a test of the connection, which the caller has locked. If one is running, return it.

    The path is appended to the address of a system; the address of a chat is complete.
    """
    recent, running = timezone.now() - LONGEST, latest_test(connection)
    if running is not None and running.outcome == CallOutcome.RUNNING and running.started_at > recent:
        return running
    call = ActionCall.objects.create(
        connection=connection, kind=CallKind.TEST, request={"path": path}, started_at=timezone.now()
    )
    job = app.configure_task("workflow_ops.jobs.test_connection")
    job.defer(company_id=current_company_id(), call_id=call.pk)
    return call


def latest_test(connection: Connection) -> ActionCall | None:
    """Return the newest test of a connection, running or finished."""
    return connection.calls.filter(kind=CallKind.TEST).order_by("-pk").first()


def run_test(call_id: int) -> None:
    """Send the request of a test, and store the response. Called by the job, outside of a transaction.

    Effects: a paused connection whose system answers is resumed. Do nothing if the test is finished, or its
    connection was deleted.
    """
    with transaction.atomic():
        running = ActionCall.objects.filter(pk=call_id, outcome=CallOutcome.RUNNING)
        call = running.select_related("connection").first()
        if call is None or call.connection is None:
            return
        connection = call.connection
        try:
            secrets = secrets_of(connection)
        except ConnectionUnusableError as error:
            _store(call, error=str(error), outcome=CallOutcome.FAILED)
            return
        request = _build_request(call, ConnectionKind(connection.kind), secrets)
        _store(call, request={**call.request, **request.logged}, started_at=timezone.now())
    try:
        answer: Answer | CallFailedError = request.send()
    except CallFailedError as error:
        answer = error
    found = {"status": answer.status, "response": request.logged_answer(answer.body)}
    with transaction.atomic():
        if isinstance(answer, CallFailedError):
            _store(call, **found, error=answer.message, outcome=CallOutcome.FAILED)
        elif _store(call, **found, outcome=CallOutcome.ANSWERED):
            resume(connection)


def _store(call: ActionCall, **values: Any) -> bool:
    if "outcome" in values:
        values["finished_at"] = timezone.now()
    return bool(ActionCall.objects.filter(pk=call.pk, outcome=CallOutcome.RUNNING).update(**values))


def _build_request(call: ActionCall, kind: ConnectionKind, secrets: ConnectionSecrets) -> ActionRequest:
    content = post_of(_("This is a test of TicketFlower."), kind) if kind.is_chat else {"type": "test"}
    path = "" if kind.is_chat else call.request["path"]
    return post_of_content(content, secrets, key=f"test-{call.pk}", path=path)
