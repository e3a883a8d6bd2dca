"""Sample values, and what an action would write of a sample of its answer."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from workflow_design.definition.fields import Examples, Fields
from workflow_design.definition.schema import DataValidator
from workflow_design.definition.workflow import TaskFile
from workflow_design.engine.answers import FAILED, AnswerRefusedError, is_success, values_of_answer
from workflow_design.wording.rules import Vocabulary

_PERSON, _FILE = "1", "sample"
_EXAMPLES: Final = Examples(date(2026, 7, 1), [_PERSON], [_FILE])
_MAX_PATHS: Final = 60
_MAX_PATH_LEVELS: Final = 6
_MAX_ITEMS: Final = 3


def sample_workspace(fields: Fields) -> dict[str, Any]:
    """Return an example value of each field that has one."""
    found = {name: field.example(_EXAMPLES) for name, field in fields.items()}
    return {name: value for name, value in found.items() if value is not None}


def preview_written(task: TaskFile, validator: DataValidator, sample: Any) -> dict[str, Any]:
    """Return what the action would write of the sample of its answer, field by field, or why it can't."""
    if sample is None:
        return {}
    data, status, body = sample_workspace(validator.fields), sample.get("status", 200), sample["body"]
    values, problems = {}, {}
    try:
        values = values_of_answer(task, data, status=status, body=body, validator=validator)
    except AnswerRefusedError as error:
        values, problems = dict(error.values), error.by_field()
    vocabulary = Vocabulary(validator.fields)
    names = dict.fromkeys([*task.output_fields, *values, *filter(None, problems)])
    # If an answer is refused, nothing at all is written.
    absent = "" if problems else _("stays as it is")
    entries = [
        (vocabulary.title(name), _words(name, values, vocabulary, absent), problems.get(name, ""))
        for name in names
    ]
    return {
        "entries": entries,
        "problem": problems.get("", ""),
        "failed": "" if is_success(status) else FAILED,
        "is_refused": bool(problems),
        "paths": list(_paths(body)),
    }


def _words(name: str, values: dict[str, Any], vocabulary: Vocabulary, absent: str) -> str:
    if name not in values:
        return absent
    return _("is emptied") if values[name] is None else vocabulary.value(name, values[name])


def _paths(body: Any) -> list[str]:
    """Return the names under which a rule finds the parts of an answer, the outer ones first."""
    found: list[str] = []
    level = [("", body)]
    for _level in range(_MAX_PATH_LEVELS):
        level = [(f"{path}.{name}", part) for path, whole in level for name, part in _parts(whole)]
        found += [path.removeprefix(".") for path, _part in level]
    return found[:_MAX_PATHS]


def _parts(whole: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(whole, dict):
        # A dot separates names, so a name that has one can't be reached.
        yield from ((name, part) for name, part in whole.items() if name and "." not in name)
    elif isinstance(whole, list):
        yield from ((str(number), part) for number, part in enumerate(whole[:_MAX_ITEMS]))
