"""What a rule reads from the workspace, said without evaluating it."""

from collections.abc import Iterator, Mapping
from typing import Any

from workflow_design.engine.conditions.bounds import ConditionError
from workflow_design.engine.conditions.evaluation import evaluate
from workflow_design.engine.conditions.operations import is_true
from workflow_design.engine.conditions.operators import RuleObject, arguments_of, rule_objects

Path = tuple[str | int, ...]


def names_written(found: RuleObject) -> Iterator[tuple[Path, Any]]:
    """The names that an operation reads, as they are written, each with its place in the rule.

    What stands there instead of a name comes too; `validate` refuses it.
    """
    arguments, path = found.arguments, (*found.path, found.operator)
    if found.operator == "var":
        yield _first_place(found), arguments[0] if arguments else None
    elif found.operator == "missing" and len(arguments) == 1:
        yield from _listed(arguments[0], _first_place(found))
    elif found.operator == "missing":
        yield from _listed(arguments, path)
    elif found.operator == "missing_some":
        yield from _listed(arguments[1], (*path, 1))


def _first_place(found: RuleObject) -> Path:
    bracketed = isinstance(found.members[found.operator], list) and bool(found.arguments)
    return (*found.path, found.operator, 0) if bracketed else (*found.path, found.operator)


def _listed(names: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if not isinstance(names, list):
        yield path, names
        return
    for position, name in enumerate(names):
        yield (*path, position), name


def paths_read(rule: Any) -> frozenset[str]:
    """The dotted names that a valid rule reads, without those in a rule over the items of a list."""
    return frozenset(
        name
        for found in rule_objects(rule)
        if not found.over_items
        for _place, name in names_written(found)
        if isinstance(name, str)
    )


def fields_read(rule: Any) -> frozenset[str]:
    """The workspace fields that a valid rule reads on any way through it."""
    return frozenset(path.partition(".")[0] for path in paths_read(rule))


def values_read(rule: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the fields that a valid rule reads, by name; None for an empty one."""
    return {name: data.get(name) for name in sorted(fields_read(rule))}


def is_constantly_false(rule: Any) -> bool:
    """Whether a valid rule provably never holds: it reads nothing and is false, or an `and` with such a part.

    None is no condition, and so always true. A rule that fails whenever it is evaluated is not
    called false: it is an error of another kind.
    """
    if isinstance(rule, dict) and "and" in rule:
        return any(part is None or is_constantly_false(part) for part in arguments_of(rule["and"]))
    if rule is None or paths_read(rule):
        return False
    try:
        return not is_true(evaluate(rule, {}))
    except ConditionError:
        return False
