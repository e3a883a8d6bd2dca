"""Evaluation of a rule within limits.

json-logic-qubit computes the results of single operations (`operations.py`), but traversing the rule is our
own code, because the library's traversal can't be limited:

- `jsonLogic` counts nothing, has no hooks, and recurses until Python's stack ends.
- `add_operation` can't replace `var`, `if`, `map` and similar operators, and affects the whole process.
- `method`, `log`, `count` and dotted names stay reachable.
- In a rule over the items of a list, it replaces the items 0, "" and [] by {} (`data or {}`).
- It treats the start value of a `reduce` as a constant, where JsonLogic allows a rule.

Differential tests compare our results with the library's.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.definition.fields import Field
from workflow_design.definition.problems import pointer, under
from workflow_design.engine.conditions.bounds import (
    ARGUMENTS,
    ITEMS_PER_OPERATION,
    MAX_LEVELS,
    Budget,
    ConditionError,
    accepts_count,
    condition_error,
    list_arguments,
)
from workflow_design.engine.conditions.moments import CONVERSIONS, compile_rule
from workflow_design.engine.conditions.numbers import OperandError, quote, rounded
from workflow_design.engine.conditions.operations import DATA_OPERATIONS, OPERATIONS, is_true

_PYTHON_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def evaluate(rule: Any, data: Any) -> Any:
    """Return the value of `rule` on `data`, usually a workspace.

    Neither is changed, but the result may share parts of them. Raise ConditionError if the rule is
    malformed, exceeds a limit of `bounds.py`, or does not fit its values. No other exception is raised.
    """
    return evaluate_within(Budget(), rule, data)


def holds(rule: Any, data: Any) -> bool | None:
    """Return whether the value of `rule` on `data` counts as true; None if it can't be evaluated."""
    try:
        return is_true(evaluate(rule, data))
    except ConditionError:
        return None


def evaluate_within(budget: Budget, rule: Any, data: Any) -> Any:
    """Return the value of one of several rules that share a budget; see `evaluate`."""
    try:
        value = _Evaluator(budget).value(rule, data, 0)
        return rounded(value) if isinstance(value, Fraction | list | dict) else value
    except RecursionError:  # the caller had already used most of the stack
        raise condition_error(_("The rule is nested too deeply."), "too-deep") from None


class _Evaluator:
    """Traversal of one rule. `level` is the number of operations and lists around the current part."""

    __slots__ = ("budget",)

    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    def value(self, rule: Any, data: Any, level: int) -> Any:
        """Return the value of a part of the rule: an operation, the items of a list, or a constant."""
        if not isinstance(rule, dict | list):
            return rule
        if level >= MAX_LEVELS:
            message = _("The rule is nested more than %(levels)d levels deep.")
            raise condition_error(message % {"levels": MAX_LEVELS}, "too-deep")
        if isinstance(rule, dict):
            return self._operation(rule, data, level + 1)
        # A list is not an operation, but has to be traversed.
        self.budget.spend(len(rule) // ITEMS_PER_OPERATION)
        return self.budget.check_size([self.value(item, data, level + 1) for item in rule])

    def holds(self, rule: Any, data: Any, level: int) -> bool:
        """Return whether the value of this part of the rule counts as true."""
        return is_true(self.value(rule, data, level))

    def _operation(self, rule: dict[Any, Any], data: Any, level: int) -> Any:
        operator, arguments = _split_operation(rule)
        # Compiled rules are not deeper than the rules that users wrote.
        if operator in CONVERSIONS:
            return CONVERSIONS[operator](self.value(arguments[0], data, level - 1))
        # Pay before evaluating, so that the limit also applies to nested operations.
        self.budget.spend(1 + len(arguments) // ITEMS_PER_OPERATION)
        # These must not evaluate all arguments: `if` and `and` depend on the others not being evaluated.
        if operator in _LAZY:
            return _LAZY[operator](self, arguments, data, level)
        values = [self.value(argument, data, level) for argument in arguments]
        return self.budget.check_size(_compute(operator, values, data))


Lazy = Callable[[_Evaluator, list[Any], Any, int], Any]


def _split_operation(rule: dict[Any, Any]) -> tuple[str, list[Any]]:
    if len(rule) != 1:
        raise condition_error(
            _("An operation must be an object with exactly one member."), "not-one-operator"
        )
    ((operator, written),) = rule.items()
    if operator in CONVERSIONS:
        return operator, list_arguments(written)
    if operator not in ARGUMENTS:
        raise condition_error(_("Unknown operator %(name)s.") % {"name": quote(operator)}, "unknown-operator")
    arguments = list_arguments(written)
    if not accepts_count(operator, len(arguments)):
        raise _operand_error(operator, arguments, _("this is the wrong number of values"))
    return operator, arguments


def _compute(operator: str, values: list[Any], data: Any) -> Any:
    try:
        if operator in DATA_OPERATIONS:
            return DATA_OPERATIONS[operator](data, *values)
        return OPERATIONS[operator](*values)
    except ConditionError:  # already has a message, for example from a limit
        raise
    except OperandError as error:
        raise _operand_error(operator, values, str(error)) from error
    except _PYTHON_ERRORS as error:
        raise _operand_error(operator, values, _("these values are not compatible")) from error


def _operand_error(operator: str, values: list[Any], reason: str) -> ConditionError:
    message = _("“%(operator)s” can't be applied to %(values)s: %(reason)s.")
    values_in_message = {
        "operator": operator,
        "values": ", ".join(_("nothing") if each is None else quote(each) for each in values[:5]) or "[]",
        "reason": reason,
    }
    return condition_error(message % values_in_message, "misfit")


def _if(evaluator: _Evaluator, arguments: list[Any], data: Any, level: int) -> Any:
    """Evaluate `if` or `?:`: condition, result, condition, result, …, and finally the default."""
    for position in range(0, len(arguments) - 1, 2):
        if evaluator.holds(arguments[position], data, level):
            return evaluator.value(arguments[position + 1], data, level)
    # An odd last argument is the "else" branch.
    return evaluator.value(arguments[-1], data, level) if len(arguments) % 2 else None


def _junction(stops_at: bool) -> Lazy:
    """Return `and` or `or`: the value of the first argument that decides, or else of the last one."""

    def junction(evaluator: _Evaluator, arguments: list[Any], data: Any, level: int) -> Any:
        result = None
        for argument in arguments:
            result = evaluator.value(argument, data, level)
            if is_true(result) is stops_at:
                break
        return result

    return junction


def _evaluate_items(evaluator: _Evaluator, arguments: list[Any], data: Any, level: int) -> list[Any]:
    """Return the list that a scoped operation iterates over; other values count as empty lists."""
    items = evaluator.value(arguments[0], data, level)
    return items if isinstance(items, list) else []


def _map(evaluator: _Evaluator, arguments: list[Any], data: Any, level: int) -> Any:
    items = _evaluate_items(evaluator, arguments, data, level)
    return evaluator.budget.check_size([evaluator.value(arguments[1], item, level) for item in items])


def _filter(evaluator: _Evaluator, arguments: list[Any], data: Any, level: int) -> list[Any]:
    items = _evaluate_items(evaluator, arguments, data, level)
    return [item for item in items if evaluator.holds(arguments[1], item, level)]


def _all(evaluator: _Evaluator, arguments: list[Any], data: Any, level: int) -> bool:
    """Return whether the rule holds for every item; false if there are none."""
    items = _evaluate_items(evaluator, arguments, data, level)
    return bool(items) and all(evaluator.holds(arguments[1], item, level) for item in items)


def _some(evaluator: _Evaluator, arguments: list[Any], data: Any, level: int) -> bool:
    return bool(_filter(evaluator, arguments, data, level))


def _none(evaluator: _Evaluator, arguments: list[Any], data: Any, level: int) -> bool:
    return not _filter(evaluator, arguments, data, level)


def _reduce(evaluator: _Evaluator, arguments: list[Any], data: Any, level: int) -> Any:
    items = _evaluate_items(evaluator, arguments, data, level)
    result = evaluator.value(arguments[2], data, level) if len(arguments) > 2 else None  # noqa: PLR2004
    for item in items:
        result = evaluator.value(arguments[1], {"current": item, "accumulator": result}, level)
    return result


_LAZY: Final[dict[str, Lazy]] = {
    "if": _if,
    "?:": _if,
    "and": _junction(stops_at=False),
    "or": _junction(stops_at=True),
    "map": _map,
    "filter": _filter,
    "reduce": _reduce,
    "all": _all,
    "some": _some,
    "none": _none,
}
"""Operators that decide which of their arguments are evaluated, and on which data."""


def apply_transform(transform: Mapping[str, Any], data: Any, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return the object that a valid transform makes of `data`; None where a rule's result is empty.

    For a request, `data` is the workspace; for an answer it is `{"workspace": …, "response": {"status": …,
    "body": …}}`. `fields` are those of the workspace. All rules share the budget of one rule. Raise
    ConditionError, with the path in the transform, at the first rule that can't be evaluated.
    """
    # One budget for all rules, so that a transform costs no more than a condition.
    budget = Budget()
    return {
        name: _evaluate_rule(name, compile_rule(rule, fields), data, budget)
        for name, rule in transform.items()
    }


def _evaluate_rule(name: str, rule: Any, data: Any, budget: Budget) -> Any:
    try:
        return evaluate_within(budget, rule, data)
    except ConditionError as error:
        raise ConditionError(under(pointer(name), error.problems)) from error
