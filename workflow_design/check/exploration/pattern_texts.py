"""Texts that match a pattern of RE2, for the check to try. What it makes still has to be validated."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

_CLASSES: Final = {
    "d": "0193",
    "w": "aA0z",
    "s": " \t",
    "D": "aA-",
    "W": "- .",
    "S": "aA0-",
    "p": "Aa0",
    "P": "-0a",
}
_PROPERTIES: Final = {"Lu": "AZ", "Ll": "az", "N": "019", "Nd": "019"}
_ANY: Final = "aA0Zz9-_ .:/@"
_CONTROLS: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
_EMPTY_ESCAPES: Final = "AzbB"
_VARIATIONS: Final = 12


def texts_matching(pattern: str) -> Iterator[str]:
    """Yield different texts that should match a valid pattern, simple ones first."""
    found: dict[str, None] = {}
    # What this reader does not know of RE2, or can't follow into its depth, only costs samples.
    with suppress(ValueError, IndexError, RecursionError):
        found.update((_Writer(pattern, variation).text(), None) for variation in range(_VARIATIONS))
    yield from found


class _Writer:
    """Writes one text while it reads a pattern. The variation decides between branches and characters."""

    def __init__(self, pattern: str, variation: int) -> None:
        self._pattern = pattern
        self._variation = variation
        self._at = 0

    def text(self) -> str:
        """Return the text."""
        return self._alternatives()

    def _alternatives(self) -> str:
        texts = [self._sequence()]
        while self._take("|"):
            texts.append(self._sequence())
        return self._pick(texts)

    def _sequence(self) -> str:
        parts = []
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            parts.append(self._repeated(self._part()))
        return "".join(parts)

    def _part(self) -> str:
        character = self._next()
        if character == "(":
            return self._group()
        if character == "[":
            return self._pick(self._bracket())
        if character == "\\":
            return self._pick(self._escaped())
        if character == ".":
            return self._pick(_ANY)
        return "" if character in "^$" else character

    def _group(self) -> str:
        if self._take("?"):
            # (?P<name>…), (?<name>…), (?flags:…) or (?flags), which is no group.
            named = self._take("P<") or self._take("<")
            end = ">" if named else ":)"
            while (character := self._next()) not in end:
                continue
            if character == ")":
                return ""
        text = self._alternatives()
        self._take(")")
        return text

    def _repeated(self, text: str) -> str:
        odd, more = self._variation % 2, self._variation // 2 % 3
        times = 1
        if self._take("*"):
            times = odd * (1 + more)
        elif self._take("+"):
            times = 1 + more
        elif self._take("?"):
            times = odd
        elif self._at < len(self._pattern) and self._pattern[self._at] == "{":
            times = self._counted(more)
        self._take("?")
        return text * times

    def _counted(self, more: int) -> int:
        inside, closing, _rest = self._pattern[self._at + 1 :].partition("}")
        least, comma, most = inside.partition(",")
        if not closing or not least.isdecimal() or not (most or "0").isdecimal():
            return 1  # a brace that is meant as it is
        self._at += len(inside) + 2
        return min(int(least) + more, int(most)) if most else int(least) + (more if comma else 0)

    def _bracket(self) -> str:
        is_negated = self._take("^")
        found = ""
        while not self._take("]") or not found:
            if self._take("[:"):
                inside, _colon, _rest = self._pattern[self._at :].partition(":]")
                self._at += len(inside) + 2
                found += "0" if "digit" in inside else "Aa" if "upper" in inside else "aA0"
                continue
            first = self._next()
            found += self._escaped() if first == "\\" else first
            if self._pattern[self._at : self._at + 1] == "-" and self._pattern[self._at + 1] != "]":
                self._at += 1
                last = self._next()
                found += _between(found[-1], self._escaped()[0] if last == "\\" else last)
        return "".join(each for each in _ANY if each not in found) if is_negated else found

    def _escaped(self) -> str:
        character = self._next()
        if character in "pP" and self._take("{"):
            name, _brace, _rest = self._pattern[self._at :].partition("}")
            self._at += len(name) + 1
            return _PROPERTIES.get(name, _CLASSES[character]) if character == "p" else _CLASSES["P"]
        if character in "pP":
            self._next()
        elif character == "x":
            digits = self._pattern[self._at : self._at + 2]
            self._at += 2
            return chr(int(digits, 16))
        if character in _EMPTY_ESCAPES:
            return ""
        return _CLASSES.get(character) or _CONTROLS.get(character, character)

    def _pick(self, texts: str | list[str]) -> str:
        return texts[self._variation % len(texts)] if texts else ""

    def _take(self, text: str) -> bool:
        is_there = self._pattern.startswith(text, self._at)
        self._at += len(text) if is_there else 0
        return is_there

    def _next(self) -> str:
        if self._at >= len(self._pattern):
            raise ValueError("the pattern ends here")
        self._at += 1
        return self._pattern[self._at - 1]


def _between(first: str, last: str) -> str:
    """Return some characters of a range after its first one."""
    codes = (ord(last), ord(first) + 1, (ord(first) + ord(last)) // 2)
    return "".join(chr(code) for code in codes if ord(first) < code <= ord(last))
