"""Functions that all operations of the API share: tokens, idempotency keys, and versions of what was read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Annotated, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja.security import HttpBearer
from pydantic import Field

from ticketflower.clean_json import parse_number
from users.models import CustomUser, Scope
from workflow_ops.api.problems import RequestRefusedError
from workflow_ops.models import IdempotentCall

LONGEST_KEY = 255
RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]
"""An id in a body, within the range of the database's bigint."""


SVG: dict[str, Any] = {"responses": {200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}}}}
"""The OpenAPI description of an operation that answers with a picture."""
IF_MATCH: dict[str, Any] = {
    "parameters": [
        {
            "in": "header",
            "name": "If-Match",
            "required": True,
            "schema": {"type": "string"},
            "description": "The ETag that you got when you read it. 412 if it has changed since.",
        }
    ]
}
"""The OpenAPI description of an operation that requires the version of what was read."""


class ApiRequest(HttpRequest):
    """A request of a program; `user` is the person for whom its token acts, `operation` the operation's name.

    `claimed` is the id of the stored idempotency key, if this request was the first to use it.
    """

    user: CustomUser
    operation: str
    claimed: int


class Token(HttpBearer):
    """Admits requests with a token that has all of `scopes`; `users.tokens` has found its person already."""

    def __init__(self, *scopes: Scope) -> None:
        super().__init__()
        self.scopes = scopes

    def __call__(self, request: HttpRequest) -> CustomUser:
        """Return the person. Raise RequestRefusedError."""
        person = request.user
        if not isinstance(person, CustomUser) or person.token is None:
            message = _("Send a token in the header: “Authorization: Bearer tf_…”. It may have ended.")
            raise RequestRefusedError(401, message, headers={"WWW-Authenticate": "Bearer"})
        for scope in self.scopes:
            if scope not in person.token.scopes:
                message = _("The token lacks the scope “%(scope)s”.") % {"scope": scope.value}
                raise RequestRefusedError(403, message)
        return person

    def authenticate(self, request: HttpRequest, token: str) -> None:
        """Do nothing: django-ninja demands this method, but only its own `__call__` calls it."""


def require(request: ApiRequest, may: Callable[[CustomUser], bool]) -> None:
    """Raise PermissionDenied for people who may not open the page that corresponds to this operation."""
    if not may(request.user):
        raise PermissionDenied


class IdempotentRequest:
    """A request that takes effect only once, however often it is sent with the same `Idempotency-Key`.

    `result` identifies what the request creates. Pass it here if it is known beforehand; otherwise call
    `done`. In a repeated request, it is the result that the first one stored.
    """

    def __init__(
        self, request: ApiRequest, *, content: Iterable[bytes] | None = None, result: Any = None
    ) -> None:
        """Claim the key in the request's transaction. A simultaneous request with the same key waits for it.

        `content` yields the content of the request if its body was already consumed. It is read only if there
        is a key. Raise RequestRefusedError for a key that is too long or was used with different content.
        """
        self.result = result
        self.is_first = True
        self._id: int | None = None
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return
        if len(key) > LONGEST_KEY:
            raise RequestRefusedError(422, _("An Idempotency-Key has at most 255 characters."))
        digest = _digest_of(request, [request.body] if content is None else content)
        self._id = IdempotentCall.claim(request.user, request.operation, key, digest, result=result)
        if self._id is not None:
            request.claimed = self._id
            return
        earlier = IdempotentCall.objects.get(person=request.user, operation=request.operation, key=key)
        if bytes(earlier.digest) != digest:
            raise RequestRefusedError(
                422, _("This Idempotency-Key was used for another request. Take a new one for each.")
            )
        self.is_first, self.result = False, earlier.result

    def done(self, result: Any = None) -> None:
        """Store the result, which identifies what was created, for repeated requests."""
        self.result = result
        if self._id is not None and result is not None:
            IdempotentCall.store_result(self._id, result)


def free_key(request: HttpRequest) -> None:
    """Free the key that the request has claimed, so that the same request may be sent again."""
    claimed: int | None = getattr(request, "claimed", None)
    if claimed is not None:
        IdempotentCall.objects.filter(pk=claimed).delete()


def _digest_of(request: ApiRequest, content: Iterable[bytes]) -> bytes:
    digest = hashlib.sha256(request.get_full_path().encode() + b"\0")
    for part in content:
        digest.update(part)
    return digest.digest()


def create_idempotently(
    request: ApiRequest, make: Callable[[], Any], *, content: Iterable[bytes] | None = None
) -> Any:
    """Call `make` and return the id that it returns; for a repeated request, return the id of the first one.

    `content` is as in `IdempotentRequest`. Raise the errors of `IdempotentRequest` and of `make`.
    """
    repeatable = IdempotentRequest(request, content=content)
    if repeatable.is_first:
        repeatable.done(make())
    return repeatable.result


def run_idempotently(request: ApiRequest, act: Callable[[], object]) -> None:
    """Call `act`, unless the request is repeated. Raise the errors of `IdempotentRequest` and of `act`."""
    if IdempotentRequest(request).is_first:
        act()


def required_version(request: HttpRequest) -> str:
    """Return the version in `If-Match`, without quotation marks. Raise RequestRefusedError without one."""
    text = request.headers.get("If-Match", "").strip()
    if not text:
        message = _("Send the ETag of what you have read in the header If-Match.")
        raise RequestRefusedError(428, message)
    return text.removeprefix("W/").strip('"')


def required_input_version(request: HttpRequest) -> int:
    """Return the version of a task's input in `If-Match`. Raise RequestRefusedError if it is invalid."""
    version = parse_number(required_version(request))
    if version is None:
        raise RequestRefusedError(412, _("The task has another version. Read it again."))
    return version


def set_version(response: HttpResponse, version: object) -> None:
    """Set the version of the returned object as its `ETag`."""
    response.headers["ETag"] = f'"{version}"'


def svg_response(text: str) -> HttpResponse:
    """Return a picture as an SVG file."""
    return HttpResponse(text, content_type="image/svg+xml")
