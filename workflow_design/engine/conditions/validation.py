"""Whether a rule is allowed: asked when a definition is saved, answered with everything that is wrong."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, clean_json
from workflow_design.definition.problems import Problem, pointer
from workflow_design.engine.conditions.bounds import MAX_LEVELS, MAX_RULE_BYTES, ConditionError
from workflow_design.engine.conditions.operators import ARGUMENTS, RuleObject, levels_of, rule_objects, takes
from workflow_design.engine.conditions.reading import names_written

# An operation is an object around a list. One level more than allowed still gets the better message.
_MAX_JSON_DEPTH = 2 * (MAX_LEVELS + 1)


def validate(rule: Any) -> None:
    """Accept a rule of a definition, or raise ConditionError with all its problems.

    Stricter than `evaluate` in one thing: `var` and `missing` must name the fields that they read.
    What a rule reads decides when the engine looks at it, so it can't be computed.
    """
    found = problems_of(rule)
    if found:
        raise ConditionError(found)


def problems_of(rule: Any) -> list[Problem]:
    """What `validate` would raise; empty if the rule is allowed."""
    try:
        clean_json(rule, max_bytes=MAX_RULE_BYTES, max_depth=_MAX_JSON_DEPTH)
    except JsonError as error:
        found = Problem(error.pointer, error.message, error.code)
        return [_too_deep() if error.code == "too-deep" else found]
    if levels_of(rule) > MAX_LEVELS:
        return [_too_deep()]
    return [problem for found in rule_objects(rule) for problem in _problems_of_object(found)]


def _too_deep() -> Problem:
    message = _("A rule has at most %(levels)d levels of operations and lists.") % {"levels": MAX_LEVELS}
    return Problem("", message, "too-deep")


def _problems_of_object(found: RuleObject) -> Iterator[Problem]:
    if len(found.members) != 1:
        message = _("An operation is an object with exactly one member, this one has %(number)d.")
        yield Problem(pointer(*found.path), message % {"number": len(found.members)}, "not-one-operator")
        return
    where = pointer(*found.path, found.operator)
    if found.operator not in ARGUMENTS:
        message = _("There is no operator “%(name)s”. There are: %(names)s.")
        named = {"name": found.operator[:100], "names": ", ".join(ARGUMENTS)}
        yield Problem(where, message % named, "unknown-operator")
    elif not takes(found.operator, len(found.arguments)):
        message = _("“%(operator)s” takes another number of values: %(number)s, not %(given)d.")
        numbers = {"number": _range_of(found.operator), "given": len(found.arguments)}
        yield Problem(where, message % {"operator": found.operator, **numbers}, "wrong-number-of-values")
    elif found.operator == "missing_some" and not isinstance(found.arguments[1], list | dict):
        yield Problem(f"{where}/1", _("This must be a list of names."), "not-a-list")
    else:
        for path, name in names_written(found):
            yield from _problems_of_name(name, found, pointer(*path))


def _range_of(operator: str) -> str:
    least, greatest = ARGUMENTS[operator]
    if greatest is None:
        return _("at least %(least)d") % {"least": least}
    if least == greatest:
        return str(least)
    return _("%(least)d to %(greatest)d") % {"least": least, "greatest": greatest}


def _problems_of_name(name: Any, found: RuleObject, where: str) -> Iterator[Problem]:
    if isinstance(name, dict):
        message = _("The name of a field is written here, it can't be computed.")
        yield Problem(where, message, "computed-name")
    elif name is None or name == "":
        if not (found.over_items and found.operator == "var"):
            yield Problem(where, _("Name the field that is read here."), "no-name")
    elif not isinstance(name, str) and not (found.over_items and _is_position(name)):
        yield Problem(where, _("The name of a field is a text."), "not-a-name")


def _is_position(name: Any) -> bool:
    return isinstance(name, int) and not isinstance(name, bool) and name >= 0
