"""The picture of a workflow: from the definition to positions, from which a template makes an SVG.

There are no arrows in a definition: edges are the fields that one definition writes and another reads.
"""
