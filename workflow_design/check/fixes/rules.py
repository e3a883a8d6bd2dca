"""What was meant by rules that are none: texts, lists, the operators of others, names that can't be read."""

import json
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.check.fixes.expressions import read_expression
from workflow_design.check.fixes.names import (
    OPERATORS,
    find_forgotten_field,
    find_meant,
    find_meant_field,
    plain_name,
)
from workflow_design.check.fixes.place import Place, did_you_mean, write, write_var
from workflow_design.engine.conditions.bounds import ARGUMENTS

_FIELD: Final = ("field", "fact", "name", "variable", "left", "attribute")
_OPERATOR: Final = ("operator", "op", "comparator", "comparison")
_VALUE: Final = ("value", "right", "values")
_NO_CLOCK: Final = gettext_lazy("There is no today, and dates are only compared: let a form ask for it.")
_CLOCK: Final = ("today", "now", "date", "datediff", "daysbetween", "adddays", "dateadd")


def fix_condition(place: Place) -> str:
    """Return the rule that a condition of another type means."""
    value = place.value
    if value in ("", []):
        return _("Write null, or leave it out, if it always holds.")
    if isinstance(value, list):
        return write({"and": value}) or _("Write one rule: an object with “and” around the list.")
    if not isinstance(value, str):
        return ""
    if value.strip().casefold() in ("true", "false", "null"):
        return write(json.loads(value.strip().casefold()))
    rule = read_expression(value, place.declared)
    return write(rule) if rule is not None else ""


def fix_unknown_operator(place: Place) -> str:
    """Return the rule with the operator that was meant."""
    key = place.name.casefold().lstrip("$")
    plain = plain_name(key).replace("_", "")
    arguments = place.value if isinstance(place.value, list) else [place.value]
    if plain in _CLOCK:
        return str(_NO_CLOCK)
    if place.name in place.declared:
        return _compare(place.name, place.value)
    if plain in ("notin", "noneof"):
        return write({"!": {"in": arguments}})
    operator = OPERATORS.get(key) or OPERATORS.get(plain) or find_meant(place.name, ARGUMENTS)
    if operator == "in" and len(arguments) == 2:  # noqa: PLR2004
        is_list = isinstance(arguments[1], list)
        return write({"in": arguments if is_list else arguments[::-1]})
    if operator in ARGUMENTS and len(arguments) in _counts(operator):
        return write({operator: arguments})
    return did_you_mean(operator)


def _compare(name: str, value: Any) -> str:
    """Return the comparison of a field that stands where its operator belongs: {"days": {"$gt": 3}}."""
    operator = "=="
    if isinstance(value, dict) and len(value) == 1:
        ((key, value),) = value.items()
        operator = OPERATORS.get(key.casefold().lstrip("$"), key)
    if isinstance(value, list):
        operator = "in"
    return write({operator if operator in ARGUMENTS else "==": [{"var": name}, value]})


def _counts(operator: str) -> range:
    least, most = ARGUMENTS[operator]
    return range(least, (10 if most is None else most) + 1)


def fix_not_one_operator(place: Place) -> str:
    """Return one rule for several members: joined by “and”, or as a comparison that others write so."""
    if not place.value:
        return _("Write null, or leave it out, if it always holds.")
    if not isinstance(place.value, dict):
        return ""
    named = [
        next((place.value[each] for each in words if each in place.value), None)
        for words in (_FIELD, _OPERATOR, _VALUE)
    ]
    name, operator, value = named
    if isinstance(name, str) and isinstance(operator, str):
        return _compare(find_meant_field(name, place.declared) or name, {operator: value})
    return write({"and": [{operator: value} for operator, value in place.value.items()]})


def fix_never_true(place: Place) -> str:
    """Return the field whose name stands as a text."""
    return write_var(find_forgotten_field(place.value, place.declared))


def fix_unknown_name(place: Place) -> str:
    """Return what a rule for an answer reads, with its prefix."""
    steps = place.about.split(".")
    if steps[0] == "response":
        return did_you_mean(".".join(["response", "body", *steps[1:]]))
    meant = find_meant_field(place.about, place.declared)
    of_answer = steps[0] in ("body", "data", "json", "result")
    if of_answer:
        return did_you_mean(".".join(["response.body", *steps[1:]]))
    return did_you_mean(f"workspace.{meant}" if meant else f"response.body.{place.about}")
