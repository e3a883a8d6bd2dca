"""Nodes: their size, their shape, and the positions of their texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext as _

from workflow_design.definition.workflow import CompletionFile, DefinitionKey, PartFile, TicketFile
from workflow_design.picture.model import DueSign, Line, Mark, Node, Picture, PlacedMark, Shape
from workflow_design.picture.text import ELLIPSIS, text_width, wrap_text
from workflow_design.picture.words import condition_label, css_modifier, describe_definition, kind_label
from workflow_design.wording.rules import Vocabulary

NODE_WIDTH: Final = 208.0
TITLE_SIZE: Final = 15.0
SMALL_SIZE: Final = 12.0
_PADDING: Final = 14.0
_TITLE_LINE: Final = 20.0
_SMALL_LINE: Final = 16.0
_HEAD: Final = 24.0
"""From the upper edge to the baseline of the kind."""
_MARK_HEIGHT: Final = 18.0
_BOLD: Final = 1.1
"""How much wider bold text is."""
_SIGNS: Final = {"success": "✓", "info": "●", "warning": "!", "danger": "✗"}
"""The sign of marks besides their colour and word, by tone."""
_CLOCK: Final = 10.0
_CORNER: Final = 8.0
_BEVEL: Final = 14.0


@dataclass(frozen=True, slots=True)
class Content:
    """The texts of a node, broken into lines; independent of the node's position."""

    key: DefinitionKey
    definition: PartFile
    kind: str
    title: tuple[str, ...]
    condition: tuple[str, ...]
    sentence: str
    hint: str

    @property
    def height(self) -> float:
        """The height of the node."""
        lines = _TITLE_LINE * len(self.title) + _SMALL_LINE * len(self.condition)
        return _HEAD + lines + _PADDING


def build_content(
    key: DefinitionKey,
    definition: PartFile,
    vocabulary: Vocabulary,
    *,
    followers: Sequence[PartFile],
) -> Content:
    """Return the texts of a definition."""
    inner = NODE_WIDTH - 2 * _PADDING
    condition = condition_label(definition, vocabulary)
    title_lines = wrap_text(definition.title, width=inner / _BOLD, size=TITLE_SIZE, lines=3)
    condition_lines = wrap_text(condition, width=inner, size=SMALL_SIZE, lines=3)
    is_cut = any(lines and lines[-1].endswith(ELLIPSIS) for lines in (title_lines, condition_lines))
    return Content(
        key=key,
        definition=definition,
        kind=kind_label(definition),
        title=tuple(title_lines),
        condition=tuple(condition_lines),
        sentence=describe_definition(definition, vocabulary, followers),
        hint=f"{definition.title} {condition}" if is_cut else "",
    )


def build_node(content: Content, *, middle: float, top: float) -> Node:
    """Return the node with these texts, with its upper edge at `top`."""
    x, definition = middle - NODE_WIDTH / 2, content.definition
    left, head_bottom = x + _PADDING, top + _HEAD
    title_bottom = head_bottom + _TITLE_LINE * len(content.title)
    return Node(
        key=content.key,
        css_modifier=css_modifier(definition),
        kind=content.kind,
        title=definition.title,
        sentence=content.sentence,
        x=x,
        y=top,
        width=NODE_WIDTH,
        height=content.height,
        shape=Shape(
            outline=_outline(definition, x, top, content.height),
            kind_line=Line(left, head_bottom, content.kind),
            due=_place_due(content, left, head_bottom),
            title_lines=_lines(content.title, left, head_bottom, _TITLE_LINE),
            condition_lines=_lines(content.condition, left, title_bottom, _SMALL_LINE),
        ),
        hint=content.hint,
    )


def mark_nodes(picture: Picture, marks: Mapping[DefinitionKey, Mark]) -> Picture:
    """Return a copy of the picture with marks on its nodes; nothing else in it depends on them."""
    return replace(
        picture,
        nodes=tuple(
            replace(node, mark=_place_mark(marks[node.key], node.x, node.y)) if node.key in marks else node
            for node in picture.nodes
        ),
    )


def _place_due(content: Content, left: float, baseline: float) -> DueSign | None:
    """Place a clock and the hours after the kind of a task that is due."""
    hours = getattr(content.definition, "due_hours", None)
    if hours is None:
        return None
    x, y = left + text_width(content.kind, SMALL_SIZE) + _CLOCK / 2, baseline - SMALL_SIZE / 3
    radius = _CLOCK / 2
    face = (
        f"M{x:.0f} {y:.0f}a{radius:g} {radius:g} 0 1 0 {_CLOCK:g} 0a{radius:g} {radius:g} 0 1 0 -{_CLOCK:g} 0"
    )
    hands = f"m{radius:g} -{radius - 2:g}v{radius - 2:g}h{radius - 2.5:g}"
    return DueSign(face + hands, Line(x + 1.5 * _CLOCK, baseline, _("%(hours)s h") % {"hours": f"{hours:g}"}))


def _lines(texts: Sequence[str], x: float, y: float, step: float) -> tuple[Line, ...]:
    return tuple(Line(x, y + step * number, text) for number, text in enumerate(texts, start=1))


def _place_mark(mark: Mark, x: float, top: float) -> PlacedMark:
    """Place the mark across the upper right corner; its text is centred (css/picture.css)."""
    full_text = f"{mark.sign or _SIGNS.get(mark.tone, '-')} {mark.word}"
    (word,) = wrap_text(full_text, width=NODE_WIDTH * 0.6, size=SMALL_SIZE, lines=1) or [""]
    width = text_width(word, SMALL_SIZE) * _BOLD + 2 * _PADDING
    left, upper = x + NODE_WIDTH - width - _CORNER, top - _MARK_HEIGHT / 2
    text = Line(left + width / 2, upper + SMALL_SIZE + 1, word)
    return PlacedMark(mark, left, upper, width, _MARK_HEIGHT, text)


def _outline(definition: PartFile, x: float, y: float, height: float) -> str:
    """Return the shape: forms rounded, actions pointed, completions round, tickets with a cut corner."""
    if isinstance(definition, CompletionFile):
        return _rounded_path(x, y, height, min(height / 2, 26.0))
    if isinstance(definition, TicketFile):
        right, bottom = x + NODE_WIDTH, y + height
        return f"M{x:.0f} {y:.0f}H{right - _BEVEL:.0f}L{right:.0f} {y + _BEVEL:.0f}V{bottom:.0f}H{x:.0f}Z"
    if definition.is_form:
        return _rounded_path(x, y, height, _CORNER)
    return _pointed_path(x, y, height)


def _rounded_path(x: float, y: float, height: float, radius: float) -> str:
    across, down = NODE_WIDTH - 2 * radius, height - 2 * radius
    corner = f"a{radius:.0f} {radius:.0f} 0 0 1"
    return (
        f"M{x + radius:.0f} {y:.0f}h{across:.0f}{corner} {radius:.0f} {radius:.0f}v{down:.0f}"
        f"{corner} {-radius:.0f} {radius:.0f}h{-across:.0f}{corner} {-radius:.0f} {-radius:.0f}"
        f"v{-down:.0f}{corner} {radius:.0f} {-radius:.0f}Z"
    )


def _pointed_path(x: float, y: float, height: float) -> str:
    half, across = height / 2, NODE_WIDTH - _BEVEL
    tip = _BEVEL / 2
    return (
        f"M{x + tip:.0f} {y:.0f}h{across:.0f}l{tip:.0f} {half:.0f}l{-tip:.0f} {half:.0f}"
        f"h{-across:.0f}l{-tip:.0f} {-half:.0f}Z"
    )
