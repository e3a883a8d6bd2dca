"""Tasks that start too early: before another task has given an answer that they read.

It also follows which assignee fields are empty. The exploration marks both in its states, because no
condition needs to read these fields. A field that its form does not require counts as left blank, which is
the worst.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count, islice
from typing import Final

from workflow_design.check.exploration.machine import Machine, PossibleWrite, Step, Task
from workflow_design.check.exploration.states import Mover, Transition
from workflow_design.check.values.rules import EMPTY, Truth
from workflow_design.definition.workflow import SUBMITTER

_MAX_STARTS: Final = 500
"""So many pairs of tasks are followed at most."""


@dataclass(frozen=True, slots=True)
class EarlyStart:
    """A task that may start before the writer has answered, and the input that stands for the answer."""

    task: Task
    name: str
    writer: Task
    is_early: int
    """The mark of a state in which the task is unfinished after such a start."""
    is_settled: int
    """The mark of a state in which one of the two has answered: the task no longer starts too early."""


class EarlyStarts:
    """Knows which tasks may start too early, and keeps the marks of a state that this depends on."""

    def __init__(self, machine: Machine, *, first_bit: int) -> None:
        self._machine = machine
        bits = (1 << number for number in count(first_bit))
        self._places = {name: place for place, name in enumerate(machine.space.names)}
        self._required = machine.fields.required
        self._reset = frozenset(name for task in machine.file.tasks for name in task.reset_fields)
        self.assignees = {
            task: name
            for task in machine.tasks
            if (name := task.file.assignee_field)
            and name != SUBMITTER
            and self._may_start_without(task, name)
        }
        """The fields that name who gets a task, if they can be empty as it starts."""
        found = islice(self._find_starts(), _MAX_STARTS)
        self.starts = tuple(EarlyStart(*each, next(bits), next(bits)) for each in found)
        # A field that is neither required nor read by a condition is left blank by every form.
        names = dict.fromkeys([*(start.name for start in self.starts), *self.assignees.values()])
        self._filled = {name: next(bits) for name in names if name in self._required or name in self._places}
        """The marks of the fields that are filled."""
        self._filled_for_good = sum(
            bit for name, bit in self._filled.items() if name in self._required and name not in self._reset
        )
        """Those of them that no write empties again."""
        self._early = sum(each.is_early for each in self.starts)
        self._own = self._early + sum([*(each.is_settled for each in self.starts), *self._filled.values()])
        self._of_task = {task: [each for each in self.starts if each.task is task] for task in machine.tasks}
        self._about = {
            task: [each for each in self.starts if task in (each.task, each.writer)] for task in machine.tasks
        }
        self.tasks = sum(task.bit for task in machine.tasks if self._about[task] or task in self.assignees)
        """The tasks that are followed, as a set."""
        self._relevant: dict[tuple[int, int], int] = {}
        machine.write_cost += 2 + len(self._filled)

    # --- Which starts are possible -----------------------------------------------------------

    def _find_starts(self) -> Iterator[tuple[Task, str, Task]]:
        levels = self._find_levels()
        without: dict[Task, dict[Task, int]] = {}
        for task in self._machine.tasks:
            inputs = frozenset(task.file.input_fields)
            for writer in self._machine.tasks:
                self._machine.space.work.spend(1)
                if writer is task or inputs.isdisjoint(writer.writes):
                    continue
                name = self._find_awaited(task, writer)
                if not self._may_start_without(task, name):
                    continue
                for each in (task, writer):
                    if each not in without:
                        without[each] = self._find_levels(without=each)
                # Each must be able to start without the other.
                is_free = task in without[writer] and writer in without[task]
                # The writer may then start as a consequence of what the task writes.
                is_later = levels.get(task, 0) < levels.get(writer, 0)
                answers_back = is_later and self._machine.reachable(task.bit) & writer.bit
                if is_free and not answers_back:
                    yield task, name, writer

    def _find_awaited(self, task: Task, writer: Task) -> str:
        """Return the input that shows best whether the writer has answered."""
        self._machine.space.work.spend(len(task.file.input_fields))
        read = {self._machine.space.names[place] for place in task.condition.places}

        def rank(name: str) -> tuple[bool, bool, bool]:
            by_others = self._writers[name] != {writer.file.title}
            return by_others, name not in read, name not in self._required

        return min((name for name in task.file.input_fields if name in writer.writes), key=rank)

    @cached_property
    def _writers(self) -> dict[str, set[str]]:
        """The titles of the tickets and tasks that write each field."""
        found: dict[str, set[str]] = {name: set() for name in self._machine.fields}
        for number, ticket in enumerate(self._machine.file.tickets):
            for name in ticket.fields:
                found[name].add(str(number))
        for task in self._machine.file.tasks:
            for name in task.output_fields:
                found[name].add(task.title)
        return found

    def _may_start_without(self, task: Task, name: str) -> bool:
        """Return whether the field can be empty while the condition of the task holds."""
        is_always_filled = (
            name in self._required
            and all(name in ticket.fields for ticket in self._machine.file.tickets)
            and name not in self._reset
        )
        return not is_always_filled and self._may_hold(task, {name})

    def _may_hold(self, task: Task, blank: set[str]) -> bool:
        """Return whether the condition of a task may hold while these fields are empty."""
        condition = task.condition
        if condition.rule is None:
            return True
        places = tuple(place for place in condition.places if self._machine.space.names[place] in blank)
        nothing = (EMPTY,) * len(self._machine.space.names)
        return condition.residue(nothing, places) is not False

    def _find_levels(self, *, without: Task | None = None) -> dict[Task, int]:
        """Return the tasks that can start, each with how many answers that takes; one task never starts."""
        levels: dict[Task, int] = {}
        fresh = frozenset[str]().union(*(ticket.fields for ticket in self._machine.file.tickets))
        blank, waiting = set(self._machine.fields), set[Task]()
        for level in count(1):
            blank -= fresh
            waiting |= {task for task in self._machine.listeners(fresh).tasks if task is not without}
            self._machine.space.work.spend(2 + len(waiting) + len(fresh) // 8)
            started = [task for task in waiting if task not in levels and self._may_hold(task, blank)]
            if not started:
                break
            levels |= dict.fromkeys(started, level)
            waiting.difference_update(started)
            fresh = frozenset[str]().union(*(task.may_write for task in started))
        return levels

    # --- The marks of a state ----------------------------------------------------------------

    def after_answer(self, marks: int, task: Task | None) -> int:
        """Return the marks after a task was completed, whose write may still wait."""
        for start in self._about[task] if task else ():
            marks = (marks | start.is_settled) & ~start.is_early
        return marks

    def after_step(self, marks: int, mover: Mover, write: PossibleWrite, step: Step) -> int:
        """Return the marks after a write."""
        after = self.after_answer(marks, mover.task)
        for task in self._machine.members(step.started & self.tasks):
            for start in self._of_task[task]:
                is_open = not after & start.is_settled and self.is_empty(start.name, marks, write, step)
                if is_open and not self._is_decided(start, step):
                    after |= start.is_early
        for name, bit in self._filled.items():
            is_empty = self.is_empty(name, marks, write, step) or self._is_reset(name, step)
            after = after & ~bit if is_empty else after | bit
        return after

    def is_empty(self, name: str, marks: int, write: PossibleWrite, step: Step) -> bool:
        """Return whether a field is empty after a write, before the resets; `marks` are those before it."""
        place = self._places.get(name)
        if place is not None:
            return step.before_resets[place] == EMPTY
        if name in write.listeners.modified:
            return name not in self._required
        return not marks & self._filled.get(name, 0)

    def _is_reset(self, name: str, step: Step) -> bool:
        place = self._places.get(name)
        if place is not None:
            return step.after[place] == EMPTY
        return name in self._reset and any(
            name in task.file.reset_fields for task in self._machine.members(step.started)
        )

    def _is_decided(self, start: EarlyStart, step: Step) -> bool:
        """Return whether the condition asks for the field, and holds whatever will be answered."""
        place, condition = self._places.get(start.name), start.task.condition
        if place not in condition.places:
            return False
        changed = list(step.before_resets)
        for value in self._machine.space.values[place].samples:
            changed[place] = value
            if condition.evaluate(tuple(changed)) is not Truth.TRUE:
                return False
        return True

    def too_early(self, transition: Transition) -> list[EarlyStart]:
        """Return the tasks that started too early: the other one waits to be answered, too."""
        step = transition.step
        if step.ends or not self.starts:
            return []
        after = self.after_step(transition.before.marks, transition.mover, transition.applied, step)
        if not after & self._early:
            return []
        return [each for each in self.starts if after & each.is_early and step.unfinished & each.writer.bit]

    def unassigned(self, transition: Transition) -> list[Task]:
        """Return the tasks that start while the field that names who gets them is empty."""
        step, marks, write = transition.step, transition.before.marks, transition.applied
        return [
            task
            for task, name in self.assignees.items()
            if step.started & task.bit and self.is_empty(name, marks, write, step)
        ]

    def relevant(self, marks: int, reachable: int) -> int:
        """Return the marks that can still lead to a finding while these tasks are unfinished or may start."""
        own = marks & self._own
        found = self._relevant.get((reachable, own))
        if found is None:
            found = self._relevant[reachable, own] = own & self._build_mask(own, reachable)
        return found

    def _build_mask(self, marks: int, reachable: int) -> int:
        """Return which marks matter; those that decide about others are among them."""
        self._machine.space.work.spend(1 + len(self.starts) // 2)
        members = self._machine.members(reachable)
        startable = {task for each in members for task in self._machine.listeners(each.may_write).tasks}
        mask = 0
        for start in self.starts:
            if not start.writer.bit & reachable or not start.task.bit & reachable:
                continue
            filled = self._filled.get(start.name, 0)
            if marks & filled & self._filled_for_good and not marks & start.is_early:
                mask |= filled | start.is_early
            elif marks & start.is_settled:
                mask |= start.is_settled
            else:
                mask |= start.is_settled | start.is_early | (filled if start.task in startable else 0)
        for task, name in self.assignees.items():
            mask |= self._filled.get(name, 0) if task in startable else 0
        return mask
