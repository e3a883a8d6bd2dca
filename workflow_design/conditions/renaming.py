"""A field of the workspace gets another name: the rules that read it, written anew."""

from collections.abc import Iterator, Mapping
from typing import Any

from workflow_design.conditions.operators import rule_objects
from workflow_design.conditions.reading import Path, names_written


def with_field_renamed(rule: Any, *, old: str, new: str, below: str = "") -> Any:
    """A valid rule that reads the field `new` wherever it read `old`; otherwise as it is written.

    `below` is where the workspace stands in what the rule is over: "workspace." for what becomes
    of an answer. In a rule over the items of a list names mean members of an item, and stay.
    """
    return _with_names(rule, dict(_new_names(rule, old=below + old, new=below + new)), ())


def _new_names(rule: Any, *, old: str, new: str) -> Iterator[tuple[Path, str]]:
    for found in rule_objects(rule):
        if found.over_items:
            continue
        for place, name in names_written(found):
            if isinstance(name, str) and (name == old or name.startswith(f"{old}.")):
                yield place, new + name.removeprefix(old)


def _with_names(part: Any, names: Mapping[Path, str], path: Path) -> Any:
    if path in names:
        return names[path]
    if isinstance(part, dict):
        return {key: _with_names(value, names, (*path, key)) for key, value in part.items()}
    if isinstance(part, list):
        return [_with_names(value, names, (*path, position)) for position, value in enumerate(part)]
    return part
