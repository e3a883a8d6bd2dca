"""Whole numbers in texts from outside: addresses, forms and workspaces."""

MAX_DIGITS = 18
"""A longer number may not fit into a bigint, and PostgreSQL would refuse it with an error."""


def parse_number(text: str, *, max_digits: int = MAX_DIGITS) -> int | None:
    """Return the number that a text consists of, or None. Only ASCII digits count, and only so many."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= max_digits else None
