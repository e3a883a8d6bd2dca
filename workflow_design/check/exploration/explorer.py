"""Breadth-first exploration of all paths through a definition (`docs/check.md`, "What is tried")."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from workflow_design.check.exploration.answers import Answers, PossibleWrites
from workflow_design.check.exploration.machine import (
    OUT,
    Hold,
    Machine,
    Mover,
    Node,
    PossibleWrite,
    State,
    Step,
    Task,
    Transition,
)
from workflow_design.check.exploration.pruning import Lenses
from workflow_design.check.exploration.rules import EMPTY
from workflow_design.check.exploration.watch import Watch
from workflow_design.check.scope import OutOfWorkError
from workflow_design.engine.conditions.bounds import ConditionError


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of an exploration. Everything that it finds before it reaches them is true."""

    states: int = 100_000
    """The number of different states. This limits the memory: a state takes at most about five kilobytes."""
    work: int = 8_000_000
    """The work that may be done, in units of `Work`."""
    seconds: float | None = 60.0
    """The processor time after which something is wrong with the counting; None means no limit."""
    answers: int = 4_096
    """The number of different answers of one form or action that are tried in one state."""


IN_FULL: Final = Bounds()
QUICK: Final = Bounds(states=20_000, work=150_000, seconds=1.0)
"""The limits while a user waits for a page."""


class Explorer:
    """Explores one machine, as long as there is work left. It passes each transition to `on_transition`."""

    def __init__(
        self,
        machine: Machine,
        watch: Watch,
        *,
        bounds: Bounds,
        on_transition: Callable[[Transition], None],
    ) -> None:
        self.machine = machine
        self.possible_writes = PossibleWrites(machine, max_count=bounds.answers)
        self.watch = watch
        self.start = State((EMPTY,) * len(machine.space.names), 0)
        """The state before the ticket."""
        # Before the first write, and during a hold, every field may matter.
        self._all_places = frozenset(range(len(machine.space.names)))
        self.nodes: list[Node] = []
        self.writes = 0
        """All paths of up to this number of writes were explored."""
        self.is_complete = True
        self.failed_transforms: dict[Task, tuple[int, str]] = {}
        """Actions whose transform fails, with the first state where it did, and the reason."""
        self._bounds = bounds
        self.on_transition = on_transition
        self._work = machine.space.work
        self._lenses = Lenses(machine, watched=self.watch.watched_pairs)
        self._numbers: dict[Hashable, int] = {}

    def explore(self) -> None:
        """Visit every reachable state, within the limits."""
        try:
            self._submit_tickets()
            self._explore_states()
        except OutOfWorkError:
            self.is_complete = False
        self.is_complete &= not self.possible_writes.is_cut
        # There are no longer paths, so "up to" can include the next write.
        if self.is_complete:
            self.writes = max((node.depth for node in self.nodes), default=0) + 1

    def _explore_states(self) -> None:
        # `self.nodes` grows during the loop: it is the queue of the breadth-first search.
        number = 0
        while number < len(self.nodes):
            node = self.nodes[number]
            # Only writes of which all answers were tried count.
            if not self.possible_writes.is_cut:
                self.writes = max(self.writes, node.depth)
            if len(self.nodes) > self._bounds.states:
                self.is_complete = False
                break
            self._explore_moves(number, node)
            number += 1

    def _submit_tickets(self) -> None:
        for place, ticket in enumerate(self.machine.file.tickets):
            for write in self.possible_writes.of_form(ticket.fields, self._all_places):
                self._move(None, self.start, Mover(ticket=place), write)

    def _explore_moves(self, number: int, node: Node) -> None:
        state = node.state
        self._work.spend(5 + len(self.machine.tasks) // 4)
        for task in self.movable(state):
            if state.unfinished & self.machine.duplicates[task.place] & ~self.watch.watched_tasks:
                continue  # an equal task has the same future, so one of them is enough
            for write in self._possible_writes(number, task, state):
                self._move(number, state, Mover(task=task), write)
        if state.hold is not None:
            self._move(number, state, Mover(), None)

    def movable(self, state: State) -> list[Task]:
        """Return the tasks that can answer in a state: during a hold only actions can."""
        tasks = self.machine.members(state.unfinished)
        return tasks if state.hold is None else [task for task in tasks if task.is_action]

    def useful_places(self, state: State) -> frozenset[int]:
        """Return the places of the fields whose values matter after a write in this state."""
        return self._all_places if state.hold is not None else self._lenses.of(state.unfinished).useful

    def answers(self, state: State, mover: Mover) -> Answers:
        """Return all answers of a ticket or task; raise ConditionError if an action's transform fails."""
        if mover.task is None:
            assert mover.ticket is not None
            fields = self.machine.file.tickets[mover.ticket].fields
            return self.possible_writes.form_answers(frozenset(fields), self._all_places)
        useful = self.useful_places(state)
        if mover.task.is_action:
            return self.possible_writes.action_answers(mover.task, state.data, useful)
        return self.possible_writes.form_answers(mover.task.writes, useful)

    def _possible_writes(self, number: int, task: Task, state: State) -> tuple[PossibleWrite, ...]:
        useful = self.useful_places(state)
        if not task.is_action:
            return self.possible_writes.of_form(task.writes, useful)
        try:
            return self.possible_writes.of_action(task, state.data, useful)
        except ConditionError as error:
            # The answer can't be applied, so the path ends here with an error.
            self.failed_transforms.setdefault(task, (number, str(error)))
            self.nodes[number].edges[OUT, task] = None
            return ()

    # --- What a move leads to ----------------------------------------------------------

    def advance(
        self, source: int | None, state: State, mover: Mover, write: PossibleWrite | None
    ) -> State | None:
        """Make a move and return the state after it; None if nothing can follow. Without write, resume."""
        if write is None:
            return self._resume(source, state)
        unfinished = state.unfinished & ~(mover.task.bit if mover.task else 0)
        if state.hold is not None:
            hold = replace(state.hold, queue=(*state.hold.queue, write))
            return State(state.data, unfinished, self.watch.early.after_answer(state.marks, mover.task), hold)
        step = self.machine.apply(state.data, unfinished, write)
        self.on_transition(Transition(source, state, mover, write, write, step))
        return _unless_over(self._state_after(state, mover, write, step), step)

    def _state_after(
        self, state: State, mover: Mover, write: PossibleWrite, step: Step, hold: Hold | None = None
    ) -> State:
        # Marks are part of the state, because they decide whether a later start uses an old answer.
        marks = self.watch.marks_after(state.marks, mover, write, step)
        if step.reached is not None and not step.reached.file.is_final:
            hold = Hold(write.listeners.modified, hold.queue if hold else (), step.reached)
        return State(step.after, step.unfinished, marks, hold)

    def _resume(self, source: int | None, state: State) -> State | None:
        """Run the tasks that waited, then the queue, until the workflow ends or is on hold again."""
        assert state.hold is not None
        mover, before = Mover(hold=state.hold.completion), State(state.data, state.unfinished, state.marks)
        # Without completions, which were evaluated before the hold.
        waiting = replace(self.machine.listeners(state.hold.waiting), completions=())
        applied = PossibleWrite((), waiting)
        queue = list(state.hold.queue)
        self._work.spend(self.machine.write_cost + waiting.cost)
        step = self.machine.evaluate_tasks(before.data, before.unfinished, waiting.tasks)
        while True:
            # With a queue there is no stall: its next write can still continue the workflow.
            step = replace(step, stalled=step.stalled and not queue)
            self.on_transition(Transition(source, before, mover, None, applied, step))
            is_on_hold = step.reached is not None
            after = self._state_after(
                before, mover, applied, step, Hold(frozenset(), tuple(queue)) if is_on_hold else None
            )
            if step.reached is not None or not queue:
                return _unless_over(after, step)
            applied = queue.pop(0)
            before = after
            step = self.machine.apply(before.data, before.unfinished, applied)

    def _move(self, source: int | None, state: State, mover: Mover, write: PossibleWrite | None) -> None:
        """Make a move, and record its target, and its state if it is new."""
        after = self.advance(source, state, mover, write)
        number = OUT if after is None else self._find_or_add_node(source, mover, write, after)
        if source is not None:
            self.nodes[source].edges[number, mover.task if mover.is_action else None] = None

    def _find_or_add_node(
        self, source: int | None, mover: Mover, write: PossibleWrite | None, state: State
    ) -> int:
        key = self._key(state)
        number = self._numbers.setdefault(key, len(self.nodes))
        if number == len(self.nodes):
            depth = 1 if source is None else self.nodes[source].depth + 1
            self.nodes.append(Node(state, source, mover, write, depth))
        return number

    def _key(self, state: State) -> Hashable:
        if state.hold is not None:
            # During a hold the lens can't be used, because the queue may set any field later.
            self._work.spend(10 + len(state.hold.queue))
            queue = tuple((queued.values, queued.listeners.modified) for queued in state.hold.queue)
            return (state.data, state.unfinished, state.marks, state.hold.waiting, queue)
        lens = self._lenses.of(state.unfinished)
        self._work.spend(2 + lens.cost + len(self.watch.pairs) // 8)
        return (state.unfinished, self.watch.relevant(state.marks, lens.reachable), lens.key(state.data))

    def path_to(self, number: int | None) -> Iterator[Node]:
        """Yield the nodes on the shortest path to a state, ending with it."""
        path: list[Node] = []
        while number is not None:
            path.append(self.nodes[number])
            number = self.nodes[number].parent
        return reversed(path)


def _unless_over(state: State, step: Step) -> State | None:
    """Return the state, or None if no move can follow."""
    return None if step.ends or (state.hold is None and not state.unfinished) else state
