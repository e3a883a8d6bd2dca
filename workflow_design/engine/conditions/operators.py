"""The operators that a rule may use, and nothing else (`engine.md`, "Conditions are code from strangers")."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

ARGUMENTS: Final[dict[str, tuple[int, int | None]]] = {
    "var": (0, 2),
    "missing": (0, None),
    "missing_some": (2, 2),
    "if": (0, None),
    "?:": (3, 3),
    "==": (2, 2),
    "===": (2, 2),
    "!=": (2, 2),
    "!==": (2, 2),
    "!": (1, 1),
    "!!": (1, 1),
    "or": (1, None),
    "and": (1, None),
    ">": (2, 2),
    ">=": (2, 2),
    "<": (2, 3),
    "<=": (2, 3),
    "max": (1, None),
    "min": (1, None),
    "+": (1, None),
    "-": (1, 2),
    "*": (1, None),
    "/": (2, 2),
    "%": (2, 2),
    "map": (2, 2),
    "reduce": (2, 3),
    "filter": (2, 2),
    "all": (2, 2),
    "none": (2, 2),
    "some": (2, 2),
    "merge": (0, None),
    "in": (2, 2),
    "cat": (1, None),
    "substr": (2, 3),
}
"""Each operator with the least and the greatest number of its arguments (None: any number)."""

SCOPED: Final = frozenset({"map", "reduce", "filter", "all", "none", "some"})
"""Operators whose second argument is a rule over one item of a list, not over the workspace."""


@dataclass(frozen=True, slots=True)
class RuleObject:
    """One JSON object inside a rule: an operation, if it is well formed."""

    members: dict[str, Any]
    path: tuple[str | int, ...]
    over_items: bool
    """Whether `var` means an item of a list here, and not a field of the workspace."""

    @property
    def operator(self) -> str:
        """The name of its only member."""
        return next(iter(self.members))

    @property
    def arguments(self) -> list[Any]:
        """What the operator is applied to; `{"!": x}` is short for `{"!": [x]}`."""
        return arguments_of(self.members[self.operator])


def arguments_of(written: Any) -> list[Any]:
    """The arguments of an operator as a list, also where a single one stands without brackets."""
    return written if isinstance(written, list) else [written]


def takes(operator: str, number: int) -> bool:
    """Whether the operator can be applied to so many arguments."""
    least, greatest = ARGUMENTS[operator]
    return least <= number and (greatest is None or number <= greatest)


def levels_of(rule: Any) -> int:
    """How many operations and lists are inside each other; the list of an operation's arguments is none."""
    if isinstance(rule, dict):
        inner = [argument for written in rule.values() for argument in arguments_of(written)]
    elif isinstance(rule, list):
        inner = rule
    else:
        return 0
    return 1 + max(map(levels_of, inner), default=0)


def rule_objects(
    rule: Any, *, path: tuple[str | int, ...] = (), over_items: bool = False
) -> Iterator[RuleObject]:
    """All objects inside a rule, from the outside in, malformed ones included.

    Recurses as deep as the rule is, as does `levels_of`: for rules of bounded depth only.
    """
    if isinstance(rule, list):
        for position, item in enumerate(rule):
            yield from rule_objects(item, path=(*path, position), over_items=over_items)
    elif isinstance(rule, dict):
        yield RuleObject(rule, path, over_items)
        for operator, written in rule.items():
            for position, argument in enumerate(arguments_of(written)):
                below = (*path, operator, position) if isinstance(written, list) else (*path, operator)
                scoped = over_items or (operator in SCOPED and position == 1)
                yield from rule_objects(argument, path=below, over_items=scoped)
