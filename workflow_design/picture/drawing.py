"""Drawing of the picture of a workflow from its plan."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import add
from typing import Final

from workflow_design.definition.workflow import DefinitionKey, PartFile
from workflow_design.engine import Plan
from workflow_design.picture.bundles import Bundle, bundle_edges, find_arcs_to_hold
from workflow_design.picture.edges import LOOP_REACH, LabelRoom, Point, Route, loop, ports
from workflow_design.picture.graph import (
    FieldEdge,
    assign_rows,
    build_field_edges,
    find_backward_edges,
    list_definitions,
)
from workflow_design.picture.model import Edge, Lines, Mark, Node, Picture, Rail
from workflow_design.picture.nodes import NODE_WIDTH, Content, build_content, build_node, mark_nodes
from workflow_design.picture.placement import Arc, Placement, place
from workflow_design.picture.rails import build_rail, extra_row_gap, gutter_width
from workflow_design.picture.words import edge_label, edge_text
from workflow_design.wording.rules import Vocabulary

_MARGIN: Final = 24.0
_NODE_GAP: Final = 28.0
_BEND_GAP: Final = 14.0
_ROW_GAP: Final = 60.0
_ROW_GAP_PER_EDGE: Final = 4.0
_MAX_WIDENING_EDGES: Final = 15
_PORT_STEP: Final = 18.0
_STRAIGHT_LENGTH: Final = 12.0
"""The length of the straight part at each end of an edge, so that the arrow is straight."""
_PORTS_WIDTH: Final = NODE_WIDTH - 88.0
_MARK_ROOM: Final = 10.0
"""The free space above nodes, for marks."""
_MAX_EDGES: Final = 200
_MAX_FIELDS: Final = 4_000
_PARALLEL_DISTANCE: Final = 8.0
"""The distance between two edges between the same two nodes."""


def draw_picture(
    plan: Plan, vocabulary: Vocabulary, *, marks: Mapping[DefinitionKey, Mark] | None = None
) -> Picture:
    """Return the picture of a workflow: which definitions write fields that others read, tickets first.

    The same plan gives the same picture, whatever the marks. Conditions that are not valid (yet) are
    displayed as they are written.
    """
    if not list_definitions(plan):
        return Picture(0.0, 0.0, (), Lines())
    return mark_nodes(_Drawing.prepare(plan, vocabulary).picture(), marks or {})


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Everything that is known before the definitions have positions."""

    definitions: Sequence[PartFile]
    vocabulary: Vocabulary
    edges: Sequence[FieldEdge]
    bundles: Sequence[Bundle]
    backward: frozenset[Arc]
    contents: Sequence[Content]
    rows: Sequence[int]
    left_out: int
    """How many edges are not drawn, because there are too many."""

    @classmethod
    def prepare(cls, plan: Plan, vocabulary: Vocabulary) -> "_Drawing":
        definitions, every_edge = list_definitions(plan), build_field_edges(plan)
        edges = _limit(every_edge)
        backward = find_backward_edges(definitions, edges)
        followers = defaultdict(list)
        for edge in sorted(every_edge, key=lambda edge: edge.reader):
            followers[edge.writer].append(definitions[edge.reader])
        contents = [
            build_content(key, each, vocabulary, followers=followers[number])
            for number, (key, each) in enumerate((plan.key(each), each) for each in definitions)
        ]
        # Bundles depend on the rows of a first layout with all edges; then the rows are assigned again.
        arcs = _list_arcs(edges, backward)
        rows = assign_rows(len(definitions), sorted(set(arcs)))
        edges, bundles = bundle_edges(edges, rows)
        if bundles:
            drawn = _list_arcs(edges, backward)
            rows = assign_rows(len(definitions), sorted({*drawn, *find_arcs_to_hold(arcs, drawn)}))
        left_out = len(every_edge) - len(_limit(every_edge))
        return cls(definitions, vocabulary, edges, bundles, backward, contents, rows, left_out)

    def picture(self) -> Picture:
        placed = place(self.rows, _list_arcs(self.edges, self.backward), _build_distance(self.loops))
        placement = _move_to_margin(placed, _MARGIN + gutter_width(len(self.bundles)))
        canvas = _Canvas.of(self, placement)
        nodes = [
            build_node(content, middle=middle, top=canvas.tops[row])
            for content, middle, row in zip(self.contents, placement.middles, self.rows, strict=True)
        ]
        rails, edges = canvas.lines(nodes)
        return Picture(
            width=canvas.width,
            height=canvas.bottoms[-1] + _MARGIN + extra_row_gap(len(self.bundles)),
            nodes=tuple(nodes),
            lines=Lines(edges, rails),
            left_out=self.left_out + len(self.edges) - len(edges),
        )

    @property
    def loops(self) -> frozenset[int]:
        """The tasks that read fields that they write."""
        return frozenset(edge.writer for edge in self.edges if edge.writer == edge.reader)


@dataclass(frozen=True, slots=True)
class _Canvas:
    """A drawing whose rows and columns have positions."""

    drawing: _Drawing
    placement: Placement
    tops: Sequence[float]
    bottoms: Sequence[float]
    width: float

    @classmethod
    def of(cls, drawing: _Drawing, placement: Placement) -> "_Canvas":
        heights = [0.0] * (max(drawing.rows) + 1)
        for content, row in zip(drawing.contents, drawing.rows, strict=True):
            heights[row] = max(heights[row], content.height)
        # Branches of rails run between the rows.
        more = extra_row_gap(len(drawing.bundles))
        steps = map(add, heights, (gap + more for gap in _row_gaps(drawing.rows, placement.bends)))
        tops = list(accumulate(steps, initial=_MARGIN + more))[:-1]
        bottoms = [top + height for top, height in zip(tops, heights, strict=True)]
        return cls(drawing, placement, tops, bottoms, _right_end(placement, drawing.loops) + _MARGIN)

    def lines(self, nodes: Sequence[Node]) -> tuple[tuple[Rail, ...], tuple[Edge, ...]]:
        """Return the rails and the placed edges, with labels where there is room."""
        routes = self._build_routes(nodes)
        boxes = [(node.x, node.y - _MARK_ROOM, node.width, node.height + _MARK_ROOM) for node in nodes]
        # Rails get labels before edges, because they stand for more fields.
        room = LabelRoom(self.width, boxes=boxes, routes=routes)
        rails = self._rails(nodes, room)
        return rails, tuple(
            self._edge(number, edge, nodes, routes.get(number), room)
            for number, edge in enumerate(self.drawing.edges)
            if number in routes or edge.writer == edge.reader
        )

    def _rails(self, nodes: Sequence[Node], room: LabelRoom) -> tuple[Rail, ...]:
        bottoms = {vertex: self.bottoms[row] for vertex, row in enumerate(self.drawing.rows)}
        return tuple(
            build_rail(
                bundle,
                nodes,
                number=number,
                left=_MARGIN,
                bottoms=bottoms,
                room=room,
                vocabulary=self.drawing.vocabulary,
            )
            for number, bundle in enumerate(self.drawing.bundles)
        )

    def _edge(
        self, number: int, edge: FieldEdge, nodes: Sequence[Node], route: Route | None, room: LabelRoom
    ) -> Edge:
        path, arrow = (route.path(), route.arrow()) if route is not None else loop(nodes[edge.writer])
        places = route.label_places() if route is not None else []
        label = edge_label(edge, self.drawing.definitions[edge.writer], self.drawing.vocabulary)
        return Edge(
            writer=nodes[edge.writer].key,
            reader=nodes[edge.reader].key,
            fields=edge.fields,
            text=edge_text(edge, self.drawing.definitions, self.drawing.vocabulary),
            path=path,
            arrow=arrow,
            label=room.label(label, number=number, places=places),
            is_backward=(edge.writer, edge.reader) in self.drawing.backward,
            is_supporting=edge.is_supporting,
        )

    def _build_routes(self, nodes: Sequence[Node]) -> dict[int, Route]:
        """Return the route of every placed edge, by its number; loops have none."""
        placed = _arcs_by_number(self.drawing, self.placement)
        starts, ends = _ports(placed, self.placement)
        parallel_edges: Counter[Arc] = Counter()
        routes = {}
        for number, (upper, lower) in placed.items():
            bends = [
                bend + parallel_edges[upper, lower] * _PARALLEL_DISTANCE
                for bend in self.placement.bends[upper, lower]
            ]
            parallel_edges[upper, lower] += 1
            points = self._points(nodes[upper], upper, starts[upper, number], bends, ends[lower, number])
            is_downward = self.drawing.edges[number].writer == upper
            routes[number] = Route(tuple(points if is_downward else points[::-1]))
        return routes

    def _points(
        self, node: Node, vertex: int, start: float, bends: Sequence[float], end: float
    ) -> list[Point]:
        """Return points from the bottom of the node, through the rows between, to the top of another one."""
        row = self.drawing.rows[vertex]
        points = [(start, node.y + node.height), (start, self.bottoms[row] + _STRAIGHT_LENGTH)]
        for between, bend in enumerate(bends, start=row + 1):
            points += [(bend, self.tops[between]), (bend, self.bottoms[between])]
        top = self.tops[row + len(bends) + 1]
        return [*points, (end, top - _STRAIGHT_LENGTH), (end, top)]


def _limit(edges: Sequence[FieldEdge]) -> list[FieldEdge]:
    """Return as many edges as can be drawn while somebody waits, those that trigger something first."""
    wanted = sorted(edges, key=lambda edge: edge.is_supporting)[:_MAX_EDGES]
    fields = accumulate(len(edge.fields) for edge in wanted)
    chosen = {id(edge) for edge, total in zip(wanted, fields, strict=True) if total <= _MAX_FIELDS}
    return [edge for edge in edges if id(edge) in chosen]


def _to_arc(edge: FieldEdge, backward: frozenset[Arc]) -> Arc:
    """Return the edge as it is placed: from the upper end to the lower, regardless of its direction."""
    ends = (edge.writer, edge.reader)
    return ends[::-1] if ends in backward else ends


def _list_arcs(edges: Iterable[FieldEdge], backward: frozenset[Arc]) -> list[Arc]:
    """Return the edges between two different ends, as they are placed."""
    return [_to_arc(edge, backward) for edge in edges if edge.writer != edge.reader]


def _arcs_by_number(drawing: _Drawing, placement: Placement) -> dict[int, Arc]:
    arcs = {number: _to_arc(edge, drawing.backward) for number, edge in enumerate(drawing.edges)}
    return {number: arc for number, arc in arcs.items() if arc in placement.bends}


def _ports(
    placed: Mapping[int, Arc], placement: Placement
) -> tuple[dict[tuple[int, int], float], dict[tuple[int, int], float]]:
    """Return where edges touch the bottom of their upper nodes, and the top of their lower nodes."""
    below: dict[int, list[tuple[float, int]]] = defaultdict(list)
    above: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for number, (upper, lower) in placed.items():
        bends = placement.bends[upper, lower]
        below[upper].append((bends[0] if bends else placement.middles[lower], number))
        above[lower].append((bends[-1] if bends else placement.middles[upper], number))
    starts = ports(below, placement.middles, width=_PORTS_WIDTH, step=_PORT_STEP)
    return starts, ports(above, placement.middles, width=_PORTS_WIDTH, step=_PORT_STEP)


def _build_distance(loops: Collection[int]) -> Callable[[int | None, int | None], float]:
    """Return a function for the minimum distance between the centres of two neighbours."""

    def distance(left: int | None, right: int | None) -> float:
        needed = _BEND_GAP if left is None and right is None else _NODE_GAP
        needed += sum(NODE_WIDTH / 2 for vertex in (left, right) if vertex is not None)
        return needed + (LOOP_REACH if left in loops else 0)

    return distance


def _move_to_margin(placement: Placement, margin: float) -> Placement:
    """Return the placement moved so that its left end is at the margin."""
    bends = [bend for each in placement.bends.values() for bend in each]
    left = min([*bends, *(middle - NODE_WIDTH / 2 for middle in placement.middles)])
    return Placement(
        middles=tuple(middle - left + margin for middle in placement.middles),
        bends={arc: tuple(bend - left + margin for bend in each) for arc, each in placement.bends.items()},
    )


def _right_end(placement: Placement, loops: Collection[int]) -> float:
    bends = [bend for each in placement.bends.values() for bend in each]
    nodes = [
        middle + NODE_WIDTH / 2 + (LOOP_REACH if vertex in loops else 0)
        for vertex, middle in enumerate(placement.middles)
    ]
    return max([*bends, *nodes])


def _row_gaps(rows: Sequence[int], arcs: Iterable[Arc]) -> list[float]:
    """Return the gap below each row: the more edges pass, the more room their labels need."""
    edge_counts: Counter[int] = Counter()
    for upper, lower in arcs:
        edge_counts.update(range(rows[upper], rows[lower]))
    return [
        _ROW_GAP + _ROW_GAP_PER_EDGE * min(edge_counts[row], _MAX_WIDENING_EDGES)
        for row in range(max(rows) + 1)
    ]
