"""Sentences that explain the decisions of the engine. Pure.

Evaluations are given as the JSON that `workflow_design.engine.Evaluation.as_json` stores.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from workflow_design.definition.workflow import TaskFile
from workflow_design.engine import Outcome, Plan
from workflow_design.engine.moves import Move, MoveKind
from workflow_design.wording.rules import Vocabulary, describe_rule, join_words

_PATTERNS: Final = {
    Outcome.STARTED: gettext_noop("%(name)s started, since %(written)s%(condition)s."),
    Outcome.REACHED: gettext_noop("%(name)s was reached, since %(written)s%(condition)s."),
    Outcome.REFRESHED: gettext_noop(
        "%(name)s was already open and got the new data, since %(written)s%(condition)s."
    ),
    Outcome.CONDITION_FALSE: gettext_noop(
        "%(name)s did not start: %(written)s, but it starts only if %(rule)s%(values)s."
    ),
    Outcome.CONDITION_FAILED: gettext_noop(
        "%(name)s did not start: its condition can't be evaluated. %(message)s"
    ),
    Outcome.ALREADY_DECIDED: gettext_noop(
        "%(name)s was not evaluated, because the ticket had already ended or was put on hold."
    ),
    Outcome.WAITS: gettext_noop("%(name)s waits until the ticket is resumed."),
}
_COMPLETION_PATTERNS: Final = {
    Outcome.CONDITION_FALSE: gettext_noop(
        "%(name)s was not reached: %(written)s, but it requires that %(rule)s%(values)s."
    ),
    Outcome.CONDITION_FAILED: gettext_noop(
        "%(name)s was not reached: its condition can't be evaluated. %(message)s"
    ),
}


def explain_evaluation(evaluation: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    """Return a sentence on the outcome of one evaluation, and its reason."""
    return Explainer(vocabulary).explain(evaluation)


class Explainer:
    """Words for many evaluations. What several have in common, such as the values read, is worded once.

    `rules` has conditions in words that are known already, by the kind and key of their definition.
    """

    def __init__(self, vocabulary: Vocabulary, rules: Mapping[tuple[str, str], str] | None = None) -> None:
        self._vocabulary, self._rules = vocabulary, rules or {}
        self._pattern, self._describe_written, self._describe_values = (
            cache(_),
            cache(self._in_words),
            cache(self._in_brackets),
        )

    def explain(self, evaluation: Mapping[str, Any]) -> str:
        """Return a sentence on the outcome of one evaluation, and its reason."""
        outcome = Outcome(evaluation["outcome"])
        pattern = _COMPLETION_PATTERNS.get(outcome) if evaluation["kind"] == "completion" else None
        # What the command plays from a file has titles, and no keys.
        rule = self._rules.get((evaluation["kind"], evaluation.get("key", "")))
        if rule is None:
            rule = describe_rule(evaluation["condition"], self._vocabulary)
        condition = "" if evaluation["condition"] is None else self._pattern(" and %(rule)s") % {"rule": rule}
        return self._pattern(pattern or _PATTERNS[outcome]) % {
            "name": self._pattern("“%(title)s”") % {"title": evaluation["title"]},
            "written": self._describe_written(tuple(evaluation["fields_met"])),
            "condition": condition,
            "rule": rule,
            # JSON, because lists can't be compared with what was worded before.
            "values": self._describe_values(json.dumps(evaluation["values_read"])),
            "message": evaluation["message"],
        }

    def _in_words(self, names: tuple[str, ...]) -> str:
        return _describe_written_fields(list(names), self._vocabulary)

    def _in_brackets(self, values_read: str) -> str:
        return describe_values(json.loads(values_read), self._vocabulary)


def _describe_written_fields(names: list[str], vocabulary: Vocabulary) -> str:
    titles = join_words([vocabulary.title(name) for name in names], _("and"))
    return ngettext("%(fields)s was written", "%(fields)s were written", len(names)) % {"fields": titles}


def describe_values(read: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    """Return the values that the condition read, in parentheses."""
    words = [
        _("%(field)s is %(value)s")
        % {"field": vocabulary.title(name), "value": vocabulary.value(name, value)}
        for name, value in read.items()
    ]
    return _(" (%(values)s)") % {"values": join_words(words, _("and"))} if words else ""


_SENTENCES: Final = {
    MoveKind.TICKET: gettext_lazy("The ticket “%(title)s” is submitted: %(values)s."),
    MoveKind.TASK: gettext_lazy("“%(title)s” answers: %(values)s."),
    MoveKind.EDIT: gettext_lazy("A ticket admin changes: %(values)s."),
    MoveKind.CORRECTION: gettext_lazy("A ticket admin corrects, and starts nothing: %(values)s."),
}
_SENTENCES_WITHOUT_VALUES: Final = {
    MoveKind.TICKET: gettext_lazy("The ticket “%(title)s” is submitted with nothing filled in."),
    MoveKind.TASK: gettext_lazy("“%(title)s” is completed and fills in nothing."),
    MoveKind.OVERDUE: gettext_lazy("“%(title)s” becomes overdue."),
    MoveKind.EDIT: gettext_lazy("A ticket admin changes nothing."),
    MoveKind.CORRECTION: gettext_lazy("A ticket admin corrects nothing."),
}
_SENTENCES_WITH_PERSON: Final = {
    MoveKind.TICKET: gettext_lazy("%(by)s submits “%(title)s”: %(values)s."),
    MoveKind.TASK: gettext_lazy("%(by)s completes “%(title)s”: %(values)s."),
    MoveKind.EDIT: gettext_lazy("%(by)s changes: %(values)s."),
    MoveKind.CORRECTION: gettext_lazy("%(by)s corrects, and starts nothing: %(values)s."),
}
_MAX_VALUE_LENGTH: Final = 80


def describe_moves(moves: Iterable[Move], vocabulary: Vocabulary) -> list[str]:
    """Return one sentence for each move."""
    return [_move_sentence(move, vocabulary) for move in moves]


def _move_sentence(move: Move, vocabulary: Vocabulary) -> str:
    if move.kind is MoveKind.RESUME:
        return _("A ticket admin resumes the workflow.")
    # What the clock writes stands in the definition.
    values = "" if move.kind is MoveKind.OVERDUE else _move_values(move.values, vocabulary)
    sentences = _SENTENCES if values else _SENTENCES_WITHOUT_VALUES
    if move.by and move.kind in _SENTENCES_WITH_PERSON:
        sentences, values = _SENTENCES_WITH_PERSON, values or _("nothing filled in")
    return str(sentences[move.kind]) % {"title": move.title, "values": values, "by": move.by}


def _move_values(values: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    return "; ".join(
        f"{vocabulary.title(name)} {_shorten(vocabulary.value(name, value))}"
        for name, value in values.items()
    )


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_VALUE_LENGTH else f"{text[: _MAX_VALUE_LENGTH - 1]}…"


MAX_NAMED_TASKS = 3


def describe_next_tasks(plan: Plan, fields: Collection[str]) -> str:
    """Return a sentence on what follows from writing these fields: the tasks that start, or may start."""
    triggered = [task for task in plan.tasks if not set(fields).isdisjoint(task.input_fields)]
    # Tasks with a condition may not start, so they can't be promised.
    certain = [task for task in triggered if task.condition is None]
    if certain:
        text = ngettext("Next, %(tasks)s starts.", "Next, %(tasks)s start.", len(certain))
        return text % {"tasks": _join_task_titles(certain, _("and"))}
    if triggered:
        tasks = _join_task_titles(triggered, _("or"))
        if any(each.is_final for each in plan.completions_reading(fields)):
            return _("Your answers decide what comes next: %(tasks)s, or the ticket ends.") % {"tasks": tasks}
        return _("Your answers decide what comes next: %(tasks)s.") % {"tasks": tasks}
    return _("The ticket's page shows what happens next.")


def _join_task_titles(tasks: Sequence[TaskFile], word: str) -> str:
    names = [_("“%(title)s”") % {"title": task.title} for task in tasks[:MAX_NAMED_TASKS]]
    more = len(tasks) - MAX_NAMED_TASKS
    if more > 0:
        names.append(ngettext("%(count)d more", "%(count)d more", more) % {"count": more})
    return join_words(names, word)
