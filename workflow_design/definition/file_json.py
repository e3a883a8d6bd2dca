"""Reading and writing workflow files as JSON.

Parsing reports all problems at once. Writing and then parsing gives an equal file.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from functools import cache
from itertools import islice
from typing import Any, Final

import re2
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from jsonschema import Draft202012Validator, TypeChecker, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import create
from referencing import Registry

from ticketflower.clean_json import JsonError, composed_json, parse_json
from workflow_design.definition.file_rest import FileRest, read_rest
from workflow_design.definition.problems import DefinitionError, Problem, pointer
from workflow_design.definition.scenarios import PLAYED
from workflow_design.definition.workflow import FORMAT, Kind, PartFile, WorkflowFile, json_schema

MAX_PROBLEMS: Final = 100
MAX_VALUES: Final = 20_000
"""How many objects, lists, texts, numbers and names a workflow may have: everything that is done with one
costs in proportion to them. The largest of the gallery has 500."""
_MAX_DEPTH: Final = 100  # a condition of 32 operations alone is 64 levels of JSON deep


class WorkflowFileError(DefinitionError):
    """The text is not a valid workflow file; `problems` lists everything that is wrong with its form.

    `document` is the JSON, if it is any, and `rest` what can be read of it nevertheless.
    """

    def __init__(
        self, problems: Iterable[Problem], rest: FileRest | None = None, document: Any = None
    ) -> None:
        super().__init__(problems)
        self.rest, self.document = rest, document


def parse_workflow_file(text: str | bytes) -> WorkflowFile:
    """Parse a workflow file and fill in the defaults of members that are left out.

    Raise WorkflowFileError with all problems of form. `check.static.check_definition` checks the meaning:
    whether fields exist, conditions are allowed and an end can be reached; `check.static.all_problems` does
    so for what can be read of a file with problems of form.
    """
    try:
        document = composed_json(parse_json(text, max_depth=_MAX_DEPTH))
    except JsonError as error:
        raise WorkflowFileError([Problem(error.pointer, error.message, "not-json")]) from None
    # A file can have a problem in every member, so the list is limited.
    problems = list(islice(find_problems(document), MAX_PROBLEMS))
    if problems:
        raise WorkflowFileError(problems, read_rest(document, problems), document)
    file: WorkflowFile = _build_part(WorkflowFile, document)
    return file


def to_json(file: WorkflowFile) -> dict[str, Any]:
    """Return the JSON object of a workflow file, with every member, in canonical order."""
    return {"format": FORMAT, **part_to_json(file)}


def is_same(left: WorkflowFile | PartFile, right: WorkflowFile | PartFile | None) -> bool:
    """Return whether two files, or two parts, are the same JSON. Python treats true as equal to 1."""
    if right is None or left != right:
        return False
    return json.dumps(part_to_json(left)) == json.dumps(part_to_json(right))


def _build_part(kind: type, value: Mapping[str, Any]) -> Any:
    """Build an object of a class of the format from a valid JSON object."""
    members = {}
    for member in fields(kind):
        if member.name not in value:
            continue
        item_values = value[member.name]
        # Members with a kind are lists of objects of that class; others are plain JSON.
        part = member.metadata.get("kind")
        if part is not None:
            item_values = tuple(_build_part(part, item) for item in item_values)
        elif member.name == "ext_ref":
            item_values = tuple(
                {"Label": each["Label"], "Desc": each.get("Desc", ""), "URI": each["URI"]}
                for each in item_values
            )
        elif member.metadata["schema"].get("type") == "array":
            item_values = tuple(item_values)
        members[member.name] = item_values
    return kind(**members)


def part_to_json(part: WorkflowFile | PartFile) -> dict[str, Any]:
    """Return the JSON object of a part, or of a workflow file without its `format`."""
    members = {}
    for member in fields(type(part)):
        value = getattr(part, member.name)
        if "kind" in member.metadata:
            value = [part_to_json(item) for item in value]
        elif isinstance(value, tuple):  # for immutable dataclasses; JSON has only lists
            value = list(value)
        members[member.name] = value
    return members


_CODES: Final = {
    "type": "wrong-type",
    "const": "unknown-format",
    "enum": "not-a-choice",
    "required": "missing-member",
    "additionalProperties": "unknown-member",
    "maxLength": "too-long",
    "pattern": "malformed",
    "maxItems": "too-many",
    "uniqueItems": "doubled",
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), "out-of-bounds"),
    "minProperties": "not-one-of",
    "maxProperties": "not-one-of",
}
_TYPES: Final = {
    "string": gettext_lazy("text"),
    "array": gettext_lazy("a list"),
    "object": gettext_lazy("an object"),
    "boolean": gettext_lazy("true or false"),
    "integer": gettext_lazy("a whole number"),
    "number": gettext_lazy("a number"),
    "null": gettext_lazy("null"),
}
_QUOTED: Final = 100

Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError]]


def count_values(value: Any) -> int:
    """Return how many JSON values a value consists of, itself included."""
    found, waiting = 0, [value]
    while waiting:
        item = waiting.pop()
        found += 1
        if isinstance(item, list | dict):
            waiting.extend(item.values() if isinstance(item, dict) else item)
    return found


def find_problems(document: Any) -> Iterator[Problem]:
    """Yield all problems of a JSON document as a workflow file; of one that is too large, only that."""
    if count_values(document) > MAX_VALUES:
        message = _("This workflow is too large: it has more than %(number)s values. Split it into several.")
        yield Problem("", message % {"number": f"{MAX_VALUES:,}"}, "too-large")
        return
    yield from _problems_of_form(_validator(), document)
    if isinstance(document, dict):
        for members in (*(kind.members for kind in Kind), "scenarios"):
            yield from _find_repeated_titles(members, document.get(members))


def parse_moves(text: str | bytes, **limits: int) -> dict[str, Any]:
    """Parse a list of moves or a scenario, which may lack title and expectations; return a scenario.

    `limits` are those of `parse_json`. Raise WorkflowFileError.
    """
    try:
        document = composed_json(parse_json(text, **limits))
    except JsonError as error:
        raise WorkflowFileError([Problem(error.pointer, error.message, "not-json")]) from None
    is_list = isinstance(document, list)
    scenario = {"moves": document} if is_list else document
    found = islice(_problems_of_form(_validator_class()(PLAYED, registry=Registry()), scenario), MAX_PROBLEMS)
    problems = [
        replace(each, pointer=each.pointer.removeprefix("/moves")) if is_list else each for each in found
    ]
    if problems:
        raise WorkflowFileError(problems)
    return scenario


def _problems_of_form(validator: Validator, document: Any) -> Iterator[Problem]:
    for error in validator.iter_errors(document):
        code = _CODES[str(error.validator)]
        about = str(error.validator_value) if code == "missing-member" else ""
        yield Problem(pointer(*error.absolute_path), error.message, code, about)


def _find_repeated_titles(kind: str, parts: Any) -> Iterator[Problem]:
    """Yield a problem for each repeated title, ignoring case: a title identifies a definition in its list."""
    seen: set[str] = set()
    for position, part in enumerate(parts if isinstance(parts, list) else ()):
        title = part.get("title") if isinstance(part, dict) else None
        if not isinstance(title, str):
            continue
        if title.casefold() in seen:
            message = _("The title “%(title)s” appears twice in this list.") % {"title": title[:_QUOTED]}
            yield Problem(pointer(kind, position, "title"), message, "title-twice")
        seen.add(title.casefold())


@cache
def _validator() -> Validator:
    """Return the validator of the format. It is cached, because building it takes longer than validating."""
    return _validator_class()(json_schema(), registry=Registry())


@cache
def _validator_class() -> Callable[..., Validator]:
    with_messages = {keyword: _with_message(keyword, sentence) for keyword, sentence in _SENTENCES.items()}
    return create(
        meta_schema=Draft202012Validator.META_SCHEMA,
        validators={**Draft202012Validator.VALIDATORS, **with_messages, **_OWN_KEYWORDS},
        type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole_number),
    )


def _is_whole_number(checker: TypeChecker, value: Any) -> bool:
    """Return whether the value is an int. JSON Schema also accepts 30.0, but database columns do not."""
    return isinstance(value, int) and not isinstance(value, bool)


def _with_message(keyword: str, sentence: Callable[[Any], str]) -> Keyword:
    """Return the standard's keyword check, but with our own message for every error."""
    standard = Draft202012Validator.VALIDATORS[keyword]

    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if any(standard(validator, value, instance, schema)):
            yield ValidationError(sentence(value))

    return check


_SENTENCES: Final[dict[str, Callable[[Any], str]]] = {
    "const": lambda value: _("This must be “%(value)s”.") % {"value": value},
    "enum": lambda value: _("This must be one of %(values)s.") % {"values": ", ".join(value)},
    "maxLength": lambda value: _("This can have at most %(number)d characters.") % {"number": value},
    "maxItems": lambda value: _("This list can have at most %(number)d items.") % {"number": value},
    "minimum": lambda value: _("This must be at least %(number)s.") % {"number": value},
    "maximum": lambda value: _("This must be at most %(number)s.") % {"number": value},
    "multipleOf": lambda value: _("This must be a multiple of %(number)s.") % {"number": value},
    "minProperties": lambda value: _("It needs %(number)d of its members.") % {"number": value},
    "maxProperties": lambda value: _("It can have only %(number)d of these.") % {"number": value},
}


def _require_type(types: str | list[str]) -> str:
    names = [types] if isinstance(types, str) else types
    return _("This must be %(types)s.") % {"types": _(" or ").join(str(_TYPES[name]) for name in names)}


def _check_required(validator: Any, names: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    for name in names if isinstance(instance, dict) else ():
        if name not in instance:
            message = _("The member “%(name)s” is missing.") % {"name": name}
            yield ValidationError(message, validator_value=name)


def _check_additional(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    for name in instance if isinstance(instance, dict) else ():
        if name not in schema["properties"]:
            message = _("Unknown member. Known members: %(names)s.")
            yield ValidationError(message % {"names": ", ".join(schema["properties"])}, path=[name])


def _check_unique(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """Check `uniqueItems` in linear time and ignoring case; the standard compares every pair."""
    seen: set[str] = set()
    for position, item in enumerate(instance if isinstance(instance, list) else ()):
        if not isinstance(item, str):
            continue
        if item.casefold() in seen:
            message = _("“%(item)s” appears twice in this list.") % {"item": item[:_QUOTED]}
            yield ValidationError(message, path=[position])
        seen.add(item.casefold())


def _check_pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """Check `pattern` with RE2, whose “$” does not match before a trailing line break."""
    if isinstance(instance, str) and not re2.search(pattern, instance):
        yield ValidationError(_(schema["description"]))


def _check_type(validator: Any, types: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """Check `type`; where several are possible, the description says what is meant."""
    for _error in Draft202012Validator.VALIDATORS["type"](validator, types, instance, schema):
        words = schema.get("description") if isinstance(types, list) else None
        yield ValidationError(_(words) if words else _require_type(types))


_OWN_KEYWORDS: Final[dict[str, Keyword]] = {
    "type": _check_type,
    "required": _check_required,
    "additionalProperties": _check_additional,
    "uniqueItems": _check_unique,
    "pattern": _check_pattern,
}
