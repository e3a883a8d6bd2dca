"""The headers of a request: ours, and the rules for those that companies may add."""

import re
from typing import Final

from django.utils.translation import gettext as _

FIXED_HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # what is never unpacked can't be a zip bomb
    "Connection": "close",
    "Content-Type": "application/json",
    "User-Agent": "TicketFlower",
}
_OF_THE_PROTOCOL: Final = {
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
} | {name.lower() for name in FIXED_HEADERS}
_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_VALUE: Final = re.compile(r"[!-~]([ -~]{0,7998}[!-~])?")


def header_problem(name: str, value: str) -> str:
    """Return why a request can't have this header, as a sentence; empty if it can."""
    if not _NAME.fullmatch(name):
        return _("A header has a name such as “Authorization”, without spaces or colons.")
    if name.lower() in _OF_THE_PROTOCOL or name.lower().startswith("proxy-"):
        return _("The header “%(name)s” is set by TicketFlower.") % {"name": name}
    if not _VALUE.fullmatch(value):
        return _("The value of a header is one line of letters, digits and signs of ASCII.")
    return ""
