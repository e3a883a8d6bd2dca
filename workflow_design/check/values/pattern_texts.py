"""Texts that match a pattern of RE2, for the check to try. What it makes still has to be validated.

A pattern is read into choices: which branch, how often, and which character. RE2 itself says which characters
a class has, so that all of its classes and flags mean the same here.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

import re2

_MAX_TEXTS: Final = 40
_MAX_TEXT_LENGTH: Final = 2_000
_MAX_CHARACTERS: Final = 6
_MAX_TIMES: Final = 64
_CHARACTERS: Final = (
    "Aa0Zz9-_ .:/@Bb1" + "".join(map(chr, range(32, 127))) + "\t\n\r\f\v\a"
    "äßÉÑøŁ"
    "αΩ"
    "жД"
    "אע"
    "عل٣"
    "中文"
    "あ"
    "ア"
    "한"
    "ก"
    "अ"
    "ა"
    "Ա"
    "😀"
    "€£"
    "½²Ⅷ"
    "—“”«»…"
    "±√"
    "\u0301\u00a0\u200b"
)
"""Some of every kind that a class is likely to name."""
_EMPTY_ESCAPES: Final = "AzbB"
_Option = TypeVar("_Option")


@dataclass(frozen=True, slots=True)
class _Node:
    """A part of a pattern: one of several sequences of parts, each part repeated."""

    branches: tuple[tuple["_Node | _Characters", ...], ...]
    times: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True)
class _Characters:
    """A character, or a class of them, repeated."""

    characters: str
    times: tuple[int, ...] = (1,)


def texts_matching(pattern: str, *, length: int = 1) -> Iterator[str]:
    """Yield different texts that should match a valid pattern, simple ones first; some have the length."""
    found: dict[str, None] = {}
    # What this reader does not know of RE2, or can't follow into its depth, only costs samples.
    with suppress(ValueError, IndexError, RecursionError):
        node = _Reader(pattern, length).alternatives("")
        found[_Writer({}).text(node)] = None
        points = _Writer({}).count(node)
        # Each choice by itself, then all of them together.
        for other in range(1, _MAX_CHARACTERS):
            for point, options in enumerate(points):
                if other < options and len(found) < _MAX_TEXTS:
                    found[_Writer({point: other}).text(node)] = None
            found[_Writer(dict.fromkeys(range(len(points)), other)).text(node)] = None
    yield from (text for text in found if text)


class _Writer:
    """Writes one text, with the first option at each point where no other one is chosen."""

    def __init__(self, chosen: dict[int, int]) -> None:
        self._chosen = chosen
        self._options: list[int] = []

    def text(self, node: _Node | _Characters) -> str:
        """Return the text of a part."""
        times = self._choose(node.times)
        if isinstance(node, _Characters):
            return self._choose(node.characters) * times
        # The points of a part count once, however often it is repeated.
        text = "".join(map(self.text, self._choose(node.branches))) if times else ""
        return (text * times)[:_MAX_TEXT_LENGTH]

    def count(self, node: _Node) -> list[int]:
        """Return how many options there are at each point."""
        self.text(node)
        return self._options

    def _choose(self, options: Sequence[_Option]) -> _Option:
        point = len(self._options)
        self._options.append(len(options))
        return options[min(self._chosen.get(point, 0), len(options) - 1)]


class _Reader:
    """Reads a pattern."""

    def __init__(self, pattern: str, length: int) -> None:
        self._pattern = pattern
        self._length = length
        self._many = max(_MAX_TIMES, length)
        self._at = 0

    def alternatives(self, flags: str) -> _Node:
        """Return what stands until the end of a group."""
        branches, parts = [], list[_Node | _Characters]()
        while self._at < len(self._pattern) and not self._looks_at(")"):
            if self._take("|"):
                branches.append(tuple(parts))
                parts = []
            elif self._take("(?"):
                named, end = self._until(">" if self._looks_at("P<") or self._looks_at("<") else ":)")
                if end == ")":
                    flags = named  # for the rest of the group
                else:
                    parts.append(self._repeated(self._rest_of_group(flags if end == ">" else named or flags)))
            elif self._take(r"\Q"):
                quoted, _mark, _rest = self._pattern[self._at :].partition(r"\E")
                self._at += len(quoted) + 2
                parts += map(_Characters, quoted)
            else:
                parts.append(self._repeated(self._part(flags)))
        return _Node((*branches, tuple(parts)))

    def _part(self, flags: str) -> _Node | _Characters:
        start = self._at
        character = self._next()
        if character == "(":
            return self._rest_of_group(flags)
        if character in "^$" or (character == "\\" and self._pattern[self._at] in _EMPTY_ESCAPES):
            self._at += character == "\\"
            return _Node(((),))
        if character == "[":
            self._skip_class()
        elif character == "\\":
            self._skip_escape()
        elif character not in ".?*+{":
            return _Characters(_characters_of(re2.escape(character), flags) or character)
        return _Characters(_characters_of(self._pattern[start : self._at], flags))

    def _rest_of_group(self, flags: str) -> _Node:
        node = self.alternatives(flags)
        self._take(")")
        return node

    def _skip_class(self) -> None:
        self._take("^")
        self._take("]")  # at the beginning it is a member
        while not self._take("]"):
            if self._take("[:"):
                self._at = self._pattern.index(":]", self._at) + 2
            elif self._next() == "\\":
                self._next()

    def _skip_escape(self) -> None:
        character = self._next()
        if character in "pPx" and self._take("{"):
            self._until("}")
        elif character in "pP":
            self._next()
        elif character == "x":
            self._at += 2
        elif character.isdecimal():
            while self._pattern[self._at : self._at + 1].isdecimal():
                self._at += 1

    def _repeated(self, part: _Node | _Characters) -> _Node | _Characters:
        least, most = 1, 1
        if self._take("*"):
            least, most = 0, self._many
        elif self._take("+"):
            most = self._many
        elif self._take("?"):
            least = 0
        elif self._looks_at("{"):
            least, most = self._counted()
        self._take("?")
        usual = max(least, min(1, most))
        options = (usual, least, usual + 1, usual + 2, max(least, self._length), most)
        times = tuple(dict.fromkeys(each for each in options if least <= each <= most))
        return _Node(((part,),), times) if len(times) > 1 or times != (1,) else part

    def _counted(self) -> tuple[int, int]:
        inside, closing, _rest = self._pattern[self._at + 1 :].partition("}")
        least, comma, most = inside.partition(",")
        if not closing or not least.isdecimal() or not (most or "0").isdecimal():
            return 1, 1  # a brace that is meant as it is
        self._at += len(inside) + 2
        return int(least), int(most) if most else int(least) + self._many if comma else int(least)

    def _until(self, ends: str) -> tuple[str, str]:
        start = self._at
        while (character := self._next()) not in ends:
            continue
        return self._pattern[start : self._at - 1], character

    def _looks_at(self, text: str) -> bool:
        return self._pattern.startswith(text, self._at)

    def _take(self, text: str) -> bool:
        is_there = self._looks_at(text)
        self._at += len(text) if is_there else 0
        return is_there

    def _next(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1]


@lru_cache(maxsize=512)
def _characters_of(part: str, flags: str) -> str:
    """Return some characters that a part of a pattern matches; raise ValueError if none is known."""
    options = re2.Options()
    options.log_errors = False
    try:
        matcher = re2.compile(f"(?{flags}:{part})" if flags else part, options)
    except re2.error as error:
        raise ValueError(part) from error
    own = part[3:-1] if part.startswith(r"\x{") else part[2:] if part.startswith(r"\x") else ""
    known = (chr(int(own, 16)) if own else "") + _CHARACTERS
    found = dict.fromkeys(each for each in known if matcher.fullmatch(each))
    # From the beginning and the end, so that several kinds are among them.
    listed = [*found]
    first = listed[: _MAX_CHARACTERS - 1]
    if not first:
        raise ValueError(part)
    return "".join(dict.fromkeys([*first, listed[-1]]))
