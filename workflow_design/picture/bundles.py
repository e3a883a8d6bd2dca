"""Bundles: many long lines for the same field, or to the same reader, are drawn as one rail.

A rail is a vertical line beside the picture. Writers lead into it, and readers branch off it. The branches
of one row share a line, so a field that twenty tasks read is one line, not twenty.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from workflow_design.picture.graph import FieldEdge
from workflow_design.picture.placement import Arc

MAX_RAILS: Final = 4
_MIN_PAIRS: Final = 4
_MIN_WEIGHT: Final = 18
"""How many rows the lines of a bundle must pass in total before it becomes a rail."""

Pair = tuple[int, int, str]
"""The writer, the reader and the field."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The edges that one rail replaces. Ends are positions in the list of definitions, with their fields."""

    writers: Mapping[int, tuple[str, ...]]
    readers: Mapping[int, tuple[str, ...]]
    pairs: frozenset[Pair]


def bundle_edges(edges: Sequence[FieldEdge], rows: Sequence[int]) -> tuple[list[FieldEdge], list[Bundle]]:
    """Return the edges that remain separate lines, and the bundles that replace the others.

    `rows` are the rows if every edge were a line. The heaviest bundles are chosen first. Each combination
    of writer, reader and field is in exactly one edge or bundle.
    """
    free = [(edge.writer, edge.reader, name) for edge in edges for name in edge.fields]
    bundles: list[Bundle] = []
    while len(bundles) < MAX_RAILS:
        candidates = [each for each in _list_candidates(free) if len(each) >= _MIN_PAIRS]
        best = max(candidates, key=lambda pairs: _weight(pairs, rows), default=[])
        # Rails are harder to follow than lines, so only long ones are worth it.
        if _weight(best, rows) < _MIN_WEIGHT:
            break
        bundles.append(_build_bundle(best))
        free = [pair for pair in free if pair not in bundles[-1].pairs]
    return _keep_free_fields(edges, frozenset(free)), bundles


def _list_candidates(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """Return the candidates for bundles: all pairs of a field, and all pairs of a reader."""
    by_field: dict[str, list[Pair]] = defaultdict(list)
    by_reader: dict[int, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_field[pair[2]].append(pair)
        by_reader[pair[1]].append(pair)
    return [*by_field.values(), *by_reader.values()]


def _weight(pairs: Sequence[Pair], rows: Sequence[int]) -> int:
    """Return how many rows the lines between different ends pass."""
    ends = {(writer, reader) for writer, reader, _name in pairs if writer != reader}
    return sum(max(abs(rows[reader] - rows[writer]) - 1, 0) for writer, reader in ends)


def _build_bundle(pairs: Sequence[Pair]) -> Bundle:
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


def _keep_free_fields(edges: Sequence[FieldEdge], free: frozenset[Pair]) -> list[FieldEdge]:
    found = []
    for edge in edges:
        names = tuple(name for name in edge.fields if (edge.writer, edge.reader, name) in free)
        if names:
            found.append(replace(edge, fields=names))
    return found


def find_arcs_to_hold(arcs: Iterable[Arc], drawn: Iterable[Arc]) -> list[Arc]:
    """Return the arcs to ends that only rails reach, so that these ends stay below the fields they read."""
    reached_ends = {lower for _upper, lower in drawn}
    return [arc for arc in arcs if arc[1] not in reached_ends]
