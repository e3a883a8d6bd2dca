"""Hypothesis strategies for valid and invalid JSON, and their settings."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

fuzzed = settings(max_examples=100, deadline=None, derandomize=True)

scalars: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-100, 100) | st.floats() | st.text(max_size=8) | st.integers()
)


def each(*values: Any) -> tuple[Any, ...]:
    """Return a strategy for these values, whose types have nothing in common."""
    return values


def json_values(names: st.SearchStrategy[str] | None = None, max_leaves: int = 15) -> st.SearchStrategy[Any]:
    """Return a strategy for JSON values that use `names` in objects and texts."""
    names = st.text(max_size=8) if names is None else names
    return st.recursive(
        scalars | names,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=3),
        max_leaves=max_leaves,
    )
