"""How a request reaches another system: only a public address, only for so long, reading only so much.

requests-hardened looks up the name once, judges the address that it finds and connects to that one. The rest
is here. `Limits` holds over everything that a call waits for, since a timeout of a socket only bounds each
pause: a system that sends one byte every second would never meet it.
"""

import socket
import ssl
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import cache, partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, TypeVar

import certifi
import requests
from django.conf import settings
from django.utils.translation import gettext as _
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_ import create_urllib3_context

from ticketflower.outgoing.addresses import is_allowed_port, is_public
from ticketflower.outgoing.call import MAX_ANSWER_BYTES, CallFailedError

IPAddress = IPv4Address | IPv6Address
_Result = TypeVar("_Result")

MAX_HEADER_BYTES: Final = 64 * 1024

_LOOPBACK: Final = IPv6Address("::1")


class Limits:
    """How long a call may take altogether, and how many bytes it may still receive."""

    def __init__(self, timeout: float) -> None:
        self.ends_at = time.monotonic() + timeout
        self.bytes_left = MAX_HEADER_BYTES

    def seconds_left(self) -> float:
        """Return the time until the deadline. Raise TimeoutError if there is none."""
        seconds = self.ends_at - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def are_over(self) -> bool:
        """Return whether the deadline has passed."""
        return time.monotonic() >= self.ends_at

    def expect_body(self) -> None:
        """Allow the largest body, and as much again for the lines between its chunks."""
        self.bytes_left = 2 * MAX_ANSWER_BYTES

    def receive(self, count: int) -> None:
        """Count what has arrived. Raise CallFailedError if it is too much."""
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise too_large()


if TYPE_CHECKING:
    _AnySocket = socket.socket
else:
    _AnySocket = object


class _Limited(_AnySocket):
    """Let a socket wait no longer than until the deadline, whatever it waits for."""

    limits: Limits

    def recv_into(self, *args: Any, **options: Any) -> int:
        self.settimeout(self.limits.seconds_left())
        count = super().recv_into(*args, **options)
        self.limits.receive(count)
        return count

    def send(self, *args: Any) -> int:  # part by part by `sendall` of a TLS socket
        self.settimeout(self.limits.seconds_left())
        return super().send(*args)

    def sendall(self, *args: Any) -> None:
        self.settimeout(self.limits.seconds_left())
        super().sendall(*args)


class _LimitedSocket(_Limited, socket.socket):
    pass


class _LimitedTLSSocket(_Limited, ssl.SSLSocket):
    pass


class _Connection(HTTPConnection):
    """A connection to an IP address that is judged in the moment it is used."""

    def __init__(self, *args: Any, limits: Limits, **options: Any) -> None:
        super().__init__(*args, **options)
        self.limits = limits

    def _new_conn(self) -> socket.socket:
        address = ip_address(self.host.strip("[]"))
        if not _may_connect(address, self.port):
            raise refusal()
        # "localhost" is two addresses, and a program under development often listens on one of them.
        addresses = [address, IPv4Address("127.0.0.1")] if address == _LOOPBACK else [address]
        problem: OSError | None = None
        for address in addresses:
            try:
                return self._connect(address)
            except OSError as error:
                problem = error
        if self.limits.are_over():
            raise TimeoutError
        raise CallFailedError(_("The system can't be reached."), is_temporary=True) from problem

    def _connect(self, address: IPAddress) -> socket.socket:
        sock = _LimitedSocket(_family(address))
        try:
            sock.limits = self.limits
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(self.limits.seconds_left())
            sock.connect((str(address), self.port))
            sock.settimeout(self.limits.seconds_left())  # bounds the whole TLS handshake
        except BaseException:
            sock.close()
            raise
        return sock


class _TLSConnection(_Connection, HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        assert isinstance(self.sock, _LimitedTLSSocket)
        self.sock.limits = self.limits


class Adapter(IPFilterAdapter):
    """Sends requests within limits. It is made for one call, so calls share no connection."""

    def __init__(self, limits: Limits, *, is_https: bool) -> None:
        super().__init__(is_https, allow_loopback=settings.ACTIONS_ALLOW_LOOPBACK)
        self.limits = limits
        self.connection_class = partial(_TLSConnection if is_https else _Connection, limits=limits)

    def build_connection_pool_key_attributes(self, *args: Any, **options: Any) -> Any:
        """Look up the name and judge its address, within the time of the call."""
        look_up = partial(super().build_connection_pool_key_attributes, *args, **options)
        try:
            host, options = _in_time(look_up, self.limits)
        except InvalidIPAddress as error:
            raise refusal() from error
        except (requests.ConnectionError, UnicodeError) as error:
            raise CallFailedError(_("The name in the address is unknown."), is_temporary=True) from error
        if host["scheme"] == "https":
            options["ssl_context"] = tls_context()
        return host, options

    def post(self, request: requests.PreparedRequest) -> requests.Response:
        """Send a request and return the response as soon as its headers are there."""
        response: requests.Response = self.send(request, stream=True, timeout=self.limits.seconds_left())
        return response

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> HTTPConnectionPool:
        """Return a pool whose connections obey the limits."""
        pool: HTTPConnectionPool = super().get_connection_with_tls_context(*args, **options)
        pool.ConnectionCls = self.connection_class  # type: ignore[assignment]  # any callable will do
        return pool

    def cert_verify(self, *args: Any) -> None:
        """Leave it to the context, which has read the certificates of all authorities already."""


def too_large(status: int | None = None) -> CallFailedError:
    """Return what is raised as soon as an answer passes the limit."""
    return CallFailedError(_("The answer is too large: at most 1 MiB is read."), status=status)


def refusal() -> CallFailedError:
    """Return what is raised instead of connecting to an address that is not public."""
    return CallFailedError(_("The address leads to this machine or a private network, which is not allowed."))


def _may_connect(address: IPAddress, port: int) -> bool:
    if address.is_loopback:
        return settings.ACTIONS_ALLOW_LOOPBACK and is_allowed_port(port)
    # Behind its own public address, a machine also reaches what its firewall keeps from others.
    return is_public(address) and is_allowed_port(port) and (port in {80, 443} or not is_own(address))


def is_own(address: IPAddress) -> bool:
    """Return whether this machine has this address: it would then be used to connect to itself."""
    with socket.socket(_family(address), socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect((str(address), 9))  # sends nothing, since this is UDP
        return ip_address(probe.getsockname()[0]) == address
    return False


def _family(address: IPAddress) -> socket.AddressFamily:
    return socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6


@cache
def tls_context() -> ssl.SSLContext:
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    context.load_verify_locations(certifi.where())
    context.sslsocket_class = _LimitedTLSSocket
    return context


def _in_time(function: Callable[[], _Result], limits: Limits) -> _Result:
    """Return the result of something that can't be interrupted, such as looking up a name.

    When time is up, its thread is left alone. It ends by itself, when the system's resolver gives up.
    """
    future: Future[_Result] = Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, name="name look-up", daemon=True).start()
    return future.result(limits.seconds_left())
