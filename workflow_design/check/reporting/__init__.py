"""Findings about what an exploration met, in the words of the designer. Pure."""
