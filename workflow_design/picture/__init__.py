"""The picture of a workflow: from the definition to positions, from which a template makes an SVG.

There are no arrows in a definition: edges are the fields that one definition writes and another reads.
"""

from workflow_design.picture.drawing import draw_picture
from workflow_design.picture.model import Edge, Label, Line, Mark, Node, Picture, PlacedMark, describe_picture

__all__ = [
    "Edge",
    "Label",
    "Line",
    "Mark",
    "Node",
    "Picture",
    "PlacedMark",
    "Rail",
    "describe_picture",
    "draw_picture",
]
