"""A drawn workflow: everything that a template needs to make an SVG, with positions and texts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.safestring import SafeString

from workflow_design.definition.workflow import DefinitionKey


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on a definition, such as a state or a finding. `tone` is one of the design system's tones."""

    tone: str
    word: str
    sign: str = ""
    """A character before the word, since colour alone is not enough; if empty, the sign of the tone."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; `y` is its baseline."""

    x: float
    y: float
    text: str

    @property
    def place(self) -> SafeString:
        """The attributes of its SVG element."""
        return SafeString(f'x="{self.x:.0f}" y="{self.y:.0f}"')


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
class DueSign:
    """A clock behind the kind of a task that is due, and after how many hours: "8 h"."""

    clock: str
    """Its path."""
    text: Line


@dataclass(frozen=True, slots=True)
class Shape:
    """What is drawn of a node, whatever its mark and link are."""

    outline: str
    """The path around it."""
    kind_line: Line
    due: DueSign | None
    title_lines: tuple[Line, ...]
    condition_lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A ticket, task or completion. `x` and `y` are its upper left corner."""

    key: DefinitionKey
    css_modifier: str
    """The end of its CSS class: ticket, form, sync-action, async-action, completed, cancelled or on-hold."""
    kind: str
    title: str
    sentence: str
    """All that the picture says of it beside its title, for users who can't see it."""
    x: float
    y: float
    width: float
    height: float
    shape: Shape
    hint: str
    """The full text of a title and condition that had to be cut; empty if they are complete."""
    mark: PlacedMark | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """The names of the fields on an edge, with a background that hides other lines."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[Line, ...]

    @property
    def place(self) -> SafeString:
        """The attributes of its background, an SVG rectangle."""
        place = f'x="{self.x:.0f}" y="{self.y:.0f}" width="{self.width:.0f}" height="{self.height:.0f}"'
        return SafeString(place)


@dataclass(frozen=True, slots=True)
class Edge:
    """The fields that one definition writes and another reads."""

    writer: DefinitionKey
    reader: DefinitionKey
    fields: tuple[str, ...]
    text: str
    """The edge in words: who writes which field for whom."""
    path: str
    arrow: str
    label: Label | None
    """None if there is no room; the names are also in `text`."""
    is_backward: bool
    is_supporting: bool


@dataclass(frozen=True, slots=True)
class Rail:
    """One line beside the picture, with branches, that replaces many edges."""

    pairs: frozenset[tuple[DefinitionKey, DefinitionKey, str]]
    """The writer, the reader and the field of each replaced edge."""
    text: str
    path: str
    arrow: str
    """The arrows of all its branches."""
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """What is drawn between the nodes, whatever their marks and links are."""

    edges: tuple[Edge, ...] = ()
    rails: tuple[Rail, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A workflow on a canvas of this size."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    lines: Lines
    left_out: int = 0
    """The number of edges without room in the picture; the sentences of the nodes include them."""

    def linked(self, links: Mapping[DefinitionKey, str]) -> "Picture":
        """Return a copy whose nodes link to these addresses."""
        return replace(self, nodes=tuple(replace(node, link=links.get(node.key, "")) for node in self.nodes))

    def without_fields(self) -> "Picture":
        """Return a copy that names definitions only, not which fields they read and write."""
        return replace(
            self,
            nodes=tuple(replace(node, sentence=f"{node.kind}.") for node in self.nodes),
            lines=Lines(
                edges=tuple(replace(edge, text="", label=None) for edge in self.lines.edges),
                rails=tuple(replace(rail, text="", labels=()) for rail in self.lines.rails),
            ),
        )
