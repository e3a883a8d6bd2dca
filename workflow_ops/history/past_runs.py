"""The replay of a finished ticket: its writes, applied to another version of the workflow.

The same people give the same responses in the same order, and `decide()` computes the results. If the
other version opens no task for a response, the response is skipped. If it requires a field that nobody
filled in, or refuses a value, the ticket can't be replayed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.definition.schema import DataValidator
from workflow_design.definition.workflow import Kind, TaskFile
from workflow_design.engine import Decision, Outcome, Plan, Source, Write, decide, resume
from workflow_design.engine.replay import BEGINNING, PlayState, PlayStatus, apply_decision, finish
from workflow_design.wording.rules import join_words


class Verdict(StrEnum):
    """How the result on the other version compares with the original one."""

    SAME = "same"
    OTHER_TASKS = "other-tasks"
    OTHER_END = "other-end"
    NOT_REPLAYABLE = "not-replayable"

    @property
    def label(self) -> str:
        """The name of the verdict in the reader's language."""
        return str(_LABELS[self])


_LABELS: Final = {
    Verdict.SAME: gettext_lazy("Same way"),
    Verdict.OTHER_TASKS: gettext_lazy("Other tasks"),
    Verdict.OTHER_END: gettext_lazy("Other end"),
    Verdict.NOT_REPLAYABLE: gettext_lazy("Can't be replayed"),
}


@dataclass(frozen=True, slots=True)
class PastStep:
    """A write that was applied: its source, its content, and the tasks and completion it triggered."""

    source: str
    title: str
    """The title of the ticket type, or of the task that was completed or became overdue; otherwise ""."""
    write: Write
    started: frozenset[str]
    reached: str
    """The title of the completion, or ""."""


@dataclass(frozen=True, slots=True)
class PastRun:
    """A finished workflow."""

    steps: Sequence[PastStep]
    status: str
    ended_as: str
    """The title of the completion that ended it, or "" if a person did."""


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """The result of a replay. `where` is a sentence about the first difference, or why there is no replay."""

    verdict: Verdict
    where: str = ""


class _UnplayableError(Exception):
    """The workflow can't be replayed; the message says why."""


@dataclass(frozen=True)
class OtherVersion:
    """The version on which workflows are replayed. The keys of its plan are titles."""

    plan: Plan
    validator: DataValidator
    titles: Mapping[tuple[Kind, str], str] = field(default_factory=dict)
    """The current titles of parts by their possible earlier titles, in lower case."""

    def replay(self, run: PastRun) -> ReplayResult:
        """Replay a finished workflow and compare the results. This raises nothing."""
        try:
            return _Replay(self).run(run)
        except _UnplayableError as reason:
            return ReplayResult(Verdict.NOT_REPLAYABLE, str(reason))

    def current_title(self, kind: Kind, title: str) -> str:
        """Return the current title of a part, or the given title if the part was removed."""
        return self.titles.get((kind, title.casefold()), title)


class _Replay:
    """The replay of one workflow."""

    def __init__(self, version: OtherVersion) -> None:
        self.version = version
        self.standing: PlayState = BEGINNING
        self.first_difference = ""

    def run(self, run: PastRun) -> ReplayResult:
        for number, step in enumerate(run.steps, 1):
            if self.standing.status.is_final:
                return self._other_end(_("It would have ended before, as %(end)s.") % {"end": self._end()})
            decision = self._decide(step)
            if decision is not None:
                self._compare(step, decision, number)
                self.standing = apply_decision(self.standing, decision)
        return self._verdict(run)

    # --- One step ----------------------------------------------------------------------

    def _decide(self, step: PastStep) -> Decision | None:
        """Return the decision about a step, or None if there is no open form for it."""
        plan, standing = self.version.plan, self.standing
        if step.source == "resume":
            if standing.status is not PlayStatus.ON_HOLD:
                return None
            return resume(plan, standing.data, standing.waiting, frozenset(standing.unfinished))
        title = self.version.current_title(
            Kind.TICKET if step.source == Source.TICKET else Kind.TASK, step.title
        )
        if standing.status is PlayStatus.ON_HOLD:
            self._note_difference(_("It would be on hold, as %(end)s.") % {"end": self._end()})
            return None
        is_of_task = step.source == Source.TASK or (step.source == Source.CLOCK and title)
        if is_of_task and title not in standing.unfinished:
            self._note_difference(_("%(task)s would not have been open.") % {"task": _quoted(title)})
            return None
        if step.source == Source.TASK:
            # The completed task must not count as unfinished when its write is evaluated.
            self.standing = standing = finish(standing, title)
        write = self._write(step, title)
        return decide(plan, standing.data, write, frozenset(standing.unfinished))

    def _write(self, step: PastStep, title: str) -> Write:
        """Return the write of the step as the other version would have stored it."""
        if step.source == Source.CLOCK and title:
            task = self.version.plan.find(Kind.TASK, title)
            name = task.overdue_field if isinstance(task, TaskFile) else None
            return Write.by_clock({name: True} if name else {})
        values = {**step.write.values, **dict.fromkeys(step.write.emptied)}
        if step.source not in (Source.TICKET, Source.TASK):
            if not values and step.write.modified:
                # A retry by hand repeats decisions without values, so its cause can't be replayed.
                raise _UnplayableError(_("An error occurred and was fixed by hand."))
            self._check_fields(step.write.values, ())
            return step.write
        kind = Kind.TICKET if step.source == Source.TICKET else Kind.TASK
        part = self.version.plan.find(kind, title)
        if part is None:
            raise _UnplayableError(
                _("The ticket %(title)s does not exist any more.") % {"title": _quoted(title)}
            )
        asked = part.writes
        # Values of fields that the form does not contain any more are dropped.
        given = {name: value for name, value in values.items() if name in asked}
        filled = {name: value for name, value in given.items() if value is not None}
        self._check_fields(filled, asked)
        if isinstance(part, TaskFile) and not part.is_form:
            return Write.by_action(asked, given)
        return Write.by_form(asked, filled, source=Source(step.source))

    def _check_fields(self, values: Mapping[str, Any], asked: Sequence[str]) -> None:
        fields = self.version.validator.fields
        for problem in self.version.validator.problems(dict(values)):
            name = problem.pointer.split("/")[1]
            if name not in fields:
                raise _UnplayableError(_("The field “%(name)s” does not exist any more.") % {"name": name})
            raise _UnplayableError(
                _("%(field)s has a value that is not allowed any more.")
                % {"field": _quoted(fields[name].title)}
            )
        for name in sorted(fields.required.intersection(asked).difference(values)):
            text = _("%(field)s is required, but nobody filled it in.")
            raise _UnplayableError(text % {"field": _quoted(fields[name].title)})

    def _compare(self, step: PastStep, decision: Decision, number: int) -> None:
        """Note the first difference between the two runs."""
        if self.first_difference:
            return
        # The original step lists old titles, so both sides are compared by current titles.
        was = frozenset(self.version.current_title(Kind.TASK, title) for title in step.started)
        now = frozenset(start.task.title for start in decision.starts)
        # A refreshed task is still open here, because the steps do not record that an admin cancelled it.
        was -= {refresh.task.title for refresh in decision.refreshes}
        reached_before = self.version.current_title(Kind.COMPLETION, step.reached) if step.reached else ""
        reached_now = decision.completion.title if decision.completion else ""
        parts = [
            *_phrase(now - was, _("%(tasks)s would also start")),
            *_phrase(was - now, _("%(tasks)s would not start")),
        ]
        if reached_before != reached_now:
            parts += _phrase({reached_now} - {""}, _("%(tasks)s would be reached"))
            parts += _phrase({reached_before} - {""}, _("%(tasks)s would not be reached"))
        failed = {each.title for each in decision.evaluations if each.outcome is Outcome.CONDITION_FAILED}
        if parts:
            parts += _phrase(failed, _("the condition of %(tasks)s could not be evaluated"))
            words = {"step": self._step_name(step), "number": number, "what": join_words(parts, _("and"))}
            self._note_difference(_("After %(step)s (step %(number)d), %(what)s.") % words)

    def _step_name(self, step: PastStep) -> str:
        if step.title and step.source != Source.CLOCK:
            return _quoted(step.title)
        names = {
            "resume": _("the resume"),
            Source.CLOCK: _("the clock"),
            Source.CORRECTION: _("a correction"),
        }
        return names.get(step.source) or _("an edit")

    def _note_difference(self, where: str) -> None:
        self.first_difference = self.first_difference or where

    # --- The end -----------------------------------------------------------------------

    def _verdict(self, run: PastRun) -> ReplayResult:
        ended = self.standing.status.is_final
        if not ended and run.ended_as:
            return self._other_end(_("It would not have ended: %(state)s.") % {"state": self._state()})
        was = self.version.current_title(Kind.COMPLETION, run.ended_as), run.status
        if ended and (self._title(), self.standing.status.value) != was:
            return self._other_end(_("It would have ended as %(end)s.") % {"end": self._end()})
        return (
            ReplayResult(Verdict.OTHER_TASKS, self.first_difference)
            if self.first_difference
            else ReplayResult(Verdict.SAME)
        )

    def _other_end(self, text: str) -> ReplayResult:
        return ReplayResult(Verdict.OTHER_END, f"{self.first_difference} {text}".strip())

    def _state(self) -> str:
        """Describe the state in which the replay ended."""
        if self.standing.status is PlayStatus.ON_HOLD:
            return _("it would be on hold")
        open_tasks = [_quoted(title) for title in self.standing.unfinished]
        if not open_tasks:
            return _("no task would be open")
        return _("it would wait for %(tasks)s") % {"tasks": join_words(open_tasks, _("and"))}

    def _title(self) -> str:
        return self.standing.completion.title if self.standing.completion else ""

    def _end(self) -> str:
        return _quoted(self._title())


def _phrase(titles: frozenset[str] | set[str], pattern: str) -> list[str]:
    return [pattern % {"tasks": join_words(sorted(map(_quoted, titles)), _("and"))}] if titles else []


def _quoted(title: str) -> str:
    return _("“%(title)s”") % {"title": title}
