"""What was meant where a static error is, by the code of the error."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.check.constants import Holder, find_meant_values
from workflow_design.check.fixes import names
from workflow_design.check.fixes.fields import (
    fix_bad_name,
    fix_unknown_format,
    fix_unknown_keyword,
    fix_unknown_type,
)
from workflow_design.check.fixes.names import find_meant, find_meant_field, plain_name
from workflow_design.check.fixes.place import Place, did_you_mean, resolve, write
from workflow_design.check.fixes.rules import (
    fix_condition,
    fix_never_true,
    fix_not_one_operator,
    fix_unknown_name,
    fix_unknown_operator,
)
from workflow_design.definition.problems import Problem
from workflow_design.definition.schema import FIELD_NAME, read_fields
from workflow_design.definition.workflow import (
    FORMAT,
    SUBMITTER,
    CompletionStatus,
    TaskType,
)

_MAX_LOOKED_AT: Final = 50
_MAX_DIGITS: Final = 10


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
        # Roles are written as titles are, and fields are not.
        if text.istitle() and plain_name(text) not in place.declared:
            return _("A role stands in executor_roles: [“%(name)s”].") % {"name": text}
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
        return fix_condition(place)
    if place.name in ("tickets", "tasks", "completions"):
        return _("Write a list of objects, each with its “title”.")
    if place.path == ("fields_schema",):
        return write({"type": "object", "properties": {"…": {"type": "…"}}})
    if place.value is None:
        return _("Leave it out: members without a value have a default.")
    meant = _as_meant(place)
    return write(meant) if meant is not None else ""


def _as_meant(place: Place) -> Any:
    """Return the value in the type that its place wants, or None if that is not clear."""
    value = place.value
    if isinstance(value, dict) and any(name.endswith("layout") for name in place.path):
        return next(iter(value.values()), None)
    if isinstance(value, int | float):
        return int(value) if isinstance(value, float) and value.is_integer() else str(value)
    if not isinstance(value, str):
        return None
    if place.name.endswith(("fields", "roles", "layout")):
        return [value]
    plain = value.strip().casefold()
    is_number = plain.isascii() and plain.isdecimal() and len(plain) < _MAX_DIGITS
    return json.loads(plain.lstrip("0") or "0") if plain in ("true", "false") or is_number else None


def _unknown_field(place: Place) -> str:
    written = place.about or (place.value if isinstance(place.value, str) else "")
    if meant := find_meant_field(written, place.declared):
        return did_you_mean(meant)
    if place.path[1:2] == ("required",) and place.declared and not FIELD_NAME.fullmatch(written):
        return did_you_mean(plain_name(written))
    if place.name == "assignee_field" and "submit" in written:
        return did_you_mean(SUBMITTER)
    return ""


def _not_of_the_ticket(place: Place) -> str:
    asked = resolve(place.document, (*place.path[:2], "fields"))
    meant = find_meant_field(place.about, [each for each in asked or () if isinstance(each, str)])
    return did_you_mean(meant)


def _bad_sample(place: Place) -> str:
    """Return the value that a default or an example was probably meant to be."""
    schema = resolve(place.document, ("fields_schema",))
    field = read_fields(schema).get(place.path[2]) if place.path[1:2] == ("properties",) else None
    meant = next(find_meant_values(place.value, Holder(field)), None) if field else None
    return "" if meant is None else write(meant)


def _wrong_value(place: Place) -> str:
    """Return what was meant where a choice, or its type, is written in another way."""
    if place.name == "type":
        return write("object" if place.path == ("fields_schema", "type") else "string")
    if isinstance(place.value, dict) and "oneOf" in place.path and place.value:
        value, *labels = place.value.values()
        return write({"const": value, "title": str(labels[0] if labels else value)})
    if place.value is None and "enum" in place.path:
        return _("Leave it out: a field that “required” does not list may stay empty.")
    return ""


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
    "not-of-the-ticket": _not_of_the_ticket,
    "bad-name": fix_bad_name,
    "unknown-type": fix_unknown_type,
    "unknown-format": fix_unknown_format,
    "unknown-keyword": fix_unknown_keyword,
    "unknown-operator": fix_unknown_operator,
    "not-one-operator": fix_not_one_operator,
    "unknown-name": fix_unknown_name,
    "never-true": fix_never_true,
    "wrong-value": _wrong_value,
    "bad-default": _bad_sample,
    "bad-example": _bad_sample,
    "task-without-inputs": _without_inputs,
}
