"""Why something started or did not: one decision of the engine as a sentence. Pure.

A look comes as the JSON that `workflow_design.engine.Look.as_json` keeps.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from workflow_design.engine import Outcome, Plan, TaskPlan
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.wording.rules import Vocabulary, join_words, rule_in_words

_PATTERNS: Final = {
    Outcome.STARTED: gettext_noop("%(name)s started, since %(written)s%(condition)s."),
    Outcome.REACHED: gettext_noop("%(name)s was reached, since %(written)s%(condition)s."),
    Outcome.REFRESHED: gettext_noop(
        "%(name)s was open already and shows the new data, since %(written)s%(condition)s."
    ),
    Outcome.CONDITION_FALSE: gettext_noop(
        "%(name)s did not start: %(written)s, but it starts only if %(rule)s%(values)s."
    ),
    Outcome.CONDITION_FAILED: gettext_noop(
        "%(name)s did not start: its condition can't be evaluated. %(message)s"
    ),
    Outcome.ALREADY_DECIDED: gettext_noop(
        "%(name)s was not asked: what ended the ticket or put it on hold came first."
    ),
    Outcome.WAITS: gettext_noop("%(name)s waits until the ticket is resumed."),
}
_NOT_REACHED: Final = {
    Outcome.CONDITION_FALSE: gettext_noop(
        "%(name)s was not reached: %(written)s, but it asks that %(rule)s%(values)s."
    ),
    Outcome.CONDITION_FAILED: gettext_noop(
        "%(name)s was not reached: its condition can't be evaluated. %(message)s"
    ),
}


def look_sentence(look: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    """What became of one definition that a write concerned, and why."""
    outcome = Outcome(look["outcome"])
    pattern = _NOT_REACHED.get(outcome) if look["kind"] == "completion" else None
    rule = rule_in_words(look["condition"], vocabulary)
    return _(pattern or _PATTERNS[outcome]) % {
        "name": _("“%(title)s”") % {"title": look["title"]},
        "written": _written(look["fields_met"], vocabulary),
        "condition": "" if look["condition"] is None else _(" and %(rule)s") % {"rule": rule},
        "rule": rule,
        "values": _values(look["values_read"], vocabulary),
        "message": look["message"],
    }


def _written(names: list[str], vocabulary: Vocabulary) -> str:
    titles = join_words([vocabulary.title(name) for name in names], _("and"))
    return ngettext("%(fields)s was written", "%(fields)s were written", len(names)) % {"fields": titles}


def _values(read: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    """What the condition read, in brackets."""
    words = [
        _("%(field)s is %(value)s")
        % {"field": vocabulary.title(name), "value": vocabulary.value(name, value)}
        for name, value in read.items()
    ]
    return _(" (%(values)s)") % {"values": join_words(words, _("and"))} if words else ""


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
    return [_move_sentence(move, vocabulary) for move in moves]


def _move_sentence(move: Move, vocabulary: Vocabulary) -> str:
    if move.kind is MoveKind.RESUME:
        return _("A ticket admin resumes the workflow.")
    values = _move_values(move.values or {}, vocabulary)
    sentences = _SENTENCES if values else _WITHOUT_VALUES
    return str(sentences[move.kind]) % {"title": move.title, "values": values}


def _move_values(values: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    return "; ".join(
        f"{vocabulary.title(name)} {_short(vocabulary.value(name, value))}" for name, value in values.items()
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


MOST_NAMED = 3


def what_happens_next(plan: Plan, fields: Collection[str]) -> str:
    """The sentence about writing these fields: which tasks start, or may start."""
    met = [task for task in plan.tasks if not set(fields).isdisjoint(task.input_fields)]
    certain = [task for task in met if task.condition is None]
    if certain:
        text = ngettext("Next, %(tasks)s starts.", "Next, %(tasks)s start.", len(certain))
        return text % {"tasks": _named(certain, _("and"))}
    if met:
        return _("What you enter decides what comes next: %(tasks)s.") % {"tasks": _named(met, _("or"))}
    return _("You can follow on the ticket's page what happens next.")


def _named(tasks: Sequence[TaskPlan], word: str) -> str:
    names = [_("“%(title)s”") % {"title": task.title} for task in tasks[:MOST_NAMED]]
    more = len(tasks) - MOST_NAMED
    if more > 0:
        names.append(ngettext("%(count)d more", "%(count)d more", more) % {"count": more})
    return join_words(names, word)
