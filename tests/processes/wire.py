"""A proxy between the site and PostgreSQL that records statements and can hold or drop connections.

The site connects to a socket of the proxy, which forwards everything in both directions. So a test
counts the statements that are really sent, whoever sends them, and can hold a process between two
statements at a point that no lock or mock could define.
"""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from select import select
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

_PORT = 5432
_POLL_SECONDS = 0.01
_QUERY, _PARSE, _BIND, _EXECUTE = b"Q", b"P", b"B", b"E"


class Tap:
    """A proxy: `folder` is the DB_HOST for the site; `statements` are those since the last `listen()`."""

    def __init__(self, database: dict[str, Any]) -> None:
        self._database = database
        self._folder = tempfile.TemporaryDirectory(prefix="tf-tap-")
        self._listener = socket.socket(socket.AF_UNIX)
        self.statements: list[str] = []
        self._held = Event()
        self._hold: tuple[int, int] | None = None
        self._hold_after: tuple[str, int] | None = None
        self._is_dropped = False

    @property
    def folder(self) -> str:
        """The folder of the socket."""
        return self._folder.name

    def __enter__(self) -> Self:
        self._listener.bind(str(Path(self.folder, f".s.PGSQL.{_PORT}")))
        self._listener.listen()
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._folder.cleanup()

    def listen(
        self, *, hold: tuple[int, int] | None = None, hold_after: tuple[str, int] | None = None
    ) -> None:
        """Start a new recording.

        `hold=(1, 3)` forwards three statements after the first COMMIT, and then nothing.
        `hold_after=("INTO x", 3)` forwards three after the first with this text, but no COMMIT, and then
        nothing.
        """
        self.statements = []
        self._hold_after = hold_after
        self._held.clear()
        self._is_dropped = False
        self._hold = hold

    def drop_connections(self) -> None:
        """Drop the existing connections silently, so that the site notices only when it sends a statement."""
        self._is_dropped = True

    def wait_until_held(self, connection: HTTPConnection) -> bool:
        """Wait until a statement of the site is held back; return False if it responds before that."""
        while not self._held.wait(_POLL_SECONDS):
            if select([connection.sock], [], [], 0)[0]:
                return self._held.is_set()
        return True

    def _accept(self) -> None:
        while True:
            try:
                site, _address = self._listener.accept()
            except OSError:
                return
            server = _connect(self._database)
            Thread(target=self._forward, args=(site, server, self._create_filter()), daemon=True).start()
            Thread(target=self._forward, args=(server, site, lambda _data: True), daemon=True).start()

    def _forward(
        self, source: socket.socket, target: socket.socket, may_pass: Callable[[bytes], bool]
    ) -> None:
        """Forward data until one side closes, and then close the other side."""
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if may_pass(data):
                    target.sendall(data)
        for side in (source, target):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def _create_filter(self) -> Callable[[bytes], bool]:
        """Return a function that records the statements of one connection and decides when to hold."""
        reader = _Reader()

        def record(data: bytes) -> bool:
            if self._is_dropped:
                raise ConnectionResetError
            for statement in reader.statements_in(data):
                if self._must_hold() or self._must_hold_after(statement):
                    self._held.set()
                    return False
                self.statements.append(statement)
            return not self._held.is_set()

        return record

    def _must_hold(self) -> bool:
        if self._hold is None:
            return False
        commits, more = self._hold
        places = [place for place, statement in enumerate(self.statements, 1) if statement == "COMMIT"]
        if len(places) < commits:
            return False
        return len(self.statements) >= more + (places[commits - 1] if commits else 0)

    def _must_hold_after(self, statement: str) -> bool:
        if self._hold_after is None:
            return False
        text, more = self._hold_after
        place = next((place for place, each in enumerate(self.statements, 1) if text in each), None)
        if place is None:
            return False
        return statement == "COMMIT" or len(self.statements) >= place + more


class _Reader:
    """A parser of the messages of a PostgreSQL client, which may arrive in any pieces.

    A message is one letter, its length in four bytes (including themselves) and its content.
    """

    def __init__(self) -> None:
        self._remainder = b""
        self._expects_startup = True
        self._prepared: dict[bytes, str] = {}
        self._bound = ""

    def statements_in(self, data: bytes) -> list[str]:
        """Return the statements to execute in these bytes and the earlier remainder."""
        self._remainder += data
        statements = []
        while message := self._next():
            statement = self._executed_statement(*message)
            if statement is not None:
                statements.append(statement)
        return statements

    def _next(self) -> tuple[bytes, bytes] | None:
        start = 0 if self._expects_startup else 1  # the startup message has no letter
        if len(self._remainder) < start + 4:
            return None
        end = start + int.from_bytes(self._remainder[start : start + 4], "big")
        if len(self._remainder) < end:
            return None
        kind, content = self._remainder[:start], self._remainder[start + 4 : end]
        self._remainder = self._remainder[end:]
        self._expects_startup = False
        return kind, content

    def _executed_statement(self, kind: bytes, content: bytes) -> str | None:
        if kind == _QUERY:
            return _text(content)
        if kind == _PARSE:
            name, _, rest = content.partition(b"\0")
            self._prepared[name] = _text(rest)
        elif kind == _BIND:
            _portal, _, rest = content.partition(b"\0")
            self._bound = self._prepared[rest.partition(b"\0")[0]]
        elif kind == _EXECUTE:
            return self._bound
        return None


def _text(content: bytes) -> str:
    return content.partition(b"\0")[0].decode()


def _connect(database: dict[str, Any]) -> socket.socket:
    host, port = database["HOST"], int(database["PORT"] or _PORT)
    if not host.startswith("/"):
        return socket.create_connection((host, port))
    server = socket.socket(socket.AF_UNIX)
    server.connect(str(Path(host, f".s.PGSQL.{port}")))
    return server
