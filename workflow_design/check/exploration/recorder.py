"""The first, and so shortest, path to each situation that deserves a finding.

A watch follows pairs of a task and a field where the task may start again although the answer is old.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from workflow_design.check.exploration.machine import (
    Completion,
    Machine,
    Mover,
    Part,
    Task,
    Transition,
)
from workflow_design.check.exploration.rules import EMPTY, Data, Truth
from workflow_design.definition.fields import is_empty
from workflow_design.definition.workflow import CompletionStatus


@dataclass(frozen=True, slots=True)
class Pair:
    """A task that starts on a field that another task writes."""

    bit: int
    """In the set of carried pairs: the task started on the field's current value."""
    aged_bit: int
    """There, too: something that the value was about was written since."""
    task: Task
    place: int
    name: str
    about: frozenset[str]
    """The fields that the tasks which write the field read: what its value is about."""


@dataclass(frozen=True, slots=True)
class Writer:
    """A task that writes a field that the condition of another definition reads."""

    task: Task
    place: int
    values: tuple[int, ...]


class Watch:
    """Knows which tasks write fields that conditions read, and which answers would change the result."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.writers: dict[Part, tuple[Writer, ...]] = {
            part: tuple(self._writers_for(part)) for part in machine.parts
        }
        self.writing: dict[Part, int] = {
            part: sum({writer.task.bit for writer in writers}) for part, writers in self.writers.items()
        }
        self.pairs = tuple(self._pairs())
        machine.write_cost += len(self.pairs) // 8
        self.watched_tasks = sum({pair.task.bit for pair in self.pairs})
        """The tasks of the pairs. Equal ones can't be merged, because it matters which one is unfinished."""

    def watched_pairs(self, reachable: int) -> list[tuple[Part, int]]:
        """Return the pairs of these tasks, each as the task and the place of its field."""
        return [(pair.task, pair.place) for pair in self.pairs if reachable >> pair.task.place & 1]

    def relevant(self, reachable: int) -> int:
        """Return the pairs of these tasks, as a set of bits."""
        return sum(pair.bit | pair.aged_bit for pair in self.pairs if reachable >> pair.task.place & 1)

    def carried_after(self, carried: int, modified: frozenset[str], started: int, data: Data) -> int:
        """Return the carried pairs after a write: written fields are new, started tasks begin to carry."""
        for pair in self.pairs:
            if pair.name in modified or data[pair.place] == EMPTY:
                carried &= ~(pair.bit | pair.aged_bit)
            elif self.is_old(pair, carried, modified):
                carried |= pair.aged_bit
            if started >> pair.task.place & 1 and data[pair.place] != EMPTY:
                carried |= pair.bit
        return carried

    def is_old(self, pair: Pair, carried: int, modified: frozenset[str]) -> bool:
        """Return whether the task started on the value before, and what the value was about changed since."""
        return bool(carried & pair.bit) and bool(carried & pair.aged_bit or modified & pair.about)

    def would_change(self, part: Part, writer: Writer, data: Data) -> bool:
        """Return whether the writer could give its field a value for which the condition is false."""
        self.machine.space.work.spend(len(writer.values) * (2 + len(data) // 16))
        changed = list(data)
        for value in writer.values:
            changed[writer.place] = value
            if part.condition.evaluate(tuple(changed)) is Truth.FALSE:
                return True
        return False

    def depends_on(self, part: Part, place: int, data: Data) -> bool:
        """Return whether the condition would not hold if the field were empty."""
        changed = list(data)
        changed[place] = EMPTY
        return part.condition.evaluate(tuple(changed)) is not Truth.TRUE

    def _writers_for(self, part: Part) -> list[Writer]:
        names = self.machine.space.names
        places = {names[place]: place for place in part.condition.places}
        self.machine.space.work.spend(len(self.machine.tasks))
        found = []
        for task in self.machine.tasks:
            common = sorted(places[name] for name in task.writes.intersection(places))
            self.machine.space.work.spend(2 * len(common))
            if task is not part:
                found += [Writer(task, place, self._values(task, place, names[place])) for place in common]
        return found

    def _values(self, task: Task, place: int, name: str) -> tuple[int, ...]:
        """Return the values that the task could write to the field.

        If an action gives the field a constant, that is the only one.
        """
        values, transform = self.machine.space.values[place], task.file.output_transform
        if transform is not None and name not in transform:
            return ()
        if transform is not None and not isinstance(transform[name], dict | list):
            return (EMPTY if is_empty(transform[name]) else values.number_for(transform[name]),)
        return values.samples if name in self.machine.fields.required else (*values.samples, EMPTY)

    def _pairs(self) -> list[Pair]:
        names = self.machine.space.names
        # A ticket is submitted once, so only tasks can write again what an answer was about.
        rewritten = frozenset[str]().union(*(task.writes for task in self.machine.tasks))
        found: list[Pair] = []
        for task in self.machine.tasks:
            asking: dict[int, set[str]] = {}
            for writer in self.writers[task]:
                read = {*writer.task.reads, *writer.task.file.shown_fields}
                asking.setdefault(writer.place, set()).update(read)
            for place, read in sorted(asking.items()):
                about = rewritten.intersection(read)
                if names[place] in task.reads and about:
                    bit = 1 << 2 * len(found)
                    found.append(Pair(bit, 2 * bit, task, place, names[place], about))
        return found


@dataclass(frozen=True, slots=True)
class Stale:
    """A definition that starts on a previous answer."""

    transition: Transition
    part: Part
    place: int
    writers: dict[Task, None]
    """The tasks that write the field; if it starts on what is being asked again, those that are open then."""
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
            record.happened.add(step.reached)
            self._record_stale(transition, step.reached)
            if (
                step.ends
                and step.reached.file.completion_status == CompletionStatus.COMPLETED
                and step.unfinished
            ):
                record.cancels.setdefault(step.reached, transition)
                record.cancelled[step.reached] = record.cancelled.get(step.reached, 0) | step.unfinished
        for task in self._machine.members(step.started):
            record.happened.add(task)
            self._record_stale(transition, task)

    # --- Stalls ------------------------------------------------------------------------

    def _find_stall_cause(self, transition: Transition) -> Hashable:
        """Return the cause of a stall: the triggered definitions and the value that made all of them false.

        Stalls with the same cause are reported once.
        """
        parts = triggered_parts(transition)
        if not parts:
            return transition.mover
        data = transition.step.seen
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
        if isinstance(part, Task) and transition.before.carried and (part, False) not in self.record.stale:
            self._record_stale_restart(transition, part, waiting)

    def _record_stale_unfinished(self, transition: Transition, part: Part, waiting: int) -> None:
        data = transition.step.seen
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
            writers.update(dict.fromkeys(writer.task for writer in affected))

    def _record_stale_restart(self, transition: Transition, part: Task, waiting: int) -> None:
        """Record a task that starts again on an answer that was not given again, but is about something new.

        A fact that was settled once is not old, as long as nothing that it was about is written again.
        """
        data, modified = transition.step.seen, transition.applied.listeners.modified
        self._machine.space.work.spend(len(self._watch.pairs) // 4)
        for pair in self._watch.pairs:
            if pair.task is not part or pair.name in modified or data[pair.place] == EMPTY:
                continue
            if not self._watch.is_old(pair, transition.before.carried, modified):
                continue
            writers = [each for each in self._watch.writers[part] if each.place == pair.place]
            is_open = any(waiting >> writer.task.place & 1 for writer in writers)
            # An open writer is the other kind of stale answer, which was recorded already.
            if is_open or not self._watch.depends_on(part, pair.place, data):
                continue
            if any(self._watch.would_change(part, writer, data) for writer in writers):
                tasks = dict.fromkeys(writer.task for writer in writers)
                self.record.stale[part, False] = Stale(transition, part, pair.place, tasks, pair.about)
                return

    # --- Starts that are missed ---------------------------------------------------------

    def _record_missed(self, transition: Transition) -> None:
        """Record a stall where the condition of a definition holds that was not triggered."""
        names, data = self._machine.space.names, transition.step.seen
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
