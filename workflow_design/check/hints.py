"""Hints that need no exploration: fields that nothing reads, or nothing writes."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from workflow_design.check.findings import Finding, Severity
from workflow_design.definition.fields import Fields
from workflow_design.definition.layouts import parse_layout
from workflow_design.definition.problems import pointer
from workflow_design.definition.workflow import TaskFile, WorkflowFile
from workflow_design.engine.conditions import fields_read, fields_read_by_transform


def hints_of(file: WorkflowFile, fields: Fields) -> Iterator[Finding]:
    """A hint for each field that nothing reads (showing it counts as reading), or nothing writes."""
    read, written = _read(file, fields), _written(file)
    for name, field in fields.items():
        where = pointer("fields_schema", "properties", name)
        if name not in written:
            message = _("Nothing writes “%(title)s”: no ticket and no task asks for it.")
            mend = _("Let a ticket or a task ask for it, or remove it.")
            yield Finding("field-unwritten", Severity.HINT, where, message % {"title": field.title}, mend)
        elif name not in read:
            message = _("Nothing reads “%(title)s”, and nothing shows it.")
            mend = _("Show it in a layout, let a task read it, or don't ask for it.")
            yield Finding("field-unread", Severity.HINT, where, message % {"title": field.title}, mend)


def _written(file: WorkflowFile) -> set[str]:
    asked = [part.fields for part in file.tickets] + [task.output_fields for task in file.tasks]
    return {name for names in asked for name in names}


def _read(file: WorkflowFile, fields: Fields) -> set[str]:
    found = set(_shown(file.display_layout, fields))
    for ticket in file.tickets:
        found.update(_shown(ticket.display_layout, fields) if ticket.display_layout else ticket.fields)
    for task in file.tasks:
        found.update(task.input_fields, _shown(task.display_layout, fields), _read_by_task(task))
    for completion in file.completions:
        found.update(completion.fields, _shown(completion.display_layout, fields))
        if completion.condition is not None:
            found.update(fields_read(completion.condition))
    return found if file.display_layout else set(fields)


def _read_by_task(task: TaskFile) -> set[str]:
    found = {task.assignee_field or ""}
    if task.condition is not None:
        found |= fields_read(task.condition)
    if task.input_transform:
        found |= fields_read_by_transform(task.input_transform)
    if task.output_transform:
        found |= fields_read_by_transform(task.output_transform, of_answer=True)
    return found


def _shown(layout: object, fields: Fields) -> tuple[str, ...]:
    """What a layout for reading names."""
    items = list(layout) if isinstance(layout, list | tuple) else []
    return parse_layout(items, fields=tuple(fields), exactly_once=False).fields_in_order if items else ()
