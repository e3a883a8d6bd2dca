"""What was meant where a static error is, by the code of the error."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.check.constants import Holder, find_meant_values
from workflow_design.check.fixes import names
from workflow_design.check.fixes.expressions import read_expression
from workflow_design.check.fixes.fields import (
    fix_bad_name,
    fix_unknown_format,
    fix_unknown_keyword,
    fix_unknown_type,
)
from workflow_design.check.fixes.names import find_forgotten_field, find_meant, find_meant_field, plain_name
from workflow_design.check.fixes.place import Place, did_you_mean, resolve, write, write_var
from workflow_design.definition.problems import Problem
from workflow_design.definition.schema import FIELD_NAME, read_fields
from workflow_design.definition.workflow import (
    FORMAT,
    SUBMITTER,
    CompletionStatus,
    TaskType,
)
from workflow_design.engine.conditions.bounds import ARGUMENTS

_MAX_LOOKED_AT: Final = 100


def add_fixes(problems: Iterable[Problem], document: Any) -> list[Problem]:
    """Return the problems of a workflow file, given as JSON, with what was meant, where that is clear."""
    properties = resolve(document, ("fields_schema", "properties"))
    valid = filter(FIELD_NAME.fullmatch, properties) if isinstance(properties, dict) else ()
    waiting, declared = iter(problems), tuple(valid)
    # Looking for what was meant takes time.
    return [*(_with_fix(each, document, declared) for each in islice(waiting, _MAX_LOOKED_AT)), *waiting]


def _with_fix(problem: Problem, document: Any, declared: Collection[str]) -> Problem:
    look = _LOOKS.get(problem.code)
    if problem.fix or look is None:
        return problem
    path = tuple(step.replace("~1", "/").replace("~0", "~") for step in problem.pointer.split("/")[1:])
    place = Place(path, problem.about, document, resolve(document, path), declared)
    return replace(problem, fix=look(place))


# --- Members -------------------------------------------------------------------------


def _unknown_member(place: Place) -> str:
    if place.path[-2:-1] and "layout" in "".join(place.path):
        return did_you_mean(find_meant(place.name, ("section", "items", "text")))
    given = place.parent if isinstance(place.parent, dict) else {}
    free = [name for name in place.members if name not in given]
    plain = plain_name(place.name)
    if plain in names.ARROWS:
        return _(
            "Remove it: there are no arrows. A task starts when one of its input_fields is written and its "
            "condition holds."
        )
    if plain in names.IDENTITIES or place.name in names.IDENTITIES:
        return _("Remove it: titles tell parts apart.")
    for known in (free, place.members):
        if meant := find_meant(place.name, known, names.MEMBERS):
            return did_you_mean(meant)
    return ""


def _missing_member(place: Place) -> str:
    given = place.value if isinstance(place.value, dict) else {}
    unknown = [name for name in given if name not in place.members]
    written = next((each for each in unknown if find_meant(each, [place.about], names.MEMBERS)), "")
    words = {"written": written, "name": place.about, "example": _EXAMPLES.get(place.about, "")}
    if written:
        return _("Rename “%(written)s” to “%(name)s”.") % words
    return _("Add %(example)s.") % words if words["example"] else ""


_EXAMPLES: Final = {
    "format": json.dumps({"format": FORMAT})[1:-1],
    "title": '"title": "…"',
    "fields_schema": '"fields_schema": {"type": "object", "properties": {…}}',
    "tickets": '"tickets": [{"title": "…", "fields": ["…"]}]',
    "fields": '"fields": ["…"]',
    "input_fields": '"input_fields": ["…"]',
    "task_type": '"task_type": "FORM"',
    "completion_status": '"completion_status": "COMPLETED"',
    "Label": '"Label": "…"',
    "URI": '"URI": "https://…"',
}


def _not_a_choice(place: Place) -> str:
    known, meanings = (
        (TaskType.values, names.TASK_TYPES)
        if place.name == "task_type"
        else (CompletionStatus.values, names.STATUSES)
    )
    return did_you_mean(find_meant(str(place.value), known, meanings))


def _malformed(place: Place) -> str:
    if place.name == "assignee_field":
        text = str(place.value)
        if "submitter" in text.casefold() or "requester" in text.casefold():
            return did_you_mean(SUBMITTER)
        return did_you_mean(find_meant_field(text, place.declared))
    if not isinstance(place.value, str):
        return ""
    if "_fields" in "".join(place.path) or "fields" in place.path:
        plain = plain_name(place.value)
        return did_you_mean(
            find_meant(place.value, place.declared) or (plain if plain != place.value else "")
        )
    return write(" ".join(place.value.split())) if "title" in place.path else ""


def _wrong_type(place: Place) -> str:
    if place.name == "condition":
        return _condition_of_another_type(place)
    if place.value is None:
        return _("Leave it out: members without a value have a default.")
    if isinstance(place.value, int | float):
        is_whole = isinstance(place.value, float) and place.value.is_integer()
        return write(int(place.value) if is_whole else str(place.value))
    if not isinstance(place.value, str):
        return ""
    if place.name.endswith(("fields", "roles", "layout")):
        return write([place.value])
    plain = place.value.strip().casefold()
    return write(json.loads(plain)) if plain in ("true", "false") or plain.isdecimal() else ""


def _condition_of_another_type(place: Place) -> str:
    if place.value in ("", []):
        return _("Write null, or leave it out, if it always holds.")
    if isinstance(place.value, list):
        return write({"and": place.value}) or _("Write one rule: an object with “and” around the list.")
    rule = read_expression(place.value, place.declared) if isinstance(place.value, str) else None
    return write(rule) if rule is not None else ""


def _unknown_field(place: Place) -> str:
    written = place.about or (place.value if isinstance(place.value, str) else "")
    if meant := find_meant_field(written, place.declared):
        return did_you_mean(meant)
    if place.path[1:2] == ("required",) and place.declared and not FIELD_NAME.fullmatch(written):
        return did_you_mean(plain_name(written))
    if place.name == "assignee_field" and "submit" in written:
        return did_you_mean(SUBMITTER)
    return ""


# --- Rules ---------------------------------------------------------------------------


def _unknown_operator(place: Place) -> str:
    key = place.name.casefold()
    meant = names.OPERATORS.get(key) or names.OPERATORS.get(plain_name(key).replace("_", ""))
    operator = meant or find_meant(place.name, ARGUMENTS)
    arguments = place.value if isinstance(place.value, list) else [place.value]
    if operator == "in" and len(arguments) == 2:  # noqa: PLR2004
        is_list = isinstance(arguments[1], list)
        return write({"in": arguments if is_list else arguments[::-1]})
    if operator in ARGUMENTS and len(arguments) in _counts(operator):
        return write({operator: arguments})
    return did_you_mean(operator)


def _counts(operator: str) -> range:
    least, most = ARGUMENTS[operator]
    return range(least, (10 if most is None else most) + 1)


def _not_one_operator(place: Place) -> str:
    if not place.value:
        return _("Write null, or leave it out, if it always holds.")
    if not isinstance(place.value, dict):
        return ""
    return write({"and": [{operator: value} for operator, value in place.value.items()]})


def _never_true(place: Place) -> str:
    return write_var(find_forgotten_field(place.value, place.declared))


def _unknown_name(place: Place) -> str:
    steps = place.about.split(".")
    if steps[0] == "response":
        return did_you_mean(".".join(["response", "body", *steps[1:]]))
    meant = find_meant_field(place.about, place.declared)
    return did_you_mean(f"workspace.{meant}" if meant else f"response.body.{place.about}")


def _bad_sample(place: Place) -> str:
    """Return the value that a default or an example was probably meant to be."""
    schema = resolve(place.document, ("fields_schema",))
    field = read_fields(schema).get(place.path[2]) if place.path[1:2] == ("properties",) else None
    meant = next(find_meant_values(place.value, Holder(field)), None) if field else None
    return "" if meant is None else write(meant)


def _without_inputs(place: Place) -> str:
    tickets = resolve(place.document, ("tickets",))
    fields = [resolve(each, ("fields", "0")) for each in tickets] if isinstance(tickets, list | tuple) else []
    name = next((each for each in fields if isinstance(each, str)), "")
    text = _("Add a field, such as “%(name)s”: then it starts when the ticket is submitted.")
    return text % {"name": name} if name else ""


_LOOKS: Final[Mapping[str, Callable[[Place], str]]] = {
    "unknown-member": _unknown_member,
    "missing-member": _missing_member,
    "not-a-choice": _not_a_choice,
    "bad-type": _not_a_choice,
    "bad-status": _not_a_choice,
    "malformed": _malformed,
    "wrong-type": _wrong_type,
    "unknown-field": _unknown_field,
    "not-an-output": _unknown_field,
    "bad-name": fix_bad_name,
    "unknown-type": fix_unknown_type,
    "unknown-format": fix_unknown_format,
    "unknown-keyword": fix_unknown_keyword,
    "unknown-operator": _unknown_operator,
    "not-one-operator": _not_one_operator,
    "unknown-name": _unknown_name,
    "never-true": _never_true,
    "bad-default": _bad_sample,
    "bad-example": _bad_sample,
    "task-without-inputs": _without_inputs,
}
