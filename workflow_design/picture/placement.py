"""Positions: the order within rows by fast-sugiyama, then coordinates by the real widths.

fast-sugiyama finds an order within the rows in which few edges cross. It gets integers instead of names,
because it iterates over a set of them. It gets an acyclic graph in which every arc leads from one row to
the next, because its ranking may not terminate on graphs with cycles. It assumes one width for all
vertices, so the coordinates are then adjusted: edges run straight, and nothing overlaps.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from fast_sugiyama import from_edges

MAX_BENDS = 1_500
_SWEEPS = 16
_PULL = {0: 1.0, 1: 2.0, 2: 8.0}
"""How strongly an arc pulls its ends together, by the number of bends among them: long edges are straight."""
_MAX_WIDTH = 850.0
"""From the first centre to the last; anything wider does not fit on a page of 1,100 pixels."""
_INWARDS = 2.0

Arc = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Placement:
    """The horizontal centre of every vertex, and of the bends of every arc that passes rows."""

    middles: tuple[float, ...]
    bends: Mapping[Arc, tuple[float, ...]]
    """For each placed arc, the centre in every row between its ends, from the upper one down."""


def place(
    rows: Sequence[int], arcs: Sequence[Arc], distance: Callable[[int | None, int | None], float]
) -> Placement:
    """Return the centres of vertices in these rows.

    `arcs` lead downwards; they are placed in order as long as there is room for their bends. `distance`
    returns the minimum distance between the centres of two neighbours; None means a bend.
    """
    chains = _build_chains(rows, arcs)
    vertex_rows = _rows_with_bends(rows, chains)
    steps = [step for chain in chains.values() for step in pairwise(chain)]
    order = _order_rows(vertex_rows, steps, len(rows))
    settle = partial(
        _compute_middles, order, steps, lambda vertex: vertex if vertex < len(rows) else None, distance
    )
    middles = settle(0.0)
    # Try again with a pull to the centre, and take the narrower result.
    if max(middles.values()) - min(middles.values()) > _MAX_WIDTH:
        middles = min(middles, settle(_INWARDS), key=lambda found: max(found.values()) - min(found.values()))
    return Placement(
        middles=tuple(middles[vertex] for vertex in range(len(rows))),
        bends={arc: tuple(middles[bend] for bend in chain[1:-1]) for arc, chain in chains.items()},
    )


def _build_chains(rows: Sequence[int], arcs: Sequence[Arc]) -> dict[Arc, list[int]]:
    """Return for each arc its ends, with a new vertex in every row between them."""
    chains: dict[Arc, list[int]] = {}
    first_free = len(rows)
    for upper, lower in arcs:
        number = rows[lower] - rows[upper] - 1
        # Parallel arcs share a chain. Too many bends would make the layout slow.
        if (upper, lower) in chains or first_free + number - len(rows) > MAX_BENDS:
            continue
        chains[upper, lower] = [upper, *range(first_free, first_free + number), lower]
        first_free += number
    return chains


def _rows_with_bends(rows: Sequence[int], chains: Mapping[Arc, list[int]]) -> dict[int, int]:
    found = dict(enumerate(rows))
    for (upper, _lower), chain in chains.items():
        for step, bend in enumerate(chain[1:-1], start=1):
            found[bend] = rows[upper] + step
    return found


def _order_rows(rows: Mapping[int, int], steps: Sequence[Arc], size: int) -> list[list[int]]:
    """Return the vertices of each row from left to right.

    A root above all rows is connected to every vertex without predecessors. It makes the graph connected
    and keeps every vertex in its row.
    """
    root = max(rows, default=-1) + 1
    next_free = root + 1
    holding_arcs: list[Arc] = []
    lower_ends = {lower for _upper, lower in steps}
    for vertex in range(size):
        if vertex in lower_ends:
            continue
        chain = [root, *range(next_free, next_free + rows[vertex]), vertex]
        next_free += rows[vertex]
        holding_arcs += pairwise(chain)
    layouts = from_edges(
        [*holding_arcs, *steps],
        ranking_type="up",
        crossing_minimization="barycenter",
        transpose=True,
        dummy_vertices=False,
    )
    found = {vertex: place for places, *_rest in layouts for vertex, place in places}
    order: list[list[int]] = [[] for _row in range(max(rows.values(), default=-1) + 1)]
    for vertex in sorted(rows, key=lambda vertex: (found[vertex][0], vertex)):
        order[rows[vertex]].append(vertex)
    return order if _reads_forward(order, size) else [row[::-1] for row in order]


def _reads_forward(order: Sequence[Sequence[int]], size: int) -> bool:
    """Return whether most neighbours keep their given order; a mirror image has as few crossings."""
    without_bends = [[vertex for vertex in row if vertex < size] for row in order]
    return sum(1 if left < right else -1 for row in without_bends for left, right in pairwise(row)) >= 0


def _compute_middles(
    order: list[list[int]],
    steps: Sequence[Arc],
    vertex_or_none: Callable[[int], int | None],
    distance: Callable[[int | None, int | None], float],
    inwards: float,
) -> dict[int, float]:
    """Return centres that keep the order and the distances, with neighbours above each other.

    The stronger the pull `inwards`, the less a long path drifts to one side.
    """
    gaps = [[distance(vertex_or_none(a), vertex_or_none(b)) for a, b in pairwise(row)] for row in order]
    middles: dict[int, float] = {}
    for row, widths in zip(order, gaps, strict=True):
        middles.update(zip(row, _space_out([0.0] * len(row), [1.0] * len(row), widths), strict=True))
    pulls: dict[int, list[tuple[int, float]]] = {vertex: [] for row in order for vertex in row}
    for upper, lower in steps:
        strength = _PULL[(vertex_or_none(upper) is None) + (vertex_or_none(lower) is None)]
        pulls[upper].append((lower, strength))
        pulls[lower].append((upper, strength))
    # Sweep down and up in turn, so that changes spread in both directions.
    for sweep in range(_SWEEPS):
        numbers = range(len(order)) if sweep % 2 == 0 else reversed(range(len(order)))
        for number in numbers:
            row = order[number]
            wishes = [_weighted_middle(middles, pulls[vertex], middles[vertex], inwards) for vertex in row]
            weights = [sum(strength for _other, strength in pulls[vertex]) + inwards or 0.1 for vertex in row]
            middles.update(zip(row, _space_out(wishes, weights, gaps[number]), strict=True))
    return middles


def _weighted_middle(
    middles: Mapping[int, float], pulls: Sequence[tuple[int, float]], middle: float, inwards: float
) -> float:
    strength = sum(pull for _other, pull in pulls) + inwards
    return sum(middles[other] * pull for other, pull in pulls) / strength if strength else middle


def _space_out(wishes: Sequence[float], weights: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Return the positions closest to the wishes that keep order and gaps (pool adjacent violators)."""
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    pools: list[tuple[float, float, int]] = []  # position, weight, count
    for wish, offset, weight in zip(wishes, offsets, weights, strict=False):
        position, weight_sum, count = wish - offset, weight, 1
        # Vertices whose wishes conflict move together, to their weighted mean.
        while pools and pools[-1][0] > position:
            other, weight_before, number = pools.pop()
            position = (other * weight_before + position * weight_sum) / (weight_before + weight_sum)
            weight_sum, count = weight_sum + weight_before, count + number
        pools.append((position, weight_sum, count))
    places = [position for position, _weight, count in pools for _each in range(count)]
    return [place + offset for place, offset in zip(places, offsets, strict=False)]
