"""The value of a rule, computed within bounds.

json-logic-qubit computes what single operations result in (`operations.py`); the way through the
rule is ours. The library's own can't be bounded: `jsonLogic` counts nothing, offers no place to
do so, and recurses until Python's stack ends; `add_operation` can't replace `var`, `if`, `map` and
their kind, is shared by the whole process, and leaves `method`, `log`, `count` and dotted names
reachable. It also takes the items 0, "" and [] of a list for {} in the rule over them (`data or
{}`), and the start of a `reduce` for a value where JsonLogic has a rule. Differential tests hold
the two together.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.definition.problems import pointer, under
from workflow_design.engine.conditions.bounds import (
    ARGUMENTS,
    MAX_LEVELS,
    Budget,
    ConditionError,
    arguments_of,
    refusal,
    takes,
)
from workflow_design.engine.conditions.operations import OPERATIONS, OVER_DATA, MisfitError, is_true, shown

_PYTHON_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def evaluate(rule: Any, data: Any) -> Any:
    """The value of `rule` on `data`, usually a workspace; neither is changed, parts of them may come back.

    Raises ConditionError if the rule is malformed, exceeds a bound of `bounds.py`, or does not fit
    the values that it meets. No other exception leaves.
    """
    return evaluate_within(Budget(), rule, data)


def evaluate_within(budget: Budget, rule: Any, data: Any) -> Any:
    """`evaluate` for one of several rules that share a budget."""
    try:
        return _Evaluation(budget).value(rule, data, 0)
    except RecursionError:  # the caller's own stack was nearly full
        raise refusal(_("The rule is nested too deeply."), "too-deep") from None


class _Evaluation:
    """The way through one rule. `level` says how many operations and lists are around a part of it."""

    __slots__ = ("budget",)

    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    def value(self, rule: Any, data: Any, level: int) -> Any:
        """The value of a part of the rule: of an operation, of a list's items, or the constant itself."""
        if isinstance(rule, dict):
            return self._operation(rule, data, _below(level))
        if isinstance(rule, list):
            self.budget.spend_on_items(len(rule))
            inner = _below(level)
            return self.budget.admitted([self.value(item, data, inner) for item in rule])
        return rule

    def holds(self, rule: Any, data: Any, level: int) -> bool:
        """Whether the value of this part of the rule counts as true."""
        return is_true(self.value(rule, data, level))

    def _operation(self, rule: dict[Any, Any], data: Any, level: int) -> Any:
        operator, arguments = _taken_apart(rule)
        self.budget.spend_on_arguments(len(arguments))
        if operator in _LAZY:
            return _LAZY[operator](self, arguments, data, level)
        values = [self.value(argument, data, level) for argument in arguments]
        return self.budget.admitted(_computed(operator, values, data))


def _below(level: int) -> int:
    if level >= MAX_LEVELS:
        message = _("The rule is nested deeper than %(levels)d levels.")
        raise refusal(message % {"levels": MAX_LEVELS}, "too-deep")
    return level + 1


def _taken_apart(rule: dict[Any, Any]) -> tuple[str, list[Any]]:
    if len(rule) != 1:
        raise refusal(_("An operation is an object with exactly one member."), "not-one-operator")
    ((operator, written),) = rule.items()
    if operator not in ARGUMENTS:
        raise refusal(_("There is no operator %(name)s.") % {"name": shown(operator)}, "unknown-operator")
    arguments = arguments_of(written)
    if not takes(operator, len(arguments)):
        raise _misfit(operator, arguments, _("that is the wrong number of values"))
    return operator, arguments


def _computed(operator: str, values: list[Any], data: Any) -> Any:
    try:
        if operator in OVER_DATA:
            return OVER_DATA[operator](data, *values)
        return OPERATIONS[operator](*values)
    except ConditionError:
        raise
    except MisfitError as error:
        raise _misfit(operator, values, str(error)) from error
    except _PYTHON_ERRORS as error:
        raise _misfit(operator, values, _("these values do not fit together")) from error


def _misfit(operator: str, values: list[Any], reason: str) -> ConditionError:
    message = _("“%(operator)s” can't be applied to %(values)s: %(reason)s.")
    named = {"operator": operator, "values": ", ".join(map(shown, values[:5])) or "[]", "reason": reason}
    return refusal(message % named, "misfit")


def _if(evaluation: _Evaluation, arguments: list[Any], data: Any, level: int) -> Any:
    """`if` and `?:`: condition, result, condition, result …, and at the end what holds otherwise."""
    for position in range(0, len(arguments) - 1, 2):
        if evaluation.holds(arguments[position], data, level):
            return evaluation.value(arguments[position + 1], data, level)
    return evaluation.value(arguments[-1], data, level) if len(arguments) % 2 else None


def _and(evaluation: _Evaluation, arguments: list[Any], data: Any, level: int) -> Any:
    result = None
    for argument in arguments:
        result = evaluation.value(argument, data, level)
        if not is_true(result):
            break
    return result


def _or(evaluation: _Evaluation, arguments: list[Any], data: Any, level: int) -> Any:
    result = None
    for argument in arguments:
        result = evaluation.value(argument, data, level)
        if is_true(result):
            break
    return result


def _items(evaluation: _Evaluation, arguments: list[Any], data: Any, level: int) -> list[Any]:
    """The list that a scoped operation goes through; what is no list has no items."""
    items = evaluation.value(arguments[0], data, level)
    return items if isinstance(items, list) else []


def _map(evaluation: _Evaluation, arguments: list[Any], data: Any, level: int) -> Any:
    items = _items(evaluation, arguments, data, level)
    return evaluation.budget.admitted([evaluation.value(arguments[1], item, level) for item in items])


def _filter(evaluation: _Evaluation, arguments: list[Any], data: Any, level: int) -> list[Any]:
    items = _items(evaluation, arguments, data, level)
    return [item for item in items if evaluation.holds(arguments[1], item, level)]


def _all(evaluation: _Evaluation, arguments: list[Any], data: Any, level: int) -> bool:
    """Whether the rule holds for every item; false if there is none."""
    items = _items(evaluation, arguments, data, level)
    return bool(items) and all(evaluation.holds(arguments[1], item, level) for item in items)


def _some(evaluation: _Evaluation, arguments: list[Any], data: Any, level: int) -> bool:
    return bool(_filter(evaluation, arguments, data, level))


def _none(evaluation: _Evaluation, arguments: list[Any], data: Any, level: int) -> bool:
    return not _filter(evaluation, arguments, data, level)


def _reduce(evaluation: _Evaluation, arguments: list[Any], data: Any, level: int) -> Any:
    items = _items(evaluation, arguments, data, level)
    result = evaluation.value(arguments[2], data, level) if len(arguments) > 2 else None  # noqa: PLR2004
    for item in items:
        result = evaluation.value(arguments[1], {"current": item, "accumulator": result}, level)
    return result


_LAZY: Final[dict[str, Callable[[_Evaluation, list[Any], Any, int], Any]]] = {
    "if": _if,
    "?:": _if,
    "and": _and,
    "or": _or,
    "map": _map,
    "filter": _filter,
    "reduce": _reduce,
    "all": _all,
    "some": _some,
    "none": _none,
}
"""Operators that decide themselves which of their arguments are evaluated, and on what."""


def apply_transform(transform: Mapping[str, Any], data: Any) -> dict[str, Any]:
    """The object that a valid transform makes of `data`; None where a rule results in empty.

    `data` is the workspace for what is sent, and `{"workspace": …, "response": {"status": …,
    "body": …}}` for what is received. All rules share the bounds of one. Raises ConditionError,
    with the place in the transform, at the first rule that can't be evaluated.
    """
    budget = Budget()
    return {name: _value_at(name, rule, data, budget) for name, rule in transform.items()}


def _value_at(name: str, rule: Any, data: Any, budget: Budget) -> Any:
    try:
        return evaluate_within(budget, rule, data)
    except ConditionError as error:
        raise ConditionError(under(pointer(name), error.problems)) from error
