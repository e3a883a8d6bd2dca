"""Where `run` listens: checked before anything is started, in words for the person who reads it."""

import ipaddress
import os
import socket
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit

from ticketflower import environment


class CannotRunError(Exception):
    """`run` is refused; the message says why, and what to do."""


@dataclass(frozen=True)
class Address:
    """An address and port of this machine."""

    host: str
    port: int

    @classmethod
    def checked(cls, host: str, port: int, *, embedded: bool) -> "Address":
        """The address to listen on. Raises CannotRunError for one that is none, or not safe, or taken.

        The embedded database holds the demo company, whose password everybody knows:
        with `embedded`, only this machine may reach the site.
        """
        try:
            number = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
        except ValueError:
            raise CannotRunError(f"--host must be an IP address of this machine, not {host!r}.") from None
        site_url = environment.text("SITE_URL")
        if embedded and not (number.is_loopback and _is_loopback_url(site_url)):
            raise CannotRunError(
                "Others could log in with the demo accounts, whose password everybody knows. To let others "
                "reach this site, configure a database of its own (DB_NAME and so on: docs/operations.md)."
            )
        if not number.is_loopback and not site_url:
            raise CannotRunError("Set SITE_URL to the address at which others reach this site.")
        address = cls(str(number), port)
        address._refuse_if_taken()
        return address

    @property
    def url(self) -> str:
        """What to type into a browser on this machine."""
        number = ipaddress.ip_address(self.host)
        host = ("127.0.0.1" if number.version == 4 else "::1") if number.is_unspecified else self.host  # noqa: PLR2004
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def answer(self) -> int | None:
        """The HTTP status with which the site answers; None while it does not."""
        # The site answers to its own name only, which need not be that of this address.
        name = {"Host": urlsplit(environment.text("SITE_URL", self.url)).netloc}
        request = urllib.request.Request(f"{self.url}/health/", headers=name)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def _refuse_if_taken(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            if os.name != "nt":  # a port that was in use a moment ago is free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except (OSError, OverflowError) as error:
                raise CannotRunError(
                    f"{self.url} cannot be used: {error}. If another program is there, "
                    f"choose another port: dev.py run --port {self.port + 1}"
                ) from None


def _is_loopback_url(url: str) -> bool:
    """True, too, for no address at all: then the site has the one that it listens on."""
    host = urlsplit(url).hostname or "localhost"
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
