"""Breadth-first exploration of all paths through a definition (`docs/check.md`, "What is tried")."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from workflow_design.check.exploration.branches import Branch, Move
from workflow_design.check.exploration.independence import Independence
from workflow_design.check.exploration.machine import Machine, PossibleWrite, Step, Task
from workflow_design.check.exploration.mechanics import Mechanics
from workflow_design.check.exploration.regions import Region
from workflow_design.check.exploration.states import Hold, Mover, State, Transition
from workflow_design.check.exploration.watch import Watch
from workflow_design.check.work import Bounds, OutOfWorkError
from workflow_design.definition.problems import Problem
from workflow_design.engine.conditions.bounds import ConditionError

OUT = -1
"""The target of moves that lead to an end or a stall, after which nothing follows."""


@dataclass(slots=True)
class Node:
    """A state that was reached, and how it was reached first."""

    state: State
    parent: int | None
    mover: Mover
    write: PossibleWrite | None
    depth: int
    edges: dict[tuple[int, Task | None], None] = field(default_factory=dict)
    """The targets of its moves, each once, with the action that moves (None for people); OUT for an end."""
    between: tuple[Move, ...] = ()
    """The moves between the parent and the last move, if there are any."""
    branch: int | None = None
    """If not None, only the tasks of this branch move from here (`independence`)."""


class Explorer(Mechanics):
    """Explores one machine, as long as there is work left. It passes each transition to `on_transition`."""

    def __init__(
        self,
        machine: Machine,
        watch: Watch,
        *,
        bounds: Bounds,
        on_transition: Callable[[Transition], None],
    ) -> None:
        super().__init__(machine, watch, max_answers=bounds.answers)
        self.nodes: list[Node] = []
        self.writes = 0
        """All paths of up to this number of writes were explored."""
        self.is_complete = True
        self.failed_transforms: dict[Task, tuple[int, Problem]] = {}
        """Actions of which a transform fails, with the first state where it did, the rule and the reason."""
        self.branches: list[Branch] = []
        """The branches that were explored alone."""
        self._bounds = bounds
        self.on_transition = on_transition
        self._independence = Independence(self, bounds.branches)
        self._numbers: dict[Hashable, int] = {}
        self._queue: dict[int, list[int]] = defaultdict(list)
        """The states to explore, by their depth."""

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
        """Explore the states in the order of their depth, so that the first path found is a shortest one."""
        while self._queue:
            depth = min(self._queue)
            # Moves lead to deeper states, so nothing is added to this list.
            for number in self._queue.pop(depth):
                node = self.nodes[number]
                # A shorter path was found later, and explored before.
                if node.depth < depth:
                    continue
                # Only writes of which all answers were tried count.
                if not self.possible_writes.is_cut:
                    self.writes = max(self.writes, depth)
                if len(self.nodes) > self._bounds.states:
                    self.is_complete = False
                    return
                self._explore_moves(number, node)

    def _submit_tickets(self) -> None:
        for place, ticket in enumerate(self.machine.file.tickets):
            mover = Mover(ticket=place)
            answers = self.answers(self.start, mover)
            region = self._independence.find_region_of_ticket(self.start, mover, answers)
            if region is not None:
                self._explore_region(None, region)
                continue
            for write in self.possible_writes.of_form(ticket.fields, self._all_places):
                self._move(None, self.start, mover, write)

    def _explore_moves(self, number: int, node: Node) -> None:
        self._work.spend(5 + len(self.machine.tasks) // 4)
        if node.branch is not None:
            self._explore_branch(number, node.state, node.branch)
        elif (region := self._independence.find_region(node.state)) is not None:
            self._explore_region(number, region)
        else:
            self._move_tasks(number, node.state, node.state.unfinished)
            if node.state.hold is not None:
                self._move(number, node.state, Mover(), None)

    def _explore_region(self, number: int | None, region: Region) -> None:
        """Explore each branch alone, and as the last one that is left."""
        state, begun = region.beginning.state, len(self.branches)
        self.branches += [part.branch for part in region.parts]
        for place, part in enumerate(region.parts, begun):
            for answer in part.answers:
                for mover, write in region.beginning.moves(answer):
                    self._move(None, state, mover, write, place)
            if number is not None:
                self._numbers[place, self.key(state)] = number
                self._move_tasks(number, state, part.branch.tasks, place)
        for mover, write in region.idle_tickets:
            self._move(None, state, mover, write)
        for outcome in region.with_one_left:
            (*between, (mover, write)) = outcome.moves
            target = self._find_or_add_node(number, mover, write, outcome.state, between=tuple(between))
            if number is not None:
                self.nodes[number].edges[target, None] = None
            for branch, key in outcome.results:
                branch.exits[key].add(target)

    def _explore_branch(self, number: int, state: State, place: int) -> None:
        branch = self.branches[place]
        if state.unfinished & branch.tasks:
            self._move_tasks(number, state, branch.tasks, place)
        else:
            exits = branch.exits[self.key(state, branch.undecided)]
            self.nodes[number].edges |= dict.fromkeys((target, None) for target in exits)

    def _move_tasks(self, number: int, state: State, tasks: int, branch: int | None = None) -> None:
        for mover in self.moving(state, tasks):
            for write in self._possible_writes(number, mover, state):
                self._move(number, state, mover, write, branch)

    def _possible_writes(self, number: int, mover: Mover, state: State) -> Iterable[PossibleWrite]:
        try:
            return self.writes_of(state, mover)
        except ConditionError as error:
            assert mover.task is not None
            # The answer can't be applied, so the path ends here with an error.
            self.failed_transforms.setdefault(mover.task, (number, error.problems[0]))
            self.nodes[number].edges[OUT, mover.task] = None
            return ()

    # --- What a move leads to ----------------------------------------------------------

    def advance(
        self, source: int | None, state: State, mover: Mover, write: PossibleWrite | None
    ) -> State | None:
        """Make a move and return the state after it; None if nothing can follow. Without write, resume."""
        if write is None:
            return self._resume(source, state)
        if state.hold is not None:
            unfinished = state.unfinished & ~(mover.task.bit if mover.task else 0)
            hold = replace(state.hold, queue=(*state.hold.queue, write))
            marks = self.watch.early.after_answer(state.marks, mover.task)
            return State(state.data, unfinished, marks, hold, state.overdue & unfinished)
        step, after = self.apply(state, mover, write)
        self.on_transition(Transition(source, state, mover, write, write, step))
        return _unless_over(after, step)

    def _resume(self, source: int | None, state: State) -> State | None:
        """Run the tasks that waited, then the queue, until the workflow ends or is on hold again."""
        assert state.hold is not None
        mover = Mover(hold=state.hold.completion)
        before = State(state.data, state.unfinished, state.marks, overdue=state.overdue)
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
            after = self.state_after(
                before, mover, applied, step, Hold(frozenset(), tuple(queue)) if is_on_hold else None
            )
            if step.reached is not None or not queue:
                return _unless_over(after, step)
            applied = queue.pop(0)
            before = after
            step = self.machine.apply(before.data, before.unfinished, applied)

    def _move(
        self,
        source: int | None,
        state: State,
        mover: Mover,
        write: PossibleWrite | None,
        branch: int | None = None,
    ) -> None:
        """Make a move, and record its target, and its state if it is new."""
        after = self.advance(source, state, mover, write)
        number = OUT if after is None else self._find_or_add_node(source, mover, write, after, branch=branch)
        if source is not None:
            self.nodes[source].edges[number, mover.task if mover.is_action else None] = None

    def _find_or_add_node(
        self,
        source: int | None,
        mover: Mover,
        write: PossibleWrite | None,
        state: State,
        *,
        between: tuple[Move, ...] = (),
        branch: int | None = None,
    ) -> int:
        depth = len(between) + 1 + (0 if source is None else self.nodes[source].depth)
        key = self.key(state)
        if branch is not None:
            key = (branch, self.key(state, self.branches[branch].undecided))
        number = self._numbers.setdefault(key, len(self.nodes))
        node = Node(state, source, mover, write, depth, between=between, branch=branch)
        if number == len(self.nodes):
            self.nodes.append(node)
            self._queue[depth].append(number)
        elif depth < self.nodes[number].depth:
            # It was found through several moves at once, and now with fewer.
            self.nodes[number] = node
            self._queue[depth].append(number)
        return number

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
