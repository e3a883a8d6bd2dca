"""Suggestions for stalled tickets: which changes of the data would start a task or end the ticket."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.definition.workflow import CompletionFile, TaskFile
from workflow_design.engine import Plan
from workflow_design.engine.conditions.bounds import ConditionError, split_operation
from workflow_design.engine.conditions.evaluation import evaluate
from workflow_design.engine.conditions.moments import compile_rule
from workflow_design.engine.conditions.operations import is_true
from workflow_design.engine.conditions.validation import fields_read
from workflow_design.persistence.plans import load_fields
from workflow_design.wording.rules import Vocabulary, describe_rule, join_words
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.history.names import vocabulary_for
from workflow_ops.models import RunStatus, TicketInstance, WorkflowData

MAX_SUGGESTIONS: Final = 5


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A task that could start, or a completion that could be reached, and the fields to edit for it."""

    sentence: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    part: TaskFile | CompletionFile
    failing: list[Any]
    """The parts of its condition that do not hold now; none if it holds."""
    fields: tuple[str, ...]
    """The fields to change: those that the failing parts read, or else the definition's inputs."""
    was_asked: bool
    """Whether the last write triggered the definition."""


def find_suggestions(ticket: TicketInstance) -> list[Suggestion]:
    """Return how to continue a stalled ticket: at most MAX_SUGGESTIONS, nearest first.

    Definitions that the last write triggered come first, then those with the fewest failing parts. The caller
    must make sure that no task is open. This takes at most three statements.
    """
    run = ticket.workflow_instance
    if run.status != RunStatus.IN_PROGRESS:
        return []
    plan, fields = get_rules(run.workflow_id).plan, load_fields(run.workflow)
    steps = WorkflowData.objects.filter(workflow_instance=run).exclude(modified_fields=[])
    looks = steps.order_by("-step").values_list("looks", flat=True).first() or []
    asked = {(look["kind"], look["key"]) for look in looks}
    found = _candidates(plan, run.data, asked)
    nearest = sorted(found, key=lambda each: (not each.was_asked, len(each.failing)))[:MAX_SUGGESTIONS]
    read = {name: run.data.get(name) for each in nearest for name in each.fields}
    vocabulary = vocabulary_for([{"values_read": read}], fields=fields, ticket=ticket)
    return [Suggestion(_describe(each, run.data, vocabulary), each.fields) for each in nearest]


def _candidates(plan: Plan, data: Mapping[str, Any], asked: set[tuple[str, str]]) -> Iterator[_Candidate]:
    parts: list[TaskFile | CompletionFile] = [*plan.completions, *plan.tasks]
    for part in parts:
        try:
            failing = list(_failing_parts(part.condition, plan, data))
        except ConditionError:
            failing = [part.condition]
        read = {name for rule in failing for name in fields_read(rule)}
        key = plan.key(part)
        # No data can change a constant condition.
        if failing and not read:
            continue
        # A definition is triggered only if one of its inputs changes.
        needed = read if read.intersection(part.reads) else read.union(part.reads)
        names = tuple(name for name in plan.fields if name in needed)
        yield _Candidate(part, failing, names, (str(key.kind), key.key) in asked)


def _failing_parts(rule: Any, plan: Plan, data: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the parts of a condition that do not hold, splitting rules that are joined by "and"."""
    if rule is None or is_true(evaluate(compile_rule(rule, plan.fields), data)):
        return
    operator, arguments = split_operation(rule) if isinstance(rule, dict) else ("", [])
    if operator == "and":
        for each in arguments:
            yield from _failing_parts(each, plan, data)
    else:
        yield rule


def _describe(candidate: _Candidate, data: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    part, failing = candidate.part, candidate.failing
    titles = [vocabulary.title(name) for name in part.reads]
    words = {"title": part.title, "fields": join_words(titles, _("or"))}
    if not failing:
        if isinstance(part, TaskFile):
            return _("“%(title)s” would start as soon as %(fields)s is changed.") % words
        return _("“%(title)s” would be reached as soon as %(fields)s is changed.") % words
    read = {name for rule in failing for name in fields_read(rule)}
    values = {
        vocabulary.title(name): vocabulary.value(name, data.get(name))
        for name in candidate.fields
        if name in read
    }
    now = [_("%(field)s is %(value)s") % {"field": title, "value": text} for title, text in values.items()]
    words |= {
        "rule": join_words([describe_rule(rule, vocabulary) for rule in failing], _("and")),
        "now": join_words(now, _("and")),
    }
    if isinstance(part, TaskFile):
        sentence = _("“%(title)s” would start if %(rule)s. Now %(now)s.") % words
    else:
        sentence = _("“%(title)s” would be reached if %(rule)s. Now %(now)s.") % words
    if read.isdisjoint(part.reads):
        sentence += " " + _("For that, %(fields)s has to be changed, too.") % words
    return sentence
