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
Prepared = Callable[[Budget, Any], Any]
"""A rule, or a part of one, as a function: it returns the value on some data, or raises ConditionError."""


def evaluate(rule: Any, data: Any) -> Any:
    """Return the value of `rule` on `data`, usually a workspace.

    Neither is changed, but the result may share parts of them. Raise ConditionError if the rule is
    malformed, exceeds a limit of `bounds.py`, or does not fit its values. No other exception is raised.
    """
    return prepare(rule)(Budget(), data)


def holds(rule: Any, data: Any) -> bool | None:
    """Return whether the value of `rule` on `data` counts as true; None if it can't be evaluated."""
    try:
        return is_true(evaluate(rule, data))
    except ConditionError:
        return None


def prepare(rule: Any) -> Prepared:
    """Return the rule as a function, for rules that are evaluated often; see `evaluate`.

    It must not change afterwards. What is wrong with a part is said when that part is evaluated.
    """
    try:
        evaluated = _prepare(rule, 0)
    except RecursionError:  # the caller has already used most of the stack; later there may be more room

        def evaluated(budget: Budget, data: Any) -> Any:
            return _prepare(rule, 0)(budget, data)

    def value(budget: Budget, data: Any) -> Any:
        try:
            found = evaluated(budget, data)
            return rounded(found) if isinstance(found, Fraction | list | dict) else found
        except RecursionError:
            raise condition_error(_("The rule is nested too deeply."), "too-deep") from None

    return value


def _prepare(rule: Any, level: int) -> Prepared:
    """Prepare a part: an operation, the items of a list, or a constant.

    `level` is the number of operations and lists around it.
    """
    if not isinstance(rule, dict | list):
        return lambda _budget, _data: rule
    if level >= MAX_LEVELS:
        return _refuse_depth
    if isinstance(rule, dict):
        return _prepare_operation(rule, level + 1)
    # A list is not an operation, but has to be traversed.
    operands = [_prepare(item, level + 1) for item in rule]
    cost = len(rule) // ITEMS_PER_OPERATION

    def value(budget: Budget, data: Any) -> Any:
        budget.spend(cost)
        return budget.check_size([operand(budget, data) for operand in operands])

    return value


def _refuse_depth(_budget: Budget, _data: Any) -> Any:
    message = _("The rule is nested more than %(levels)d levels deep.")
    raise condition_error(message % {"levels": MAX_LEVELS}, "too-deep")


def _prepare_operation(rule: dict[Any, Any], level: int) -> Prepared:
    if len(rule) != 1:
        return _refuse_members
    ((operator, written),) = rule.items()
    arguments = list_arguments(written)
    if operator in CONVERSIONS and len(arguments) == 1:
        # Compiled rules are not deeper than the rules that users wrote.
        return _prepare_conversion(CONVERSIONS[operator], _prepare(arguments[0], level - 1))
    if operator not in ARGUMENTS:
        return _refuse_operator(operator)
    if not accepts_count(operator, len(arguments)):
        return _refuse_count(operator, arguments)
    operands = [_prepare(argument, level) for argument in arguments]
    # Paid before evaluating, so that the limit also applies to nested operations.
    cost = 1 + len(arguments) // ITEMS_PER_OPERATION
    # These must not evaluate all arguments: `if` and `and` depend on the others not being evaluated.
    if operator in _LAZY:
        return _prepare_lazy(_LAZY[operator], operands, cost)
    return _prepare_plain(operator, operands, cost)


def _prepare_conversion(convert: Callable[[Any], Any], operand: Prepared) -> Prepared:
    return lambda budget, data: convert(operand(budget, data))


def _prepare_lazy(operation: "Lazy", operands: list[Prepared], cost: int) -> Prepared:
    def value(budget: Budget, data: Any) -> Any:
        budget.spend(cost)
        return operation(budget, operands, data)

    return value


def _prepare_plain(operator: str, operands: list[Prepared], cost: int) -> Prepared:
    reads_data = operator in DATA_OPERATIONS
    operation = DATA_OPERATIONS[operator] if reads_data else OPERATIONS[operator]

    def value(budget: Budget, data: Any) -> Any:
        budget.spend(cost)
        values = [operand(budget, data) for operand in operands]
        try:
            result = operation(data, *values) if reads_data else operation(*values)
        except ConditionError:  # already has a message, for example from a limit
            raise
        except OperandError as error:
            raise _operand_error(operator, values, str(error)) from error
        except _PYTHON_ERRORS as error:
            raise _operand_error(operator, values, _("these values are not compatible")) from error
        return budget.check_size(result)

    return value


# --- Parts that are malformed ----------------------------------------------------------


def _refuse_members(_budget: Budget, _data: Any) -> Any:
    raise condition_error(_("An operation must be an object with exactly one member."), "not-one-operator")


def _refuse_operator(operator: Any) -> Prepared:
    def refuse(_budget: Budget, _data: Any) -> Any:
        raise condition_error(_("Unknown operator %(name)s.") % {"name": quote(operator)}, "unknown-operator")

    return refuse


def _refuse_count(operator: str, arguments: list[Any]) -> Prepared:
    def refuse(_budget: Budget, _data: Any) -> Any:
        raise _operand_error(operator, arguments, _("this is the wrong number of values"))

    return refuse


def _operand_error(operator: str, values: list[Any], reason: str) -> ConditionError:
    message = _("“%(operator)s” can't be applied to %(values)s: %(reason)s.")
    values_in_message = {
        "operator": operator,
        "values": ", ".join(_("nothing") if each is None else quote(each) for each in values[:5]) or "[]",
        "reason": reason,
    }
    return condition_error(message % values_in_message, "misfit")


# --- Operators that decide which of their arguments are evaluated, and on which data --------

Lazy = Callable[[Budget, list[Prepared], Any], Any]


def _if(budget: Budget, arguments: list[Prepared], data: Any) -> Any:
    """Evaluate `if` or `?:`: condition, result, condition, result, …, and finally the default."""
    for position in range(0, len(arguments) - 1, 2):
        if is_true(arguments[position](budget, data)):
            return arguments[position + 1](budget, data)
    # An odd last argument is the "else" branch.
    return arguments[-1](budget, data) if len(arguments) % 2 else None


def _junction(stops_at: bool) -> Lazy:
    """Return `and` or `or`: the value of the first argument that decides, or else of the last one."""

    def junction(budget: Budget, arguments: list[Prepared], data: Any) -> Any:
        result = None
        for argument in arguments:
            result = argument(budget, data)
            if is_true(result) is stops_at:
                break
        return result

    return junction


def _evaluate_items(budget: Budget, arguments: list[Prepared], data: Any) -> list[Any]:
    """Return the list that a scoped operation iterates over; other values count as empty lists."""
    items = arguments[0](budget, data)
    return items if isinstance(items, list) else []


def _map(budget: Budget, arguments: list[Prepared], data: Any) -> Any:
    items = _evaluate_items(budget, arguments, data)
    return budget.check_size([arguments[1](budget, item) for item in items])


def _filter(budget: Budget, arguments: list[Prepared], data: Any) -> list[Any]:
    items = _evaluate_items(budget, arguments, data)
    return [item for item in items if is_true(arguments[1](budget, item))]


def _all(budget: Budget, arguments: list[Prepared], data: Any) -> bool:
    """Return whether the rule holds for every item; false if there are none."""
    items = _evaluate_items(budget, arguments, data)
    return bool(items) and all(is_true(arguments[1](budget, item)) for item in items)


def _some(budget: Budget, arguments: list[Prepared], data: Any) -> bool:
    return bool(_filter(budget, arguments, data))


def _none(budget: Budget, arguments: list[Prepared], data: Any) -> bool:
    return not _filter(budget, arguments, data)


def _reduce(budget: Budget, arguments: list[Prepared], data: Any) -> Any:
    items = _evaluate_items(budget, arguments, data)
    result = arguments[2](budget, data) if len(arguments) > 2 else None  # noqa: PLR2004
    for item in items:
        result = arguments[1](budget, {"current": item, "accumulator": result})
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


# --- Transforms --------------------------------------------------------------------------


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
        return prepare(rule)(budget, data)
    except ConditionError as error:
        raise ConditionError(under(pointer(name), error.problems)) from error
