"""The requests of actions: their address, body and signature (`docs/engine.md`, "Actions")."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from ticketflower.outgoing.call import Answer, OutgoingRequest
from ticketflower.outgoing.signing import sign
from workflow_design.definition.workflow import TaskFile, TaskType
from workflow_design.engine.answers import data_of_task, data_to_send
from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.models import Connection
from workflow_ops.actions.callbacks import callback_url
from workflow_ops.actions.messages import EmailRequest, MessageError, build_email, chat_content
from workflow_ops.actions.secrets import (
    BLACKED_OUT,
    ConnectionSecrets,
    ConnectionUnusableError,
    secrets_of,
    signing_secret_of_company,
)
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.engine.calls import definition_of
from workflow_ops.models import TaskInstance
from workflow_ops.models.calls import MAX_LOGGED

CALL_SECONDS: Final = 30
"""Timeout of a call whose definition sets none, or that is answered later by a callback."""
_CALLBACK: Final = "callback_url"


class RequestError(Exception):
    """An action can't be called as it is defined; the text says why, for ticket admins."""


@dataclass(frozen=True, slots=True, repr=False)
class ActionRequest:
    """A request, the copy of it for the log of calls, and the secrets that it contains."""

    outgoing: OutgoingRequest
    logged: Mapping[str, Any]
    secrets: ConnectionSecrets

    @property
    def host(self) -> str:
        """The name of the recipient in sentences about failed calls."""
        return urlsplit(self.outgoing.url).hostname or ""

    def send(self) -> Answer:
        """Send the request. Raise CallFailedError."""
        # Imported here because it is large, and only the worker of calls needs it.
        from ticketflower.outgoing.sending import send

        return send(self.outgoing)

    def logged_answer(self, body: bytes) -> dict[str, Any]:
        """Return an answer for the log of calls: its beginning, with secrets blacked out."""
        return {"body": self.black_out(body.decode(errors="replace"))[:MAX_LOGGED]}

    def black_out(self, text: str) -> str:
        """Return a text about the call with secrets blacked out."""
        return self.secrets.black_out(text)


def idempotency_key(task: TaskInstance) -> str:
    """Return the idempotency key: it is the same for all calls for this input of the task."""
    # The creation time is included because a restored database reuses the ids of tasks.
    created_at = task.created_at.isoformat()
    return str(uuid5(NAMESPACE_URL, f"{settings.SITE_URL}/tasks/{task.pk}/{created_at}/{task.input_version}"))


def build_request(task: TaskInstance, connection: Connection | None) -> ActionRequest | EmailRequest:
    """Return the request of an action, loaded with its workflow, over its connection if it names one.

    Raise RequestError.
    """
    file = definition_of(task)
    data = data_of_task(file.input_fields, task.workflow_instance.data, task.input_data)
    if "email" in (file.action or {}):
        try:
            return build_email(task, data, idempotency_key(task))
        except MessageError as error:
            raise RequestError(str(error)) from error
    try:
        secrets = _secrets(file, connection)
    except ConnectionUnusableError as error:
        raise RequestError(str(error)) from error
    if file.action and connection is not None:
        content = chat_content(task, data, connection.kind)
    else:
        content = _content(task, data)
    if file.task_type == TaskType.ASYNC_ACTION:  # its callback's address is a secret, too
        secrets = replace(secrets, callback=callback_url(task))
    seconds = file.timeout_seconds if file.task_type == TaskType.SYNC_ACTION else None
    key = idempotency_key(task)
    return post_of_content(content, secrets, key=key, path=file.path, seconds=seconds or CALL_SECONDS)


def post_of_content(
    content: Mapping[str, Any],
    secrets: ConnectionSecrets,
    *,
    key: str,
    path: str = "",
    seconds: int = CALL_SECONDS,
) -> ActionRequest:
    """Return the request that posts an object, signed if there is a signing secret."""
    body = json.dumps(content, ensure_ascii=False).encode()
    # The headers of the connection come first, so that they can't replace ours.
    headers = {**secrets.headers, "webhook-id": key, "Idempotency-Key": key}
    if secrets.signing_secrets:
        headers |= sign(*secrets.signing_secrets, key=key, body=body, at=timezone.now())
    request = OutgoingRequest(secrets.url(path), body, headers, timeout=seconds)
    return ActionRequest(request, _logged(request, secrets), secrets)


def _secrets(file: TaskFile, connection: Connection | None) -> ConnectionSecrets:
    if connection is not None:
        return secrets_of(connection)
    return ConnectionSecrets(file.action_url, headers={}, signing_secret=signing_secret_of_company())


def _content(task: TaskInstance, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the object that is sent."""
    file, fields = definition_of(task), get_rules(task.workflow_instance.workflow_id).validator.fields
    try:
        content = data_to_send(file, data, fields)
    except ConditionError as error:
        text = _("What is sent can't be computed. %(why)s") % {"why": " ".join(map(str, error.problems))}
        raise RequestError(text) from error
    return {**content, _CALLBACK: callback_url(task)} if file.task_type == TaskType.ASYNC_ACTION else content


def _logged(request: OutgoingRequest, secrets: ConnectionSecrets) -> dict[str, Any]:
    """Return a request for the log of calls, from which the call can't be repeated or answered."""
    hidden = {*secrets.headers, "webhook-signature"}
    headers = {name: BLACKED_OUT if name in hidden else value for name, value in request.headers.items()}
    body = secrets.black_out(request.body.decode())[:MAX_LOGGED]
    return {"url": secrets.black_out(request.url), "headers": headers, "body": body}
