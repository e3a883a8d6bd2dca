"""Rails: the line of a bundle, beside the picture and between its rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from workflow_design.picture.bundles import Bundle
from workflow_design.picture.edges import ARROW_LENGTH, LabelRoom, Point
from workflow_design.picture.model import Label, Node, Rail
from workflow_design.picture.words import fields_label, rail_text
from workflow_design.wording.rules import Vocabulary

_RAIL_DISTANCE: Final = 12.0
"""The distance between rails."""
_BRANCH_DISTANCE: Final = 7.0
"""The distance between the branches of two rails, and between their ends at a node."""
_ABOVE: Final = 24.0
_BELOW: Final = 14.0
_END_INSET: Final = 20.0
"""The distance from the left side of a node to where rails enter and leave it."""
_LABEL_DISTANCE: Final = 80.0
"""The distance from the end of a branch to the centre of its label."""


@dataclass(frozen=True, slots=True)
class Branch:
    """The part of a rail along one row: above it to its readers, or below it from its writers."""

    y: float
    ends: tuple[Point, ...]
    names: tuple[str, ...]
    is_reading: bool


def gutter_width(number: int) -> float:
    """Return the width of the strip at the left for this number of rails."""
    return _RAIL_DISTANCE * (number + 1) if number else 0.0


def extra_row_gap(number: int) -> float:
    """Return the additional distance between rows for this number of rails."""
    return _RAIL_DISTANCE * number + 8.0 if number else 0.0


def build_rail(
    bundle: Bundle,
    nodes: Sequence[Node],
    *,
    number: int,
    left: float,
    bottoms: Mapping[int, float],
    room: LabelRoom,
    vocabulary: Vocabulary,
) -> Rail:
    """Return the rail of a bundle; `bottoms` holds the bottom of each node's row."""
    x = left + _RAIL_DISTANCE * number
    branches = _build_branches(bundle, nodes, bottoms, number)
    labels = [_build_label(branch, x, room, vocabulary) for branch in branches]
    heights = [branch.y for branch in branches]
    lines = [
        f"M{x:.0f} {min(heights):.0f}V{max(heights):.0f}",
        *(_build_path(branch, x) for branch in branches),
    ]
    tips = [tip for branch in branches if branch.is_reading for tip in branch.ends]
    return Rail(
        pairs=frozenset((nodes[a].key, nodes[b].key, name) for a, b, name in bundle.pairs),
        text=rail_text(
            [nodes[end].title for end in bundle.writers],
            [nodes[end].title for end in bundle.readers],
            list(dict.fromkeys(name for names in bundle.writers.values() for name in names)),
            vocabulary,
        ),
        path="".join(lines),
        arrow="".join(f"M{tip:.0f} {y:.0f}l-4 -{ARROW_LENGTH:.0f}h8Z" for tip, y in tips),
        labels=tuple(label for label in labels if label is not None),
    )


def _build_branches(
    bundle: Bundle, nodes: Sequence[Node], bottoms: Mapping[int, float], number: int
) -> list[Branch]:
    reading: dict[float, list[int]] = defaultdict(list)
    writing: dict[float, list[int]] = defaultdict(list)
    for end in bundle.readers:
        reading[nodes[end].y - _ABOVE - _BRANCH_DISTANCE * number].append(end)
    for end in bundle.writers:
        writing[bottoms[end] + _BELOW + _BRANCH_DISTANCE * number].append(end)
    # Each rail has its own offset, so that their ends at one node do not overlap.
    inwards = _END_INSET + _BRANCH_DISTANCE * number
    above = [
        Branch(y, _end_points(ends, nodes, inwards, is_top=True), _names(bundle.readers, ends), True)
        for y, ends in reading.items()
    ]
    below = [
        Branch(y, _end_points(ends, nodes, inwards, is_top=False), _names(bundle.writers, ends), False)
        for y, ends in writing.items()
    ]
    return sorted([*above, *below], key=lambda branch: branch.y)


def _end_points(
    ends: Sequence[int], nodes: Sequence[Node], inwards: float, *, is_top: bool
) -> tuple[Point, ...]:
    here = [nodes[end] for end in ends]
    return tuple(sorted((node.x + inwards, node.y + (0 if is_top else node.height)) for node in here))


def _names(named: Mapping[int, Sequence[str]], ends: Sequence[int]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for end in ends for name in named[end]))


def _build_path(branch: Branch, x: float) -> str:
    """Return the path along the row to the farthest end, and from there to each end."""
    farthest = branch.ends[-1][0]
    tip = ARROW_LENGTH if branch.is_reading else 0.0
    stubs = (f"M{end:.0f} {branch.y:.0f}V{y - tip:.0f}" for end, y in branch.ends)
    return "".join([f"M{x:.0f} {branch.y:.0f}H{farthest:.0f}", *stubs])


def _build_label(branch: Branch, x: float, room: LabelRoom, vocabulary: Vocabulary) -> Label | None:
    """Place the label on the branch before one of its ends, the last first; otherwise after the last."""
    before = [
        (end - _LABEL_DISTANCE, branch.y)
        for end, _y in reversed(branch.ends)
        if end - _LABEL_DISTANCE * 2 > x
    ]
    places = [*before, (branch.ends[-1][0] + _LABEL_DISTANCE, branch.y)]
    return room.label(fields_label(branch.names, vocabulary), number=-1, places=places)
