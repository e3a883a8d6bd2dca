"""The moves of a counterexample, told as a person would. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.engine.moves import Move, MoveKind
from workflow_design.rule_text import Vocabulary

_SENTENCES: Final = {
    MoveKind.TICKET: gettext_lazy("The ticket “%(title)s” comes in: %(values)s."),
    MoveKind.TASK: gettext_lazy("“%(title)s” answers: %(values)s."),
    MoveKind.CLOCK: gettext_lazy("The clock writes: %(values)s."),
}
_WITHOUT_VALUES: Final = {
    MoveKind.TICKET: gettext_lazy("The ticket “%(title)s” comes in with nothing filled in."),
    MoveKind.TASK: gettext_lazy("“%(title)s” is completed with nothing filled in."),
    MoveKind.CLOCK: gettext_lazy("The clock writes."),
}
_LONGEST_VALUE: Final = 80


def move_sentences(moves: Iterable[Move], vocabulary: Vocabulary) -> list[str]:
    """One sentence for each move."""
    return [_sentence(move, vocabulary) for move in moves]


def _sentence(move: Move, vocabulary: Vocabulary) -> str:
    if move.kind is MoveKind.RESUME:
        return _("A ticket admin resumes the workflow.")
    values = _values(move.values or {}, vocabulary)
    sentences = _SENTENCES if values else _WITHOUT_VALUES
    return str(sentences[move.kind]) % {"title": move.title, "values": values}


def _values(values: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    return "; ".join(
        f"{vocabulary.title(name)} {_short(vocabulary.value(name, value))}" for name, value in values.items()
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
