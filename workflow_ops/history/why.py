"""Why a definition started in a step, or why it did not: computed from the step, without a statement."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from workflow_design.definition.fields import is_empty
from workflow_design.definition.workflow import CompletionFile, Kind, TaskFile
from workflow_design.engine import Outcome, Plan
from workflow_design.engine.conditions.bounds import ConditionError, split_operation
from workflow_design.engine.conditions.evaluation import evaluate
from workflow_design.engine.conditions.moments import compile_rule
from workflow_design.engine.conditions.operations import is_true
from workflow_design.engine.conditions.validation import fields_read
from workflow_design.wording.decisions import describe_values, explain_evaluation
from workflow_design.wording.rules import Vocabulary, describe_rule, join_words
from workflow_ops.history.pictures import States
from workflow_ops.models import TaskStatus, WorkflowData, WriteSource

Definition = TaskFile | CompletionFile
MAX_WRITERS: Final = 3

_NOT_ASKED: Final = ("not-asked", gettext_lazy("Not asked"), "neutral", "minus-circle")
_NOT_CREATED: Final = (
    "not-created",
    gettext_lazy("Could not be created"),
    "danger",
    "exclamation-triangle",
)
_VERDICTS: Final = {
    Outcome.STARTED: ("started", gettext_lazy("Started"), "success", "play-circle"),
    Outcome.REFRESHED: ("refreshed", gettext_lazy("Got the new data"), "info", "arrow-path"),
    Outcome.REACHED: ("reached", gettext_lazy("Reached"), "success", "flag"),
    Outcome.CONDITION_FALSE: ("false", gettext_lazy("Condition does not hold"), "neutral", "x-circle"),
    Outcome.CONDITION_FAILED: (
        "failed",
        gettext_lazy("Condition can't be evaluated"),
        "danger",
        "exclamation-triangle",
    ),
    Outcome.ALREADY_DECIDED: ("decided", gettext_lazy("Not asked any more"), "neutral", "minus-circle"),
    Outcome.WAITS: ("waits", gettext_lazy("Waits for the resume"), "warning", "pause-circle"),
}
"""The name, words, tone and icon of each outcome."""


@dataclass(frozen=True, slots=True)
class PastStep:
    """A step with the data from which its reasons are computed."""

    plan: Plan
    vocabulary: Vocabulary
    step: WorkflowData
    data: Mapping[str, Any]
    """The workspace that the conditions saw: after the write, before the resets."""
    states: States
    created: Collection[str]
    """The keys of the task definitions of which the step created a task."""

    @property
    def parts(self) -> Sequence[Definition]:
        """The definitions that a step can start or reach: completions (evaluated first) and tasks."""
        return (*self.plan.completions, *self.plan.tasks)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome for a definition in a step, in words."""

    name: str
    words: str
    tone: str
    icon: str
    answer: str

    @property
    def was_asked(self) -> bool:
        """Whether the step wrote a field that the definition reads."""
        return self.name != "not-asked"


@dataclass(frozen=True, slots=True)
class InputRow:
    """A field that triggers a definition: its value in the step, and the other tasks that write it."""

    label: str
    value: str
    is_empty: bool
    is_written: bool
    writers: str


@dataclass(frozen=True, slots=True)
class ConditionPart:
    """One part of a condition in words, with the values in it; `holds` is None if it can't be evaluated."""

    sentence: str
    values: str
    holds: bool | None


def judge(past: PastStep, part: Definition) -> Verdict:
    """Return the outcome for a definition in a step. It agrees with what the engine did."""
    look = _find_look(past, part)
    if look is None:
        return Verdict(*_words(_NOT_ASKED), answer=_why_not_asked(past, part))
    outcome, answer = Outcome(look["outcome"]), explain_evaluation(look, past.vocabulary)
    if outcome is Outcome.STARTED and look["key"] not in past.created:
        answer = _("%(title)s was to start, but could not be created. The ticket's errors say why.")
        return Verdict(*_words(_NOT_CREATED), answer=answer % {"title": _quoted(part.title)})
    if outcome is Outcome.ALREADY_DECIDED:
        reached = next((each["title"] for each in past.step.looks if each["outcome"] == "reached"), "")
        answer = _("%(title)s was not asked, because %(end)s was reached before.")
        answer %= {"title": _quoted(part.title), "end": _quoted(reached)}
    return Verdict(*_words(_VERDICTS[outcome]), answer=answer)


def question(part: Definition, verdict: Verdict) -> str:
    """Return the title of the page of a reason: the question that it answers."""
    text = {
        "started": _("Why did %(title)s start?"),
        "refreshed": _("Why did %(title)s get new data?"),
        "reached": _("Why was %(title)s reached?"),
    }.get(verdict.name)
    if text is None:
        is_task = part.kind is Kind.TASK
        text = _("Why did %(title)s not start?") if is_task else _("Why was %(title)s not reached?")
    return text % {"title": _quoted(part.title)}


def _words(verdict: tuple[str, Any, str, str]) -> tuple[str, str, str, str]:
    name, words, tone, icon = verdict
    return name, str(words), tone, icon


def _find_look(past: PastStep, part: Definition) -> Mapping[str, Any] | None:
    """Return the stored evaluation; a definition that was not triggered has none."""
    kind, key = past.plan.key(part)
    looks: list[dict[str, Any]] = past.step.looks
    return next((look for look in looks if (look["kind"], look["key"]) == (kind, key)), None)


def _why_not_asked(past: PastStep, part: Definition) -> str:
    """Return why a definition without an evaluation was not triggered."""
    write = past.step.write
    if past.step.source == WriteSource.CORRECTION:
        return _("This step corrected data. A correction starts nothing.")
    if not past.step.modified_fields:
        return _("This step wrote no field, so it asked nothing.")
    if past.step.source == WriteSource.RESUME and part.kind is Kind.COMPLETION:
        return _("A resume asks only the tasks that waited. Completions were asked before the hold.")
    if write and write.content["only"] is not None:
        return _("This step only tried again what had failed before. That was something else.")
    titles = [past.vocabulary.title(name) for name in dict.fromkeys(part.reads)]
    fields = {"fields": join_words(titles, _("or"))}
    answer = (
        _("It is asked when %(fields)s is written, and this step did not write that.")
        if len(titles) == 1
        else _("It is asked when %(fields)s is written, and this step wrote none of them.")
    ) % fields
    if part.kind is Kind.TASK and _status(past, part) in (TaskStatus.OPEN, TaskStatus.PENDING):
        answer = _("%(answer)s It was open already.") % {"answer": answer}
    return answer


def read_inputs(past: PastStep, part: Definition) -> list[InputRow]:
    """Return the fields that trigger a definition, with their values in this step."""
    modified = set(past.step.modified_fields)
    return [
        InputRow(
            label=past.vocabulary.title(name),
            value=past.vocabulary.value(name, past.data.get(name)),
            is_empty=is_empty(past.data.get(name)),
            is_written=name in modified,
            writers="" if name in modified else _describe_writers(past, name),
        )
        for name in dict.fromkeys(part.reads)
    ]


def _describe_writers(past: PastStep, name: str) -> str:
    """Return which tasks write a field, and whether they were open then."""
    tasks = [task for task in past.plan.tasks if name in task.writes]
    timed = [_quoted(task.title) for task in past.plan.tasks if task.overdue_field == name]
    if timed:
        return _("The clock sets it when %(tasks)s is overdue.") % {"tasks": join_words(timed, _("or"))}
    if not tasks:
        return _("Only the ticket's form and an edit write it.")
    words = {
        None: _("%(title)s, which had not started"),
        TaskStatus.OPEN: _("%(title)s, which was open"),
        TaskStatus.PENDING: _("%(title)s, which was waiting"),
        TaskStatus.COMPLETED: _("%(title)s, which was done"),
        TaskStatus.CANCELLED: _("%(title)s, which was cancelled"),
    }
    named = [words[_status(past, task)] % {"title": _quoted(task.title)} for task in tasks[:MAX_WRITERS]]
    more = len(tasks) - MAX_WRITERS
    if more > 0:
        named.append(ngettext("%(count)d more task", "%(count)d more tasks", more) % {"count": more})
    return _("It is written by %(tasks)s.") % {"tasks": "; ".join(named)}


def _status(past: PastStep, part: Definition) -> TaskStatus | None:
    return past.states.tasks.get(past.plan.key(part).key)


def read_condition(past: PastStep, part: Definition) -> tuple[list[ConditionPart], bool]:
    """Return the parts of a definition's condition, and whether any one of them suffices."""
    if part.condition is None:
        return [], False
    operator, arguments = split_operation(part.condition) if isinstance(part.condition, dict) else ("", [])
    is_joined = operator in ("and", "or") and len(arguments) > 1
    rules = arguments if is_joined else [part.condition]
    return [_part(past, rule) for rule in rules], operator == "or" and is_joined


def _part(past: PastStep, rule: Any) -> ConditionPart:
    read = {name: past.data.get(name) for name in sorted(fields_read(rule))}
    try:
        holds: bool | None = is_true(evaluate(compile_rule(rule, past.plan.fields), past.data))
    except ConditionError:
        holds = None
    words = describe_rule(rule, past.vocabulary)
    return ConditionPart(words[:1].upper() + words[1:], describe_values(read, past.vocabulary).strip(), holds)


def _quoted(title: str) -> str:
    return _("“%(title)s”") % {"title": title}
