"""Where the words of a search stand in the texts of a ticket."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from workflow_ops.search.documents import HEAD, Line
from workflow_ops.search.words import spans

_BEFORE = 60
_LENGTH = 200
_LONGEST_ENDING = 3


@dataclass(frozen=True, slots=True)
class Snippet:
    """The label of a text, or "", and the part of it where a word was found, marked."""

    label: str
    text: SafeString


def fits(forms: Collection[str], beginning: str) -> Callable[[str], bool]:
    """Return whether a word is one of those that were typed, or begins with the last one."""

    def is_meant(word: str) -> bool:
        if word.startswith(beginning):
            return True
        # Python does not know the endings of each language: "printers" is a form of "printer".
        return any(word.startswith(form) and len(word) - len(form) <= _LONGEST_ENDING for form in forms)

    return is_meant


def find_snippet(lines: Sequence[Line], is_meant: Callable[[str], bool]) -> Snippet | None:
    """Return where a word was found, in the data and comments; None if it is in what a row shows anyway."""
    head = {text for _label, text in lines[:HEAD]}
    for label, text in lines[HEAD:]:
        if text in head:
            continue
        place = next((begin for begin, _end, word in spans(text) if is_meant(word)), None)
        if place is not None:
            begin = 0 if place < _BEFORE else text.find(" ", place - _BEFORE, place) + 1 or place
            part = " ".join(text[begin : begin + _LENGTH].split())
            cut = f"{'… ' if begin else ''}{part}{' …' if len(text) > begin + _LENGTH else ''}"
            return Snippet(label, mark(cut, is_meant))
    return None


def mark(text: str, is_meant: Callable[[str], bool]) -> SafeString:
    """Return a text as HTML in which the words that were found are marked."""
    parts: list[tuple[SafeString]] = []
    at = 0
    for begin, end, word in spans(text):
        if is_meant(word):
            parts.append((format_html("{}<mark>{}</mark>", text[at:begin], text[begin:end]),))
            at = end
    parts.append((format_html("{}", text[at:]),))
    return format_html_join("", "{}", parts)
