"""The data of a task as pages show it: its input, changes of the input, and its output."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow_design.workspace.controls import FileInfo
from workflow_design.workspace.reading import Block, build_read_view
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.history.changes import Change, changed_values, data_before_resets, data_of_step
from workflow_ops.history.names import names_in
from workflow_ops.models import TaskInstance, TimelineEvent, TimelineKind


@dataclass(frozen=True, slots=True)
class TaskData:
    """The data of a task. In `about`, rows that have changed also show their previous value."""

    about: list[Block]
    changes: list[Change]
    written: list[Block]
    files: list[FileInfo]


def read_task_data(task: TaskInstance, *, seen: int = 1) -> TaskData:
    """Return the data of a task; values that differ from version `seen` of its input are marked as changed.

    Version 1 is the input with which the task began. Of a finished task, nothing counts as changed. The
    caller must have selected the task's definition, workflow and ticket.
    """
    definition, run = task.task_definition, task.workflow_instance
    fields = get_rules(definition.workflow_id).validator.fields
    about, output = task.visible_data, task.output_data or {}
    before = _find_input(task, seen)
    names = names_in(fields, run.ticket, about, output, before or {})
    return TaskData(
        about=build_read_view(
            about,
            fields=fields,
            names=names,
            layout=definition.display_layout,
            only=definition.input_fields,
            also=definition.shown_fields,
            before=None if before is None else {**about, **before},
        ),
        changes=changed_values(before, task.input_data, fields, names, only=definition.input_fields)
        if before is not None
        else [],
        written=build_read_view(output, fields=fields, names=names, only=definition.output_fields)
        if task.output_data is not None
        else [],
        files=sorted(names.files.values(), key=lambda file: file.name),
    )


def _find_input(task: TaskInstance, version: int) -> Mapping[str, Any] | None:
    """Return an earlier version of the task's input, or None if there is none; at most two statements."""
    if task.is_finished or not 1 <= version < task.input_version:
        return None
    kinds = (TimelineKind.TASK_STARTED, TimelineKind.TASK_REFRESHED)
    events = TimelineEvent.objects.filter(task=task, kind__in=kinds).select_related("workflow_data__write")
    event = events.order_by("pk")[version - 1 : version].first()
    step = event.workflow_data if event else None
    if step is None:
        return None
    earlier = data_of_step(task.workflow_instance_id, step.step - 1) if step.reset_fields else {}
    data = data_before_resets(step, earlier)
    return {name: data.get(name) for name in task.task_definition.input_fields}
