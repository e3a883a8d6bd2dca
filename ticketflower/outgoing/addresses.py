"""Validation of the addresses of other systems.

`address_problem` checks only the text. A name may resolve to any address, and to another one a moment later,
so each call checks with `is_public` the IP address to which it is about to connect.
"""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

# Parsers interpret these differently, or drop them.
UNSAFE_CHARACTERS: Final = re.compile(r"[\x00-\x20\x7f\\]")
_HOST: Final = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)
_HOST_AND_PORT: Final = re.compile(r"(\[[^\[\]]*\]|[^\[\]:]*)(:[0-9]*)?")
# Networks that the lists of `ipaddress` do not contain.
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_OLD_TEST_NETWORK: Final = IPv6Network("3ffe::/16")
# Looks public, but is a service of Azure's hosts that gives certificates to virtual machines.
_METADATA_OF_AZURE: Final = IPv4Network("168.63.129.16/32")


def address_problem(address: str) -> str:
    """Return why nothing may be sent to this address, as a sentence; empty if it may."""
    # One reason is enough for the user to fix the address.
    return next(_find_address_problems(address), "")


def is_allowed_port(port: int) -> bool:
    """Return whether web servers use this port. Other low ports belong to services such as SMTP."""
    return port in {80, 443} or 1024 <= port <= 65535  # noqa: PLR2004


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether this is a public address, and not an IPv6 form of an IPv4 address.

    requests-hardened also refuses the ranges for translation between IPv4 and IPv6.
    """
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, IPv4Address):
        return address not in _METADATA_OF_AZURE
    return address in _GLOBAL_UNICAST and address not in _OLD_TEST_NETWORK


def _find_address_problems(address: str) -> Iterator[str]:
    # Non-ASCII hosts can imitate other hosts, and clients encode them differently.
    if not address.isascii() or UNSAFE_CHARACTERS.search(address):
        yield _("The address can't contain spaces, backslashes or characters that are not ASCII.")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        yield _("This is not an address such as https://example.com/path.")
        return
    # Everyone who may see the definition can see the address.
    if "@" in parts.netloc:
        yield _("Leave the user name and password out of the address: everyone who sees it could read them.")
    # Python parses "example.com[::1]" as "::1".
    is_whole = _HOST_AND_PORT.fullmatch(parts.netloc)
    if parts.scheme not in ("https", "http") or not is_whole or not _is_host(parts.hostname or ""):
        yield _("This is not an address such as https://example.com/path.")
    if port is not None and not is_allowed_port(port):
        yield _("The port must be 80, 443 or at least 1024.")
    if "#" in address:
        yield _("Remove the part after “#”: it is never sent.")


def _is_host(host: str) -> bool:
    try:
        if ":" in host:
            return IPv6Address(host).scope_id is None
        if re.search(r"(^|\.)(\d+|0x[0-9a-f]*)$", host):
            # 127.1, 2130706433 and 0x7f.1 are addresses, too, but programs interpret them differently.
            return bool(IPv4Address(host))
    except AddressValueError:
        return False
    return bool(_HOST.fullmatch(host))
