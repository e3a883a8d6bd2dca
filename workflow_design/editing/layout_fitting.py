"""Layouts follow the fields that they lay out: what is new comes at the end, what is gone goes."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from workflow_design.layouts import LayoutError, parse_layout

Renaming = Callable[[str], str | None]


def with_names(layout: Sequence[Any], renaming: Renaming) -> tuple[Any, ...]:
    """The layout with each field's name put through `renaming`; without those that become None.

    Rows and sections that held nothing else go with them. Titles and texts stay.
    """
    items = (_item(item, renaming) for item in layout)
    return tuple(item for item in items if item is not None)


def fitted(layout: Sequence[Any], fields: Collection[str]) -> tuple[Any, ...]:
    """The layout of a form for exactly these fields: those that it lacks stand at its end.

    The empty layout shows all fields, and stays so. One that can't be read stays as it is, too:
    what is wrong with it is for the check to say.
    """
    if not layout:
        return ()
    known = set(fields)
    kept = with_names(layout, lambda name: name if name in known else None)
    try:
        shown = parse_layout(list(kept), fields=tuple(fields), exactly_once=False).fields_in_order
    except LayoutError:
        return tuple(layout)
    return (*kept, *(name for name in fields if name not in shown)) if kept else ()


def _item(item: Any, renaming: Renaming) -> Any:
    if isinstance(item, str):
        return renaming(item)
    if isinstance(item, list):
        return [new for new in map(renaming, item) if new is not None] or None
    if isinstance(item, dict) and isinstance(item.get("items"), list):
        inner = list(with_names(item["items"], renaming))
        return {**item, "items": inner} if inner or not item["items"] else None
    return item
