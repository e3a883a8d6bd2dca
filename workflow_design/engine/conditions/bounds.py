"""The language of rules: its operators, and limits on the size of rules and values.

Limits are counted, never timed, so the same rule always has the same result.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from ticketflower.clean_json import utf8_length
from workflow_design.definition.problems import DefinitionError, Problem

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
"""Each operator with the minimum and maximum number of its arguments (None: no maximum)."""

SCOPED: Final = frozenset({"map", "reduce", "filter", "all", "none", "some"})
"""Operators whose second argument is a rule over one item of a list instead of the workspace."""


def branches(arguments: list[Any]) -> list[Any]:
    """Return which arguments of an `if` can be its result: each second one, and a default at the end."""
    return [*arguments[1::2], *(arguments[-1:] if len(arguments) % 2 else ())]


@dataclass(frozen=True, slots=True)
class RuleObject:
    """One JSON object inside a rule: an operation, if it is well-formed."""

    members: dict[str, Any]
    operator: str
    """The name of the only member; "" if there is none."""
    path: tuple[str | int, ...]
    over_items: bool
    """Whether `var` reads an item of a list here instead of a field of the workspace."""

    @property
    def arguments(self) -> list[Any]:
        """The arguments of the operator; `{"!": x}` is short for `{"!": [x]}`."""
        return list_arguments(self.members[self.operator])


def list_arguments(written: Any) -> list[Any]:
    """Return the arguments of an operator as a list, even if a single one is written without brackets."""
    return written if isinstance(written, list) else [written]


def split_operation(operation: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """Return the operator of a valid operation, and its arguments as a list."""
    ((operator, written),) = operation.items()
    return operator, list_arguments(written)


def accepts_count(operator: str, number: int) -> bool:
    """Return whether the operator accepts this number of arguments."""
    least, greatest = ARGUMENTS[operator]
    return least <= number and (greatest is None or number <= greatest)


def count_levels(rule: Any) -> int:
    """Return how deeply operations and lists are nested; an operation's list of arguments does not count."""
    if isinstance(rule, dict):
        # Malformed objects may have several members; count the deepest.
        inner = [argument for written in rule.values() for argument in list_arguments(written)]
    elif isinstance(rule, list):
        inner = rule
    else:
        return 0
    return 1 + max(map(count_levels, inner), default=0)


def rule_objects(rule: Any) -> list[RuleObject]:
    """Return all objects inside a rule, outermost first, including malformed ones.

    Like `count_levels`, this recurses as deep as the rule, so it is only for rules of limited depth.
    """
    found: list[RuleObject] = []
    _collect_objects(rule, (), False, found)
    return found


def _collect_objects(
    rule: Any, path: tuple[str | int, ...], over_items: bool, found: list[RuleObject]
) -> None:
    if isinstance(rule, list):
        for position, item in enumerate(rule):
            if isinstance(item, list | dict):
                _collect_objects(item, (*path, position), over_items, found)
    elif isinstance(rule, dict):
        found.append(RuleObject(rule, next(iter(rule), ""), path, over_items))
        for operator, written in rule.items():
            in_list = isinstance(written, list)
            for position, argument in enumerate(written if in_list else [written]):
                if isinstance(argument, list | dict):
                    below = (*path, operator, position) if in_list else (*path, operator)
                    # Only the second argument is evaluated for each item; the first is about the workspace.
                    scoped = over_items or (operator in SCOPED and position == 1)
                    _collect_objects(argument, below, scoped, found)


MAX_RULE_BYTES = 16 * 1024
MAX_LEVELS = 32
MAX_OPERATIONS = 10_000
MAX_VALUE_BYTES = 64 * 1024
MAX_VALUE_DEPTH = 64
"""Not deeper than `clean_json` allows, because comparing and storing a value recurses into it."""

_BYTES_PER_OPERATION = 1024
ITEMS_PER_OPERATION = 64
_SMALL_TEXT_LENGTH = _BYTES_PER_OPERATION // 4  # in characters; UTF-8 takes at most four bytes for each


class ConditionError(DefinitionError):
    """A rule that is not allowed, or that can't be evaluated on these values; `problems` says why."""


def condition_error(message: str, code: str) -> ConditionError:
    """Return the error of a rule whose evaluation ends here."""
    return ConditionError([Problem("", message, code)])


class Budget:
    """The remaining budget of one evaluation: 10,000 operations, and no value over 64 KiB.

    An operation costs one, plus one for every KiB and every 64 items of its result and for every 64
    arguments. So the limit applies to the real work and memory, even for rules that make 10,000 values just
    below the largest size. Small values are free.
    """

    __slots__ = ("operations_left",)

    def __init__(self) -> None:
        self.operations_left = MAX_OPERATIONS

    def check_size(self, value: Any) -> Any:
        """Return `value` if it is small enough; otherwise raise ConditionError."""
        # Most values are small scalars, so measuring only the others keeps evaluation fast.
        if (isinstance(value, str) and len(value) > _SMALL_TEXT_LENGTH) or isinstance(value, list | dict):
            measure = _Measure()
            measure.add(value, MAX_VALUE_DEPTH)
            self.spend(measure.bytes // _BYTES_PER_OPERATION + measure.items // ITEMS_PER_OPERATION)
        return value

    def spend(self, operations: int) -> None:
        """Count so many operations; raise ConditionError if there are not so many left."""
        self.operations_left -= operations
        if self.operations_left < 0:
            message = _("The rule needs more than %(number)s operations.")
            raise condition_error(message % {"number": f"{MAX_OPERATIONS:,}"}, "too-many-operations")


class _Measure:
    """The approximate length of a value's JSON text, and its total number of items.

    Every occurrence counts: a list that holds the same long text a thousand times takes little memory here,
    but much once it is serialized. Measuring stops at the limits.
    """

    __slots__ = ("bytes", "items")

    def __init__(self) -> None:
        self.bytes = 0
        self.items = 0

    def add(self, value: Any, depth: int) -> None:
        """Measure a value that may be nested `depth` levels deep."""
        if isinstance(value, list | dict):
            self._add_items(value, depth)
        elif isinstance(value, str):
            self._add_bytes(utf8_length(value))
        elif isinstance(value, int):
            # Not len(str(value)): Python refuses to convert numbers of more than 4,300 digits.
            self._add_bytes(value.bit_length() // 3 + 1)
        else:
            self._add_bytes(4)

    def _add_items(self, value: list[Any] | dict[str, Any], depth: int) -> None:
        if not depth:
            message = _("The rule creates a value that is nested more than %(depth)d levels deep.")
            raise condition_error(message % {"depth": MAX_VALUE_DEPTH}, "too-deep-value")
        self.items += len(value)
        self._add_bytes(2 + len(value))
        if isinstance(value, dict):
            for name in value:
                self.add(name, 0)
            value = list(value.values())
        for item in value:
            self.add(item, depth - 1)

    def _add_bytes(self, number: int) -> None:
        self.bytes += number
        if self.bytes > MAX_VALUE_BYTES:
            raise too_large_value()


def too_large_value() -> ConditionError:
    """Return the error of a rule that makes, or would make, a value over 64 KiB."""
    message = _("The rule creates a value that is larger than %(bytes)s bytes.")
    return condition_error(message % {"bytes": f"{MAX_VALUE_BYTES:,}"}, "too-large-value")
