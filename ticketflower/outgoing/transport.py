"""The HTTP transport to other systems, with limits: public addresses only, a deadline, a maximum size.

requests-hardened resolves the name once, checks the address and connects to that one. The rest is here.
`Limits` applies to everything for which a call waits, because a socket's timeout only bounds each pause: a
system that sends one byte every second would never reach it.
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
    """The deadline of a call, and the number of bytes that it may still receive."""

    def __init__(self, timeout: float) -> None:
        self.ends_at = time.monotonic() + timeout
        self.bytes_left = MAX_HEADER_BYTES

    def seconds_left(self) -> float:
        """Return the seconds until the deadline. Raise TimeoutError if it has passed."""
        seconds = self.ends_at - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def is_deadline_passed(self) -> bool:
        """Return whether the deadline has passed."""
        return time.monotonic() >= self.ends_at

    def expect_body(self) -> None:
        """Allow a body of the maximum size, and as much again for the overhead of chunked encoding."""
        self.bytes_left = 2 * MAX_ANSWER_BYTES

    def receive(self, count: int) -> None:
        """Count received bytes. Raise CallFailedError if there are too many."""
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise too_large()


if TYPE_CHECKING:
    _AnySocket = socket.socket
else:
    _AnySocket = object


class _Limited(_AnySocket):
    """A socket that never waits beyond the deadline."""

    limits: Limits

    def recv_into(self, *args: Any, **options: Any) -> int:
        self.settimeout(self.limits.seconds_left())
        count = super().recv_into(*args, **options)
        self.limits.receive(count)
        return count

    def send(self, *args: Any) -> int:  # called repeatedly by `sendall` of a TLS socket
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
    """A connection whose IP address is checked immediately before connecting."""

    def __init__(self, *args: Any, limits: Limits, **options: Any) -> None:
        super().__init__(*args, **options)
        self.limits = limits

    def _new_conn(self) -> socket.socket:
        address = ip_address(self.host.strip("[]"))
        if not _may_connect(address, self.port):
            raise refusal()
        # "localhost" has two addresses, and programs in development often listen on only one of them.
        addresses = [address, IPv4Address("127.0.0.1")] if address == _LOOPBACK else [address]
        problem: OSError | None = None
        for address in addresses:
            try:
                return self._connect(address)
            except OSError as error:
                problem = error
        if self.limits.is_deadline_passed():
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
    """Sends a request within limits. It is created for one call, so calls share no connection."""

    def __init__(self, limits: Limits, *, is_https: bool) -> None:
        super().__init__(is_https, allow_loopback=settings.ACTIONS_ALLOW_LOOPBACK)
        self.limits = limits
        self.connection_class = partial(_TLSConnection if is_https else _Connection, limits=limits)

    def build_connection_pool_key_attributes(self, *args: Any, **options: Any) -> Any:
        """Resolve the name and check its address, within the deadline of the call."""
        look_up = partial(super().build_connection_pool_key_attributes, *args, **options)
        try:
            host, options = _run_with_deadline(look_up, self.limits)
        except InvalidIPAddress as error:
            raise refusal() from error
        except (requests.ConnectionError, UnicodeError) as error:
            raise CallFailedError(_("The name in the address is unknown."), is_temporary=True) from error
        if host["scheme"] == "https":
            options["ssl_context"] = tls_context()
        return host, options

    def post(self, request: requests.PreparedRequest) -> requests.Response:
        """Send a request and return the response as soon as its headers have arrived."""
        response: requests.Response = self.send(request, stream=True, timeout=self.limits.seconds_left())
        return response

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> HTTPConnectionPool:
        """Return a pool whose connections obey the limits."""
        pool: HTTPConnectionPool = super().get_connection_with_tls_context(*args, **options)
        pool.ConnectionCls = self.connection_class  # type: ignore[assignment]  # any callable will do
        return pool

    def cert_verify(self, *args: Any) -> None:
        """Do nothing, because the TLS context has already loaded the certificate authorities."""


def too_large(status: int | None = None) -> CallFailedError:
    """Return the exception for a response that exceeds the limit."""
    return CallFailedError(_("The answer is too large: at most 1 MiB is read."), status=status)


def refusal() -> CallFailedError:
    """Return the exception for an address that is not public."""
    return CallFailedError(_("The address leads to this machine or a private network, which is not allowed."))


def _may_connect(address: IPAddress, port: int) -> bool:
    if address.is_loopback:
        return settings.ACTIONS_ALLOW_LOOPBACK and is_allowed_port(port)
    # At its own public address, a machine also reaches services that its firewall hides from others.
    return is_public(address) and is_allowed_port(port) and (port in {80, 443} or not is_own_address(address))


def is_own_address(address: IPAddress) -> bool:
    """Return whether this machine has this address, from which it would then connect to itself."""
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


def _run_with_deadline(function: Callable[[], _Result], limits: Limits) -> _Result:
    """Return the result of an uninterruptible function, such as a name look-up, or raise TimeoutError.

    After the deadline, its thread is abandoned. It ends when the system's resolver gives up.
    """
    future: Future[_Result] = Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, name="name look-up", daemon=True).start()
    return future.result(limits.seconds_left())
