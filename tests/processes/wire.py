"""A tap on the line between the site and PostgreSQL: it counts what is asked, and can cut the line.

The site connects to a socket of ours, and everything is passed on both ways. So a test counts
what really goes over, whoever sends it, and holds a process at a point between two statements
that no lock and no mock could name.
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
_LOOK_SECONDS = 0.01
_QUERY, _PARSE, _BIND, _EXECUTE = b"Q", b"P", b"B", b"E"


class Tap:
    """`folder` is the DB_HOST of the site under test; `statements` is what it asked since `listen()`."""

    def __init__(self, database: dict[str, Any]) -> None:
        self._database = database
        self._folder = tempfile.TemporaryDirectory(prefix="tf-tap-")
        self._listener = socket.socket(socket.AF_UNIX)
        self.statements: list[str] = []
        self._held = Event()
        self._hold: tuple[int, int] | None = None
        self._is_forgotten = False

    @property
    def folder(self) -> str:
        """Where the socket lies."""
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

    def listen(self, *, hold: tuple[int, int] | None = None) -> None:
        """Begin anew. `hold=(1, 3)`: after one COMMIT pass on three more statements, and then nothing."""
        self.statements = []
        self._held.clear()
        self._is_forgotten = False
        self._hold = hold

    def forget(self) -> None:
        """Lose the lines that there are, and tell nobody before something is asked on one of them."""
        self._is_forgotten = True

    def wait_until_held(self, line: HTTPConnection) -> bool:
        """Whether the site has asked one statement more than it may; False if it answered before that."""
        while not self._held.wait(_LOOK_SECONDS):
            if select([line.sock], [], [], 0)[0]:
                return self._held.is_set()
        return True

    def _accept(self) -> None:
        while True:
            try:
                site, _address = self._listener.accept()
            except OSError:
                return
            server = _connect(self._database)
            Thread(target=self._pass_on, args=(site, server, self._may_pass()), daemon=True).start()
            Thread(target=self._pass_on, args=(server, site, lambda _data: True), daemon=True).start()

    def _pass_on(
        self, source: socket.socket, target: socket.socket, may_pass: Callable[[bytes], bool]
    ) -> None:
        """Until either side is gone; then the other learns it, as it would without us."""
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if may_pass(data):
                    target.sendall(data)
        for side in (source, target):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def _may_pass(self) -> Callable[[bytes], bool]:
        """For one connection: reads its messages, notes its statements, and says when to hold."""
        reader = _Reader()

        def look(data: bytes) -> bool:
            if self._is_forgotten:
                raise ConnectionResetError
            for statement in reader.statements_in(data):
                if self._is_one_too_many():
                    self._held.set()
                    return False
                self.statements.append(statement)
            return not self._held.is_set()

        return look

    def _is_one_too_many(self) -> bool:
        if self._hold is None:
            return False
        commits, more = self._hold
        places = [place for place, statement in enumerate(self.statements, 1) if statement == "COMMIT"]
        if len(places) < commits:
            return False
        return len(self.statements) >= more + (places[commits - 1] if commits else 0)


class _Reader:
    """Reads what a client of PostgreSQL sends, which may come in any pieces.

    A message is one letter, its length in four bytes (which count themselves), its content.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._is_greeting = True
        self._prepared: dict[bytes, str] = {}
        self._bound = ""

    def statements_in(self, data: bytes) -> list[str]:
        """The statements to be executed in these bytes and what was left over before."""
        self._rest += data
        found = []
        while message := self._next():
            statement = self._statement_of(*message)
            if statement is not None:
                found.append(statement)
        return found

    def _next(self) -> tuple[bytes, bytes] | None:
        start = 0 if self._is_greeting else 1  # the very first message has no letter
        if len(self._rest) < start + 4:
            return None
        end = start + int.from_bytes(self._rest[start : start + 4], "big")
        if len(self._rest) < end:
            return None
        kind, content = self._rest[:start], self._rest[start + 4 : end]
        self._rest = self._rest[end:]
        self._is_greeting = False
        return kind, content

    def _statement_of(self, kind: bytes, content: bytes) -> str | None:
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
