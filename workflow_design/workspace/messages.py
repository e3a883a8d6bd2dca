"""Messages filled with the values of a workspace, as people see them (docs/workflow-format.md)."""

from collections.abc import Mapping
from typing import Any, Final

from workflow_design.definition.fields import Fields
from workflow_design.definition.ready_made import (
    MAX_SUBJECT_LENGTH,
    Action,
    fields_in_text,
    fill_in,
    message_of,
)
from workflow_design.workspace.controls import DisplayNames
from workflow_design.workspace.field_types import in_text

NOTHING: Final = "–"  # noqa: RUF001 - a dash


def fill_subject(action: Action, data: Mapping[str, Any], fields: Fields, names: DisplayNames) -> str:
    """Return the subject of an e-mail: one line, cut if the values are long."""
    # A header ends with its line, so that what people typed can't begin another one.
    line = " ".join(_filled(message_of(action).get("subject", ""), data, fields, names).split())
    return line if len(line) <= MAX_SUBJECT_LENGTH else f"{line[: MAX_SUBJECT_LENGTH - 1]}…"


def fill_text(action: Action, data: Mapping[str, Any], fields: Fields, names: DisplayNames) -> str:
    """Return the text of a message."""
    return _filled(message_of(action).get("text", ""), data, fields, names)


def _filled(text: str, data: Mapping[str, Any], fields: Fields, names: DisplayNames) -> str:
    wanted = [name for name in fields_in_text(text) if name in fields]
    return fill_in(text, {name: in_text(fields[name], data.get(name), names) or NOTHING for name in wanted})
