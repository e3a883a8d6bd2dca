"""Validation of untrusted JSON, and of numbers in texts, from forms, uploads, transforms and responses.

Accepted values can be stored by PostgreSQL as jsonb, are read back unchanged, and mean the same to
JavaScript. A JsonError is raised for everything else (`docs/security.md`,
"Untrusted input"):

- text that is not JSON or not UTF-8, and JSON that is too large or too deep;
- NaN, Infinity, and numbers beyond ±9,007,199,254,740,991. JavaScript represents every integer up
  to there exactly. PostgreSQL expands 1e300 to an integer of 301 digits and returns it that way, so
  the same bound applies to all numbers, however they are written;
- the same name twice in an object, because parsers disagree on which one wins;
- NUL, which PostgreSQL can't store in text, and lone surrogates, which are not characters.
"""

import json
import math
import re
import unicodedata
from typing import Any

import re2
from django.utils.translation import gettext as _

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
LARGEST_NUMBER = 2**53 - 1
MAX_NUMBER_LENGTH = 64
MAX_DIGITS = 18
"""A longer number may not fit into a bigint, and PostgreSQL would refuse it with an error."""

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_LONG_RUN_OF_MARKS = re2.compile(r"\p{M}{31}")  # Unicode's stream-safe format allows 30
# A token is a bracket or a whole string, even an unterminated one.
_TOKENS_OF_NESTING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_BYTE_ORDER_MARK = "\ufeff"

Path = tuple[str | int, ...]


class JsonError(ValueError):
    """Rejected JSON: `message` gives the reason, `pointer` the location ("" for the whole document).

    `code` is one of not-json, not-utf-8, too-large, too-deep, repeated-name, bad-number and
    bad-character.
    """

    def __init__(self, message: str, *, code: str, pointer: str = "") -> None:
        super().__init__(f"{pointer}: {message}" if pointer else message)
        self.message = message
        self.code = code
        self.pointer = pointer


def pointer(*parts: str | int) -> str:
    """Return a JSON pointer to the given member names and list positions, escaped according to RFC 6901."""
    return "".join([f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts])


def format_json(value: Any) -> str:
    """Return JSON text formatted for reading and editing."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def parse_json(text: str | bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """Parse `text` and return its value.

    Raise JsonError, and no other exception, for invalid input. Bytes are decoded as UTF-8. A
    leading byte order mark is skipped, because editors on Windows write one.
    """
    decoded = _decode(text, max_bytes)
    try:
        value = json.loads(
            decoded, object_pairs_hook=_mark_repetition, parse_int=_parse_integer, parse_float=_parse_decimal
        )
    except json.JSONDecodeError as error:
        # How deep Python's parser goes before it gives up depends on the release.
        if _depth(decoded[: error.pos]) > max_depth:
            raise _too_deep(max_depth, ()) from None
        message = _("This is not JSON: %(reason)s, line %(line)d, column %(column)d.")
        where = {"reason": error.msg, "line": error.lineno, "column": error.colno}
        raise JsonError(message % where, code="not-json") from None
    except RecursionError:
        raise _too_deep(max_depth, ()) from None
    _Inspection(max_depth=max_depth).inspect(value, ())
    return value


def clean_json(value: Any, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """Return `value` unchanged if it is acceptable JSON; raise JsonError otherwise.

    Use this for a value that is already parsed. `max_bytes` limits the length of its compact JSON
    text, which is computed without being built.
    """
    _Inspection(max_depth=max_depth, max_bytes=max_bytes).inspect(value, ())
    return value


class _Repetition(dict[str, Any]):
    """A JSON object that contained `name` more than once; never returned to callers."""

    name = ""


class _Inspection:
    """A recursive check of one value that raises JsonError at the first problem."""

    def __init__(self, *, max_depth: int, max_bytes: int | None = None) -> None:
        self.max_depth = max_depth
        self.max_bytes = max_bytes
        self.bytes_seen = 0

    def inspect(self, value: Any, path: Path) -> None:
        if isinstance(value, str):
            self._text(value, path)
        elif value is None or isinstance(value, bool):
            self._count(4)  # null and true; one less than false needs
        elif isinstance(value, int | float):
            self._number(value, path)
        elif isinstance(value, dict):
            self._object(value, path)
        elif isinstance(value, list):
            self._open(value, path)
            for position, item in enumerate(value):
                self.inspect(item, (*path, position))
        else:
            message = _("A value of type %(kind)s is not JSON.") % {"kind": type(value).__name__}
            raise JsonError(message, code="not-json", pointer=pointer(*path))

    def _object(self, value: dict[Any, Any], path: Path) -> None:
        self._open(value, path)
        if isinstance(value, _Repetition):
            message = _("The name “%(name)s” appears twice in an object.") % {"name": _printable(value.name)}
            raise JsonError(message, code="repeated-name", pointer=pointer(*path))
        for name, item in value.items():
            if not isinstance(name, str):
                message = _("The names in an object must be text.")
                raise JsonError(message, code="not-json", pointer=pointer(*path))
            self._text(name, path)
            self._count(1)
            self.inspect(item, (*path, name))

    def _open(self, value: list[Any] | dict[Any, Any], path: Path) -> None:
        if len(path) >= self.max_depth:
            raise _too_deep(self.max_depth, path)
        self._count(2 + max(len(value) - 1, 0))

    def _text(self, value: str, path: Path) -> None:
        if _UNSTORABLE.search(value):
            message = _("A text contains a character that can't be stored: NUL or half of a surrogate pair.")
            raise JsonError(message, code="bad-character", pointer=pointer(*path))
        self._count(2 + utf8_length(value))

    def _number(self, value: float, path: Path) -> None:
        if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:  # also refuses NaN, which compares false
            message = _("Numbers must be from -%(largest)s to %(largest)s with at most %(length)d digits.")
            bounds = {"largest": f"{LARGEST_NUMBER:,}", "length": MAX_NUMBER_LENGTH}
            raise JsonError(message % bounds, code="bad-number", pointer=pointer(*path))
        self._count(len(repr(value)))

    def _count(self, length: int) -> None:
        self.bytes_seen += length
        if self.max_bytes is not None and self.bytes_seen > self.max_bytes:
            raise _too_large(self.max_bytes)


def _decode(text: str | bytes, max_bytes: int) -> str:
    if len(text) > max_bytes:
        raise _too_large(max_bytes)
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError:
            message = _("This is not UTF-8 text. Save the file as UTF-8 and try again.")
            raise JsonError(message, code="not-utf-8") from None
    elif utf8_length(text) > max_bytes:
        raise _too_large(max_bytes)
    return text.removeprefix(_BYTE_ORDER_MARK)


def _depth(text: str) -> int:
    """Return the maximum nesting depth of arrays and objects."""
    depth = deepest = 0
    for token in _TOKENS_OF_NESTING.findall(text):
        if token in {"[", "{"}:
            depth += 1
            deepest = max(deepest, depth)
        elif token in {"]", "}"}:
            depth -= 1
    return deepest


def _mark_repetition(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) == len(members):
        return value
    repetition = _Repetition(value)
    seen: set[str] = set()
    for name, _value in members:
        if name in seen:
            repetition.name = name
        seen.add(name)
    return repetition


# int() is slow or fails for long input, so longer numbers become NaN, which `_number` refuses.
def _parse_integer(digits: str) -> float:
    return int(digits) if len(digits) <= MAX_NUMBER_LENGTH else math.nan


def _parse_decimal(digits: str) -> float:
    return float(digits) if len(digits) <= MAX_NUMBER_LENGTH else math.nan


def utf8_length(text: str) -> int:
    """Return the length of `text` in UTF-8 bytes, counting three for a lone surrogate."""
    return len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))


def composed(text: str) -> str:
    """Return a text in Unicode's composed form (NFC), in which equal texts have equal characters.

    Composing takes quadratic time for long runs of combining marks, which no language has. So a text with
    such a run is returned unchanged.
    """
    if text.isascii() or _LONG_RUN_OF_MARKS.search(text):
        return text
    return unicodedata.normalize("NFC", text)


def composed_json(value: Any) -> Any:
    """Return a value with all of its texts in composed form; names stay as they are."""
    if isinstance(value, str):
        return composed(value)
    if isinstance(value, list):
        return [composed_json(item) for item in value]
    return {name: composed_json(item) for name, item in value.items()} if isinstance(value, dict) else value


def _printable(text: str) -> str:
    """Return untrusted text in a form that is safe to store and display in a message."""
    return _UNSTORABLE.sub("\ufffd", text)[:100]


def _too_large(max_bytes: int) -> JsonError:
    message = _("This JSON is too large: at most %(bytes)s bytes.") % {"bytes": f"{max_bytes:,}"}
    return JsonError(message, code="too-large")


def _too_deep(max_depth: int, path: Path) -> JsonError:
    message = _("This JSON is nested too deeply: at most %(depth)d levels.") % {"depth": max_depth}
    return JsonError(message, code="too-deep", pointer=pointer(*path))


def parse_number(text: str) -> int | None:
    """Return the number that a text consists of, or None. Only up to MAX_DIGITS ASCII digits are accepted."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None
