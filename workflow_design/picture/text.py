"""The approximate width of drawn text, to break lines without a browser."""

from typing import Final

_NARROW: Final = frozenset("iljtfrI.,:;'|!()[]“” 1-")
_WIDE: Final = frozenset("mwMW@%&—…")
_NARROW_EM, _USUAL_EM, _CAPITAL_EM, _WIDE_EM, _FULL_EM = 0.36, 0.58, 0.7, 0.92, 1.05
_FULL_WIDTH_FROM: Final = "\u2e80"
ELLIPSIS: Final = "…"


def text_width(text: str, size: float) -> float:
    """Return the width of a text in pixels at a font size, rather too large than too small."""
    return size * sum(map(_width_in_em, text))


def wrap_text(text: str, *, width: float, size: float, lines: int) -> list[str]:
    """Return the text in at most this number of lines of this width; longer text ends in an ellipsis."""
    found: list[str] = []
    line = ""
    # So many of the narrowest characters fill more than these lines. Texts can be very long.
    most = 1 + lines * int(width / (size * _NARROW_EM))
    for word in " ".join(text.split())[:most].split():
        candidate = f"{line} {word}" if line else word
        if text_width(candidate, size) <= width:
            line = candidate
            continue
        if line:
            found.append(line)
        # Only a word that is too long for a line gives more than one piece.
        *pieces, line = _split_word(word, width, size)
        found += pieces
    found += [line] if line else []
    if len(found) <= lines:
        return found
    return [*found[: lines - 1], _shorten(f"{found[lines - 1]}{ELLIPSIS}", width, size)]


def _width_in_em(character: str) -> float:
    if character >= _FULL_WIDTH_FROM:
        return _FULL_EM
    if character in _NARROW:
        return _NARROW_EM
    if character in _WIDE:
        return _WIDE_EM
    return _CAPITAL_EM if character.isupper() else _USUAL_EM


def _split_word(word: str, width: float, size: float) -> list[str]:
    """Split a word that is longer than a line into pieces that are not."""
    pieces = [""]
    for character in word:
        if pieces[-1] and text_width(pieces[-1] + character, size) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _shorten(text: str, width: float, size: float) -> str:
    while text_width(text, size) > width and len(text) > 1:
        text = f"{text[:-2].rstrip()}{ELLIPSIS}"
    return text
