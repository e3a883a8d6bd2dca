"""Words as the search compares them: without case and accents."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

MAX_WORDS: Final = 8
"""Maximum number of typed words; further ones are ignored."""
_MAX_LENGTH: Final = 64
_WORD: Final = re.compile(r"[^\W_]+")
# Letters that Unicode does not decompose.
_PLAIN: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)


@dataclass(frozen=True, slots=True)
class TypedWord:
    """A word of a query. One in capitals, such as "IT", is kept even if it is a stop word of the language."""

    word: str
    is_kept: bool


def plain(text: str) -> str:
    """Return a text without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    letters = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return unicodedata.normalize("NFKC", letters)


def plain_words(text: str) -> list[str]:
    """Return the words of a text as they are compared: letters and digits only."""
    return [word[:_MAX_LENGTH] for word in _WORD.findall(plain(text))]


def word_spans(text: str) -> list[tuple[int, int, str]]:
    """Return the start, the end and the normalized form of each word of a text."""
    return [(found.start(), found.end(), plain(found.group())) for found in _WORD.finditer(text)]


def typed_words(text: str) -> list[TypedWord]:
    """Return the typed words. Everything else, such as operators of a query, is left out."""
    return [
        TypedWord(word, part.isupper() and len(part) > 1)
        for part in text.split()
        for word in plain_words(part)
    ][:MAX_WORDS]
