"""Rules and transforms before they are evaluated: whether they are allowed, what they read, and renaming."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from ticketflower.clean_json import JsonError, clean_json
from workflow_design.definition.problems import Problem, pointer, under
from workflow_design.engine.conditions.bounds import (
    ARGUMENTS,
    MAX_LEVELS,
    MAX_RULE_BYTES,
    ConditionError,
    RuleObject,
    arguments_of,
    levels_of,
    rule_objects,
    takes,
)
from workflow_design.engine.conditions.evaluation import evaluate
from workflow_design.engine.conditions.operations import is_true

Path = tuple[str | int, ...]


def names_written(found: RuleObject) -> Iterator[tuple[Path, Any]]:
    """The names that an operation reads, as they are written, each with its place in the rule.

    What stands there instead of a name comes too; `validate` refuses it.
    """
    arguments, path = found.arguments, (*found.path, found.operator)
    if found.operator == "var":
        yield _first_place(found), arguments[0] if arguments else None
    elif found.operator == "missing" and len(arguments) == 1:
        yield from _listed(arguments[0], _first_place(found))
    elif found.operator == "missing":
        yield from _listed(arguments, path)
    elif found.operator == "missing_some":
        yield from _listed(arguments[1], (*path, 1))


def _first_place(found: RuleObject) -> Path:
    bracketed = isinstance(found.members[found.operator], list) and bool(found.arguments)
    return (*found.path, found.operator, 0) if bracketed else (*found.path, found.operator)


def _listed(names: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if not isinstance(names, list):
        yield path, names
        return
    for position, name in enumerate(names):
        yield (*path, position), name


def paths_read(rule: Any) -> frozenset[str]:
    """The dotted names that a valid rule reads, without those in a rule over the items of a list."""
    return frozenset(
        name
        for found in rule_objects(rule)
        if not found.over_items
        for _place, name in names_written(found)
        if isinstance(name, str)
    )


def fields_read(rule: Any) -> frozenset[str]:
    """The workspace fields that a valid rule reads on any way through it."""
    return frozenset(path.partition(".")[0] for path in paths_read(rule))


def values_read(rule: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the fields that a valid rule reads, by name; None for an empty one."""
    return {name: data.get(name) for name in sorted(fields_read(rule))}


def is_constantly_false(rule: Any) -> bool:
    """Whether a valid rule provably never holds: it reads nothing and is false, or an `and` with such a part.

    None is no condition, and so always true. A rule that fails whenever it is evaluated is not
    called false: it is an error of another kind.
    """
    if isinstance(rule, dict) and "and" in rule:
        return any(part is None or is_constantly_false(part) for part in arguments_of(rule["and"]))
    if rule is None or paths_read(rule):
        return False
    try:
        return not is_true(evaluate(rule, {}))
    except ConditionError:
        return False


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


MAX_NAMES = 100
MAX_NAME_LENGTH = 100


def validate_transform(transform: Any) -> None:
    """Accept a transform of a definition, or raise ConditionError with the problems of all its rules."""
    found = list(_problems_of(transform))
    if found:
        raise ConditionError(found)


def fields_read_by_transform(transform: Mapping[str, Any], *, of_answer: bool = False) -> frozenset[str]:
    """The workspace fields that a valid transform reads; those of an answer stand below "workspace"."""
    paths = frozenset[str]().union(*map(paths_read, transform.values()))
    if of_answer:
        prefix = "workspace."
        paths = frozenset(path.removeprefix(prefix) for path in paths if path.startswith(prefix))
    return frozenset(path.partition(".")[0] for path in paths)


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
        elif found := problems_of(rule):
            yield from under(pointer(name), found)


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
