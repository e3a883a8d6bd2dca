"""Bundles: what would be many long lines for the same field, or into the same reader, is drawn as one rail.

A rail runs down beside the picture. What writes leads into it, what reads branches off it, and the
branches of one row share their way: a field that twenty tasks read is one line, not twenty.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from workflow_design.picture.graph import FieldEdge
from workflow_design.picture.placement import Arc

MOST_RAILS: Final = 4
_FEWEST_PAIRS: Final = 4
_WORTH: Final = 18
"""How many rows its lines must run past, all together, before a bundle becomes a rail."""

Pair = tuple[int, int, str]
"""Who writes, who reads, which field."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a rail stands for. Ends are positions in the list of definitions, with what they write or read."""

    writers: Mapping[int, tuple[str, ...]]
    readers: Mapping[int, tuple[str, ...]]
    pairs: frozenset[Pair]


def bundled(edges: Sequence[FieldEdge], rows: Sequence[int]) -> tuple[list[FieldEdge], list[Bundle]]:
    """The edges that stay lines of their own, and the bundles that take the place of the others.

    `rows` is where everything would stand if every edge were a line. The heaviest bundles are taken
    first; each pair of a writer and a reader of a field is in exactly one edge or bundle.
    """
    free = [(edge.writer, edge.reader, name) for edge in edges for name in edge.fields]
    bundles: list[Bundle] = []
    while len(bundles) < MOST_RAILS:
        candidates = [each for each in _candidates(free) if len(each) >= _FEWEST_PAIRS]
        best = max(candidates, key=lambda pairs: _weight(pairs, rows), default=[])
        if _weight(best, rows) < _WORTH:
            break
        bundles.append(_bundle(best))
        free = [pair for pair in free if pair not in bundles[-1].pairs]
    return _thinned(edges, frozenset(free)), bundles


def _candidates(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """All pairs of a field, and all of a reader."""
    by_field: dict[str, list[Pair]] = defaultdict(list)
    by_reader: dict[int, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_field[pair[2]].append(pair)
        by_reader[pair[1]].append(pair)
    return [*by_field.values(), *by_reader.values()]


def _weight(pairs: Sequence[Pair], rows: Sequence[int]) -> int:
    """How many rows the lines between different ends run past."""
    ends = {(writer, reader) for writer, reader, _name in pairs if writer != reader}
    return sum(max(abs(rows[reader] - rows[writer]) - 1, 0) for writer, reader in ends)


def _bundle(pairs: Sequence[Pair]) -> Bundle:
    writers: dict[int, dict[str, None]] = defaultdict(dict)
    readers: dict[int, dict[str, None]] = defaultdict(dict)
    for writer, reader, name in pairs:
        writers[writer][name] = None
        readers[reader][name] = None
    return Bundle(
        writers={end: tuple(names) for end, names in writers.items()},
        readers={end: tuple(names) for end, names in readers.items()},
        pairs=frozenset(pairs),
    )


def _thinned(edges: Sequence[FieldEdge], free: frozenset[Pair]) -> list[FieldEdge]:
    found = []
    for edge in edges:
        names = tuple(name for name in edge.fields if (edge.writer, edge.reader, name) in free)
        if names:
            found.append(replace(edge, fields=names))
    return found


def held_arcs(arcs: Iterable[Arc], drawn: Iterable[Arc]) -> list[Arc]:
    """Of all arcs, those to ends that only rails lead to, which so keep their places below what they read."""
    led_to = {lower for _upper, lower in drawn}
    return [arc for arc in arcs if arc[1] not in led_to]
