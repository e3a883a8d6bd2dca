"""The addresses that actions may call.

An address is judged by its text alone. Its host name may resolve differently later, so every call checks
it again.
"""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv6Address
from typing import Final
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

from workflow_design.definition.references import MAX_ADDRESS_LENGTH

_WEB_PORTS: Final = frozenset({80, 443})
_FIRST_UNPRIVILEGED_PORT: Final = 1024
_UNSAFE_CHARACTERS: Final = re.compile(
    r"[\x00-\x20\x7f\\]"
)  # parsers interpret these differently, or drop them
_HOST: Final = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.?"
)


def address_problem(address: str) -> str:
    """Return why an action may not call this address, as a sentence; empty if it may."""
    # One reason is enough for the user to fix the address.
    return next(_find_address_problems(address), "")


def path_problem(path: str) -> str:
    """Return why this can't follow the address of a connection, as a sentence; empty if it can."""
    if not path:
        return ""
    if not path.isascii() or _UNSAFE_CHARACTERS.search(path) or "#" in path:
        return _("A path can't contain spaces, backslashes, “#” or characters that are not ASCII.")
    if not path.startswith("/") or path.startswith("//"):
        return _("A path begins with one “/”, such as /accounts.")
    # It must stay below the address that the company's admin has chosen.
    if any(part in (".", "..") for part in unquote(path.partition("?")[0]).split("/")):
        return _("A path can't contain “.” or “..” as one of its parts.")
    return ""


def _find_address_problems(address: str) -> Iterator[str]:
    if len(address) > MAX_ADDRESS_LENGTH:
        yield _("An address can have at most %(number)d characters.") % {"number": MAX_ADDRESS_LENGTH}
    # Non-ASCII hosts can imitate other hosts, and clients encode them differently.
    if not address.isascii() or _UNSAFE_CHARACTERS.search(address):
        yield _("The address can't contain spaces, backslashes or characters that are not ASCII.")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        yield _("This is not an address such as https://example.com/path.")
        return
    if parts.scheme not in ("https", "http") or not _is_host(parts.hostname or ""):
        yield _("This is not an address such as https://example.com/path.")
    # Everyone who may see the definition sees the address.
    if "@" in parts.netloc:
        yield _("Leave the user name and password out of the address: everyone who sees it could read them.")
    # Other low ports belong to services such as SMTP, which must not get HTTP requests.
    if port is not None and port not in _WEB_PORTS and port < _FIRST_UNPRIVILEGED_PORT:
        yield _("The port must be 80, 443 or at least 1024.")
    if "#" in address:
        yield _("Remove the part after “#”: it is never sent.")


def _is_host(host: str) -> bool:
    if _HOST.fullmatch(host):
        return True
    try:
        return IPv6Address(host).scope_id is None
    except AddressValueError:
        return False
