"""Other systems on loopback, which answer as a test tells them."""

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import TracebackType
from typing import Any, Self

Answer = bytes | Iterable[bytes]


def answer(status: str = "200 OK", body: bytes = b"{}", **headers: str) -> bytes:
    """Return an answer as it goes over the wire."""
    fields = {"Content-Length": str(len(body)), **{name.replace("_", "-"): headers[name] for name in headers}}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextmanager
def taking(*, at_least: float = 0, at_most: float) -> Iterator[None]:
    """Fail if what is done inside does not take so many seconds."""
    began = time.monotonic()
    yield
    seconds = time.monotonic() - began
    if not at_least <= seconds <= at_most:
        raise AssertionError(seconds)


class Receiver:
    """Gives the first connection the first of these answers, and so on; each is then closed.

    An answer is bytes, or parts that are sent one after the other. A connection for which there is none
    stays open without an answer until the receiver is stopped.
    """

    def __init__(self, *answers: Answer, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.answers = list(answers)
        self.received: list[bytes] = []
        self.connections = 0
        self.stopped = threading.Event()
        self._tls = tls
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._threads = [threading.Thread(target=self._listen, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_error: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def drip(self, beginning: bytes, part: bytes) -> Iterator[bytes]:
        """Yield the parts of an answer that never ends, a few of them each second."""
        yield beginning
        while not self.stopped.wait(0.02):
            yield part

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _address = self._listener.accept()
                self.connections += 1
                given = self.answers.pop(0) if self.answers else None
                thread = threading.Thread(target=self._serve, args=(connection, given), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket, given: Any) -> None:
        with suppress(OSError), ExitStack() as stack:
            stack.enter_context(connection)
            if self._tls:
                connection = stack.enter_context(self._tls.wrap_socket(connection, server_side=True))
            self.received.append(self._read(connection))
            if given is None:
                self.stopped.wait()
                return
            for part in [given] if isinstance(given, bytes) else given:
                connection.sendall(part)

    def _read(self, connection: socket.socket) -> bytes:
        request = b""
        while b"\r\n\r\n" not in request:
            request += self._receive(connection)
        head, _end, _body = request.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(request) < len(head) + 4 + length:
            request += self._receive(connection)
        return request

    def _receive(self, connection: socket.socket) -> bytes:
        if received := connection.recv(65536):
            return received
        raise ConnectionResetError
