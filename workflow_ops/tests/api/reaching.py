"""What the code of a function reaches, read from the syntax of its module: what it names, and its helpers."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any

Place = tuple[str, str]
"""A module and the name of what it defines at its top."""


def place_of(function: Any) -> Place:
    """Return where a function or class is defined."""
    return function.__module__, function.__name__


def reaches(start: Place, wanted: Any, *, near: tuple[str, ...]) -> bool:
    """Return whether a definition names `wanted`, or a helper does that it names.

    Helpers are what the same module defines, and what modules define whose names begin with one of `near`.
    What only stands in annotations, or is imported and not used, is not named.
    """
    waiting, seen = [start], {start}
    while waiting:
        module, name = waiting.pop()
        for helper, value in _named(module, name):
            if value is wanted:
                return True
            if helper not in seen and (helper[0] == module or helper[0].startswith(near)):
                seen.add(helper)
                waiting.append(helper)
    return False


def _named(module: str, name: str) -> Iterator[tuple[Place, Any]]:
    """Yield the objects that a definition names, each with its place."""
    node = _definitions(module).get(name)
    if node is None:
        return
    known = vars(import_module(module)) | _imported_inside(node)
    for each in _walk(node):
        value = _value_of(each, known)
        if isinstance(each, ast.Name) and each.id in _definitions(module):
            yield (module, each.id), value
        elif isinstance(value, FunctionType | type):
            yield place_of(value), value
        elif value is not None:
            yield ("", ""), value


@cache
def _definitions(module: str) -> dict[str, ast.AST]:
    """Return what a module defines at its top, by names."""
    found: dict[str, ast.AST] = {}
    for node in ast.parse(inspect.getsource(import_module(module))).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id: node for target in targets if isinstance(target, ast.Name)}
    return found


def _imported_inside(node: ast.AST) -> dict[str, Any]:
    """Return what functions import themselves."""
    return {
        alias.asname or alias.name: getattr(import_module(each.module), alias.name, None)
        for each in ast.walk(node)
        if isinstance(each, ast.ImportFrom) and each.module
        for alias in each.names
    }


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all below it, without annotations."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(child)


def _value_of(node: ast.AST, known: dict[str, Any]) -> Any:
    """Return the object that a name or a dotted name stands for, or None."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _value_of(node.value, known)
        return getattr(owner, node.attr, None) if isinstance(owner, ModuleType | type) else None
    return None
