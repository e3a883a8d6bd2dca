"""Rails: where the line of a bundle runs, beside the picture and between its rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from workflow_design.picture.bundles import Bundle
from workflow_design.picture.edges import ARROW_LENGTH, LabelRoom, Point
from workflow_design.picture.model import Label, Node, Rail
from workflow_design.picture.words import fields_label, rail_text
from workflow_design.wording.rules import Vocabulary

_STEP: Final = 12.0
"""How far apart rails run."""
_APART: Final = 7.0
"""How far apart the branches of two rails run, and their ends at a node."""
_ABOVE: Final = 24.0
_BELOW: Final = 14.0
_IN: Final = 20.0
"""How far from its left end a node is entered and left."""
_ASIDE: Final = 80.0
"""How far from the end of a branch the middle of its label stands."""


@dataclass(frozen=True, slots=True)
class Branch:
    """What of a rail runs along one row: above it to its readers, or below it from its writers."""

    y: float
    ends: tuple[Point, ...]
    names: tuple[str, ...]
    is_reading: bool


def gutter(number: int) -> float:
    """How wide a strip so many rails need at the left."""
    return _STEP * (number + 1) if number else 0.0


def room_between(number: int) -> float:
    """How much farther apart the rows stand."""
    return _STEP * number + 8.0 if number else 0.0


def rail(
    bundle: Bundle,
    nodes: Sequence[Node],
    *,
    number: int,
    left: float,
    bottoms: Mapping[int, float],
    room: LabelRoom,
    vocabulary: Vocabulary,
) -> Rail:
    """The rail of a bundle; `bottoms` tells for each node where its row ends."""
    x = left + _STEP * number
    branches = _branches(bundle, nodes, bottoms, number)
    labels = [_label(branch, x, room, vocabulary) for branch in branches]
    heights = [branch.y for branch in branches]
    lines = [f"M{x:.0f} {min(heights):.0f}V{max(heights):.0f}", *(_line(branch, x) for branch in branches)]
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


def _branches(
    bundle: Bundle, nodes: Sequence[Node], bottoms: Mapping[int, float], number: int
) -> list[Branch]:
    reading: dict[float, list[int]] = defaultdict(list)
    writing: dict[float, list[int]] = defaultdict(list)
    for end in bundle.readers:
        reading[nodes[end].y - _ABOVE - _APART * number].append(end)
    for end in bundle.writers:
        writing[bottoms[end] + _BELOW + _APART * number].append(end)
    inwards = _IN + _APART * number
    above = [
        Branch(y, _ends(ends, nodes, inwards, is_top=True), _names(bundle.readers, ends), True)
        for y, ends in reading.items()
    ]
    below = [
        Branch(y, _ends(ends, nodes, inwards, is_top=False), _names(bundle.writers, ends), False)
        for y, ends in writing.items()
    ]
    return sorted([*above, *below], key=lambda branch: branch.y)


def _ends(ends: Sequence[int], nodes: Sequence[Node], inwards: float, *, is_top: bool) -> tuple[Point, ...]:
    here = [nodes[end] for end in ends]
    return tuple(sorted((node.x + inwards, node.y + (0 if is_top else node.height)) for node in here))


def _names(named: Mapping[int, Sequence[str]], ends: Sequence[int]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for end in ends for name in named[end]))


def _line(branch: Branch, x: float) -> str:
    """Along the row to the farthest end, and from there to each."""
    far = branch.ends[-1][0]
    tip = ARROW_LENGTH if branch.is_reading else 0.0
    stubs = (f"M{end:.0f} {branch.y:.0f}V{y - tip:.0f}" for end, y in branch.ends)
    return "".join([f"M{x:.0f} {branch.y:.0f}H{far:.0f}", *stubs])


def _label(branch: Branch, x: float, room: LabelRoom, vocabulary: Vocabulary) -> Label | None:
    """On the branch before one of its ends, the last first; else behind the last."""
    before = [(end - _ASIDE, branch.y) for end, _y in reversed(branch.ends) if end - _ASIDE * 2 > x]
    places = [*before, (branch.ends[-1][0] + _ASIDE, branch.y)]
    return room.label(fields_label(branch.names, vocabulary), number=-1, places=places)
