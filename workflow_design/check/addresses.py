"""The addresses that actions may call.

An address is judged by its text alone. Its host name may resolve differently later, so every call checks
it again.
"""

from urllib.parse import unquote

from django.utils.translation import gettext as _

from ticketflower.outgoing import addresses
from workflow_design.definition.references import MAX_ADDRESS_LENGTH


def address_problem(address: str) -> str:
    """Return why an action may not call this address, as a sentence; empty if it may."""
    if len(address) > MAX_ADDRESS_LENGTH:
        return _("An address can have at most %(number)d characters.") % {"number": MAX_ADDRESS_LENGTH}
    return addresses.address_problem(address)


def path_problem(path: str) -> str:
    """Return why this can't follow the address of a connection, as a sentence; empty if it can."""
    if not path:
        return ""
    if not path.isascii() or addresses.UNSAFE_CHARACTERS.search(path) or "#" in path:
        return _("A path can't contain spaces, backslashes, “#” or characters that are not ASCII.")
    if not path.startswith("/") or path.startswith("//"):
        return _("A path begins with one “/”, such as /accounts.")
    # It must stay below the address that the company's admin has chosen.
    if any(part in (".", "..") for part in unquote(path.partition("?")[0]).split("/")):
        return _("A path can't contain “.” or “..” as one of its parts.")
    return ""
