"""Edges: the way of a line from what writes to what reads, its arrow, and where its label finds room."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from workflow_design.picture.model import Label, Line, Node
from workflow_design.picture.nodes import SMALL_SIZE
from workflow_design.picture.text import width_of, wrapped

ARROW_LENGTH: Final = 9.0
LOOP_REACH: Final = 34.0
_ARROW_HALF: Final = 4.5
_LABEL_WIDTH: Final = 140.0
_LABEL_LINE: Final = 15.0
_LABEL_PADDING: Final = 4.0
_MOST_CROSSED: Final = 4
"""A label on so many other lines says nothing about its own."""
_ASIDE: Final = 4.0
"""How far from its line a label stands that has no room on it."""
_PLACES_ON_SWING: Final = (0.5, 0.35, 0.65, 0.22, 0.78, 0.1, 0.9)
_SWINGS_WITH_LABELS: Final = 3
_TRACES_ON_SWING: Final = 16
_STRIP: Final = 16.0
"""All that labels must respect is kept in strips of this height: only what is near is looked at."""

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Way:
    """The points of a line from its start to the tip of its arrow.

    From each point with an even number to the next the line is straight; between, it swings from
    one row to another.
    """

    points: tuple[Point, ...]

    def path(self) -> str:
        """The line as an SVG path, up to the arrow."""
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
        """The arrow at the end, pointing the way that the line goes."""
        x, tip = self.points[-1]
        back = tip - self._direction() * ARROW_LENGTH
        return f"M{x:.0f} {tip:.0f}L{x - _ARROW_HALF:.0f} {back:.0f}H{x + _ARROW_HALF:.0f}Z"

    def label_places(self) -> list[Point]:
        """Where a label may stand, the best place first: on the first swings."""
        swings = islice(self._swings(), _SWINGS_WITH_LABELS)
        return [_on_swing(*swing, part) for swing in swings for part in _PLACES_ON_SWING]

    def traces(self) -> Iterator[Point]:
        """Points along the swings, close enough to each other that no label fits between."""
        for swing in self._swings():
            for number in range(1, _TRACES_ON_SWING):
                yield _on_swing(*swing, number / _TRACES_ON_SWING)

    def _swings(self) -> Iterator[tuple[Point, Point]]:
        yield from zip(self.points[1::2], self.points[2::2], strict=False)

    def _direction(self) -> float:
        return 1.0 if self.points[-1][1] >= self.points[0][1] else -1.0

    def _shortened(self) -> list[Point]:
        x, tip = self.points[-1]
        return [*self.points[:-1], (x, tip - self._direction() * ARROW_LENGTH)]


def loop(node: Node) -> tuple[str, str]:
    """The line and the arrow of a task that reads what it writes, at its right side."""
    right = node.x + node.width
    start, tip = node.y + node.height * 0.7, node.y + node.height * 0.35
    reach, back = right + LOOP_REACH, right + ARROW_LENGTH
    path = f"M{right:.0f} {start:.0f}C{reach:.0f} {start:.0f} {reach:.0f} {tip:.0f} {back:.0f} {tip:.0f}"
    return path, f"M{right:.0f} {tip:.0f}L{back:.0f} {tip - _ARROW_HALF:.0f}V{tip + _ARROW_HALF:.0f}Z"


def _on_swing(start: Point, end: Point, part: float) -> Point:
    """A point on the curve that `Way.path` draws between two points."""
    sideways = 3 * part**2 - 2 * part**3
    downwards = 1.5 * part - 1.5 * part**2 + part**3
    return start[0] + (end[0] - start[0]) * sideways, start[1] + (end[1] - start[1]) * downwards


class LabelRoom:
    """The room for labels: each takes, of the places that no box covers, the one where fewest edges pass."""

    def __init__(self, width: float, *, boxes: Iterable[Box], ways: Mapping[int, Way]) -> None:
        self._width = width
        self._boxes: dict[int, list[Box]] = defaultdict(list)
        self._traces: dict[int, list[tuple[Point, int]]] = defaultdict(list)
        for box in boxes:
            self._take(box)
        for number, way in ways.items():
            for point in way.traces():
                self._traces[int(point[1] // _STRIP)].append((point, number))

    def label(self, text: str, *, number: int, places: Sequence[Point]) -> Label | None:
        """The label of an edge at the best of the places or beside one, or None if there is no room."""
        lines = wrapped(text, width=_LABEL_WIDTH, size=SMALL_SIZE, lines=2)
        width = max((width_of(line, SMALL_SIZE) for line in lines), default=0.0) + 2 * _LABEL_PADDING
        height = _LABEL_LINE * len(lines) + _LABEL_PADDING
        aside = width / 2 + _ASIDE
        best, fewest = None, _MOST_CROSSED
        for shift, (x, y) in product((0.0, aside, -aside), places):
            box = (x + shift - width / 2, y - height / 2, width, height)
            if fewest and self._is_free(box) and (crossed := self._crossed(box, number)) < fewest:
                best, fewest = box, crossed
        if best is None:
            return None
        self._take(best)
        return _label(best, lines)

    def _take(self, box: Box) -> None:
        for strip in _strips(box):
            self._boxes[strip].append(box)

    def _is_free(self, box: Box) -> bool:
        if box[0] < 0 or box[0] + box[2] > self._width:
            return False
        return not any(_overlap(box, other) for strip in _strips(box) for other in self._boxes.get(strip, ()))

    def _crossed(self, box: Box, own: int) -> int:
        """How many other edges pass through a box."""
        x, y, width, height = box
        near = (trace for strip in _strips(box) for trace in self._traces.get(strip, ()))
        return len(
            {
                number
                for (trace_x, trace_y), number in near
                if number != own and x <= trace_x <= x + width and y <= trace_y <= y + height
            }
        )


def _strips(box: Box) -> range:
    return range(int(box[1] // _STRIP), int((box[1] + box[3]) // _STRIP) + 1)


def _overlap(one: Box, other: Box) -> bool:
    (x, y, width, height), (other_x, other_y, other_width, other_height) = one, other
    beside = x >= other_x + other_width or other_x >= x + width
    return not (beside or y >= other_y + other_height or other_y >= y + height)


def _label(box: Box, lines: Sequence[str]) -> Label:
    x, y, width, height = box
    middle = x + width / 2
    placed = (Line(middle, y + _LABEL_LINE * number - 2, line) for number, line in enumerate(lines, start=1))
    return Label(x, y, width, height, tuple(placed))


def ports(
    ends: Mapping[int, Sequence[tuple[float, int]]], middles: Sequence[float], *, width: float, step: float
) -> dict[tuple[int, int], float]:
    """Where on the side of its node each edge begins or ends: in the order of where it goes.

    `ends` holds for every node the edges at that side, each with where it goes and its number; the
    answer is by node and edge.
    """
    found = {}
    for vertex, edges in ends.items():
        apart = min(step, width / max(len(edges) - 1, 1))
        for place, (_towards, number) in enumerate(sorted(edges)):
            found[vertex, number] = middles[vertex] + (place - (len(edges) - 1) / 2) * apart
    return found
