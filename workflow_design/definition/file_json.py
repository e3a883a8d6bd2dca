"""Workflow files: read with all their problems at once, and written so that reading gives the same."""

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from ticketflower.clean_json import JsonError, parse_json
from workflow_design.definition.file_problems import problems_of
from workflow_design.definition.problems import DefinitionError, Problem
from workflow_design.definition.workflow import FORMAT, WorkflowFile, members_of

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
