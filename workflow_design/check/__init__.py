"""The check of a workflow file: all that can be proved about a definition (`docs/check.md`).

    report = check_file(file)

Errors that can be found without trying anything come from `static`. If there are none, `exploration` tries
all ways through the definition. Pure, but for the clock that bounds the exploration.
"""

import time
from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from workflow_design.check.exploration.explorer import IN_FULL, QUICK, Bounds, Explorer
from workflow_design.check.exploration.findings import Telling
from workflow_design.check.exploration.machine import Machine
from workflow_design.check.exploration.recorder import Recorder, Watch
from workflow_design.check.findings import CheckReport, Finding, Severity, by_severity, errors_of
from workflow_design.check.static import check_definition
from workflow_design.definition.fields import Fields
from workflow_design.definition.layouts import parse_layout
from workflow_design.definition.problems import pointer
from workflow_design.definition.schema import parse_fields
from workflow_design.definition.workflow import TaskFile, WorkflowFile
from workflow_design.engine.conditions import fields_read, fields_read_by_transform

__all__ = ["IN_FULL", "QUICK", "Bounds", "check_file", "explore"]


def check_file(
    file: WorkflowFile, *, bounds: Bounds = IN_FULL, now: Callable[[], float] = time.monotonic
) -> CheckReport:
    """Return the findings of a definition, except those that depend on its company.

    A definition with static errors is not explored: ways through one that names unknown fields mean
    nothing. Its report is not complete. Never raises for a faulty definition. `now` gives seconds.
    """
    problems = check_definition(file)
    if problems:
        return CheckReport(errors_of(problems), is_complete=False, states=0, writes=0)
    return explore(file, parse_fields(file.fields_schema), bounds=bounds, now=now)


def explore(
    file: WorkflowFile,
    fields: Fields,
    *,
    bounds: Bounds = IN_FULL,
    now: Callable[[], float] = time.monotonic,
) -> CheckReport:
    """Try all ways through a definition without static errors. `now` gives seconds."""
    machine = Machine(file, fields)
    watch = Watch(machine)
    recorder = Recorder(machine, watch)
    explorer = Explorer(machine, watch, bounds=bounds, see=recorder.see, now=now)
    explorer.explore()
    found = [*Telling(explorer, recorder.record).findings(), *hints_of(file, fields)]
    return CheckReport(by_severity(found), explorer.is_complete, len(explorer.nodes), explorer.writes)


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
