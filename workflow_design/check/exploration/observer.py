"""Pairs of a task and a field on which it may start again although the answer is from last time."""

from dataclasses import dataclass

from workflow_design.check.exploration.machine import Machine, Part, Task, fields_asked
from workflow_design.check.exploration.rules import EMPTY, Answer, Data
from workflow_design.definition.fields import is_empty


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
