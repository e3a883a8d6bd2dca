"""Cycles among the states of a completed exploration, and paths to states."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow_design.check.exploration.explorer import OUT, Explorer, Node
from workflow_design.check.exploration.machine import PossibleWrite, Task
from workflow_design.check.exploration.states import Mover, Transition
from workflow_design.check.values.rules import EMPTY
from workflow_design.engine.moves import Move, MoveKind


@dataclass(frozen=True, slots=True)
class ActionCycle:
    """Actions that trigger each other, or themselves, without a person."""

    state: int
    """The first state of the cycle that was reached."""
    tasks: tuple[Task, ...]
    has_way_out: bool
    """Whether some answer leads out of the cycle."""


def find_states_without_end(nodes: Sequence[Node]) -> list[int]:
    """Return the first state of each cycle from which no path leads to an end or a stall."""
    doomed = set(range(len(nodes))) - _find_leading_out(nodes)
    found, covered = [], set[int]()
    for number in sorted(doomed, key=lambda each: nodes[each].depth):
        if number not in covered:
            found.append(number)
            covered |= find_reachable(nodes, number)
    return found


def find_action_cycles(nodes: Sequence[Node]) -> list[ActionCycle]:
    """Return the cycles that need no person, one for each set of actions: the worst of each set."""
    edges = [
        [target for target, action in node.edges if action is not None and target != OUT] for node in nodes
    ]
    found: dict[frozenset[str], ActionCycle] = {}
    for component in _find_components(edges):
        inside = set(component)
        tasks: dict[str, Task] = {}
        has_way_out = False
        for number in component:
            for target, action in nodes[number].edges:
                if action is None:
                    continue
                if target in inside:
                    tasks[action.file.title] = action
                else:
                    has_way_out = True
        if tasks:
            in_order = sorted(tasks.values(), key=lambda task: task.place)
            cycle = ActionCycle(min(component), tuple(in_order), has_way_out)
            known = found.get(frozenset(tasks))
            # A closed cycle is worse than one with a way out.
            if known is None or (known.has_way_out and not has_way_out):
                found[frozenset(tasks)] = cycle
    return list(found.values())


def _find_leading_out(nodes: Sequence[Node]) -> set[int]:
    """Return the states from which a path leads to an end or a stall."""
    sources: dict[int, list[int]] = {}
    for number, node in enumerate(nodes):
        for target, _action in node.edges:
            sources.setdefault(target, []).append(number)
    # Search backwards from all ends.
    found: set[int] = set()
    frontier = sources.get(OUT, [])
    while frontier:
        found.update(frontier)
        frontier = list({source for number in frontier for source in sources.get(number, ())} - found)
    return found


def find_reachable(nodes: Sequence[Node], start: int) -> set[int]:
    """Return the states to which a path leads from one, with itself."""
    found, frontier = {start}, {start}
    while frontier:
        frontier = {target for number in frontier for target, _action in nodes[number].edges} - found - {OUT}
        found |= frontier
    return found


def _find_components(edges: Sequence[Iterable[int]]) -> list[list[int]]:
    """Return the strongly connected components (Tarjan's algorithm)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    found: list[list[int]] = []
    # Without recursion, because a path can be longer than Python's stack is deep.
    for root in range(len(edges)):
        # A state without actions can't be part of a cycle of actions.
        if root in index or not edges[root]:
            continue
        work = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            number, targets = work[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(edges[target])))
                    break
                if target in on_stack:
                    low[number] = min(low[number], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[number])
                if low[number] == index[number]:
                    found.append(_pop_component(stack, on_stack, number))
    return found


def _pop_component(stack: list[int], on_stack: set[int], last: int) -> list[int]:
    component = []
    while True:
        number = stack.pop()
        on_stack.discard(number)
        component.append(number)
        if number == last:
            return component


class MoveSequences:
    """Builds the shortest sequences of moves to findings."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self._machine = explorer.machine

    def to_state(self, number: int) -> tuple[Move, ...]:
        """Return the moves that lead to a state."""
        return tuple(
            self._build_move(*move)
            for node in self._explorer.path_to(number)
            for move in (*node.between, (node.mover, node.write))
        )

    def through(self, transition: Transition) -> tuple[Move, ...]:
        """Return the moves that lead to a transition, including it."""
        before = () if transition.source is None else self.to_state(transition.source)
        return (*before, self._build_move(transition.mover, transition.write))

    def _build_move(self, mover: Mover, write: PossibleWrite | None) -> Move:
        if write is None:
            return Move(MoveKind.RESUME)
        if mover.ticket is not None:
            ticket = self._machine.file.tickets[mover.ticket]
            return Move(MoveKind.TICKET, ticket.title, self._build_form_values(ticket.fields, write))
        if mover.overdue is not None:
            return Move(MoveKind.OVERDUE, mover.overdue.file.title)
        assert mover.task is not None
        if mover.task.is_action:
            return Move(
                MoveKind.TASK,
                mover.task.file.title,
                {**self._written_values(write), **(write.extra_values or {})},
            )
        fields = mover.task.file.output_fields
        return Move(MoveKind.TASK, mover.task.file.title, self._build_form_values(fields, write))

    def _build_form_values(self, fields: tuple[str, ...], write: PossibleWrite) -> Mapping[str, Any]:
        """Return the values that a person fills in, in the order of the form, without blank fields."""
        written = {name: value for name, value in self._written_values(write).items() if value is not None}
        values = {**self._explorer.possible_writes.required_values(fields), **written}
        return {name: values[name] for name in fields if name in values}

    def _written_values(self, write: PossibleWrite) -> dict[str, Any]:
        space = self._machine.space
        return {
            space.names[place]: None if number == EMPTY else space.values[place].values[number]
            for place, number in write.values
        }
