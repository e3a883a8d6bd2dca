"""Texts of the try-out: its state, the results of a move, and why other parts did not start. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workflow_design.definition.workflow import Kind, TicketFile
from workflow_design.engine import Decision, Evaluation, Outcome
from workflow_design.engine.moves import MoveKind
from workflow_design.engine.replay import PlayState, PlayStatus, Step
from workflow_design.tryout.play import Fillable, Tryout
from workflow_design.wording.decisions import explain_evaluation
from workflow_design.wording.people import describe_who
from workflow_design.wording.rules import Vocabulary, join_words

_MAX_NAMED: Final = 12
_HAPPENED: Final = (Outcome.STARTED, Outcome.REFRESHED, Outcome.REACHED)
_FAILED: Final = "danger"
_TONES: Final = {
    Outcome.STARTED: "success",
    Outcome.REFRESHED: "info",
    Outcome.REACHED: "success",
    Outcome.CONDITION_FAILED: _FAILED,
}


@dataclass(frozen=True, slots=True)
class TryoutState:
    """The state of the try-out: a tone of the design system, a word, and a sentence, which may be HTML."""

    tone: str
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One result of a step, or one part that did not start."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class StepResult:
    """The result of a step."""

    followed: tuple[ResultLine, ...]
    others: tuple[ResultLine, ...]
    """Definitions that were evaluated and did not start, with the reasons."""
    untouched: str
    """The definitions that read none of the written fields, in words, or ""."""


def who_fills_in(part: Fillable, tryout: Tryout, people: Mapping[str, str]) -> str:
    """Return who fills in the form of a ticket or task; `people` are names by id."""
    words = describe_who(part, tryout.vocabulary)
    if isinstance(part, TicketFile):
        return words
    # The field of the assignee names the person once it is written.
    name = people.get(str(tryout.standing.data.get(part.assignee_field or "")))
    return _("%(who)s: %(name)s") % {"who": words, "name": name} if name else words


def describe_state(tryout: Tryout, people: Mapping[str, str]) -> TryoutState:
    """Describe the state of the try-out; `people` are names by id."""
    standing = tryout.standing
    if standing.status is PlayStatus.NOT_STARTED:
        return TryoutState("neutral", _("Not started"), _("Submit a ticket and see what happens."))
    if standing.status.is_final:
        return _end(standing, len(tryout.steps))
    if standing.status is PlayStatus.ON_HOLD:
        return _hold(standing)
    if standing.has_stalled:
        text = _("No task is open and no completion is reached. A ticket admin would be notified.")
        return TryoutState("danger", _("Stalled"), text)
    if not tryout.fillable:
        text = _("No task is open, because a condition can't be evaluated. A ticket admin would be notified.")
        return TryoutState("danger", _("Stopped"), text)
    # Titles are user input, so all parts of the sentence are escaped separately.
    waiting = ((task.title, who_fills_in(task, tryout, people)) for task in tryout.fillable)
    return TryoutState("info", _("Waits for"), format_html_join(", ", _("<strong>{}</strong> ({})"), waiting))


def _end(standing: PlayState, steps: int) -> TryoutState:
    completed = standing.status is PlayStatus.COMPLETED
    text = ngettext(
        "<strong>{title}</strong> ended it after {n} step.",
        "<strong>{title}</strong> ended it after {n} steps.",
        steps,
    )
    title = standing.completion.title if standing.completion else ""
    sentence = format_html(text, title=title, n=steps)
    return TryoutState(
        "success" if completed else "neutral", _("Completed") if completed else _("Cancelled"), sentence
    )


def _hold(standing: PlayState) -> TryoutState:
    title = standing.completion.title if standing.completion else ""
    text = format_html(
        _("<strong>{title}</strong> put it on hold. No form can be completed until it is resumed."),
        title=title,
    )
    waiting = len(standing.queue)
    if waiting:
        more = ngettext("{n} answer waits until then.", "{n} answers wait until then.", waiting)
        text = format_html("{} {}", text, format_html(more, n=waiting))
    return TryoutState("warning", _("On hold"), text)


def describe_step(step: Step, before: PlayState, tryout: Tryout) -> StepResult:
    """Describe the results of a step, and why other parts did not start; `before` is the state before it."""
    looks = [look for decision in step.decisions for look in decision.evaluations]
    return StepResult(
        followed=(*_lines(looks, tryout.vocabulary, True), *_consequences(step, before, tryout)),
        others=tuple(_lines(looks, tryout.vocabulary, False)),
        untouched=_untouched(step.decisions, tryout) if step.decisions else "",
    )


def _lines(looks: Iterable[Evaluation], vocabulary: Vocabulary, happened: bool) -> Iterable[ResultLine]:
    for look in looks:
        if (look.outcome in _HAPPENED) is happened:
            text = explain_evaluation(look.as_json(), vocabulary)
            yield ResultLine(_TONES.get(look.outcome, "neutral"), text)


def _consequences(step: Step, before: PlayState, tryout: Tryout) -> Iterable[ResultLine]:
    """Yield the other effects of a decision: emptied fields and cancelled tasks."""
    if not step.decisions:
        yield ResultLine("info", _("The answer waits until the workflow is resumed."))
    emptied = {name for decision in step.decisions for name in decision.resets if name in decision.data}
    if emptied:
        titles = [tryout.vocabulary.title(name) for name in sorted(emptied)]
        text = _("%(fields)s was emptied, because its input has changed.")
        yield ResultLine("info", text % {"fields": join_words(titles, _("and"))})
    if step.state.status.is_final:
        for key in cancelled_tasks(step, before):
            yield ResultLine("neutral", _("“%(title)s” was still open and is cancelled.") % {"title": key})


def cancelled_tasks(step: Step, before: PlayState) -> list[str]:
    """Return the titles of the tasks that were cancelled by a step that ended the workflow."""
    done = step.move.title if step.move.kind is MoveKind.TASK else ""
    return [key for key in before.unfinished if key != done]


def _untouched(decisions: Iterable[Decision], tryout: Tryout) -> str:
    seen = {(look.kind, look.key) for decision in decisions for look in decision.evaluations}
    titles = [
        _("“%(title)s”") % {"title": part.title}
        for kind, parts in ((Kind.TASK, tryout.file.tasks), (Kind.COMPLETION, tryout.file.completions))
        for part in parts
        if (kind, part.title) not in seen
    ]
    if not titles:
        return ""
    # A long list would hide the interesting results.
    more = len(titles) - _MAX_NAMED
    named = titles[:_MAX_NAMED]
    if more > 0:
        named.append(ngettext("%(number)d more", "%(number)d more", more) % {"number": more})
    return _("Not affected, because none of their fields was written: %(titles)s.") % {
        "titles": join_words(named, _("and"))
    }
