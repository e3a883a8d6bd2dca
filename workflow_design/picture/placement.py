"""Where everything stands: order by fast-sugiyama, then places by the real widths.

fast-sugiyama finds an order within the rows in which few edges cross. It is given whole numbers,
never names (it goes through a set of them), and an acyclic graph in which every arc leads from one
row to the next: on graphs with circles its ranking may not come to an end. It knows one width for
all vertices; the places are then moved so that edges run straight and nothing overlaps.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from fast_sugiyama import from_edges

MAX_BENDS = 1_500
_SWEEPS = 16
_PULL = {0: 1.0, 1: 2.0, 2: 8.0}
"""How strongly an arc pulls its ends together, by how many of them are bends: long edges run straight."""
_WIDE = 850.0
"""From the first middle to the last: what is wider does not fit on a page of 1,100 pixels."""
_INWARDS = 2.0

Arc = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Placement:
    """The horizontal middle of every vertex, and of the bends of every arc that goes past rows."""

    middles: tuple[float, ...]
    bends: Mapping[Arc, tuple[float, ...]]
    """For each arc that has a place a middle in every row between its ends, from the upper one on."""


def place(
    rows: Sequence[int], arcs: Sequence[Arc], distance: Callable[[int | None, int | None], float]
) -> Placement:
    """Middles for vertices that stand in these rows.

    `arcs` lead downwards; the first of them are placed as long as there is room for their bends.
    `distance` says how far apart the middles of two neighbours must be; None stands for a bend.
    """
    chains = _chains(rows, arcs)
    vertex_rows = _rows_with_bends(rows, chains)
    steps = [step for chain in chains.values() for step in pairwise(chain)]
    order = _order(vertex_rows, steps, len(rows))
    settle = partial(_settle, order, steps, lambda vertex: vertex if vertex < len(rows) else None, distance)
    middles = settle(0.0)
    if max(middles.values()) - min(middles.values()) > _WIDE:
        middles = min(middles, settle(_INWARDS), key=lambda found: max(found.values()) - min(found.values()))
    return Placement(
        middles=tuple(middles[vertex] for vertex in range(len(rows))),
        bends={arc: tuple(middles[bend] for bend in chain[1:-1]) for arc, chain in chains.items()},
    )


def _chains(rows: Sequence[int], arcs: Sequence[Arc]) -> dict[Arc, list[int]]:
    """For each arc its ends and a new vertex in every row between them."""
    chains: dict[Arc, list[int]] = {}
    first_free = len(rows)
    for upper, lower in arcs:
        number = rows[lower] - rows[upper] - 1
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


def _order(rows: Mapping[int, int], steps: Sequence[Arc], size: int) -> list[list[int]]:
    """The vertices of each row from left to right.

    A root above all rows, from which a chain leads to whatever nothing leads to, makes one whole
    of the graph and holds every vertex in its row.
    """
    root = max(rows, default=-1) + 1
    following = root + 1
    held: list[Arc] = []
    lower_ends = {lower for _upper, lower in steps}
    for vertex in range(size):
        if vertex in lower_ends:
            continue
        chain = [root, *range(following, following + rows[vertex]), vertex]
        following += rows[vertex]
        held += pairwise(chain)
    layouts = from_edges(
        [*held, *steps],
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
    """Whether most neighbours stand in the order they were given; a mirror image crosses as little."""
    named = [[vertex for vertex in row if vertex < size] for row in order]
    return sum(1 if left < right else -1 for row in named for left, right in pairwise(row)) >= 0


def _settle(
    order: list[list[int]],
    steps: Sequence[Arc],
    named: Callable[[int], int | None],
    distance: Callable[[int | None, int | None], float],
    inwards: float,
) -> dict[int, float]:
    """Middles that keep the order and the distances, and bring neighbours over each other.

    The more everything is pulled `inwards`, the less a long way drifts to one side.
    """
    gaps = [[distance(named(a), named(b)) for a, b in pairwise(row)] for row in order]
    middles: dict[int, float] = {}
    for row, widths in zip(order, gaps, strict=True):
        middles.update(zip(row, _spread([0.0] * len(row), [1.0] * len(row), widths), strict=True))
    pulls: dict[int, list[tuple[int, float]]] = {vertex: [] for row in order for vertex in row}
    for upper, lower in steps:
        strength = _PULL[(named(upper) is None) + (named(lower) is None)]
        pulls[upper].append((lower, strength))
        pulls[lower].append((upper, strength))
    for sweep in range(_SWEEPS):
        numbers = range(len(order)) if sweep % 2 == 0 else reversed(range(len(order)))
        for number in numbers:
            row = order[number]
            wishes = [_wish(middles, pulls[vertex], middles[vertex], inwards) for vertex in row]
            weights = [sum(strength for _other, strength in pulls[vertex]) + inwards or 0.1 for vertex in row]
            middles.update(zip(row, _spread(wishes, weights, gaps[number]), strict=True))
    return middles


def _wish(
    middles: Mapping[int, float], pulls: Sequence[tuple[int, float]], middle: float, inwards: float
) -> float:
    strength = sum(pull for _other, pull in pulls) + inwards
    return sum(middles[other] * pull for other, pull in pulls) / strength if strength else middle


def _spread(wishes: Sequence[float], weights: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """The places nearest to the wishes that keep the order and the gaps (pooling adjacent violators)."""
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    pools: list[tuple[float, float, int]] = []  # where, how heavy, how many
    for wish, offset, weight in zip(wishes, offsets, weights, strict=False):
        where, heavy, many = wish - offset, weight, 1
        while pools and pools[-1][0] > where:
            other, weight_before, number = pools.pop()
            where = (other * weight_before + where * heavy) / (weight_before + heavy)
            heavy, many = heavy + weight_before, many + number
        pools.append((where, heavy, many))
    places = [where for where, _heavy, many in pools for _each in range(many)]
    return [place + offset for place, offset in zip(places, offsets, strict=False)]
