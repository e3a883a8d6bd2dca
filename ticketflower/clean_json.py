"""JSON from strangers: the one entry for forms, uploads, transforms, callbacks and answers.

What passes can be stored by PostgreSQL as jsonb, is read back as it was, and means the same to
JavaScript. Refused, always with a JsonError (`dependable.md`, "Definitions from strangers"):

- text that is not JSON or not UTF-8, and JSON that is too large or too deep;
- NaN, Infinity, and numbers beyond ±9,007,199,254,740,991. Up to there JavaScript tells all whole
  numbers apart. PostgreSQL keeps 1e300 as the whole number of 301 digits that it is, and gives
  that back, so the bound is one for all numbers, however they are written;
- the same name twice in an object, of which readers pick one or the other;
- NUL, which PostgreSQL can't store in a text, and lone surrogates, which are no characters.
"""

import json
import math
import re
from typing import Any

from django.utils.translation import gettext as _

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
LARGEST_NUMBER = 2**53 - 1
MAX_NUMBER_LENGTH = 64

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_BYTE_ORDER_MARK = "\ufeff"

Path = tuple[str | int, ...]


class JsonError(ValueError):
    """JSON that can't be taken: `message` says why, `pointer` where ("" for the whole).

    `code` is one of not-json, not-utf-8, too-large, too-deep, repeated-name, bad-number and bad-character.
    """

    def __init__(self, message: str, *, code: str, pointer: str = "") -> None:
        super().__init__(f"{pointer}: {message}" if pointer else message)
        self.message = message
        self.code = code
        self.pointer = pointer


def pointer(*parts: str | int) -> str:
    """The JSON pointer made of these member names and list positions, escaped as RFC 6901 asks."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def parse_json(text: str | bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """The value that `text` holds; raises JsonError, and nothing else, if it can't be taken.

    Bytes are read as UTF-8; a byte order mark in front, as Windows' editors write it, is skipped.
    """
    readable = _readable(text, max_bytes)
    try:
        value = json.loads(
            readable, object_pairs_hook=_without_repetition, parse_int=_integer, parse_float=_decimal
        )
    except json.JSONDecodeError as error:
        message = _("This is not JSON: %(reason)s, line %(line)d, column %(column)d.")
        where = {"reason": error.msg, "line": error.lineno, "column": error.colno}
        raise JsonError(message % where, code="not-json") from None
    except RecursionError:
        raise _too_deep(max_depth, ()) from None
    _Inspection(max_depth=max_depth).inspect(value, ())
    return value


def clean_json(value: Any, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """`value` itself if it is JSON that can be taken, else a JsonError: for what is parsed already.

    `max_bytes` bounds the length of its compact JSON text, which is added up and never written.
    """
    _Inspection(max_depth=max_depth, max_bytes=max_bytes).inspect(value, ())
    return value


class _Repetition(dict[str, Any]):
    """An object in whose text the name `name` stood twice; no caller ever sees one."""

    name = ""


class _Inspection:
    """One walk over a value, which ends with a JsonError at the first thing that can't be taken."""

    def __init__(self, *, max_depth: int, max_bytes: int | None = None) -> None:
        self.max_depth = max_depth
        self.max_bytes = max_bytes
        self.bytes_seen = 0

    def inspect(self, value: Any, path: Path) -> None:
        if isinstance(value, str):
            self._text(value, path)
        elif value is None or isinstance(value, bool):
            self._count(4)
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
            message = _("The name “%(name)s” stands twice in this object.") % {"name": _shown(value.name)}
            raise JsonError(message, code="repeated-name", pointer=pointer(*path))
        for name, item in value.items():
            if not isinstance(name, str):
                message = _("The names in an object must be texts.")
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
            message = _("A text holds a character that can't be stored: NUL, or half of a surrogate pair.")
            raise JsonError(message, code="bad-character", pointer=pointer(*path))
        self._count(2 + utf8_length(value))

    def _number(self, value: float, path: Path) -> None:
        if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:  # NaN is not between them either
            message = _("Numbers lie between -%(largest)s and %(largest)s, with at most %(length)d digits.")
            bounds = {"largest": f"{LARGEST_NUMBER:,}", "length": MAX_NUMBER_LENGTH}
            raise JsonError(message % bounds, code="bad-number", pointer=pointer(*path))
        self._count(len(repr(value)))

    def _count(self, length: int) -> None:
        self.bytes_seen += length
        if self.max_bytes is not None and self.bytes_seen > self.max_bytes:
            raise _too_large(self.max_bytes)


def _readable(text: str | bytes, max_bytes: int) -> str:
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


def _without_repetition(members: list[tuple[str, Any]]) -> dict[str, Any]:
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


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= MAX_NUMBER_LENGTH else math.nan


def _decimal(digits: str) -> float:
    return float(digits) if len(digits) <= MAX_NUMBER_LENGTH else math.nan


def utf8_length(text: str) -> int:
    """How many bytes the text has in UTF-8; a lone surrogate, which has no UTF-8, counts as three."""
    return len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))


def _shown(text: str) -> str:
    """A stranger's text, fit for a message that is itself stored and shown."""
    return _UNSTORABLE.sub("\ufffd", text)[:100]


def _too_large(max_bytes: int) -> JsonError:
    message = _("This JSON is too large: at most %(bytes)s bytes.") % {"bytes": f"{max_bytes:,}"}
    return JsonError(message, code="too-large")


def _too_deep(max_depth: int, path: Path) -> JsonError:
    message = _("This JSON is nested too deeply: at most %(depth)d levels.") % {"depth": max_depth}
    return JsonError(message, code="too-deep", pointer=pointer(*path))
