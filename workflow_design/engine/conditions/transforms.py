"""Transforms of actions: an object of rules, one for each name in the result (`engine.md`, "Actions")."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, clean_json
from workflow_design.definition.problems import Problem, pointer, under
from workflow_design.engine.conditions.bounds import Budget, ConditionError
from workflow_design.engine.conditions.evaluation import evaluate_within
from workflow_design.engine.conditions.operators import rule_objects
from workflow_design.engine.conditions.reading import Path, names_written, paths_read
from workflow_design.engine.conditions.validation import problems_of

MAX_NAMES = 100
MAX_NAME_LENGTH = 100


def validate_transform(transform: Any) -> None:
    """Accept a transform of a definition, or raise ConditionError with the problems of all its rules."""
    found = list(_problems_of(transform))
    if found:
        raise ConditionError(found)


def apply_transform(transform: Mapping[str, Any], data: Any) -> dict[str, Any]:
    """The object that a valid transform makes of `data`; None where a rule results in empty.

    `data` is the workspace for what is sent, and `{"workspace": …, "response": {"status": …,
    "body": …}}` for what is received. All rules share the bounds of one. Raises ConditionError,
    with the place in the transform, at the first rule that can't be evaluated.
    """
    budget = Budget()
    return {name: _value_at(name, rule, data, budget) for name, rule in transform.items()}


def fields_read_by_transform(transform: Mapping[str, Any], *, of_answer: bool = False) -> frozenset[str]:
    """The workspace fields that a valid transform reads; those of an answer stand below "workspace"."""
    paths = frozenset[str]().union(*map(paths_read, transform.values()))
    if of_answer:
        prefix = "workspace."
        paths = frozenset(path.removeprefix(prefix) for path in paths if path.startswith(prefix))
    return frozenset(path.partition(".")[0] for path in paths)


def _value_at(name: str, rule: Any, data: Any, budget: Budget) -> Any:
    try:
        return evaluate_within(budget, rule, data)
    except ConditionError as error:
        raise ConditionError(under(pointer(name), error.problems)) from error


def _problems_of(transform: Any) -> Iterator[Problem]:
    if not isinstance(transform, dict):
        yield Problem("", _("A transform is an object of rules."), "not-a-transform")
        return
    if len(transform) > MAX_NAMES:
        message = _("A transform makes at most %(number)d values.") % {"number": MAX_NAMES}
        yield Problem("", message, "too-many-names")
        return
    for name, rule in transform.items():
        refused = _refusal_of_name(name)
        if refused:
            yield Problem("", refused, "not-a-name")
        else:
            yield from under(pointer(name), problems_of(rule))


def _refusal_of_name(name: Any) -> str:
    if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME_LENGTH:
        return _("The names of a transform are texts of 1 to %(length)d characters.") % {
            "length": MAX_NAME_LENGTH
        }
    try:
        clean_json(name)
    except JsonError as error:
        return error.message
    return ""


def with_field_renamed(rule: Any, *, old: str, new: str, below: str = "") -> Any:
    """A valid rule that reads the field `new` wherever it read `old`; otherwise as it is written.

    `below` is where the workspace stands in what the rule is over: "workspace." for what becomes
    of an answer. In a rule over the items of a list names mean members of an item, and stay.
    """
    return _with_names(rule, dict(_new_names(rule, old=below + old, new=below + new)), ())


def _new_names(rule: Any, *, old: str, new: str) -> Iterator[tuple[Path, str]]:
    for found in rule_objects(rule):
        if found.over_items:
            continue
        for place, name in names_written(found):
            if isinstance(name, str) and (name == old or name.startswith(f"{old}.")):
                yield place, new + name.removeprefix(old)


def _with_names(part: Any, names: Mapping[Path, str], path: Path) -> Any:
    if path in names:
        return names[path]
    if isinstance(part, dict):
        return {key: _with_names(value, names, (*path, key)) for key, value in part.items()}
    if isinstance(part, list):
        return [_with_names(value, names, (*path, position)) for position, value in enumerate(part)]
    return part
