"""What actions send, as JSON, and their transforms in words. Pure."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from ticketflower.clean_json import format_json
from workflow_design.definition.field_types import TEXT
from workflow_design.definition.fields import Field, Fields
from workflow_design.definition.problems import DefinitionError
from workflow_design.definition.workflow import TaskFile, TaskType
from workflow_design.engine.answers import data_to_send, field_of
from workflow_design.engine.conditions.validation import paths_read
from workflow_design.wording.rules import Vocabulary, describe_value

_BODY = "response.body"


def describe_request(task: TaskFile, data: Mapping[str, Any], fields: Fields) -> dict[str, str]:
    """Return the JSON that an action sends with the workspace `data` as "sent", or a "problem"."""
    try:
        sent = data_to_send(task, data, fields)
    except DefinitionError as error:
        return {"problem": " ".join(f"{field_of(each)}: {each.sentence}" for each in error.problems)}
    if task.task_type == TaskType.ASYNC_ACTION:
        sent["callback_url"] = "https://…"
    return {"sent": format_json(sent)}


def describe_transform(
    transform: Mapping[str, Any] | None, vocabulary: Vocabulary, *, of_answer: bool
) -> list[tuple[str, str]]:
    """Return each name of a transform, or the title of the field, with its value in words."""
    lines = []
    for name, rule in (transform or {}).items():
        words = describe_value(rule, _of_answer(rule, vocabulary) if of_answer else vocabulary, about=name)
        lines.append((vocabulary.title(name) if of_answer else name, words))
    return lines


def _of_answer(rule: Any, vocabulary: Vocabulary) -> Vocabulary:
    """Return the vocabulary of a rule that reads an answer: the fields are below "workspace"."""
    parts = {path: _title(path) for path in paths_read(rule) if path.startswith("response")}
    return Vocabulary(
        {
            **vocabulary.fields,
            **{f"workspace.{name}": field for name, field in vocabulary.fields.items()},
            **{path: Field(name=path, type=TEXT, title=title) for path, title in parts.items()},
        },
        vocabulary.names,
    )


def _title(path: str) -> str:
    part = path.removeprefix(_BODY).removeprefix(".")
    if not path.startswith(_BODY):
        return _("the status of the answer")
    return _("“%(part)s” of the answer") % {"part": part} if part else _("the answer")
