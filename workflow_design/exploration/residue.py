"""What is left of a condition when some of its fields will not change any more.

Two workspaces whose settled fields leave the same residue of every condition have the same future.
Only the truth of the residue is kept, and whether it fails.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from workflow_design.conditions import ConditionError, evaluate, fields_read, is_true
from workflow_design.exploration.uses import operation_of

Residue = bool | str
"""Whether it holds, whatever the other fields say; else a text that is the same for the same rest."""

_NEVER_FAIL: Final = frozenset(
    {"var", "missing", "!", "!!", "and", "or", "if", "?:", "==", "!=", "===", "!=="}
)


def residue_of(rule: Any, known: Mapping[str, Any]) -> Residue:
    """The residue of a valid rule for these values of some fields, None for empty ones."""
    return _written(_rest(rule, known))


def _written(rest: Any) -> Residue:
    return rest if isinstance(rest, bool) else json.dumps(rest, sort_keys=True)


def _rest(rule: Any, known: Mapping[str, Any]) -> Any:
    """True, false, or a value that stands for what is left to be seen."""
    if not isinstance(rule, dict):
        return is_true(rule)
    names = fields_read(rule)
    if names.issubset(known):
        return _settled(rule, known)
    return rule if names.isdisjoint(known) else _rest_of(rule, names, known)


def _rest_of(rule: Any, names: frozenset[str], known: Mapping[str, Any]) -> Any:
    """What is left of a rule of which some fields are known and some are not."""
    operator, arguments = operation_of(rule)
    if operator in ("!", "!!"):
        rest = _rest(arguments[0], known)
        return (rest is (operator == "!!")) if isinstance(rest, bool) else [operator, rest]
    if operator in ("and", "or"):
        return _of_junction(operator, arguments, known)
    if operator == "missing" and "." not in json.dumps(arguments):
        return _of_missing(names, known)
    return [rule, sorted((name, json.dumps(known[name])) for name in names if name in known)]


def _settled(rule: Any, known: Mapping[str, Any]) -> Any:
    data = {name: value for name, value in known.items() if value is not None}
    try:
        return is_true(evaluate(rule, data))
    except ConditionError:
        return "fails"


def _of_junction(operator: str, arguments: list[Any], known: Mapping[str, Any]) -> Any:
    """What is left of `and` and `or`, which stop at the first argument that decides."""
    decides = operator == "or"
    rests: list[Any] = []
    for argument in arguments:
        rest = _rest(argument, known)
        if rest is (not decides):
            continue
        rests.append(rest)
        if rest is decides or rest == "fails":
            break
    if not rests:
        return not decides
    if rests[-1] is decides and all(map(_never_fails, arguments)):
        return decides
    return rests[0] if len(rests) == 1 else [operator, *rests]


def _of_missing(names: frozenset[str], known: Mapping[str, Any]) -> Any:
    """What is left of `missing`, which is true as soon as one of its fields is empty."""
    if any(known.get(name) is None for name in names if name in known):
        return True
    return ["missing", sorted(name for name in names if name not in known)]


def _never_fails(rule: Any) -> bool:
    """Whether a rule has a value on every workspace."""
    if isinstance(rule, list):
        return all(map(_never_fails, rule))
    if not isinstance(rule, dict):
        return True
    operator, arguments = operation_of(rule)
    return operator in _NEVER_FAIL and all(map(_never_fails, arguments))
