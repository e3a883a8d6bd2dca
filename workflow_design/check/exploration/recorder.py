"""The first, and so shortest, path to everything that is worth a finding.

A watch follows pairs of a task and a field on which the task may start again although the answer is old.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from workflow_design.check.exploration.machine import (
    Completion,
    Machine,
    Part,
    Task,
    Transition,
    fields_asked,
)
from workflow_design.check.exploration.rules import EMPTY, Answer, Data
from workflow_design.definition.fields import FieldKind, is_empty


@dataclass(frozen=True, slots=True)
class Pair:
    """A task that starts on a field which another task writes."""

    bit: int
    task: Task
    place: int
    name: str


@dataclass(frozen=True, slots=True)
class Writer:
    """A task that writes a field which the condition of another definition reads."""

    task: Task
    place: int
    values: tuple[int, ...]


class Watch:
    """Who reads answers of whom, and which answers would make a difference."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.writers: dict[Part, tuple[Writer, ...]] = {
            part: tuple(self._writers_for(part)) for part in machine.parts
        }
        self.writing: dict[Part, int] = {
            part: sum({writer.task.bit for writer in writers}) for part, writers in self.writers.items()
        }
        self.pairs = tuple(self._pairs())
        self.watched_tasks = sum({pair.task.bit for pair in self.pairs})
        """The tasks of the pairs: of them it matters which one is unfinished."""

    def watched_pairs(self, reachable: int) -> list[tuple[Part, int]]:
        """The tasks among these that are in pairs, each with the place of its field."""
        return [(pair.task, pair.place) for pair in self.pairs if reachable >> pair.task.place & 1]

    def relevant(self, reachable: int) -> int:
        """The pairs whose task is among these, as a set of bits."""
        return sum(pair.bit for pair in self.pairs if reachable >> pair.task.place & 1)

    def carried_after(self, carried: int, modified: frozenset[str], started: int, data: Data) -> int:
        """The pairs that are carried after a write: what is written is new, what starts begins to carry."""
        for pair in self.pairs:
            if started >> pair.task.place & 1 and data[pair.place] != EMPTY:
                carried |= pair.bit
            elif pair.name in modified or data[pair.place] == EMPTY:
                carried &= ~pair.bit
        return carried

    def would_change(self, part: Part, writer: Writer, data: Data) -> bool:
        """Whether the writer could give its field a value with which the condition does not hold."""
        changed = list(data)
        for value in writer.values:
            changed[writer.place] = value
            if part.condition.ask(tuple(changed)) is Answer.FALSE:
                return True
        return False

    def depends_on(self, part: Part, place: int, data: Data) -> bool:
        """Whether the condition would not hold if the field were empty."""
        changed = list(data)
        changed[place] = EMPTY
        return part.condition.ask(tuple(changed)) is not Answer.TRUE

    def _writers_for(self, part: Part) -> list[Writer]:
        asked = fields_asked(self.machine, part)
        return [
            Writer(task, place, self._values(task, place, name))
            for task in self.machine.tasks
            if task is not part
            for place, name in enumerate(self.machine.space.names)
            if name in asked and name in task.writes
        ]

    def _values(self, task: Task, place: int, name: str) -> tuple[int, ...]:
        """What the task could write: of an action that gives a field no value but a constant, that."""
        values, transform = self.machine.space.values[place], task.file.output_transform
        if transform is not None and name not in transform:
            return ()
        if transform is not None and not isinstance(transform[name], dict | list):
            return (EMPTY if is_empty(transform[name]) else values.number_of(transform[name]),)
        return values.samples if name in self.machine.fields.required else (*values.samples, EMPTY)

    def _pairs(self) -> list[Pair]:
        space = self.machine.space
        found: list[Pair] = []
        for task in self.machine.tasks:
            for place in sorted({writer.place for writer in self.writers[task]}):
                if space.names[place] in task.reads:
                    found.append(Pair(1 << len(found), task, place, space.names[place]))
        return found


_FEW_VALUES = (FieldKind.YES_NO, FieldKind.CHOICE)


@dataclass(frozen=True, slots=True)
class Stale:
    """A definition that starts on an answer from last time."""

    transition: Transition
    part: Part
    place: int
    writers: tuple[Task, ...]
    """Who is about to write the field again; nobody if it just was not written since."""


@dataclass(slots=True)
class Record:
    """What was seen so far. Keys are causes: of each the first transition is kept."""

    stalls: dict[Hashable, Transition] = field(default_factory=dict)
    failures: dict[Part, Transition] = field(default_factory=dict)
    stale: dict[tuple[Part, bool], Stale] = field(default_factory=dict)
    cancels: dict[Completion, Transition] = field(default_factory=dict)
    missed: dict[tuple[Part, int], Transition] = field(default_factory=dict)
    happened: set[Part] = field(default_factory=set)


class Recorder:
    """Looks at every transition of an exploration."""

    def __init__(self, machine: Machine, watch: Watch) -> None:
        self.record = Record()
        self._machine = machine
        self._watch = watch
        kinds = [machine.fields[name].kind for name in machine.space.names]
        self._few = frozenset(place for place, kind in enumerate(kinds) if kind in _FEW_VALUES)

    def see(self, transition: Transition) -> None:
        """Note what is new in a transition."""
        step, record = transition.step, self.record
        for part in step.failed:
            record.failures.setdefault(part, transition)
        if step.stalled:
            record.stalls.setdefault(self._cause(transition), transition)
            self._see_missed(transition)
        if step.reached is not None:
            record.happened.add(step.reached)
            self._see_stale(transition, step.reached)
            if step.ends and step.reached.is_completed and step.unfinished:
                record.cancels.setdefault(step.reached, transition)
        for task in self._machine.members(step.started):
            record.happened.add(task)
            self._see_stale(transition, task)

    # --- Stalls ------------------------------------------------------------------------

    def _cause(self, transition: Transition) -> Hashable:
        """Stalls with the same cause are one: the same definitions looked and saw the same reason."""
        parts = looks(transition)
        if not parts:
            return transition.mover
        data = transition.step.seen
        own = {place for place, _number in transition.asked.values}
        common = self._few.intersection(*(part.condition.places for part in parts))
        for place in sorted(common, key=lambda each: (each not in own, each)):
            if all(part.condition.residue(data, (place,)) is False for part in parts):
                return parts, repr(self._machine.space.values[place].values[data[place]])
        return parts, None

    # --- Stale answers -----------------------------------------------------------------

    def _see_stale(self, transition: Transition, part: Part) -> None:
        writing = self._watch.writing[part]
        if not writing:
            return
        step = transition.step
        own = part.bit if isinstance(part, Task) else 0
        waiting = step.unfinished & ~own & writing
        if waiting and (part, True) not in self.record.stale:
            self._see_unfinished(transition, part, waiting)
        if isinstance(part, Task) and transition.before.carried and (part, False) not in self.record.stale:
            self._see_again(transition, part, waiting)

    def _see_unfinished(self, transition: Transition, part: Part, waiting: int) -> None:
        data = transition.step.seen
        for writer in self._watch.writers[part]:
            if (
                waiting >> writer.task.place & 1
                and data[writer.place] != EMPTY
                and self._watch.would_change(part, writer, data)
            ):
                others = self._others(part, writer, waiting, data)
                self.record.stale[part, True] = Stale(transition, part, writer.place, others)
                return

    def _others(self, part: Part, first: Writer, waiting: int, data: Data) -> tuple[Task, ...]:
        """The one that was found, and all others of which the same is true."""
        rest = [
            writer.task
            for writer in self._watch.writers[part]
            if writer.task is not first.task
            and waiting >> writer.task.place & 1
            and data[writer.place] != EMPTY
            and self._watch.would_change(part, writer, data)
        ]
        return (first.task, *dict.fromkeys(rest))

    def _see_again(self, transition: Transition, part: Task, waiting: int) -> None:
        """It starts again; one of the answers on which it started last time was not given anew."""
        data, modified = transition.step.seen, transition.asked.listeners.modified
        for pair in self._watch.pairs:
            is_carried = pair.task is part and transition.before.carried & pair.bit
            if not is_carried or pair.name in modified or data[pair.place] == EMPTY:
                continue
            writers = [each for each in self._watch.writers[part] if each.place == pair.place]
            is_open = any(waiting >> writer.task.place & 1 for writer in writers)
            if is_open or not self._watch.depends_on(part, pair.place, data):
                continue
            if any(self._watch.would_change(part, writer, data) for writer in writers):
                self.record.stale[part, False] = Stale(transition, part, pair.place, ())
                return

    # --- Starts that are missed ---------------------------------------------------------

    def _see_missed(self, transition: Transition) -> None:
        """Nothing goes on, and yet the condition of something holds that was not asked."""
        names, data = self._machine.space.names, transition.step.seen
        modified = transition.asked.listeners.modified
        for part in self._machine.parts:
            if not part.reads.isdisjoint(modified) or part.condition.ask(data) is not Answer.TRUE:
                continue
            for place in part.condition.places:
                if names[place] in modified and data[place] != EMPTY:  # and so it is no input
                    self.record.missed.setdefault((part, place), transition)


def looks(transition: Transition) -> tuple[Part, ...]:
    """The definitions that the write concerned."""
    listeners = transition.asked.listeners
    return (*listeners.completions, *listeners.tasks)
