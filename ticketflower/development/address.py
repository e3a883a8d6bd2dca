"""The address on which `run` listens, validated before anything is started."""

import ipaddress
import os
import socket
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit

from ticketflower import environment


class CannotRunError(Exception):
    """`run` is refused; the message gives the reason and what to do about it."""


@dataclass(frozen=True)
class Address:
    """An address and port of this machine."""

    host: str
    port: int

    @classmethod
    def validated(cls, host: str, port: int, *, embedded: bool) -> "Address":
        """Return the address to listen on.

        Raise CannotRunError if it is invalid, unsafe or already in use. With `embedded`, only
        loopback addresses are allowed, because the embedded database holds the demo company, whose
        password is public.
        """
        try:
            number = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
        except ValueError:
            raise CannotRunError(f"--host must be an IP address of this machine, not {host!r}.") from None
        site_url = environment.text("SITE_URL")
        if embedded and not (number.is_loopback and _is_loopback_url(site_url)):
            raise CannotRunError(
                "Others could log in with the demo accounts, whose password is public. To let others "
                "reach this site, configure a separate database (DB_NAME and so on: docs/operations.md)."
            )
        if not number.is_loopback and not site_url:
            raise CannotRunError("Set SITE_URL to the address at which others reach this site.")
        address = cls(str(number), port)
        address._refuse_if_taken()
        return address

    @property
    def url(self) -> str:
        """The URL that opens the site in a browser on this machine."""
        number = ipaddress.ip_address(self.host)
        host = ("127.0.0.1" if number.version == 4 else "::1") if number.is_unspecified else self.host  # noqa: PLR2004
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def health_status(self) -> int | None:
        """Return the HTTP status of the site's health check, or None if the site does not respond."""
        # ALLOWED_HOSTS contains the host of SITE_URL, which may differ from this address.
        name = {"Host": urlsplit(environment.text("SITE_URL", self.url)).netloc}
        request = urllib.request.Request(f"{self.url}/health/", headers=name)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def _refuse_if_taken(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            if os.name != "nt":  # allow a port that is still in TIME_WAIT
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except (OSError, OverflowError) as error:
                raise CannotRunError(
                    f"{self.url} cannot be used: {error}. If another program is there, "
                    f"choose another port: dev.py run --port {self.port + 1}"
                ) from None


def _is_loopback_url(url: str) -> bool:
    """Return whether `url` points to this machine.

    An empty `url` counts as loopback, because the site then uses the address that it listens on.
    """
    host = urlsplit(url).hostname or "localhost"
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
