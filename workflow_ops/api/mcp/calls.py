"""Calls of operations within this process, through the same middleware as a request to the site.

So scopes, rights, walls, idempotency keys, limits and the audit log work as in the API.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from secrets import token_hex
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started

from users.models import CustomUser, TokenInUse
from users.tokens import read_token
from workflow_ops.api.mcp.operations import FILE, JSON, MEMBER, MULTIPART, WHOLE, Operation


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller: the secret of their token, and the origin of the request, for the log."""

    secret: str
    address: str = ""
    forwarded_for: str = ""


class File(NamedTuple):
    """A file to upload."""

    name: str
    content: bytes


class Answer(NamedTuple):
    """The API's response; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def call_operation(operation: Operation, arguments: Mapping[str, Any], caller: Caller) -> Answer:
    """Call the operation with these arguments, named as in `Operation`, and return the API's response.

    Effects: those of the operation, committed. The thread keeps its database connection for the next call.
    """
    body, media_type = _body(operation, arguments)
    environ = {
        **_place(caller),
        **dict(_headers(operation, arguments)),
        "REQUEST_METHOD": operation.method,
        "PATH_INFO": _path(operation, arguments),
        "QUERY_STRING": _query(operation, arguments),
        "CONTENT_TYPE": media_type,
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_AUTHORIZATION": f"Bearer {caller.secret}",
        "wsgi.input": BytesIO(body),
    }
    response = _site()(environ, _start)
    try:
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, b"".join(response))
    finally:
        response.close()  # tells Django that the request has ended


def _start(*_answered: object) -> Callable[[bytes], object]:
    """Ignore the status and headers that a WSGI server would send; the response object has the same."""
    return lambda _data: None


@cache
def _site() -> WSGIHandler:
    return WSGIHandler()


def _place(caller: Caller) -> dict[str, Any]:
    """Return the part of a WSGI environment that says how the request reached the site."""
    site = urlsplit(settings.SITE_URL)
    return {
        "SERVER_NAME": site.hostname,
        "SERVER_PORT": str(site.port or (443 if site.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SCRIPT_NAME": "",
        "REMOTE_ADDR": caller.address,
        "HTTP_HOST": site.netloc,
        # The header of a proxy that terminates TLS, for a site with BEHIND_HTTPS_PROXY.
        "HTTP_X_FORWARDED_PROTO": site.scheme,
        "wsgi.url_scheme": site.scheme,
        **({"HTTP_X_FORWARDED_FOR": caller.forwarded_for} if caller.forwarded_for else {}),
    }


def _path(operation: Operation, arguments: Mapping[str, Any]) -> str:
    # A slash in a value would turn the path into that of another operation.
    given = {each.sent_as: str(arguments[each.name]).replace("/", " ") for each in operation.at("path")}
    return operation.path.format_map(given).encode().decode("latin-1")  # as WSGI wants it


def _headers(operation: Operation, arguments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in operation.at("header"):
        if each.name in arguments:
            yield f"HTTP_{each.sent_as.upper().replace('-', '_')}", str(arguments[each.name])


def _query(operation: Operation, arguments: Mapping[str, Any]) -> str:
    given = [(each.sent_as, arguments[each.name]) for each in operation.at("query") if each.name in arguments]
    return urlencode(given, doseq=True)


def _body(operation: Operation, arguments: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return the body of the request and its media type."""
    for each in operation.at(FILE):
        return _multipart(each.sent_as, arguments[each.name])
    for each in operation.at(WHOLE):
        return json.dumps(arguments[each.name]).encode(), JSON
    members = {each.sent_as: arguments[each.name] for each in operation.at(MEMBER) if each.name in arguments}
    return (json.dumps(members).encode() if operation.method != "GET" else b""), JSON


def _multipart(name: str, file: File) -> tuple[bytes, str]:
    border = token_hex(16)
    name_of_file = file.name.replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ").replace("\n", " ")
    head = (
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"; filename="{name_of_file}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + file.content + f"\r\n--{border}--\r\n".encode()
    return body, f"{MULTIPART}; boundary={border}"


def find_token(secret: str) -> TokenInUse | None:
    """Return the token with this secret, or None if it is unknown or has ended. Its use is counted."""
    request_started.send(find_token)  # as before a request: closes database connections that are too old
    try:
        person = read_token(secret)
        return person.token if isinstance(person, CustomUser) else None
    finally:
        request_finished.send(find_token)
