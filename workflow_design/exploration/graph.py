"""Circles among the states of an exploration that is complete."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workflow_design.exploration.machine import Task
from workflow_design.exploration.state import OUT, Node


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
