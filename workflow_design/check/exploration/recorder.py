"""The first, and so shortest, path to each situation that deserves a finding."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from workflow_design.check.exploration.early import EarlyStart
from workflow_design.check.exploration.machine import Completion, Machine, Part, Task
from workflow_design.check.exploration.states import Mover, Transition
from workflow_design.check.exploration.watch import Watch
from workflow_design.check.values.rules import EMPTY, Truth
from workflow_design.definition.workflow import CompletionStatus


@dataclass(frozen=True, slots=True)
class Stale:
    """A definition that starts on a previous answer."""

    transition: Transition
    part: Part
    place: int
    writers: dict[Task, int]
    """The tasks that write it, or another field on which the start depends, each with the place of its field.

    If the definition relies on what is being asked again, those that are open then.
    """
    about: frozenset[str] = frozenset()
    """If it starts again: the fields that the answer is about; otherwise, none."""


@dataclass(slots=True)
class Record:
    """The situations found so far. Keys are causes, and the first transition of each is stored."""

    stalls: dict[Hashable, Transition] = field(default_factory=dict)
    movers: dict[Hashable, dict[Mover, None]] = field(default_factory=dict)
    """For each cause of a stall, all that lead to it."""
    failures: dict[Part, Transition] = field(default_factory=dict)
    stale: dict[tuple[Part, bool], Stale] = field(default_factory=dict)
    cancels: dict[Completion, Transition] = field(default_factory=dict)
    cancelled: dict[Completion, int] = field(default_factory=dict)
    """For each completion, all tasks that it can cancel."""
    missed: dict[tuple[Part, int], Transition] = field(default_factory=dict)
    early: dict[tuple[Task, str], tuple[EarlyStart, Transition]] = field(default_factory=dict)
    awaited: dict[tuple[Task, str], dict[Task, None]] = field(default_factory=dict)
    """For each early start, all tasks that can still be to answer the field."""
    unassigned: dict[Task, Transition] = field(default_factory=dict)
    happened: set[Part] = field(default_factory=set)


class Recorder:
    """Examines every transition of an exploration."""

    def __init__(self, machine: Machine, watch: Watch) -> None:
        self.record = Record()
        self._machine = machine
        self._watch = watch
        fields = [machine.fields[name] for name in machine.space.names]
        self._few_valued_places = frozenset(
            place for place, field in enumerate(fields) if field.type.all_values(field)
        )

    def on_transition(self, transition: Transition) -> None:
        """Record everything new in a transition."""
        step, record = transition.step, self.record
        if step.failed or step.stalled:
            self._machine.space.work.spend(len(self._machine.parts))
        for part in step.failed:
            record.failures.setdefault(part, transition)
        if step.stalled:
            # Breadth-first order makes the first transition the one with the shortest path.
            cause = self._find_stall_cause(transition)
            record.stalls.setdefault(cause, transition)
            record.movers.setdefault(cause, {})[transition.mover] = None
            self._record_missed(transition)
        if step.reached is not None:
            self._record_completion(transition, step.reached)
        for task in self._machine.members(step.started):
            record.happened.add(task)
            self._record_stale(transition, task)
        for start in self._watch.early.too_early(transition):
            record.early.setdefault((start.task, start.name), (start, transition))
            record.awaited.setdefault((start.task, start.name), {})[start.writer] = None
        for task in self._watch.early.unassigned(transition):
            record.unassigned.setdefault(task, transition)

    def _record_completion(self, transition: Transition, reached: Completion) -> None:
        step, record = transition.step, self.record
        record.happened.add(reached)
        self._record_stale(transition, reached)
        completes = step.ends and reached.file.completion_status == CompletionStatus.COMPLETED
        if completes and step.unfinished:
            record.cancels.setdefault(reached, transition)
            record.cancelled[reached] = record.cancelled.get(reached, 0) | step.unfinished

    # --- Stalls ------------------------------------------------------------------------

    def _find_stall_cause(self, transition: Transition) -> Hashable:
        """Return the cause of a stall: the triggered definitions and the value that made all of them false.

        Stalls with the same cause are reported once.
        """
        parts = triggered_parts(transition)
        if not parts:
            return transition.mover
        data = transition.step.before_resets
        own = {place for place, _number in transition.applied.values}
        common = self._few_valued_places.intersection(*(part.condition.places for part in parts))
        # Fields of this write explain the stall best, so try them first.
        for place in sorted(common, key=lambda each: (each not in own, each)):
            if all(part.condition.residue(data, (place,)) is False for part in parts):
                return parts, repr(self._machine.space.values[place].values[data[place]])
        return parts, None

    # --- Stale answers -----------------------------------------------------------------

    def _record_stale(self, transition: Transition, part: Part) -> None:
        writing = self._watch.writing[part]
        if not writing:
            return
        step = transition.step
        own = part.bit if isinstance(part, Task) else 0
        waiting = step.unfinished & ~own & writing
        known = self.record.stale.get((part, True))
        unknown = waiting if known is None else waiting & ~sum(task.bit for task in known.writers)
        if unknown:
            self._record_stale_unfinished(transition, part, unknown)
        if isinstance(part, Task) and transition.before.marks and (part, False) not in self.record.stale:
            self._record_stale_restart(transition, part, waiting)

    def _record_stale_unfinished(self, transition: Transition, part: Part, waiting: int) -> None:
        data = transition.step.before_resets
        affected = [
            writer
            for writer in self._watch.writers[part]
            if waiting >> writer.task.place & 1
            and data[writer.place] != EMPTY
            and self._watch.would_change(part, writer, data)
        ]
        if affected:
            new = Stale(transition, part, affected[0].place, {})
            writers = self.record.stale.setdefault((part, True), new).writers
            for writer in affected:
                writers.setdefault(writer.task, writer.place)

    def _record_stale_restart(self, transition: Transition, part: Task, waiting: int) -> None:
        """Record a task that starts again on an answer that was not given again, but is about something new.

        A fact that was settled once is not old, as long as nothing that it was about is written again.
        """
        data, modified = transition.step.before_resets, transition.applied.listeners.modified
        self._machine.space.work.spend(len(self._watch.pairs) // 4)
        for pair in self._watch.pairs:
            if pair.task is not part or pair.name in modified or data[pair.place] == EMPTY:
                continue
            if not self._watch.is_old(pair, transition.before.marks, modified):
                continue
            writers = [each for each in self._watch.writers[part] if each.place == pair.place]
            is_open = any(waiting >> writer.task.place & 1 for writer in writers)
            # An open writer is the other kind of stale answer, which was recorded already.
            if is_open or not self._watch.depends_on(part, pair.place, data):
                continue
            if any(self._watch.would_change(part, writer, data) for writer in writers):
                tasks = {writer.task: writer.place for writer in writers}
                self.record.stale[part, False] = Stale(transition, part, pair.place, tasks, pair.about)
                return

    # --- Starts that are missed ---------------------------------------------------------

    def _record_missed(self, transition: Transition) -> None:
        """Record a stall where the condition of a definition holds that was not triggered."""
        names, data = self._machine.space.names, transition.step.before_resets
        modified = transition.applied.listeners.modified
        for part in self._machine.parts:
            if not part.reads.isdisjoint(modified) or part.condition.evaluate(data) is not Truth.TRUE:
                continue
            for place in part.condition.places:
                if names[place] in modified and data[place] != EMPTY:  # so the field is not an input
                    self.record.missed.setdefault((part, place), transition)


def triggered_parts(transition: Transition) -> tuple[Part, ...]:
    """Return the definitions that the write triggered."""
    listeners = transition.applied.listeners
    return (*listeners.completions, *listeners.tasks)
