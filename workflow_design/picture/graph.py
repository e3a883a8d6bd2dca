"""The graph of definitions that write and read the same fields, and the rows of its nodes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from workflow_design.definition.workflow import PartFile, TicketFile
from workflow_design.engine import Plan

MAX_NODES_IN_A_ROW = 4


@dataclass(frozen=True, slots=True)
class FieldEdge:
    """Fields that one definition writes and another reads. Both are positions in the list of definitions."""

    writer: int
    reader: int
    fields: tuple[str, ...]
    is_supporting: bool
    """Whether the reader's condition reads other fields, so that these fields rarely start it."""


def list_definitions(plan: Plan) -> list[PartFile]:
    """Return all definitions in reading order; their positions in this list are the vertices."""
    return [*plan.tickets, *plan.tasks, *plan.completions]


def build_field_edges(plan: Plan) -> list[FieldEdge]:
    """Return an edge for every pair of a writer and a reader, supporting edges last."""
    definitions, edges = list_definitions(plan), []
    for reader, definition in enumerate(definitions):
        if isinstance(definition, TicketFile):
            continue
        asked = frozenset(plan.condition(definition).fields)
        for writer, other in enumerate(definitions):
            shared = tuple(name for name in other.may_write if name in definition.reads)
            if shared:
                edges.append(FieldEdge(writer, reader, shared, bool(asked) and asked.isdisjoint(shared)))
    return sorted(edges, key=lambda edge: (edge.is_supporting, edge.writer, edge.reader))


def find_backward_edges(
    definitions: Sequence[PartFile], edges: Sequence[FieldEdge]
) -> frozenset[tuple[int, int]]:
    """Return the edges that lead back; without them, the graph has no cycles.

    Of the edges on cycles, these are the ones that lead closer to a ticket, and then those that still close
    a cycle.
    """
    size = len(definitions)
    reached = _find_reachable(size, edges)
    levels = _find_levels(definitions, edges)
    backward = {
        (edge.writer, edge.reader)
        for edge in edges
        if reached[edge.reader] >> edge.writer & 1 and levels[edge.reader] < levels[edge.writer]
    }
    return frozenset(
        backward
        | _find_closing_edges(size, [edge for edge in edges if (edge.writer, edge.reader) not in backward])
    )


def _find_reachable(size: int, edges: Sequence[FieldEdge]) -> list[int]:
    """Return for every vertex the set of vertices that it leads to, as bits of an integer."""
    reached = [0] * size
    for edge in edges:
        reached[edge.writer] |= 1 << edge.reader
    # Warshall's algorithm, one row of bits at a time.
    for between in range(size):
        for vertex in range(size):
            if reached[vertex] >> between & 1:
                reached[vertex] |= reached[between]
    return reached


def _find_levels(definitions: Sequence[PartFile], edges: Sequence[FieldEdge]) -> list[int]:
    """Return the distance of every vertex from a ticket, without supporting edges where possible."""
    levels = {
        vertex: 0 for vertex, definition in enumerate(definitions) if isinstance(definition, TicketFile)
    }
    main_edges = [edge for edge in edges if not edge.is_supporting]
    # Supporting edges only give a distance to vertices that the others do not reach.
    for usable in (main_edges, edges):
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


def _find_closing_edges(size: int, edges: Sequence[FieldEdge]) -> set[tuple[int, int]]:
    """Return the edges that a depth-first search finds to lead back to a vertex on its path."""
    readers: dict[int, list[int]] = {vertex: [] for vertex in range(size)}
    for edge in edges:
        readers[edge.writer].append(edge.reader)
    backward: set[tuple[int, int]] = set()
    done: set[int] = set()
    for root in range(size):
        path = {} if root in done else {root: iter(readers[root])}
        while path:
            vertex, rest = next(reversed(path.items()))
            reader = next(rest, None)
            if reader is None:
                del path[vertex]
                done.add(vertex)
            elif reader in path:
                backward.add((vertex, reader))
            elif reader not in done:
                path[reader] = iter(readers[reader])
    return backward


def assign_rows(size: int, arcs: Sequence[tuple[int, int]]) -> list[int]:
    """Return a row for every vertex of an acyclic graph: below all that lead to it, at most four per row.

    Rows that would be wider are split into several of about the same width.
    """
    predecessors: dict[int, list[int]] = {vertex: [] for vertex in range(size)}
    for upper, lower in arcs:
        predecessors[lower].append(upper)
    depths = _find_depths(size, predecessors)
    widths = {depth: _folded_width(number) for depth, number in Counter(depths.values()).items()}
    rows: dict[int, int] = {}
    taken: Counter[int] = Counter()
    for vertex in sorted(range(size), key=lambda vertex: (depths[vertex], vertex)):
        row = max((rows[upper] + 1 for upper in predecessors[vertex]), default=0)
        # A full row moves the vertex down, which is always allowed.
        while taken[row] >= widths[depths[vertex]]:
            row += 1
        taken[row] += 1
        rows[vertex] = row
    return [rows[vertex] for vertex in range(size)]


def _folded_width(number: int) -> int:
    return ceil(number / ceil(number / MAX_NODES_IN_A_ROW))


def _find_depths(size: int, predecessors: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Return for every vertex the number of arcs on the longest path to it."""
    depths: dict[int, int] = {}
    for root in range(size):
        stack = [root]
        while stack:
            vertex = stack[-1]
            # An explicit stack instead of recursion, which long chains would exhaust.
            waiting = [upper for upper in predecessors[vertex] if upper not in depths]
            if waiting and vertex not in depths:
                stack.extend(waiting)
                continue
            depths[vertex] = max((depths[upper] + 1 for upper in predecessors[vertex]), default=0)
            stack.pop()
    return depths
