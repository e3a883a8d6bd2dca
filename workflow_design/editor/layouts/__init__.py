"""Layouts as lines that people move, with a preview."""
