"""Who writes what who reads: the graph that follows from the fields, and the rows in which it is drawn."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from workflow_design.engine import CompletionPlan, Plan, TaskPlan, TicketPlan

MAX_NODES_IN_A_ROW = 4

Definition = TicketPlan | TaskPlan | CompletionPlan


@dataclass(frozen=True, slots=True)
class FieldEdge:
    """One definition writes fields that another one reads. Both are positions in the list of definitions."""

    writer: int
    reader: int
    fields: tuple[str, ...]
    is_supporting: bool
    """The reader's condition asks for other fields: these are read, but seldom what starts it."""


def definitions_of(plan: Plan) -> list[Definition]:
    """All definitions in reading order; their positions in this list are the vertices of the graph."""
    return [*plan.tickets, *plan.tasks, *plan.completions]


def field_edges(plan: Plan) -> list[FieldEdge]:
    """An edge for every pair of a writer and a reader, the telling ones first."""
    definitions, edges = definitions_of(plan), []
    for reader, definition in enumerate(definitions):
        if isinstance(definition, TicketPlan):
            continue
        asked = frozenset(plan.condition_fields(definition))
        for writer, other in enumerate(definitions):
            shared = tuple(name for name in _writes(other) if name in definition.reads)
            if shared:
                edges.append(FieldEdge(writer, reader, shared, bool(asked) and asked.isdisjoint(shared)))
    return sorted(edges, key=lambda edge: (edge.is_supporting, edge.writer, edge.reader))


def _writes(definition: Definition) -> tuple[str, ...]:
    if isinstance(definition, TicketPlan):
        return definition.fields
    return definition.output_fields if isinstance(definition, TaskPlan) else ()


def backward_edges(
    definitions: Sequence[Definition], edges: Sequence[FieldEdge]
) -> frozenset[tuple[int, int]]:
    """The edges that lead back to where the way came from; without them there is no circle.

    Of the edges on circles these are the ones that lead nearer to a ticket, and then those that
    close a circle all the same.
    """
    size = len(definitions)
    reached = _reached(size, edges)
    levels = _levels(definitions, edges)
    back = {
        (edge.writer, edge.reader)
        for edge in edges
        if reached[edge.reader] >> edge.writer & 1 and levels[edge.reader] < levels[edge.writer]
    }
    return frozenset(
        back | _closing(size, [edge for edge in edges if (edge.writer, edge.reader) not in back])
    )


def _reached(size: int, edges: Sequence[FieldEdge]) -> list[int]:
    """For every vertex the set of those that it leads to, as the bits of a number."""
    reached = [0] * size
    for edge in edges:
        reached[edge.writer] |= 1 << edge.reader
    for between in range(size):
        for vertex in range(size):
            if reached[vertex] >> between & 1:
                reached[vertex] |= reached[between]
    return reached


def _levels(definitions: Sequence[Definition], edges: Sequence[FieldEdge]) -> list[int]:
    """How far every vertex is from a ticket, on telling edges as long as those lead there."""
    levels = {
        vertex: 0 for vertex, definition in enumerate(definitions) if isinstance(definition, TicketPlan)
    }
    telling = [edge for edge in edges if not edge.is_supporting]
    for usable in (telling, edges):
        while True:
            known = dict(levels)
            for edge in usable:
                if edge.writer in known and edge.reader not in known:
                    levels[edge.reader] = min(
                        known[edge.writer] + 1, levels.get(edge.reader, len(definitions))
                    )
            if len(known) == len(levels):
                break
    return [levels.get(vertex, len(definitions)) for vertex in range(len(definitions))]


def _closing(size: int, edges: Sequence[FieldEdge]) -> set[tuple[int, int]]:
    """The edges that a search in depth finds to lead back to a vertex on its way."""
    readers: dict[int, list[int]] = {vertex: [] for vertex in range(size)}
    for edge in edges:
        readers[edge.writer].append(edge.reader)
    back: set[tuple[int, int]] = set()
    done: set[int] = set()
    for root in range(size):
        way = {} if root in done else {root: iter(readers[root])}
        while way:
            vertex, rest = next(reversed(way.items()))
            reader = next(rest, None)
            if reader is None:
                del way[vertex]
                done.add(vertex)
            elif reader in way:
                back.add((vertex, reader))
            elif reader not in done:
                way[reader] = iter(readers[reader])
    return back


def rows_of(size: int, arcs: Sequence[tuple[int, int]]) -> list[int]:
    """A row for every vertex of an acyclic graph: below all that lead to it, at most four in each.

    Rows that would be wider are folded into several of about the same width.
    """
    leading_to: dict[int, list[int]] = {vertex: [] for vertex in range(size)}
    for upper, lower in arcs:
        leading_to[lower].append(upper)
    depths = _depths(size, leading_to)
    widths = {depth: _folded_width(number) for depth, number in Counter(depths.values()).items()}
    rows: dict[int, int] = {}
    taken: Counter[int] = Counter()
    for vertex in sorted(range(size), key=lambda vertex: (depths[vertex], vertex)):
        row = max((rows[upper] + 1 for upper in leading_to[vertex]), default=0)
        while taken[row] >= widths[depths[vertex]]:
            row += 1
        taken[row] += 1
        rows[vertex] = row
    return [rows[vertex] for vertex in range(size)]


def _folded_width(number: int) -> int:
    return ceil(number / ceil(number / MAX_NODES_IN_A_ROW))


def _depths(size: int, leading_to: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """For every vertex the number of arcs on the longest way to it."""
    depths: dict[int, int] = {}
    for root in range(size):
        stack = [root]
        while stack:
            vertex = stack[-1]
            waiting = [upper for upper in leading_to[vertex] if upper not in depths]
            if waiting and vertex not in depths:
                stack.extend(waiting)
                continue
            depths[vertex] = max((depths[upper] + 1 for upper in leading_to[vertex]), default=0)
            stack.pop()
    return depths
