"""The language of rules: its operators, and how large a rule and its values may become.

Bounds are counted, never timed, so that the same rule always ends in the same way.
"""

from collections.abc import Iterator
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


MAX_RULE_BYTES = 16 * 1024
MAX_LEVELS = 32
MAX_OPERATIONS = 10_000
MAX_VALUE_BYTES = 64 * 1024
MAX_VALUE_DEPTH = 64
"""No deeper than `clean_json` lets JSON in: comparing and storing a value recurses as deep as it is."""

_BYTES_PER_OPERATION = 1024
_ITEMS_PER_OPERATION = 64
_SURELY_SMALL = _BYTES_PER_OPERATION // 4  # characters; UTF-8 takes at most four bytes for each


class ConditionError(DefinitionError):
    """A rule that is not allowed, or that can't be evaluated on these values; `problems` says why."""


def refusal(message: str, code: str) -> ConditionError:
    """The error of a rule whose evaluation ends here."""
    return ConditionError([Problem("", message, code)])


class Budget:
    """What one evaluation may still spend: 10,000 operations and no value over 64 KiB.

    An operation counts once, and once more for every KiB and every 64 items of the value that it
    results in, and for every 64 arguments. So the count bounds the real work and memory, also of
    rules that make 10,000 values just below the largest size; small values are free.
    """

    __slots__ = ("operations_left",)

    def __init__(self) -> None:
        self.operations_left = MAX_OPERATIONS

    def spend_on_arguments(self, number: int) -> None:
        """Count one operation with so many arguments."""
        self._spend(1 + number // _ITEMS_PER_OPERATION)

    def spend_on_items(self, number: int) -> None:
        """Count a list of so many items, which is no operation but is walked through."""
        self._spend(number // _ITEMS_PER_OPERATION)

    def admitted(self, value: Any) -> Any:
        """`value`, if it is small enough."""
        if (isinstance(value, str) and len(value) > _SURELY_SMALL) or isinstance(value, list | dict):
            measure = _Measure()
            measure.add(value, MAX_VALUE_DEPTH)
            self._spend(measure.bytes // _BYTES_PER_OPERATION + measure.items // _ITEMS_PER_OPERATION)
        return value

    def _spend(self, operations: int) -> None:
        self.operations_left -= operations
        if self.operations_left < 0:
            message = _("The rule takes more than %(number)s operations.")
            raise refusal(message % {"number": f"{MAX_OPERATIONS:,}"}, "too-many-operations")


class _Measure:
    """About how long the JSON text of a value is, and how many items it has in all.

    A list that holds the same long text a thousand times takes little memory here, and much as
    soon as somebody writes it down: every occurrence counts. Measuring ends at the bounds.
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
            # Not len(str(value)): Python refuses to write numbers of more than 4,300 digits.
            self._add_bytes(value.bit_length() // 3 + 1)
        else:
            self._add_bytes(4)

    def _add_items(self, value: list[Any] | dict[str, Any], depth: int) -> None:
        if not depth:
            message = _("The rule makes a value that is nested deeper than %(depth)d levels.")
            raise refusal(message % {"depth": MAX_VALUE_DEPTH}, "too-deep-value")
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
    """The error of a rule that makes, or is going to make, a value over 64 KiB."""
    message = _("The rule makes a value that is larger than %(bytes)s bytes.")
    return refusal(message % {"bytes": f"{MAX_VALUE_BYTES:,}"}, "too-large-value")
