"""Workflow files as JSON: read with all problems at once, and written so that reading gives the same."""

from collections.abc import Callable, Iterator, Mapping
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

from ticketflower.clean_json import JsonError, parse_json
from workflow_design.definition.problems import DefinitionError, Problem, pointer
from workflow_design.definition.workflow import FORMAT, WorkflowFile, json_schema, members_of

MAX_PROBLEMS: Final = 100
_MAX_DEPTH: Final = 100  # a condition of 32 operations alone is 64 levels of JSON deep


class WorkflowFileError(DefinitionError):
    """A text is no workflow file; `problems` says all that is wrong with its form."""


def parse_workflow_file(text: str | bytes) -> WorkflowFile:
    """The workflow that a file holds, with defaults for what it leaves out.

    Raises WorkflowFileError with all problems of form. What it means (fields that exist, conditions
    that are allowed, an end that can be reached) is asked of `definition_check.check_definition`.
    """
    try:
        document = parse_json(text, max_depth=_MAX_DEPTH)
    except JsonError as error:
        raise WorkflowFileError([Problem(error.pointer, error.message, "not-json")]) from None
    problems = list(islice(problems_of(document), MAX_PROBLEMS))
    if problems:
        raise WorkflowFileError(problems)
    file: WorkflowFile = _read(WorkflowFile, document)
    return file


def to_json(file: WorkflowFile) -> dict[str, Any]:
    """The JSON object of a workflow file, with every member, in canonical order."""
    return {"format": FORMAT, **_written(file)}


def _read(kind: type, value: Mapping[str, Any]) -> Any:
    """The object of a class of the format that a valid JSON object describes."""
    members = {}
    for member in members_of(kind):
        if member.name not in value:
            continue
        given = value[member.name]
        part = member.metadata.get("kind")
        if part is not None:
            given = tuple(_read(part, item) for item in given)
        elif member.name == "ext_ref":
            given = tuple(
                {"Label": each["Label"], "Desc": each.get("Desc", ""), "URI": each["URI"]} for each in given
            )
        elif member.metadata["schema"].get("type") == "array":
            given = tuple(given)
        members[member.name] = given
    return kind(**members)


def _written(part: Any) -> dict[str, Any]:
    members = {}
    for member in members_of(type(part)):
        value = getattr(part, member.name)
        if "kind" in member.metadata:
            value = [_written(item) for item in value]
        elif isinstance(value, tuple):
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
    "minimum": "out-of-bounds",
    "maximum": "out-of-bounds",
}
_TYPES: Final = {
    "string": gettext_lazy("a text"),
    "array": gettext_lazy("a list"),
    "object": gettext_lazy("an object"),
    "boolean": gettext_lazy("true or false"),
    "integer": gettext_lazy("a whole number"),
    "null": gettext_lazy("null"),
}
_SHOWN_LENGTH: Final = 100

Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError]]


def problems_of(document: Any) -> Iterator[Problem]:
    """All that is wrong with a JSON document as a workflow file, one by one."""
    for error in _validator().iter_errors(document):
        yield Problem(pointer(*error.absolute_path), error.message, _CODES[str(error.validator)])
    if isinstance(document, dict):
        for kind in ("tickets", "tasks", "completions"):
            yield from _repeated_titles(kind, document.get(kind))


def _repeated_titles(kind: str, parts: Any) -> Iterator[Problem]:
    """Titles name their definition within its list, for people too: without regard to case."""
    seen: set[str] = set()
    for position, part in enumerate(parts if isinstance(parts, list) else ()):
        title = part.get("title") if isinstance(part, dict) else None
        if not isinstance(title, str):
            continue
        if title.casefold() in seen:
            message = _("The title “%(title)s” stands twice in this list.") % {"title": _shown(title)}
            yield Problem(pointer(kind, position, "title"), message, "title-twice")
        seen.add(title.casefold())


@cache
def _validator() -> Validator:
    """The validator of the format, built once: building takes longer than validating."""
    worded = {keyword: _worded(keyword, sentence) for keyword, sentence in _SENTENCES.items()}
    kind = create(
        meta_schema=Draft202012Validator.META_SCHEMA,
        validators={**Draft202012Validator.VALIDATORS, **worded, **_OWN},
        type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole_number),
    )
    return kind(json_schema(), registry=Registry())


def _is_whole_number(checker: TypeChecker, value: Any) -> bool:
    """JSON Schema takes 30.0 for an integer; a column of the database would not."""
    return isinstance(value, int) and not isinstance(value, bool)


def _worded(keyword: str, sentence: Callable[[Any], str]) -> Keyword:
    """The standard's keyword, with one sentence of ours for whatever it finds."""
    standard = Draft202012Validator.VALIDATORS[keyword]

    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        for _error in standard(validator, value, instance, schema):
            yield ValidationError(sentence(value))

    return check


_SENTENCES: Final[dict[str, Callable[[Any], str]]] = {
    "type": lambda value: _("This must be %(types)s.") % {"types": _either(value)},
    "const": lambda value: _("This must be “%(value)s”.") % {"value": value},
    "enum": lambda value: _("This must be one of %(values)s.") % {"values": ", ".join(value)},
    "maxLength": lambda value: _("This may have at most %(number)d characters.") % {"number": value},
    "maxItems": lambda value: _("This list may have at most %(number)d items.") % {"number": value},
    "minimum": lambda value: _("This must be at least %(number)d.") % {"number": value},
    "maximum": lambda value: _("This must be at most %(number)d.") % {"number": value},
}


def _either(types: str | list[str]) -> str:
    names = [types] if isinstance(types, str) else types
    return _(" or ").join(str(_TYPES[name]) for name in names)


def _required(validator: Any, names: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    for name in names if isinstance(instance, dict) else ():
        if name not in instance:
            yield ValidationError(_("The member “%(name)s” is missing.") % {"name": name})


def _no_others(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    for name in instance if isinstance(instance, dict) else ():
        if name not in schema["properties"]:
            message = _("There is no member of this name. Known are %(names)s.")
            yield ValidationError(message % {"names": ", ".join(schema["properties"])}, path=[name])


def _unique(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """The standard's compares each with each. Names of roles, which people give, differ by more than case."""
    seen: set[str] = set()
    for position, item in enumerate(instance if isinstance(instance, list) else ()):
        if not isinstance(item, str):
            continue
        if item.casefold() in seen:
            message = _("“%(item)s” stands twice in this list.") % {"item": _shown(item)}
            yield ValidationError(message, path=[position])
        seen.add(item.casefold())


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """With RE2, whose “$” is the end of the text and not also the place before a last line break."""
    if isinstance(instance, str) and not re2.search(pattern, instance):
        yield ValidationError(_(schema["description"]))


_OWN: Final[dict[str, Keyword]] = {
    "required": _required,
    "additionalProperties": _no_others,
    "uniqueItems": _unique,
    "pattern": _pattern,
}


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN_LENGTH else f"{text[: _SHOWN_LENGTH - 1]}…"
