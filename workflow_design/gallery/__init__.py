"""Workflows ready to use."""
