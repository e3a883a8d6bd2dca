"""Requests to other systems, their answers, and errors with messages for people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

MAX_ANSWER_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, repr=False)  # address and headers may be secret
class OutgoingRequest:
    """JSON to be posted to an address. `timeout` bounds the whole call, in seconds."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 30.0


@dataclass(frozen=True)
class Answer:
    """A complete response with a status of 200 to 299."""

    status: int
    body: bytes


class CallFailedError(Exception):
    """A call failed, that is, had no such response.

    `message` is for people: a sentence without secrets. `is_temporary` says whether a later try may succeed,
    and `retry_after` is the number of seconds that the other system asks to wait. `body` is the beginning of
    its response.
    """

    def __init__(
        self,
        message: str,
        *,
        is_temporary: bool = False,
        status: int | None = None,
        body: bytes = b"",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.is_temporary = is_temporary
        self.status = status
        self.body = body
        self.retry_after = retry_after
