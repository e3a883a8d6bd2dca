"""What transitions show: the first, and so shortest, way to each thing that is worth a finding."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from workflow_design.check.exploration.machine import Completion, Machine, Part, Task
from workflow_design.check.exploration.observer import Watch, Writer
from workflow_design.check.exploration.rules import EMPTY, Answer, Data
from workflow_design.check.exploration.state import Transition
from workflow_design.definition.fields import FieldKind

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
