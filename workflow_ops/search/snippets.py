"""Excerpts of a ticket's texts in which the words of a search were found."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from workflow_ops.search.documents import HEAD_LINES, Line
from workflow_ops.search.words import word_spans

_BEFORE = 60
_LENGTH = 200
_LONGEST_ENDING = 3


@dataclass(frozen=True, slots=True)
class Snippet:
    """The label of a text (or "") and the excerpt with found words marked."""

    label: str
    text: SafeString


def matcher(forms: Collection[str], beginning: str) -> Callable[[str], bool]:
    """Return a function that says whether a word matches a typed one, or begins with the last typed one."""

    def matches(word: str) -> bool:
        if word.startswith(beginning):
            return True
        # Python can't stem words of all languages, so "printers" is matched as a form of "printer".
        return any(word.startswith(form) and len(word) - len(form) <= _LONGEST_ENDING for form in forms)

    return matches


def find_snippet(lines: Sequence[Line], matches: Callable[[str], bool]) -> Snippet | None:
    """Return the first excerpt of data or comments with a found word; None if the row shows one anyway."""
    head = {text for _label, text in lines[:HEAD_LINES]}
    for label, text in lines[HEAD_LINES:]:
        if text in head:
            continue
        place = next((begin for begin, _end, word in word_spans(text) if matches(word)), None)
        if place is not None:
            begin = 0 if place < _BEFORE else text.find(" ", place - _BEFORE, place) + 1 or place
            part = " ".join(text[begin : begin + _LENGTH].split())
            cut = f"{'… ' if begin else ''}{part}{' …' if len(text) > begin + _LENGTH else ''}"
            return Snippet(label, highlight(cut, matches))
    return None


def highlight(text: str, matches: Callable[[str], bool]) -> SafeString:
    """Return a text as HTML with the found words marked."""
    parts: list[tuple[SafeString]] = []
    at = 0
    for begin, end, word in word_spans(text):
        if matches(word):
            parts.append((format_html("{}<mark>{}</mark>", text[at:begin], text[begin:end]),))
            at = end
    parts.append((format_html("{}", text[at:]),))
    return format_html_join("", "{}", parts)
