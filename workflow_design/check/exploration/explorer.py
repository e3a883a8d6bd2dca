"""Tries all ways through a definition, the shortest first (`docs/check.md`, "What is tried")."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Final

from workflow_design.check.exploration.machine import (
    OUT,
    Answered,
    Hold,
    Listeners,
    Machine,
    Mover,
    Node,
    State,
    Step,
    Task,
    Transition,
)
from workflow_design.check.exploration.pruning import Answers, Lenses
from workflow_design.check.exploration.recorder import Watch
from workflow_design.engine.conditions import ConditionError


@dataclass(frozen=True, slots=True)
class Bounds:
    """When an exploration gives up. What it found until then is true all the same."""

    states: int = 100_000
    """Different states: what bounds the memory, at most about five kilobytes each."""
    seconds: float | None = 10.0
    """None: no limit, so that the same definition always ends the same way."""
    answers: int = 4_096
    """Different answers of one form, or of one action, that are tried in one state."""


IN_FULL: Final = Bounds()
QUICK: Final = Bounds(states=20_000, seconds=0.5)
"""While somebody waits for a page."""


See = Callable[[Transition], None]
_CLOCK_EVERY = 64
"""States between two looks at the clock."""


class Explorer:
    """Explores one machine. `see` is shown every transition; `now` gives the time in seconds."""

    def __init__(
        self, machine: Machine, watch: Watch, *, bounds: Bounds, see: See, now: Callable[[], float]
    ) -> None:
        self.machine = machine
        self.answers = Answers(machine, most=bounds.answers)
        self.watch = watch
        self.nodes: list[Node] = []
        self.writes = 0
        """All ways of up to so many writes were tried."""
        self.is_complete = True
        self.failed_transforms: dict[Task, tuple[int, str]] = {}
        """Actions whose transform fails, with the state where it was first seen to, and why."""
        self._bounds = bounds
        self._see = see
        self._now = now
        self._lenses = Lenses(machine, watched=self.watch.watched_pairs)
        self._numbers: dict[Hashable, int] = {}

    def explore(self) -> None:
        """Visit every state that can be reached, within the bounds."""
        ends_at = None if self._bounds.seconds is None else self._now() + self._bounds.seconds
        self._submit_tickets()
        number = 0
        while number < len(self.nodes):
            node = self.nodes[number]
            self.writes = max(self.writes, node.depth)
            is_late = number % _CLOCK_EVERY == 0 and ends_at is not None and self._now() > ends_at
            if is_late or len(self.nodes) > self._bounds.states:
                self.is_complete = False
                break
            self._move_on(number, node)
            number += 1
        self.is_complete &= not self.answers.is_cut
        if self.is_complete:
            self.writes = max((node.depth for node in self.nodes), default=0) + 1

    def _submit_tickets(self) -> None:
        start = State(self.machine.nothing, 0)
        useful = frozenset(range(len(self.machine.space.names)))
        for place, ticket in enumerate(self.machine.file.tickets):
            for answered in self.answers.of_form(ticket.fields, useful):
                self._write(None, start, Mover(ticket=place), answered)

    def _move_on(self, number: int, node: Node) -> None:
        state = node.state
        useful = self._useful(state)
        for task in self.machine.members(state.unfinished):
            if state.hold is not None and not task.is_action:
                continue
            if state.unfinished & self.machine.twins[task.place] & ~self.watch.watched_tasks:
                continue  # an equal task has the same future, so one of them is enough
            for answered in self._answers_of(number, task, state, useful):
                if state.hold is None:
                    self._write(number, state, Mover(task=task), answered)
                else:
                    self._queue(number, state, task, answered)
        if state.hold is not None:
            self._resume(number, state, state.hold)

    def _useful(self, state: State) -> frozenset[int]:
        if state.hold is not None:
            return frozenset(range(len(self.machine.space.names)))
        return self._lenses.of(state.unfinished).useful

    def _answers_of(
        self, number: int, task: Task, state: State, useful: frozenset[int]
    ) -> tuple[Answered, ...]:
        if not task.is_action:
            return self.answers.of_form(task.writes, useful)
        try:
            return self.answers.of_action(task, state.data, useful)
        except ConditionError as error:
            self.failed_transforms.setdefault(task, (number, str(error)))
            self.nodes[number].edges.append((OUT, task))
            return ()

    # --- What a write leads to ---------------------------------------------------------

    def _write(self, source: int | None, state: State, mover: Mover, answered: Answered) -> None:
        unfinished = state.unfinished & ~(mover.task.bit if mover.task else 0)
        step = self.machine.apply(state.data, unfinished, answered)
        self._see(Transition(source, state, mover, answered, answered, step))
        self._arrive(source, mover, answered, self._after(state, answered, step), step)

    def _after(self, state: State, answered: Answered, step: Step, hold: Hold | None = None) -> State:
        modified = answered.listeners.modified
        carried = self.watch.carried_after(state.carried, modified, step.started, step.after)
        if step.reached is not None and step.reached.is_hold:
            hold = Hold(modified, hold.queue if hold else ())
        return State(step.after, step.unfinished, carried, hold)

    def _queue(self, source: int, state: State, task: Task, answered: Answered) -> None:
        assert state.hold is not None
        hold = Hold(state.hold.waiting, (*state.hold.queue, answered))
        after = State(state.data, state.unfinished & ~task.bit, state.carried, hold)
        self._arrive(source, Mover(task=task), answered, after, None)

    def _resume(self, source: int, state: State, hold: Hold) -> None:
        """The tasks that waited, then the queue, until the workflow ends or is on hold again."""
        mover, before = Mover(), State(state.data, state.unfinished, state.carried)
        tasks = self.machine.listeners(hold.waiting).tasks
        asked = Answered((), Listeners(hold.waiting, (), tasks))  # completions were asked before the hold
        queue = list(hold.queue)
        step = self.machine.look(before.data, before.unfinished, tasks)
        while True:
            step = _not_stalled(step) if queue else step
            self._see(Transition(source, before, mover, None, asked, step))
            is_on_hold = step.reached is not None
            after = self._after(before, asked, step, Hold(frozenset(), tuple(queue)) if is_on_hold else None)
            if step.reached is not None or not queue:
                self._arrive(source, mover, None, after, step)
                return
            asked = queue.pop(0)
            before = after
            step = self.machine.apply(before.data, before.unfinished, asked)

    def _arrive(
        self, source: int | None, mover: Mover, answered: Answered | None, state: State, step: Step | None
    ) -> None:
        """Note where a move leads, and the state if it is a new one."""
        is_over = step is not None and (step.ends or (state.hold is None and not state.unfinished))
        number = OUT if is_over else self._number(source, mover, answered, state)
        if source is not None:
            self.nodes[source].edges.append((number, mover.task if mover.is_action else None))

    def _number(self, source: int | None, mover: Mover, answered: Answered | None, state: State) -> int:
        key = self._key(state)
        number = self._numbers.setdefault(key, len(self.nodes))
        if number == len(self.nodes):
            depth = 1 if source is None else self.nodes[source].depth + 1
            self.nodes.append(Node(state, source, mover, answered, depth))
        return number

    def _key(self, state: State) -> Hashable:
        if state.hold is not None:
            queue = tuple((queued.values, queued.listeners.modified) for queued in state.hold.queue)
            return (state.data, state.unfinished, state.carried, state.hold.waiting, queue)
        lens = self._lenses.of(state.unfinished)
        return (state.unfinished, state.carried & self.watch.relevant(lens.reachable), lens.key(state.data))

    def way_to(self, number: int | None) -> Iterator[Node]:
        """The nodes on the shortest way to a state, itself last."""
        way: list[Node] = []
        while number is not None:
            way.append(self.nodes[number])
            number = self.nodes[number].parent
        return reversed(way)


def _not_stalled(step: Step) -> Step:
    """Something waits still, so nothing has stalled."""
    return Step(
        step.seen, step.after, step.unfinished, step.started, step.reached, step.failed, stalled=False
    )
