"""Findings of the exploration, worded for users."""

import json
from collections.abc import Hashable, Iterator

from django.utils.translation import gettext as _

from workflow_design.check.answered import build_answered_rule
from workflow_design.check.exploration.early import EarlyStart
from workflow_design.check.exploration.explorer import Explorer
from workflow_design.check.exploration.machine import Completion, Part, Task
from workflow_design.check.exploration.recorder import Record, Stale, triggered_parts
from workflow_design.check.exploration.states import Mover, Transition
from workflow_design.check.findings import Finding, Severity
from workflow_design.check.reporting.claims import find_claims
from workflow_design.check.reporting.graph import MoveSequences
from workflow_design.check.reporting.words import Words, join_titles, pointer_of
from workflow_design.check.values.rules import EMPTY
from workflow_design.definition.problems import pointer


class FindingBuilder:
    """Builds findings from the results of an exploration."""

    def __init__(self, explorer: Explorer, record: Record) -> None:
        self._explorer = explorer
        self._machine = explorer.machine
        self._record = record
        self._move_sequences = MoveSequences(explorer)
        self._words = Words(explorer.machine)

    def findings(self) -> Iterator[Finding]:
        """Yield all findings, each kind in the order in which it was found."""
        record = self._record
        for cause, transition in record.stalls.items():
            yield self._build_stall(cause, transition, [transition.mover, *record.movers[cause]])
        yield from (self._build_failure(part, transition) for part, transition in record.failures.items())
        yield from self._build_failed_transforms()
        for stale in record.stale.values():
            yield self._build_restart(stale) if stale.about else self._build_stale(stale)
        yield from find_claims(self._explorer, record, self._move_sequences)
        for completion, transition in record.cancels.items():
            tasks = self._machine.members(record.cancelled[completion])
            yield self._build_cancelling(completion, transition, tasks)
        for key, (start, at) in record.early.items():
            yield self._build_early(start, at, [*record.awaited.get(key, {start.writer: None})])
        yield from (self._build_unassigned(task, at) for task, at in record.unassigned.items())
        yield from self._build_missed()

    # --- Stalls, failures ----------------------------------------------------------------

    def _build_stall(self, cause: Hashable, transition: Transition, movers: list[Mover]) -> Finding:
        parts = triggered_parts(transition)
        # Only fields that a condition read can be the reason.
        fields = sorted({place for part in parts for place in part.condition.places})
        message = _("If %(event)s, nothing goes on: no task is open, and the workflow has not ended.")
        where, *likewise = self._words.pointers(movers)
        return Finding(
            "stall",
            Severity.WARNING,
            where,
            message % {"event": self._words.event(transition, fields)},
            self._suggest_what_goes_on(transition, parts),
            self._move_sequences.through(transition),
            tuple(likewise),
            cause=(*(part.file.title for part in parts), str(cause[1]) if isinstance(cause, tuple) else ""),
        )

    def _suggest_what_goes_on(self, transition: Transition, parts: tuple[Part, ...]) -> str:
        if parts:
            fix = _("Add a task or a completion for this case, or change the condition of %(titles)s.")
            if transition.mover.hold is not None:
                fix = _(
                    "Add a task for this case, or change the condition of %(titles)s: after a hold, only "
                    "tasks start, no completion is reached."
                )
            return fix % {"titles": join_titles(parts)}
        task = transition.mover.task
        if task is not None and not transition.applied.listeners.modified:
            fix = _(
                "Make one of the fields that “%(title)s” writes required, so that its answer must bring it."
            )
            return fix % {"title": task.file.title}
        names = sorted(transition.applied.listeners.modified, key=list(self._machine.fields).index)
        fix = _("Nothing reads what was written. Add a task or a completion that reads %(fields)s.")
        if transition.mover.hold is not None:
            fix = _(
                "Add a task that reads %(fields)s: after a hold, only tasks start, no completion is reached."
            )
        return fix % {"fields": self._words.titles(names, _("or"))}

    def _build_failure(self, part: Part, transition: Transition) -> Finding:
        places, data = part.condition.places, transition.step.before_resets
        message = _("The condition of “%(title)s” can't be evaluated if %(event)s: %(reason)s")
        words = {
            "title": part.file.title,
            "event": self._words.event(transition, places),
            "reason": part.condition.failure(data),
        }
        empty = [self._machine.space.names[place] for place in places if data[place] == EMPTY]
        fix = _("Let the condition test first whether it can compare and calculate with %(fields)s.")
        if empty:
            fix = _("Let the condition ask first whether %(fields)s is filled in.")
        names = empty or [self._machine.space.names[place] for place in places]
        return Finding(
            "failing-condition",
            Severity.WARNING,
            f"{pointer_of(part)}/condition",
            message % words,
            fix % {"fields": self._words.titles(names, _("and"))},
            self._move_sequences.through(transition),
        )

    def _build_failed_transforms(self) -> Iterator[Finding]:
        for task, (state, problem) in self._explorer.failed_transforms.items():
            message = _("What “%(title)s” sends can't be computed: %(reason)s")
            fix = _("Check first that the fields are filled, and calculate only with numbers.")
            if problem.pointer.startswith("/output_transform"):
                message = _("What “%(title)s” writes can't be computed: %(reason)s")
            # A rule that was evaluated has a problem with its result.
            if not problem.code:
                message = _("What “%(title)s” writes may not fit: %(reason)s")
                fix = _("Let the rule give another value in this case, or let the field hold it.")
            yield Finding(
                "failing-condition",
                Severity.WARNING,
                f"{pointer_of(task)}{problem.pointer}",
                message % {"title": task.file.title, "reason": problem.message},
                fix,
                self._move_sequences.to_state(state),
            )

    # --- Stale answers -------------------------------------------------------------------

    def _build_stale(self, stale: Stale) -> Finding:
        words = {
            "title": stale.part.file.title,
            "field": self._words.at(stale.place),
            "value": self._words.value(stale.place, stale.transition.step.before_resets),
            "writers": join_titles([task for task, place in stale.writers.items() if place == stale.place]),
        }
        if isinstance(stale.part, Task):
            message = _(
                "“%(title)s” starts because %(value)s, although %(writers)s is open and will answer this "
                "again."
            )
        else:
            message = _(
                "“%(title)s” is reached because %(value)s, although %(writers)s is open and will answer this "
                "again."
            )
        fix = _("Let %(writers)s empty %(field)s when it starts, so that the old answer is not used.")
        return self._build_old(stale, message % words, fix % words)

    def _build_restart(self, stale: Stale) -> Finding:
        words = {
            "title": stale.part.file.title,
            "field": self._words.at(stale.place),
            "value": self._words.value(stale.place, stale.transition.step.before_resets),
            "about": self._words.titles(sorted(stale.about), _("or")),
            "writers": join_titles([*stale.writers]),
        }
        message = _(
            "“%(title)s” starts again because %(value)s. This answer is old: %(about)s was written since, "
            "and %(field)s was not asked for again."
        )
        fix = _(
            "Let the condition of %(writers)s hold when %(about)s is written again, and let it empty "
            "%(field)s then."
        )
        return self._build_old(stale, message % words, fix % words)

    def _build_old(self, stale: Stale, message: str, fix: str) -> Finding:
        return Finding(
            "stale-answer",
            Severity.WARNING,
            f"{pointer_of(stale.part)}/condition",
            message,
            fix,
            self._move_sequences.through(stale.transition),
            tuple(pointer_of(task) for task in stale.writers),
            cause=(self._machine.space.names[stale.place], "again" if stale.about else "open"),
        )

    # --- Cancelled tasks and missed starts -----------------------------------------------

    def _build_cancelling(self, completion: Completion, transition: Transition, tasks: list[Task]) -> Finding:
        message = _(
            "“%(title)s” can end the workflow while %(titles)s is still open, which is then cancelled."
        )
        fix = _("If this is not intended, let its condition require what %(titles)s writes.")
        words = {"title": completion.file.title, "titles": join_titles(tasks)}
        return Finding(
            "cancels-unfinished",
            Severity.NOTE,
            pointer_of(completion),
            message % words,
            fix % words,
            self._move_sequences.through(transition),
            tuple(map(pointer_of, tasks)),
        )

    def _build_missed(self) -> Iterator[Finding]:
        for (part, place), transition in self._record.missed.items():
            if isinstance(part, Task):
                message = _(
                    "“%(title)s” does not start when %(field)s is written, although its condition holds "
                    "then: %(field)s is not among the fields that it reads."
                )
            else:
                message = _(
                    "“%(title)s” is not reached when %(field)s is written, although its condition holds "
                    "then: %(field)s is not among the fields that it reads."
                )
            words = {"title": part.file.title, "field": self._words.at(place)}
            yield Finding(
                "missed-start",
                Severity.HINT,
                f"{pointer_of(part)}/condition",
                message % words,
                _("Add %(field)s to the fields that “%(title)s” reads.") % words,
                self._move_sequences.through(transition),
                cause=(self._machine.space.names[place],),
            )

    # --- Starts on fields that are empty --------------------------------------------------

    def _build_early(self, start: EarlyStart, transition: Transition, writers: list[Task]) -> Finding:
        field, file = self._machine.fields[start.name], start.task.file
        message = _(
            "“%(title)s” starts while %(field)s is empty, although %(writers)s is still to answer it."
        )
        fix = _("Let it start only if %(field)s is answered (condition %(rule)s), or only show the field.")
        words = {
            "title": file.title,
            "field": self._words.title(start.name),
            "writers": join_titles(writers),
            "rule": json.dumps(build_answered_rule(field)),
        }
        return Finding(
            "starts-too-early",
            Severity.WARNING,
            pointer("tasks", start.task.place, "input_fields", file.input_fields.index(start.name)),
            message % words,
            fix % words,
            self._move_sequences.through(transition),
            tuple(map(pointer_of, writers)),
        )

    def _build_unassigned(self, task: Task, transition: Transition) -> Finding:
        message = _(
            "If %(event)s, nobody gets “%(title)s”: %(field)s, which names the person, is empty as it starts."
        )
        fix = _("Require %(field)s where it is asked for, and let “%(title)s” start only if it is answered.")
        words = {
            "event": self._words.event(transition, ()),
            "title": task.file.title,
            "field": self._words.title(task.file.assignee_field or ""),
        }
        return Finding(
            "no-assignee",
            Severity.WARNING,
            pointer("tasks", task.place, "assignee_field"),
            message % words,
            fix % words,
            self._move_sequences.through(transition),
        )
