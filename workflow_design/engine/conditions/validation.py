"""Static analysis of rules and transforms: whether they are allowed, what they read, and renaming."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, clean_json
from workflow_design.definition.problems import Problem, pointer, under
from workflow_design.definition.workflow import MAX_FIELD_NAME_LENGTH
from workflow_design.engine.conditions.bounds import (
    ARGUMENTS,
    MAX_LEVELS,
    MAX_RULE_BYTES,
    ConditionError,
    RuleObject,
    accepts_count,
    count_levels,
    rule_objects,
)

Path = tuple[str | int, ...]


def list_names(found: RuleObject) -> list[tuple[Path, Any]]:
    """Return each name that an operation reads, with its path in the rule.

    Other values in place of a name are returned too; `validate` rejects them.
    """
    path = (*found.path, found.operator)
    match found.operator, found.members.get(found.operator):
        case "var", [name, *_default]:
            return [((*path, 0), name)]
        case "var", name:
            return [(path, None if name == [] else name)]
        case "missing", [names]:
            return _list_items(names, (*path, 0))
        case "missing", names:
            return _list_items(names, path)
        case "missing_some", [_number, names, *_rest]:
            return _list_items(names, (*path, 1))
    return []


def _list_items(names: Any, path: Path) -> list[tuple[Path, Any]]:
    if not isinstance(names, list):
        return [(path, names)]
    return [((*path, position), name) for position, name in enumerate(names)]


def paths_read(rule: Any) -> frozenset[str]:
    """Return the dotted names that a valid rule reads, except those in rules over the items of a list."""
    paths = set()
    for found in rule_objects(rule):
        for _path, name in () if found.over_items else list_names(found):
            if isinstance(name, str):
                paths.add(name)
    return frozenset(paths)


def fields_read(rule: Any) -> frozenset[str]:
    """Return the workspace fields that a valid rule reads on any path through it."""
    return frozenset([path.partition(".")[0] for path in paths_read(rule)])


# An operation is an object around a list. One level more than allowed still gets the better message.
_MAX_JSON_DEPTH = 2 * (MAX_LEVELS + 1)


def validate(rule: Any) -> None:
    """Raise ConditionError with all problems of a rule that is not allowed in a definition.

    This is stricter than `evaluate` in one point: `var` and `missing` must name the fields that they read.
    The fields that a rule reads decide when the engine evaluates it, so their names can't be computed.
    """
    found = find_rule_problems(rule)
    if found:
        raise ConditionError(found)


def find_rule_problems(rule: Any) -> list[Problem]:
    """Return the problems that `validate` would raise; empty if the rule is allowed."""
    try:
        clean_json(rule, max_bytes=MAX_RULE_BYTES, max_depth=_MAX_JSON_DEPTH)
    except JsonError as error:
        found = Problem(error.pointer, error.message, error.code)
        return [_too_deep() if error.code == "too-deep" else found]
    if count_levels(rule) > MAX_LEVELS:
        return [_too_deep()]
    return [problem for found in rule_objects(rule) for problem in _find_object_problems(found)]


def _too_deep() -> Problem:
    message = _("A rule can have at most %(levels)d levels of operations and lists.") % {"levels": MAX_LEVELS}
    return Problem("", message, "too-deep")


def is_readable(problems: Iterable[Problem]) -> bool:
    """Return whether what a rule reads can be told although it has these problems."""
    return _UNREADABLE.isdisjoint(problem.code for problem in problems)


_UNREADABLE = frozenset({"not-json", "too-large", "too-deep", "not-a-transform", "too-many-names"})


def _find_object_problems(found: RuleObject) -> Iterator[Problem]:
    if len(found.members) != 1:
        message = _("An operation must be an object with exactly one member, but this one has %(number)d.")
        yield Problem(pointer(*found.path), message % {"number": len(found.members)}, "not-one-operator")
        return
    operator, arguments = found.operator, found.arguments
    if operator not in ARGUMENTS:
        message = _("Unknown operator “%(name)s”. Known operators: %(names)s.")
        message_values = {"name": operator[:100], "names": ", ".join(ARGUMENTS)}
        yield Problem(pointer(*found.path, operator), message % message_values, "unknown-operator")
    elif not accepts_count(operator, len(arguments)):
        message = _("Wrong number of values for “%(operator)s”: it needs %(number)s, not %(given)d.")
        where, numbers = (
            pointer(*found.path, operator),
            {"number": _format_range(operator), "given": len(arguments)},
        )
        yield Problem(where, message % {"operator": operator, **numbers}, "wrong-number-of-values")
    elif operator == "missing_some" and not isinstance(arguments[1], list | dict):
        yield Problem(pointer(*found.path, operator, 1), _("This must be a list of names."), "not-a-list")
    else:
        for path, name in list_names(found):
            yield from _find_name_problems(name, found, path)


def _format_range(operator: str) -> str:
    least, greatest = ARGUMENTS[operator]
    if greatest is None:
        return _("at least %(least)d") % {"least": least}
    if least == greatest:
        return str(least)
    return _("%(least)d to %(greatest)d") % {"least": least, "greatest": greatest}


def _find_name_problems(name: Any, found: RuleObject, path: Path) -> Iterator[Problem]:
    if isinstance(name, str) and name:
        return
    where = pointer(*path)
    if isinstance(name, dict):
        message = _("The name of a field can't be computed. Write it here.")
        yield Problem(where, message, "computed-name")
    elif name is None or name == "":
        if not (found.over_items and found.operator == "var"):
            yield Problem(where, _("Enter the name of a field."), "no-name")
    elif not isinstance(name, str) and not (found.over_items and _is_index(name)):
        yield Problem(where, _("The name of a field must be text."), "not-a-name")


def _is_index(name: Any) -> bool:
    return isinstance(name, int) and not isinstance(name, bool) and name >= 0


MAX_NAMES = 100


def validate_transform(transform: Any) -> None:
    """Raise ConditionError with the problems of all rules of a transform that is not allowed."""
    found = find_transform_problems(transform)
    if found:
        raise ConditionError(found)


def find_transform_problems(transform: Any) -> list[Problem]:
    """Return the problems that `validate_transform` would raise; empty if the transform is allowed."""
    return list(_find_transform_problems(transform))


def paths_read_by_transform(transform: Mapping[str, Any], *, of_answer: bool = False) -> frozenset[str]:
    """Return the dotted names of workspace fields that a valid transform reads.

    The transform of an answer reads them below "workspace".
    """
    paths = frozenset[str]().union(*map(paths_read, transform.values()))
    if not of_answer:
        return paths
    prefix = "workspace."
    return frozenset(path.removeprefix(prefix) for path in paths if path.startswith(prefix))


def fields_read_by_transform(transform: Mapping[str, Any], *, of_answer: bool = False) -> frozenset[str]:
    """Return the workspace fields that a valid transform reads."""
    paths = paths_read_by_transform(transform, of_answer=of_answer)
    return frozenset(path.partition(".")[0] for path in paths)


def _find_transform_problems(transform: Any) -> Iterator[Problem]:
    if not isinstance(transform, dict):
        yield Problem("", _("A transform must be an object of rules."), "not-a-transform")
        return
    if len(transform) > MAX_NAMES:
        message = _("A transform can have at most %(number)d values.") % {"number": MAX_NAMES}
        yield Problem("", message, "too-many-names")
        return
    # The pointer of a problem starts with the name of its rule.
    for name, rule in transform.items():
        name_problem = _transform_name_problem(name)
        if name_problem:
            yield Problem("", name_problem, "not-a-name")
        elif found := find_rule_problems(rule):
            yield from under(pointer(name), found)


def _transform_name_problem(name: Any) -> str:
    if not isinstance(name, str) or not 0 < len(name) <= MAX_FIELD_NAME_LENGTH:
        return _("The names in a transform must be text of 1 to %(length)d characters.") % {
            "length": MAX_FIELD_NAME_LENGTH
        }
    try:
        # Names become members of JSON that is sent, so they must be storable text.
        clean_json(name)
    except JsonError as error:
        return error.message
    return ""


def rename_field_in_rule(rule: Any, *, old: str, new: str, below: str = "") -> Any:
    """Return a valid rule with each read of the field `old` replaced by `new`; other parts do not change.

    `below` is the prefix of the workspace in the rule's data: "workspace." for the transform of an answer.
    In a rule over the items of a list, names are members of an item, so they do not change.
    """
    return _replace_names(rule, dict(_iterate_new_names(rule, old=below + old, new=below + new)), ())


def _iterate_new_names(rule: Any, *, old: str, new: str) -> Iterator[tuple[Path, str]]:
    for found in rule_objects(rule):
        # Names in such a rule are members of an item, not fields.
        if found.over_items:
            continue
        for path, name in list_names(found):
            if isinstance(name, str) and (name == old or name.startswith(f"{old}.")):
                yield path, new + name.removeprefix(old)


def _replace_names(part: Any, names: Mapping[Path, str], path: Path) -> Any:
    if path in names:
        return names[path]
    if isinstance(part, dict):
        return {key: _replace_names(value, names, (*path, key)) for key, value in part.items()}
    if isinstance(part, list):
        return [_replace_names(value, names, (*path, position)) for position, value in enumerate(part)]
    return part
