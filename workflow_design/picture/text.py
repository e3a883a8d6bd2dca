"""How wide a text is drawn, about: enough to break lines before a browser has seen them."""

from typing import Final

_NARROW: Final = frozenset("iljtfrI.,:;'|!()[]“” 1-")
_WIDE: Final = frozenset("mwMW@%&—…")
_NARROW_EM, _USUAL_EM, _CAPITAL_EM, _WIDE_EM, _FULL_EM = 0.36, 0.58, 0.7, 0.92, 1.05
_FULL_WIDTH_FROM: Final = "\u2e80"
ELLIPSIS: Final = "…"


def width_of(text: str, size: float) -> float:
    """The width of a text in pixels at a font size, a little more rather than less."""
    return size * sum(map(_ems, text))


def wrapped(text: str, *, width: float, size: float, lines: int) -> list[str]:
    """The text in at most so many lines of this width; what does not fit ends in an ellipsis."""
    found: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if width_of(joined, size) <= width:
            line = joined
            continue
        if line:
            found.append(line)
        *pieces, line = _pieces(word, width, size)
        found += pieces
    found += [line] if line else []
    if len(found) <= lines:
        return found
    return [*found[: lines - 1], _cut(f"{found[lines - 1]}{ELLIPSIS}", width, size)]


def _ems(character: str) -> float:
    if character >= _FULL_WIDTH_FROM:
        return _FULL_EM
    if character in _NARROW:
        return _NARROW_EM
    if character in _WIDE:
        return _WIDE_EM
    return _CAPITAL_EM if character.isupper() else _USUAL_EM


def _pieces(word: str, width: float, size: float) -> list[str]:
    """A word that is longer than a line, in pieces that are not."""
    pieces = [""]
    for character in word:
        if pieces[-1] and width_of(pieces[-1] + character, size) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _cut(text: str, width: float, size: float) -> str:
    while width_of(text, size) > width and len(text) > 1:
        text = f"{text[:-2].rstrip()}{ELLIPSIS}"
    return text
