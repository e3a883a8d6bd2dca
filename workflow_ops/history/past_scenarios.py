"""Conversion of a real ticket into the moves of a scenario, with personal data removed."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from workflow_design.check.values.candidates import candidates
from workflow_design.check.values.uses import MISSING_OPERATORS, iterate_atoms
from workflow_design.definition.field_types import EMAIL, FILE, MULTILINE, TEL, TEXT, URI
from workflow_design.definition.fields import Examples, Field
from workflow_design.definition.scenarios import MAX_MOVES
from workflow_design.definition.schema import DataValidator, data_validator
from workflow_design.definition.workflow import CompletionFile, TaskFile, TaskType, WorkflowFile
from workflow_design.engine.conditions.bounds import split_operation
from workflow_design.engine.conditions.validation import fields_read
from workflow_design.engine.moves import Move, MoveKind
from workflow_ops.models import TicketInstance, WorkflowData

_KINDS = {
    "ticket": MoveKind.TICKET,
    "task": MoveKind.TASK,
    "clock": MoveKind.OVERDUE,
    "edit": MoveKind.EDIT,
    "correct": MoveKind.CORRECTION,
    "resume": MoveKind.RESUME,
}
_FREE_TEXTS = (TEXT, MULTILINE, EMAIL, TEL, URI)
_MAX_FILES = 10


def read_moves(ticket: TicketInstance) -> tuple[list[Move], str]:
    """Return a ticket's history as moves by people's ids, and a text on why the rest is left out, or "".

    This takes one statement.
    """
    rows = WorkflowData.objects.filter(workflow_instance_id=ticket.workflow_instance_id).order_by("step")
    columns = (
        *("source", "person_id", "write__content", "ticket__ticket_definition__title"),
        *("task__task_definition__title", "task__task_definition__task_type"),
    )
    moves: list[Move] = []
    steps = rows.values_list(*columns)[: MAX_MOVES + 1]
    for stored_source, person_id, content, ticket_title, title, task_type in steps:
        # The submitter's correction of a ticket becomes an edit.
        is_own_correction = stored_source == "ticket" and content["source"] == "edit"
        source = "edit" if is_own_correction else stored_source
        if len(moves) == MAX_MOVES:
            return moves, _("A scenario has at most %(number)d steps. It ends there.") % {"number": MAX_MOVES}
        if source == "resume" or (source == "clock" and title):
            moves.append(Move(_KINDS[source], title if source == "clock" else ""))
            continue
        values, emptied = content["values"], dict.fromkeys(content["emptied"])
        is_form = source == "ticket" or task_type == TaskType.FORM
        if source not in _KINDS or (source == "edit" and not content["modified"]) or content["only"]:
            text = _(
                "After step %(number)d an error was fixed by hand, which a scenario can't do. It ends there."
            )
            return moves, text % {"number": len(moves)}
        by = str(person_id) if is_form and person_id else ""
        written = values if is_form else {**values, **emptied}
        part = "" if source in ("edit", "correct") else ticket_title or title or ""
        moves.append(Move(_KINDS[source], part, written, by))
    return moves, ""


def without_texts(moves: Sequence[Move], file: WorkflowFile) -> list[Move]:
    """Return the moves with texts replaced unless a condition reads their content, and with example files.

    Texts that only transforms read are replaced, too, because a scenario calls no other systems. Different
    values of a field remain different, because an edit has to change something.
    """
    validator = data_validator(file.fields_schema)
    parts: list[TaskFile | CompletionFile] = [*file.tasks, *file.completions]
    compared = {name for part in parts for name in _find_compared(part.condition)}
    stand_ins: dict[str, dict[str, Any]] = {
        name: {"null": None}
        for name, field in validator.fields.items()
        if (field.type in _FREE_TEXTS and name not in compared) or field.type.base is FILE
    }

    def stand_in(name: str, value: Any) -> Any:
        if name not in stand_ins:
            return value
        known, key = stand_ins[name], json.dumps(value)
        if key not in known:
            known[key] = _stand_in(validator.fields[name], validator, known.values())
        return known[key]

    return [
        replace(move, values={name: stand_in(name, value) for name, value in move.values.items()})
        for move in moves
    ]


def _find_compared(condition: Any) -> Iterator[str]:
    """Yield the fields for which a condition depends on the value, not only on whether there is one."""
    for atom in iterate_atoms(condition):
        operator, arguments = split_operation(atom)
        compares_with_null = None in arguments and all(
            each is None or (isinstance(each, dict) and "var" in each) for each in arguments
        )
        if operator not in {"var", *MISSING_OPERATORS} and not compares_with_null:
            yield from fields_read(atom)


def _stand_in(field: Field, validator: DataValidator, given: Collection[Any]) -> Any:
    """Return "text", "text 2" etc., or else a value that the field accepts; if possible, not in `given`."""
    number = len(given)
    if field.type.base is FILE:
        files = [f"stand-in-{number + more}" for more in range(_MAX_FILES)]
        options = iter([field.type.example(field, Examples(timezone.localdate(), (), files))])
    else:
        text = "text" if number == 1 else f"text {number}"
        options = chain([text], candidates(field, (), number=number))
    fitting = (value for value in options if not validator.problems({field.name: value}))
    return next((value for value in fitting if value not in given), [*given][-1])
