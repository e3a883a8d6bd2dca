"""Circles among the states of an exploration that is complete."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow_design.check.exploration.explorer import Explorer
from workflow_design.check.exploration.machine import OUT, Answered, Mover, Node, Task, Transition
from workflow_design.check.exploration.rules import EMPTY
from workflow_design.engine.moves import Move, MoveKind


@dataclass(frozen=True, slots=True)
class ActionCircle:
    """Actions that set each other, or themselves, going without a person."""

    state: int
    """The first state of it that was reached."""
    tasks: tuple[Task, ...]
    has_way_out: bool
    """Whether some answer leads out of it."""


def states_without_end(nodes: Sequence[Node]) -> list[int]:
    """The first state of each circle from which no way leads to an end or a stall."""
    doomed = set(range(len(nodes))) - _that_lead_out(nodes)
    found, covered = [], set[int]()
    for number in sorted(doomed):
        if number not in covered:
            found.append(number)
            covered |= _reached_from(nodes, number)
    return found


def action_circles(nodes: Sequence[Node]) -> list[ActionCircle]:
    """The circles that need no person, one for each set of actions; the worst of each set."""
    edges = [
        [target for target, action in node.edges if action is not None and target != OUT] for node in nodes
    ]
    found: dict[frozenset[str], ActionCircle] = {}
    for component in _components(edges):
        inside = set(component)
        tasks: dict[str, Task] = {}
        has_way_out = False
        for number in component:
            for target, action in nodes[number].edges:
                if action is None:
                    continue
                if target in inside:
                    tasks[action.title] = action
                else:
                    has_way_out = True
        if tasks:
            in_order = sorted(tasks.values(), key=lambda task: task.place)
            circle = ActionCircle(min(component), tuple(in_order), has_way_out)
            known = found.get(frozenset(tasks))
            if known is None or (known.has_way_out and not has_way_out):
                found[frozenset(tasks)] = circle
    return list(found.values())


def _that_lead_out(nodes: Sequence[Node]) -> set[int]:
    """The states from which a way leads to an end or a stall."""
    sources: dict[int, list[int]] = {}
    for number, node in enumerate(nodes):
        for target, _action in node.edges:
            sources.setdefault(target, []).append(number)
    found: set[int] = set()
    fresh = sources.get(OUT, [])
    while fresh:
        found.update(fresh)
        fresh = list({source for number in fresh for source in sources.get(number, ())} - found)
    return found


def _reached_from(nodes: Sequence[Node], start: int) -> set[int]:
    found, fresh = {start}, {start}
    while fresh:
        fresh = {target for number in fresh for target, _action in nodes[number].edges} - found - {OUT}
        found |= fresh
    return found


def _components(edges: Sequence[Iterable[int]]) -> list[list[int]]:
    """The strongly connected components, by Tarjan's way without recursion."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    found: list[list[int]] = []
    for root in range(len(edges)):
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
                    found.append(_popped(stack, on_stack, number))
    return found


def _popped(stack: list[int], on_stack: set[int], last: int) -> list[int]:
    component = []
    while True:
        number = stack.pop()
        on_stack.discard(number)
        component.append(number)
        if number == last:
            return component


class Ways:
    """The shortest ways to what was found."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self._machine = explorer.machine

    def to_state(self, number: int) -> tuple[Move, ...]:
        """The moves that lead to a state."""
        return tuple(self._move(node.mover, node.answered) for node in self._explorer.way_to(number))

    def through(self, transition: Transition) -> tuple[Move, ...]:
        """The moves that lead to a transition, itself last."""
        before = () if transition.source is None else self.to_state(transition.source)
        return (*before, self._move(transition.mover, transition.answered))

    def _move(self, mover: Mover, answered: Answered | None) -> Move:
        if answered is None:
            return Move(MoveKind.RESUME)
        if mover.ticket is not None:
            ticket = self._machine.file.tickets[mover.ticket]
            return Move(MoveKind.TICKET, ticket.title, self._of_form(ticket.fields, answered))
        assert mover.task is not None
        if mover.task.is_action:
            return Move(
                MoveKind.TASK, mover.task.title, {**self._written(answered), **(answered.shown or {})}
            )
        fields = mover.task.file.output_fields
        return Move(MoveKind.TASK, mover.task.title, self._of_form(fields, answered))

    def _of_form(self, fields: tuple[str, ...], answered: Answered) -> Mapping[str, Any]:
        """What a person fills in, in the order of the form; what stays blank is left out."""
        written = {name: value for name, value in self._written(answered).items() if value is not None}
        values = {**self._explorer.answers.values_to_show(fields), **written}
        return {name: values[name] for name in fields if name in values}

    def _written(self, answered: Answered) -> dict[str, Any]:
        space = self._machine.space
        return {
            space.names[place]: None if number == EMPTY else space.values[place].values[number]
            for place, number in answered.values
        }
