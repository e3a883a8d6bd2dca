"""Addresses that actions may call, as far as their text says (`dependable.md`, "Addresses").

Where a name leads is seen at every call and not here: it may lead elsewhere by then.
"""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv6Address
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

MAX_LENGTH: Final = 2_000
_PORTS: Final = frozenset({80, 443})
_FIRST_FREE_PORT: Final = 1024
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f\\]")  # parsers disagree on what they mean, or drop them
_HOST: Final = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.?"
)


def refusal_of_address(address: str) -> str:
    """Why an action may not call this address, as a sentence; empty if it may."""
    return next(_refusals(address), "")


def _refusals(address: str) -> Iterator[str]:
    if len(address) > MAX_LENGTH:
        yield _("An address may have at most %(number)d characters.") % {"number": MAX_LENGTH}
    if not address.isascii() or _UNSAFE.search(address):
        yield _("Write the address without spaces, backslashes and characters that are not ASCII.")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        yield _("This is not an address such as https://example.com/path.")
        return
    if parts.scheme not in ("https", "http") or not _is_host(parts.hostname or ""):
        yield _("This is not an address such as https://example.com/path.")
    if "@" in parts.netloc:
        yield _("Leave the user name and password out of the address: everybody who sees it could read them.")
    if port is not None and port not in _PORTS and port < _FIRST_FREE_PORT:
        yield _("The port may be 80, 443 or any from 1024 on.")
    if "#" in address:
        yield _("What follows “#” in an address is never sent; leave it out.")


def _is_host(host: str) -> bool:
    if _HOST.fullmatch(host):
        return True
    try:
        return IPv6Address(host).scope_id is None
    except AddressValueError:
        return False
