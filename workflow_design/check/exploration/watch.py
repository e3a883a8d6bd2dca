"""What the exploration watches: answers that may be old, and tasks that may start too early.

A watch follows pairs of a task and a field where the task may start again although the answer is old.
"""

from dataclasses import dataclass

from workflow_design.check.exploration.early import EarlyStarts
from workflow_design.check.exploration.machine import Machine, Part, PossibleWrite, Step, Task
from workflow_design.check.exploration.states import Mover
from workflow_design.check.values.computations import list_results
from workflow_design.check.values.rules import EMPTY, Data, Truth
from workflow_design.definition.fields import is_empty


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
        self.early = EarlyStarts(machine, first_bit=2 * len(self.pairs))
        self.watched_tasks = sum({pair.task.bit for pair in self.pairs}) | self.early.tasks
        """The tasks that are followed. Equal ones can't be merged: it matters which one is unfinished."""

    def watched_pairs(self, reachable: int, writable: frozenset[str]) -> list[tuple[Part, int, int]]:
        """Return the pairs of these tasks, each as the task, the place of its field, and a mark.

        The pair matters only with this mark, since nothing can make it old any more; 0 if something can.
        """
        return [
            (pair.task, pair.place, pair.aged_bit if pair.about.isdisjoint(writable) else 0)
            for pair in self.pairs
            if reachable >> pair.task.place & 1
        ]

    def relevant(self, marks: int, reachable: int, writable: frozenset[str]) -> int:
        """Return those marks that matter while these tasks may move and these fields may be written."""
        of_pairs = (
            pair.bit | pair.aged_bit
            for pair in self.pairs
            if reachable >> pair.task.place & 1
            and (marks & pair.aged_bit or not pair.about.isdisjoint(writable))
        )
        return marks & sum(of_pairs) | self.early.relevant(marks, reachable)

    def marks_after(self, marks: int, mover: Mover, write: PossibleWrite, step: Step) -> int:
        """Return the marks after a write: written fields are new, started tasks begin to carry."""
        marks = self.early.after_step(marks, mover, write, step)
        for pair in self.pairs:
            is_empty = step.after[pair.place] == EMPTY
            if pair.name in write.listeners.modified or is_empty:
                marks &= ~(pair.bit | pair.aged_bit)
            elif self.is_old(pair, marks, write.listeners.modified):
                marks |= pair.aged_bit
            if step.started >> pair.task.place & 1 and not is_empty:
                marks |= pair.bit
        return marks

    def is_old(self, pair: Pair, marks: int, modified: frozenset[str]) -> bool:
        """Return whether the task started on the value before, and what the value was about changed since."""
        return bool(marks & pair.bit) and bool(marks & pair.aged_bit or modified & pair.about)

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

        If an action gives the field a constant, or one of several, there are no others.
        """
        values, transform = self.machine.space.values[place], task.file.answer_rules
        if transform is not None and name not in transform:
            return ()
        results = None if transform is None else list_results(transform[name])
        if results is not None:
            return tuple(EMPTY if is_empty(each) else values.number_for(each) for each in results)
        return values.samples if name in self.machine.fields.required else values.samples_or_empty

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
