"""From the plan of a workflow to its picture."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import add
from typing import Final

from workflow_design.definition.workflow import DefinitionKey
from workflow_design.engine import Plan
from workflow_design.picture.bundles import Bundle, bundled, held_arcs
from workflow_design.picture.edges import LOOP_REACH, LabelRoom, Point, Way, loop, ports
from workflow_design.picture.graph import (
    Definition,
    FieldEdge,
    backward_edges,
    definitions_of,
    field_edges,
    rows_of,
)
from workflow_design.picture.model import Edge, Mark, Node, Picture, Rail
from workflow_design.picture.nodes import NODE_WIDTH, Content, content_of, key_of, node_at
from workflow_design.picture.placement import Arc, Placement, place
from workflow_design.picture.rails import gutter, rail, room_between
from workflow_design.picture.words import edge_label, edge_text
from workflow_design.wording.rules import Vocabulary

_MARGIN: Final = 24.0
_NODE_GAP: Final = 28.0
_BEND_GAP: Final = 14.0
_ROW_GAP: Final = 60.0
_ROW_GAP_PER_EDGE: Final = 4.0
_MOST_EDGES_THAT_WIDEN: Final = 15
_PORT_STEP: Final = 18.0
_RUN: Final = 12.0
"""How far an edge runs straight at its ends, so that the arrow does."""
_PORTS_WIDTH: Final = NODE_WIDTH - 88.0
_MARK_ROOM: Final = 10.0
"""What stays free above nodes, where marks may stand."""
_BESIDE: Final = 8.0
"""How far two edges between the same two nodes run apart."""


def picture_of(
    plan: Plan, vocabulary: Vocabulary, *, marks: Mapping[DefinitionKey, Mark] | None = None
) -> Picture:
    """The picture of a workflow: who writes what who reads, from the tickets down.

    The same plan gives the same picture, whatever the marks. Conditions that are not valid (yet) are shown as
    they are written.
    """
    if not definitions_of(plan):
        return Picture(0.0, 0.0, (), ())
    return _Drawing.prepared(plan, vocabulary, marks or {}).picture()


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What is known before anything has a place on the canvas."""

    definitions: Sequence[Definition]
    vocabulary: Vocabulary
    edges: Sequence[FieldEdge]
    bundles: Sequence[Bundle]
    backward: frozenset[Arc]
    contents: Sequence[Content]
    rows: Sequence[int]

    @classmethod
    def prepared(cls, plan: Plan, vocabulary: Vocabulary, marks: Mapping[DefinitionKey, Mark]) -> "_Drawing":
        definitions, edges = definitions_of(plan), field_edges(plan)
        backward = backward_edges(definitions, edges)
        followers = defaultdict(list)
        for edge in sorted(edges, key=lambda edge: edge.reader):
            followers[edge.writer].append(definitions[edge.reader])
        contents = [
            content_of(each, vocabulary, followers=followers[number], mark=marks.get(key_of(each)))
            for number, each in enumerate(definitions)
        ]
        arcs = _arcs(edges, backward)
        rows = rows_of(len(definitions), sorted(set(arcs)))
        edges, bundles = bundled(edges, rows)
        if bundles:
            drawn = _arcs(edges, backward)
            rows = rows_of(len(definitions), sorted({*drawn, *held_arcs(arcs, drawn)}))
        return cls(definitions, vocabulary, edges, bundles, backward, contents, rows)

    def picture(self) -> Picture:
        placed = place(self.rows, _arcs(self.edges, self.backward), _distances(self.loops))
        placement = _moved(placed, _MARGIN + gutter(len(self.bundles)))
        canvas = _Canvas.of(self, placement)
        nodes = [
            node_at(content, middle=middle, top=canvas.tops[row])
            for content, middle, row in zip(self.contents, placement.middles, self.rows, strict=True)
        ]
        rails, edges = canvas.lines(nodes)
        return Picture(
            width=canvas.width,
            height=canvas.bottoms[-1] + _MARGIN + room_between(len(self.bundles)),
            nodes=tuple(nodes),
            edges=edges,
            rails=rails,
            left_out=len(self.edges) - len(edges),
        )

    @property
    def loops(self) -> frozenset[int]:
        """The tasks that read what they write."""
        return frozenset(edge.writer for edge in self.edges if edge.writer == edge.reader)


@dataclass(frozen=True, slots=True)
class _Canvas:
    """A drawing whose rows and columns have their places."""

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
        more = room_between(len(drawing.bundles))
        steps = map(add, heights, (gap + more for gap in _row_gaps(drawing.rows, placement.bends)))
        tops = list(accumulate(steps, initial=_MARGIN + more))[:-1]
        bottoms = [top + height for top, height in zip(tops, heights, strict=True)]
        return cls(drawing, placement, tops, bottoms, _right_end(placement, drawing.loops) + _MARGIN)

    def lines(self, nodes: Sequence[Node]) -> tuple[tuple[Rail, ...], tuple[Edge, ...]]:
        """The rails, and the edges that were placed, with labels where there is room."""
        ways = self._ways(nodes)
        boxes = [(node.x, node.y - _MARK_ROOM, node.width, node.height + _MARK_ROOM) for node in nodes]
        room = LabelRoom(self.width, boxes=boxes, ways=ways)
        rails = self._rails(nodes, room)
        return rails, tuple(
            self._edge(number, edge, nodes, ways.get(number), room)
            for number, edge in enumerate(self.drawing.edges)
            if number in ways or edge.writer == edge.reader
        )

    def _rails(self, nodes: Sequence[Node], room: LabelRoom) -> tuple[Rail, ...]:
        bottoms = {vertex: self.bottoms[row] for vertex, row in enumerate(self.drawing.rows)}
        return tuple(
            rail(
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
        self, number: int, edge: FieldEdge, nodes: Sequence[Node], way: Way | None, room: LabelRoom
    ) -> Edge:
        path, arrow = (way.path(), way.arrow()) if way is not None else loop(nodes[edge.writer])
        places = way.label_places() if way is not None else []
        return Edge(
            writer=nodes[edge.writer].key,
            reader=nodes[edge.reader].key,
            fields=edge.fields,
            text=edge_text(edge, self.drawing.definitions, self.drawing.vocabulary),
            path=path,
            arrow=arrow,
            label=room.label(edge_label(edge, self.drawing.vocabulary), number=number, places=places),
            is_backward=(edge.writer, edge.reader) in self.drawing.backward,
            is_supporting=edge.is_supporting,
        )

    def _ways(self, nodes: Sequence[Node]) -> dict[int, Way]:
        """The way of every edge that has a place, by its number; loops have none."""
        placed = _placed_arcs(self.drawing, self.placement)
        starts, ends = _ports(placed, self.placement)
        beside: Counter[Arc] = Counter()
        ways = {}
        for number, (upper, lower) in placed.items():
            bends = [bend + beside[upper, lower] * _BESIDE for bend in self.placement.bends[upper, lower]]
            beside[upper, lower] += 1
            points = self._points(nodes[upper], upper, starts[upper, number], bends, ends[lower, number])
            is_downward = self.drawing.edges[number].writer == upper
            ways[number] = Way(tuple(points if is_downward else points[::-1]))
        return ways

    def _points(
        self, node: Node, vertex: int, start: float, bends: Sequence[float], end: float
    ) -> list[Point]:
        """From the lower side of the node, through the rows between, to the upper side of another one."""
        row = self.drawing.rows[vertex]
        points = [(start, node.y + node.height), (start, self.bottoms[row] + _RUN)]
        for between, bend in enumerate(bends, start=row + 1):
            points += [(bend, self.tops[between]), (bend, self.bottoms[between])]
        top = self.tops[row + len(bends) + 1]
        return [*points, (end, top - _RUN), (end, top)]


def _arc(edge: FieldEdge, backward: frozenset[Arc]) -> Arc:
    """The edge as it is placed: from the upper end to the lower, whichever way it points."""
    ends = (edge.writer, edge.reader)
    return ends[::-1] if ends in backward else ends


def _arcs(edges: Iterable[FieldEdge], backward: frozenset[Arc]) -> list[Arc]:
    """The edges between two different ends, as they are placed."""
    return [_arc(edge, backward) for edge in edges if edge.writer != edge.reader]


def _placed_arcs(drawing: _Drawing, placement: Placement) -> dict[int, Arc]:
    arcs = {number: _arc(edge, drawing.backward) for number, edge in enumerate(drawing.edges)}
    return {number: arc for number, arc in arcs.items() if arc in placement.bends}


def _ports(
    placed: Mapping[int, Arc], placement: Placement
) -> tuple[dict[tuple[int, int], float], dict[tuple[int, int], float]]:
    """Where edges touch the lower sides of their upper nodes, and the upper sides of their lower ones."""
    below: dict[int, list[tuple[float, int]]] = defaultdict(list)
    above: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for number, (upper, lower) in placed.items():
        bends = placement.bends[upper, lower]
        below[upper].append((bends[0] if bends else placement.middles[lower], number))
        above[lower].append((bends[-1] if bends else placement.middles[upper], number))
    starts = ports(below, placement.middles, width=_PORTS_WIDTH, step=_PORT_STEP)
    return starts, ports(above, placement.middles, width=_PORTS_WIDTH, step=_PORT_STEP)


def _distances(loops: Collection[int]) -> Callable[[int | None, int | None], float]:
    """How far apart the middles of two neighbours must be."""

    def distance(left: int | None, right: int | None) -> float:
        needed = _BEND_GAP if left is None and right is None else _NODE_GAP
        needed += sum(NODE_WIDTH / 2 for vertex in (left, right) if vertex is not None)
        return needed + (LOOP_REACH if left in loops else 0)

    return distance


def _moved(placement: Placement, margin: float) -> Placement:
    """The same placement with its left end at the margin."""
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
    """The height below each row: the more edges pass, the more their labels need."""
    passing: Counter[int] = Counter()
    for upper, lower in arcs:
        passing.update(range(rows[upper], rows[lower]))
    return [
        _ROW_GAP + _ROW_GAP_PER_EDGE * min(passing[row], _MOST_EDGES_THAT_WIDEN)
        for row in range(max(rows) + 1)
    ]
