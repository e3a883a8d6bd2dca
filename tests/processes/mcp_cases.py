"""Clients of the MCP server, by the official SDK: one that starts it, and one that asks it over HTTP."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPConnection
from typing import Any, ClassVar, TypeVar

import anyio
import httpx2
from anyio.from_thread import BlockingPortal, start_blocking_portal
from django.conf import settings
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult

from tests.processes.cases import environment
from ticketflower.development.run import mcp_command
from workflow_ops.tests.engine_cases import CommittedEngineTestCase

COMMAND = [sys.executable, "manage.py", "mcp"]
START_SECONDS = 60.0
ANSWER_SECONDS = 60.0
"""A server that hangs fails a test instead of holding the suite up."""

ResultT = TypeVar("ResultT")


class Session:
    """A client that is connected. Its methods wait for the answer, outside of any event loop."""

    def __init__(self, portal: BlockingPortal, client: Client, answered: list[int]) -> None:
        """`answered` gets the status of each answer of HTTP; over standard streams there are none."""
        self.portal, self.client, self.answered = portal, client, answered

    def ask(self, function: Callable[..., Awaitable[ResultT]], *arguments: Any) -> ResultT:
        """Return what a method of the client returns. Raise TimeoutError if the server does not answer."""

        async def ask() -> ResultT:
            with anyio.fail_after(ANSWER_SECONDS):
                return await function(*arguments)

        return self.portal.call(ask)

    def tools(self) -> list[str]:
        """Return the names of the tools that are offered."""
        return [tool.name for tool in self.ask(self.client.list_tools).tools]

    def call(self, name: str, /, **arguments: Any) -> CallToolResult:
        """Call a tool. Raise MCPError, or TimeoutError."""
        return self.ask(self.client.call_tool, name, arguments)

    def do(self, name: str, /, **arguments: Any) -> Any:
        """Call a tool that is not to be refused, and return the structured result."""
        result = self.call(name, **arguments)
        assert not result.is_error, result.structured_content
        return result.structured_content

    def refusal(self, name: str, /, **arguments: Any) -> int:
        """Call a tool that is to be refused, and return the status: that of HTTP, or that in the result."""
        self.answered.clear()
        try:
            result = self.call(name, **arguments)
        except MCPError as error:
            return self._status_of(error)
        assert result.is_error, (name, result.structured_content)
        status: int = result.structured_content["status"]
        return status

    def failure(self, function: Callable[..., Awaitable[Any]]) -> int:
        """Ask for what is to be refused, and return the status: that of HTTP, or 401 for a bad token."""
        self.answered.clear()
        try:
            answer = self.ask(function)
        except MCPError as error:
            return self._status_of(error)
        raise AssertionError(answer)

    def _status_of(self, error: MCPError) -> int:
        if self.answered:  # the client tells all of these in the same words
            return self.answered[-1]
        assert str(error).startswith("The token opens nothing"), error
        return 401


Connect = Callable[[str], AbstractContextManager[Session]]


class McpTestCase(CommittedEngineTestCase):
    """Tests with a server over HTTP, `self.http`, and with servers of their own, `self.started`."""

    port: ClassVar[int]
    process: ClassVar[subprocess.Popen[bytes]]

    @classmethod
    def setUpClass(cls) -> None:
        """Start the server over HTTP."""
        super().setUpClass()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            cls.port = free.getsockname()[1]
        # As `dev.py run --mcp` does.
        command = mcp_command("127.0.0.1", cls.port)
        cls.process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment())
        cls.addClassCleanup(cls._end)
        cls._wait_for_it()

    @classmethod
    def _end(cls) -> None:
        cls.process.terminate()
        cls.process.wait(timeout=30)

    @classmethod
    def _wait_for_it(cls) -> None:
        # A connection that is refused says so at once; each other wait is one for the answer.
        for _attempt in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", cls.port)) == 0:
                    return
            try:
                cls.process.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
            break
        raise AssertionError("the MCP server did not start")

    @contextmanager
    def http(self, secret: str, *, mode: str = "auto") -> Iterator[Session]:
        """Connect over HTTP with this token."""
        answered: list[int] = []

        async def take_status(response: httpx2.Response) -> None:
            answered.append(response.status_code)

        client = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {secret}"},
            timeout=ANSWER_SECONDS,
            event_hooks={"response": [take_status]},
        )
        url = f"http://127.0.0.1:{self.port}/mcp"
        with self._connected(streamable_http_client(url, http_client=client), mode, answered) as session:
            yield session

    @contextmanager
    def started(
        self, secret: str, *, mode: str = "auto", command: Sequence[str] = COMMAND
    ) -> Iterator[Session]:
        """Start a server with this token, and connect over standard input and output."""
        server = StdioServerParameters(
            command=command[0],
            args=[*command[1:]],
            env={**environment(), "TICKETFLOWER_TOKEN": secret},
            cwd=settings.BASE_DIR,
        )
        with self._connected(server, mode, []) as session:
            yield session

    @contextmanager
    def _connected(self, server: Any, mode: str, answered: list[int]) -> Iterator[Session]:
        # The time of the client is the longer one: `Session.ask` is to tell that there is no answer.
        client = Client(server, mode=mode, cache=None, read_timeout_seconds=START_SECONDS + ANSWER_SECONDS)
        with start_blocking_portal() as portal, portal.wrap_async_context_manager(client) as connected:
            yield Session(portal, connected, answered)

    def request(
        self, body: bytes = b"{}", method: str = "POST", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a request over HTTP as it is; "_" in names of headers is "-"."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        self.addCleanup(connection.close)
        given = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        connection.request(
            method,
            "/mcp",
            body,
            {**given, **{name.replace("_", "-"): value for name, value in headers.items()}},
        )
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
