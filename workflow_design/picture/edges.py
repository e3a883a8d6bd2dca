"""Edges: the route of a line from writer to reader, its arrow, and the position of its label."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from workflow_design.picture.model import Label, Line, Node
from workflow_design.picture.nodes import SMALL_SIZE
from workflow_design.picture.text import text_width, wrap_text

ARROW_LENGTH: Final = 9.0
LOOP_REACH: Final = 34.0
_ARROW_HALF: Final = 4.5
_LABEL_WIDTH: Final = 140.0
_LABEL_LINE: Final = 15.0
_LABEL_PADDING: Final = 4.0
_MAX_TRACES: Final = 300_000
"""How many points of edges are compared with possible places of labels, in one picture."""
_MAX_CROSSED: Final = 4
"""A label that crosses this many other lines would not be clear."""
_ASIDE: Final = 4.0
"""The distance between a line and a label beside it."""
_PLACES_ON_SWING: Final = (0.5, 0.35, 0.65, 0.22, 0.78, 0.1, 0.9)
_SWINGS_WITH_LABELS: Final = 3
_TRACES_ON_SWING: Final = 16
_STRIP: Final = 16.0
"""The height of a strip. Obstacles for labels are stored by strip, so that only near ones are checked."""

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Route:
    """The points of a line from its start to the tip of its arrow.

    The line is straight from each point with an even index to the next. Between these parts, it swings from
    one row to another.
    """

    points: tuple[Point, ...]

    def path(self) -> str:
        """Return the line as an SVG path, up to the arrow."""
        (x, y), *rest = self._shortened()
        parts = [f"M{x:.0f} {y:.0f}"]
        for number, (next_x, next_y) in enumerate(rest):
            if number % 2 == 0:
                parts.append(f"L{next_x:.0f} {next_y:.0f}")
            else:
                middle = (y + next_y) / 2
                parts.append(f"C{x:.0f} {middle:.0f} {next_x:.0f} {middle:.0f} {next_x:.0f} {next_y:.0f}")
            x, y = next_x, next_y
        return "".join(parts)

    def arrow(self) -> str:
        """Return the arrow at the end, in the direction of the line."""
        x, tip = self.points[-1]
        back = tip - self._direction() * ARROW_LENGTH
        return f"M{x:.0f} {tip:.0f}L{x - _ARROW_HALF:.0f} {back:.0f}H{x + _ARROW_HALF:.0f}Z"

    def label_places(self) -> list[Point]:
        """Return the possible positions of the label, best first: on the first swings."""
        swings = islice(self._swings(), _SWINGS_WITH_LABELS)
        return [_point_on_swing(*swing, part) for swing in swings for part in _PLACES_ON_SWING]

    def traces(self) -> Iterator[Point]:
        """Yield points along the swings, so close that no label fits between them."""
        for swing in self._swings():
            for number in range(1, _TRACES_ON_SWING):
                yield _point_on_swing(*swing, number / _TRACES_ON_SWING)

    def _swings(self) -> Iterator[tuple[Point, Point]]:
        yield from zip(self.points[1::2], self.points[2::2], strict=False)

    def _direction(self) -> float:
        return 1.0 if self.points[-1][1] >= self.points[0][1] else -1.0

    def _shortened(self) -> list[Point]:
        x, tip = self.points[-1]
        return [*self.points[:-1], (x, tip - self._direction() * ARROW_LENGTH)]


def loop(node: Node) -> tuple[str, str]:
    """Return the line and the arrow of a task that reads its own output, at its right side."""
    right = node.x + node.width
    start, tip = node.y + node.height * 0.7, node.y + node.height * 0.35
    reach, back = right + LOOP_REACH, right + ARROW_LENGTH
    path = f"M{right:.0f} {start:.0f}C{reach:.0f} {start:.0f} {reach:.0f} {tip:.0f} {back:.0f} {tip:.0f}"
    return path, f"M{right:.0f} {tip:.0f}L{back:.0f} {tip - _ARROW_HALF:.0f}V{tip + _ARROW_HALF:.0f}Z"


def _point_on_swing(start: Point, end: Point, part: float) -> Point:
    """Return a point on the curve that `Route.path` draws between two points."""
    sideways = 3 * part**2 - 2 * part**3
    downwards = 1.5 * part - 1.5 * part**2 + part**3
    return start[0] + (end[0] - start[0]) * sideways, start[1] + (end[1] - start[1]) * downwards


class LabelRoom:
    """The free space for labels. A label is put where no box is and the fewest edges cross it."""

    def __init__(self, width: float, *, boxes: Iterable[Box], routes: Mapping[int, Route]) -> None:
        self._width = width
        self._traces_left = _MAX_TRACES
        self._boxes: dict[int, list[Box]] = defaultdict(list)
        self._traces: dict[int, list[tuple[Point, int]]] = defaultdict(list)
        for box in boxes:
            self._take(box)
        for number, route in routes.items():
            for point in route.traces():
                self._traces[int(point[1] // _STRIP)].append((point, number))

    def label(self, text: str, *, number: int, places: Sequence[Point]) -> Label | None:
        """Return the label of an edge at the best position or beside one; None if there is no room."""
        lines = wrap_text(text, width=_LABEL_WIDTH, size=SMALL_SIZE, lines=2)
        width = max((text_width(line, SMALL_SIZE) for line in lines), default=0.0) + 2 * _LABEL_PADDING
        height = _LABEL_LINE * len(lines) + _LABEL_PADDING
        aside = width / 2 + _ASIDE
        best, fewest = None, _MAX_CROSSED
        for shift, (x, y) in product((0.0, aside, -aside), places):
            box = (x + shift - width / 2, y - height / 2, width, height)
            # A position without crossings can't be improved.
            if (
                fewest
                and self._traces_left > 0
                and self._is_free(box)
                and (crossed := self._count_crossed(box, number)) < fewest
            ):
                best, fewest = box, crossed
        if best is None:
            return None
        self._take(best)
        return _build_label(best, lines)

    def _take(self, box: Box) -> None:
        for strip in _strips_of(box):
            self._boxes[strip].append(box)

    def _is_free(self, box: Box) -> bool:
        if box[0] < 0 or box[0] + box[2] > self._width:
            return False
        return not any(
            _boxes_overlap(box, other) for strip in _strips_of(box) for other in self._boxes.get(strip, ())
        )

    def _count_crossed(self, box: Box, own: int) -> int:
        """Return how many other edges pass through a box."""
        x, y, width, height = box
        near = [trace for strip in _strips_of(box) for trace in self._traces.get(strip, ())]
        self._traces_left -= len(near)
        return len(
            {
                number
                for (trace_x, trace_y), number in near
                if number != own and x <= trace_x <= x + width and y <= trace_y <= y + height
            }
        )


def _strips_of(box: Box) -> range:
    return range(int(box[1] // _STRIP), int((box[1] + box[3]) // _STRIP) + 1)


def _boxes_overlap(one: Box, other: Box) -> bool:
    (x, y, width, height), (other_x, other_y, other_width, other_height) = one, other
    beside = x >= other_x + other_width or other_x >= x + width
    return not (beside or y >= other_y + other_height or other_y >= y + height)


def _build_label(box: Box, lines: Sequence[str]) -> Label:
    x, y, width, height = box
    middle = x + width / 2
    placed = (Line(middle, y + _LABEL_LINE * number - 2, line) for number, line in enumerate(lines, start=1))
    return Label(x, y, width, height, tuple(placed))


def ports(
    ends: Mapping[int, Sequence[tuple[float, int]]], middles: Sequence[float], *, width: float, step: float
) -> dict[tuple[int, int], float]:
    """Return the positions of edges on the side of their nodes, in the order of their other ends.

    `ends` holds for every node the edges at that side, each as the position of its other end and its
    number. The result is by node and edge.
    """
    found = {}
    for vertex, edges in ends.items():
        # Many edges stand closer, so that all fit on the side.
        spacing = min(step, width / max(len(edges) - 1, 1))
        for place, (_towards, number) in enumerate(sorted(edges)):
            found[vertex, number] = middles[vertex] + (place - (len(edges) - 1) / 2) * spacing
    return found
