"""What the rules of an output transform result in: another kind of value than the field holds, or nothing."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.check.constants import Holder
from workflow_design.check.findings import Finding, Severity
from workflow_design.definition.fields import Field, Fields, is_empty
from workflow_design.definition.problems import Problem, pointer
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.engine.conditions.bounds import branches, split_operation
from workflow_design.engine.conditions.numbers import ARITHMETIC
from workflow_design.engine.conditions.validation import fields_read

_KIND_OF_OPERATOR: Final = {
    **dict.fromkeys(ARITHMETIC, "number"),
    **dict.fromkeys(("cat", "substr"), "string"),
    **dict.fromkeys(("==", "===", "!=", "!==", "<", "<=", ">", ">=", "!", "!!", "in"), "boolean"),
    **dict.fromkeys(("all", "some", "none"), "boolean"),
    **dict.fromkeys(("map", "filter", "merge", "missing", "missing_some"), "array"),
}
_KINDS: Final = {
    "number": gettext_lazy("a number"),
    "string": gettext_lazy("a text"),
    "boolean": gettext_lazy("a yes or no"),
    "array": gettext_lazy("a list"),
}


def find_misfits(rule: Any, target: Holder, names: Mapping[str, Holder]) -> Iterator[Problem]:
    """Yield why a rule results in a kind of value that a field can't hold; constants are checked elsewhere.

    `names` are the fields that the rule can read, by what it calls them.
    """
    for operator, arguments in filter(None, map(_operation, _results(rule))):
        source = names.get(str(next(iter(arguments), ""))) if operator == "var" else None
        if source is not None and not _can_copy(source, target):
            message = _("“%(field)s” can't hold what “%(source)s” holds.")
            yield _misfit(message % {"field": target.field.title, "source": source.field.title})
        kind = _KIND_OF_OPERATOR.get(operator, "")
        if kind and kind not in _kinds_of(target.field):
            message = _("“%(field)s” can't hold %(kind)s, which “%(operator)s” results in.")
            words = {"field": target.field.title, "kind": _KINDS[kind], "operator": operator}
            yield _misfit(message % words, _fix(kind, target.field))


def is_always_empty(rule: Any) -> bool:
    """Return whether nothing can be the result of a rule."""
    return all(not isinstance(each, dict) and is_empty(each) for each in _results(rule))


def find_lacking_outputs(file: WorkflowFile, fields: Fields) -> Iterator[Finding]:
    """Yield a problem for each required field that one branch of a rule over an answer leaves empty."""
    for place, task in enumerate(file.tasks):
        for name, rule in ((not task.is_form and task.output_transform) or {}).items():
            may_be_empty = any(not isinstance(each, dict) and is_empty(each) for each in _results(rule))
            if may_be_empty and name in fields.required and "response" in fields_read(rule):
                message = _(
                    "“%(title)s” fails on some answers: “%(field)s” is required, and would stay empty."
                )
                yield Finding(
                    "required-output",
                    Severity.WARNING,
                    pointer("tasks", place, "output_transform", name),
                    message % {"title": task.title, "field": fields[name].title},
                    _("Let every branch of the rule give a value, or don't require the field."),
                )


def _results(rule: Any) -> Iterator[Any]:
    """Yield what can be the result of a valid rule: constants, and operations that are no choice."""
    operation = _operation(rule)
    if operation is None or operation[0] not in ("if", "?:", "and", "or"):
        yield rule
        return
    operator, arguments = operation
    is_choice = operator in ("if", "?:")
    for each in branches(arguments) if is_choice else arguments:
        yield from _results(each)
    if is_choice and not len(arguments) % 2:
        yield None


def _operation(rule: Any) -> tuple[str, list[Any]] | None:
    return split_operation(rule) if isinstance(rule, dict) and len(rule) == 1 else None


def _can_copy(source: Holder, target: Holder) -> bool:
    """Return whether a field can hold any of the values of another one."""
    if source.field.choices and source.item() is None:
        return any(not target.validator.problems(choice.value) for choice in source.field.choices)
    return bool(_kinds_of(source.field) & _kinds_of(target.field))


def _kinds_of(field: Field) -> set[str]:
    """Return the kinds of the values of a field."""
    if field.type.item is None and field.choices:
        return {_kind_of(choice.value) for choice in field.choices}
    return {"number" if field.type.json_type == "integer" else field.type.json_type}


def _kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "string"


def _fix(kind: str, field: Field) -> str:
    if kind != "array" and "string" in _kinds_of(field):
        return _("Put “cat” around it: it makes a text of it.")
    return ""


def _misfit(message: str, fix: str = "") -> Problem:
    return Problem(
        "", message, "wrong-result", fix=fix or _("Write it into another field, or change the rule.")
    )
