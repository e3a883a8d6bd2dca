"""The picture of a workflow: definition -> places -> what a template makes SVG of.

There are no arrows to draw: edges are the fields that one definition writes and another reads.
"""

from workflow_design.picture.drawing import picture_of
from workflow_design.picture.model import Edge, Label, Line, Mark, Node, Picture, PlacedMark, in_words

__all__ = ["Edge", "Label", "Line", "Mark", "Node", "Picture", "PlacedMark", "Rail", "in_words", "picture_of"]
