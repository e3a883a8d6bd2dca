"""Two ways to the server: standard input and output, and streamable HTTP (`docs/programs.md`, "MCP")."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

import uvicorn
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils import timezone
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from workflow_ops.api.mcp.calls import Caller, find_token
from workflow_ops.api.mcp.server import Context, Threads, make_server
from workflow_ops.api.problems import problem_response

PATH: Final = "/mcp"
_MOST_CONNECTIONS: Final = 400
_STOP_SECONDS: Final = 10
_IDLE_SECONDS: Final = 30


def serve_standard_streams(secret: str) -> None:
    """Serve the client at the other end of standard input and output until it closes them.

    Standard output carries only the protocol: anything else that is printed goes to standard error.
    """
    threads = Threads()
    caller = Caller(secret)

    async def serve() -> None:
        server = make_server(threads, lambda _context: caller)
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    try:
        asyncio.run(serve())
    finally:
        threads.close()


def serve_http(host: str, port: int) -> None:
    """Serve clients over HTTP on an address of this machine until SIGTERM or Ctrl-C."""
    config = uvicorn.Config(
        make_application(),
        host=host,
        port=port,
        log_config=None,  # keep the site's logging, on standard error
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    uvicorn.Server(config).run()


def make_application() -> Starlette:
    """Return the ASGI application. It is stateless: there are no sessions between requests."""
    threads = Threads()
    server = make_server(threads, _caller)
    # The guard has already checked Host and Origin.
    manager = StreamableHTTPSessionManager(server, json_response=True, stateless=True)

    @asynccontextmanager
    async def lifespan(_application: Starlette) -> AsyncIterator[None]:
        async with manager.run():
            yield
        threads.close()

    guarded = Guard(StreamableHTTPASGIApp(manager), threads)
    return Starlette(routes=[Route(PATH, endpoint=guarded, methods=["POST"])], lifespan=lifespan)


class Guard:
    """ASGI middleware that checks the host, the origin and the token of a request."""

    def __init__(self, application: ASGIApp, threads: Threads) -> None:
        self._application, self._threads = application, threads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle an HTTP request."""
        request = Request(scope, receive)
        refused = await _refuse_place(request) or await self._refuse_token(request)
        await (refused or self._application)(scope, receive, send)

    async def _refuse_token(self, request: Request) -> Response | None:
        token = await self._threads.run(find_token, _secret(request))
        if token is None:
            text = "Send a token in the header: “Authorization: Bearer tf_…”. It may have ended."
            return _problem(401, text, {"WWW-Authenticate": "Bearer"})
        if token.requests > token.allowed:
            seconds = max(math.ceil((token.window_ends_at - timezone.now()).total_seconds()), 1)
            return _problem(429, "This token has made too many requests.", {"Retry-After": str(seconds)})
        return None


async def _refuse_place(request: Request) -> Response | None:
    """Return a refusal for a foreign Host or Origin header, or None to let the request through."""
    host = request.headers.get("host", "")
    if not is_our_host(host):
        return _problem(421, "This host name is not one of the site.", {})
    site = urlsplit(settings.SITE_URL)
    rules = TransportSecuritySettings(
        allowed_hosts=[host], allowed_origins=[f"{site.scheme}://{site.netloc}"]
    )
    return await TransportSecurityMiddleware(rules).validate_request(request, is_post=True)


def is_our_host(host: str) -> bool:
    """Return whether a Host header names the site, as Django reads `ALLOWED_HOSTS`."""
    name, _port = split_domain_port(host)
    return bool(name) and validate_host(name, settings.ALLOWED_HOSTS)


def _problem(status: int, detail: str, headers: dict[str, str]) -> Response:
    problem = problem_response(status, detail, headers=headers)
    return Response(problem.content, status, dict(problem.headers))


def _secret(request: Request) -> str:
    kind, _space, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" else ""


def _caller(context: Context) -> Caller:
    request = context.request
    assert isinstance(request, Request)
    address = request.client.host if request.client else ""
    return Caller(_secret(request), address, request.headers.get("x-forwarded-for", ""))
