"""Moments and times in rules: compared as what they mean, however they are written.

Values of fields are texts, and a moment has many spellings. So before a rule is evaluated, `compile_rule`
puts the operands of its comparisons that are moments or times into an operation that gives each moment one
spelling, whose order is that of time (`docs/engine.md`, "Conditions"). Rules of users can't contain it.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any, Final

from workflow_design.definition.field_types import DATE_TIME, TIME, is_date_time, is_time
from workflow_design.definition.fields import Field
from workflow_design.engine.conditions.bounds import SCOPED, branches, split_operation

MOMENT: Final = "as-moment"
CLOCK: Final = "as-time"
_OPERATORS: Final = {DATE_TIME: MOMENT, TIME: CLOCK}
COMPARISONS: Final = frozenset({"==", "===", "!=", "!==", "<", "<=", ">", ">="})
_CONSTANT: Final = "constant"
_OTHER: Final = "other"
_MAX_LENGTH: Final = 40
_SOME_DAY: Final = date(2000, 1, 2)


@lru_cache(maxsize=2_000)
def _to_moment(text: str) -> str:
    if not is_date_time(text):
        return text
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="microseconds")
    except OverflowError:  # before the first day in UTC, or after the last
        return text


@lru_cache(maxsize=2_000)
def _to_clock(text: str) -> str:
    if not is_time(text):
        return text
    at = datetime.combine(_SOME_DAY, time.fromisoformat(text))
    return (at.astimezone(UTC) if at.tzinfo else at).time().isoformat(timespec="microseconds")


def _conversion(convert: Callable[[str], str]) -> Callable[[Any], Any]:
    """Return the operation that converts a text and leaves everything else as it is."""

    def converted(value: Any) -> Any:
        return convert(value) if isinstance(value, str) and len(value) <= _MAX_LENGTH else value

    return converted


CONVERSIONS: Final = {MOMENT: _conversion(_to_moment), CLOCK: _conversion(_to_clock)}
"""The operations that only compiled rules contain."""


def compile_rule(rule: Any, fields: Mapping[str, Field]) -> Any:
    """Return a valid rule on these fields as it is evaluated; it reads the same fields."""
    kinds = {name: _OPERATORS[field.type] for name, field in fields.items() if field.type in _OPERATORS}
    return _Compiler(kinds).rule(rule) if kinds else rule


class _Compiler:
    """Compiles one rule. The kind of an operand is the conversion that it needs, if any."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self._kinds = kinds

    def rule(self, rule: Any) -> Any:
        if isinstance(rule, list):
            return [self.rule(part) for part in rule]
        if not isinstance(rule, dict) or len(rule) != 1:
            return rule
        operator, arguments = split_operation(rule)
        if operator in SCOPED:
            # The second argument is about items of a list, not about fields.
            parts = [part if at == 1 else self.rule(part) for at, part in enumerate(arguments)]
        else:
            parts = [self.rule(part) for part in arguments]
        if operator in COMPARISONS:
            return {operator: _converted(self._common_kind(arguments), parts)}
        if operator == "in" and len(parts) == 2 and isinstance(parts[1], list):  # noqa: PLR2004
            return self._membership(*parts)
        return {operator: parts}

    def _membership(self, item: Any, members: list[Any]) -> Any:
        kinds = [self._kind(member) for member in members]
        kind = self._kind(item)
        if kind == _CONSTANT:
            kind = next((each for each in kinds if each in CONVERSIONS), _OTHER)
        if kind not in CONVERSIONS:
            return {"in": [item, members]}
        beside: list[Any] = []
        others: list[Any] = []
        for member, each in zip(members, kinds, strict=True):
            (beside if each in (kind, _CONSTANT) else others).append(member)
        found = {"in": [*_converted(kind, [item]), _converted(kind, beside)]}
        return {"or": [found, {"in": [item, others]}]} if others else found

    def _kind(self, part: Any) -> str:
        if isinstance(part, list):
            return _OTHER
        if not isinstance(part, dict) or len(part) != 1:
            return _CONSTANT
        operator, arguments = split_operation(part)
        if operator == "var" and arguments:
            default = self._common_kind(arguments[1:])
            kind = self._kind_at(str(arguments[0]))
            return kind if default in (kind, _CONSTANT) else _OTHER
        if operator in ("or", "and"):
            return self._common_kind(arguments)
        if operator in ("if", "?:"):
            return self._common_kind(branches(arguments))
        return _OTHER

    def _kind_at(self, path: str) -> str:
        # In a transform, fields are below "workspace". What another system answered has no type, so that it
        # is taken for what it is compared with.
        name = path.removeprefix("workspace.")
        return self._kinds.get(name, _CONSTANT if path.startswith("response.") else _OTHER)

    def _common_kind(self, parts: Iterable[Any]) -> str:
        kinds = {self._kind(part) for part in parts} - {_CONSTANT}
        return kinds.pop() if len(kinds) == 1 else _OTHER if kinds else _CONSTANT


def _converted(kind: str, parts: list[Any]) -> list[Any]:
    return [{kind: [part]} for part in parts] if kind in CONVERSIONS else parts
