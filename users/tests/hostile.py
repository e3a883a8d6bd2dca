"""Malicious or malformed text that users may send (`docs/security.md`, "Untrusted input")."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.test import Client

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

FORM = "application/x-www-form-urlencoded"

HOSTILE_TEXTS = (
    "",
    "\x00",
    "Ada\x00@example.org",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)><script>alert(1)</script>{{ 7*7 }}{% load i18n %}%(name)s {0} %s',
    "x" * 10_000,
    "\ud800",
    "\u202egnp.exe \u200f\u0627\u200e 🙂\U000e0041",
    "Line\r\nBcc: everybody@example.org",
    "99999999999999999999999999999999",
    "-1",
    "1e400",
    "' OR 1=1 --",
)
TYPED = (
    "",
    "Ada\x00@example.org",
    '"><img src=x><script>alert(1)</script>{{ 7*7 }}{% load i18n %}%(name)s %s\r\nBcc: a@example.org',
    "x" * 10_000,
    "\ud800",
)
NUMBERS = ("99999999999999999999999999999999", "1e400")
EACH_KIND = (*TYPED, *NUMBERS)
"""One text of each kind, for tests that try all fields of all pages."""


def kinds_for(valid: str) -> tuple[str, ...]:
    """Return the kinds to try in place of this value: numbers only where one can be meant."""
    may_be_number = valid[:1] in {"", "[", "{"} or any(map(str.isdigit, valid))
    return EACH_KIND if may_be_number else TYPED


def post_raw(client: Client, path: str, data: Mapping[str, str | list[str]]) -> "Response":
    """POST a form with invalid encoding as well: lone surrogates are sent unchanged."""
    return client.post(path, urlencode(data, doseq=True, errors="surrogatepass"), content_type=FORM)


def hostile_posts(
    path: str, valid: dict[str, str], *, browser: Callable[[], Client] = Client
) -> Iterator[tuple[str, str, "Response"]]:
    """Yield responses to a valid form with each field replaced by each hostile text, in new clients.

    `tests/walls` tries fields that no form has.
    """
    for field in valid:
        for text in HOSTILE_TEXTS:
            yield field, text, post_raw(browser(), path, valid | {field: text})
