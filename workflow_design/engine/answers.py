"""What an action sends, and what its answer becomes: the values of a write, or why there is none. Pure.

Real calls, the live result in the designer's form and the try-out all use these functions
(`docs/engine.md`, "Actions").
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.definition.fields import Fields, is_empty, without_empty
from workflow_design.definition.problems import DefinitionError, Problem
from workflow_design.definition.schema import DataValidator
from workflow_design.definition.workflow import TaskFile
from workflow_design.engine.conditions.evaluation import apply_transform

FAILED: Final = gettext_lazy(
    "A call that is answered with this status has failed: only 200 to 299 mean that it went well."
)


class AnswerRefusedError(DefinitionError):
    """An answer that can't become a write. The pointer of each problem begins with the field it is about."""

    def __init__(self, problems: list[Problem], *, fields: Fields, values: Mapping[str, Any]) -> None:
        super().__init__(problems)
        self._fields = fields
        self.values = values
        """What would have been written."""

    @property
    def message(self) -> str:
        """All problems as sentences, each after the title of its field."""
        return " ".join(map(self._sentence, self.problems))

    def by_field(self) -> dict[str, str]:
        """Return the sentence of the first problem of each field; "" is the answer as a whole."""
        sentences: dict[str, str] = {}
        for problem in self.problems:
            sentences.setdefault(field_of(problem), problem.sentence)
        return sentences

    def _sentence(self, problem: Problem) -> str:
        name = field_of(problem)
        title = self._fields[name].title if name in self._fields else name
        return f"{title}: {problem.sentence}" if title else problem.sentence


def field_of(problem: Problem) -> str:
    """Return the name at the start of a problem's pointer, or "" if it is about the whole."""
    return problem.pointer.split("/")[1] if problem.pointer else ""


def is_success(status: int) -> bool:
    """Return whether an answer with this status is used. Any other makes the call fail."""
    return 200 <= status < 300  # noqa: PLR2004 - what HTTP calls successful


def data_of_task(
    input_fields: Collection[str], data: Mapping[str, Any], input_data: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the workspace `data` as a task has it: its inputs as they triggered it, all else as now."""
    others = {name: value for name, value in data.items() if name not in input_fields}
    return {**others, **input_data}


def data_to_send(task: TaskFile, data: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """Return the JSON object that an action sends with the workspace `data`.

    Raise ConditionError if a rule can't be evaluated.
    """
    if task.input_transform is None:
        return {name: data[name] for name in task.input_fields if name in data}
    return apply_transform(task.input_transform, data, fields)


def values_of_answer(
    task: TaskFile, data: Mapping[str, Any], *, status: int, body: Any, validator: DataValidator
) -> dict[str, Any]:
    """Return what an action writes once it is answered like this; None empties a field.

    `data` is the workspace. Raise AnswerRefusedError if a rule fails, a value does not fit its field, or a
    required field would be empty.
    """
    fields = validator.fields
    try:
        found = _transformed(task, data, status, body, fields)
    except DefinitionError as error:
        raise AnswerRefusedError(list(error.problems), fields=fields, values={}) from error
    required = sorted(fields.required.intersection(task.output_fields))
    values = {
        name: None if is_empty(found[name]) else found[name] for name in task.output_fields if name in found
    }
    problems = validator.problems(without_empty(values), required=required)
    missing = _("The answer has no value for this, and it is required.")
    problems = [replace(each, message=missing) if each.code == "required" else each for each in problems]
    if problems:
        raise AnswerRefusedError(problems, fields=fields, values=values)
    return values


def _transformed(
    task: TaskFile, data: Mapping[str, Any], status: int, body: Any, fields: Fields
) -> Mapping[str, Any]:
    if task.answer_rules is not None:
        answer = {"workspace": data, "response": {"status": status, "body": body}}
        return apply_transform(task.answer_rules, answer, fields)
    if not isinstance(body, dict):
        message = _("The answer must be a JSON object with members that are named like the fields.")
        raise DefinitionError([Problem("", message, "not-an-object")])
    return body
