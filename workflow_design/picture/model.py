"""A drawn workflow: everything that a template needs to make SVG of, with places and texts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from workflow_design.definition.workflow import DefinitionKey


@dataclass(frozen=True, slots=True)
class Mark:
    """What is to be said about a definition: a state, a finding. `tone` is one of the design set's."""

    tone: str
    word: str
    sign: str = ""
    """A character before the word, so that colour is not all; if empty, the sign of the tone."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; `y` is its base line."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """A mark in the corner of its node."""

    mark: Mark
    x: float
    y: float
    width: float
    height: float
    text: Line


@dataclass(frozen=True, slots=True)
class Node:
    """A ticket, task or completion. `x` and `y` are its upper left corner."""

    key: DefinitionKey
    look: str
    """What it is, for its class: ticket, form, sync-action, async-action, completed, cancelled, on-hold."""
    kind: str
    title: str
    sentence: str
    """All that the picture says about it, for people who do not see it."""
    x: float
    y: float
    width: float
    height: float
    outline: str
    """The path of its shape."""
    kind_line: Line
    title_lines: tuple[Line, ...]
    condition_lines: tuple[Line, ...]
    hint: str
    """The whole of a title and condition that had to be cut; empty if they stand there in full."""
    mark: PlacedMark | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """The names of the fields on an edge, on a ground that lets no line through."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """What one definition writes and another one reads."""

    writer: DefinitionKey
    reader: DefinitionKey
    fields: tuple[str, ...]
    text: str
    """The edge in words: who writes what for whom."""
    path: str
    arrow: str
    label: Label | None
    """None where there is no room; the words are in `text`."""
    is_backward: bool
    is_supporting: bool


@dataclass(frozen=True, slots=True)
class Rail:
    """One line beside the picture, with branches, for what would be many edges."""

    pairs: frozenset[tuple[DefinitionKey, DefinitionKey, str]]
    """Who writes, who reads, which field."""
    text: str
    path: str
    arrow: str
    """The arrows of all its branches."""
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A workflow on a canvas of this size."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    rails: tuple[Rail, ...] = ()
    left_out: int = 0
    """How many edges there was no room for; the words of the nodes say them all."""

    def linked(self, links: Mapping[DefinitionKey, str]) -> "Picture":
        """The same picture, whose nodes lead to these addresses."""
        return replace(self, nodes=tuple(replace(node, link=links.get(node.key, "")) for node in self.nodes))


def in_words(picture: Picture) -> list[str]:
    """The picture for people who do not see it: a paragraph for every node, in reading order."""
    return [
        f"{node.sentence} {node.mark.mark.word}." if node.mark is not None else node.sentence
        for node in picture.nodes
    ]
