"""What has changed in the input of a task since somebody opened its form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from workflow_design.persistence.plans import load_fields
from workflow_design.workspace.field_types import in_words
from workflow_ops.history.names import names_in
from workflow_ops.models import TaskInstance, TimelineEvent, TimelineKind, WorkflowData


@dataclass(frozen=True, slots=True)
class InputChange:
    """A field of the input, with its values in words; an empty value is ""."""

    label: str
    before: SafeString
    after: SafeString


def find_input_changes(task: TaskInstance, *, seen: int) -> list[InputChange]:
    """Return what the refreshes since the input version `seen` have changed, in at most four statements."""
    before = _find_earlier_data(task, task.input_version - seen)
    if before is None:
        return []
    fields, after = load_fields(task.task_definition.workflow), task.input_data
    names = names_in(fields, task.workflow_instance.ticket, before, after)
    changed = [
        name
        for name in task.task_definition.input_fields
        if name in fields and before.get(name) != after.get(name)
    ]
    return [
        InputChange(
            fields[name].title,
            in_words(fields[name], before.get(name), names),
            in_words(fields[name], after.get(name), names),
        )
        for name in changed
    ]


def _find_earlier_data(task: TaskInstance, refreshes: int) -> Mapping[str, Any] | None:
    """Return the data before the last `refreshes` of the task, or None if they are not recorded."""
    if refreshes < 1:
        return None
    events = TimelineEvent.objects.filter(task=task, kind=TimelineKind.TASK_REFRESHED)
    steps = list(events.order_by("-pk").values_list("workflow_data__step", flat=True)[:refreshes])
    if not steps or steps[-1] is None:
        return None
    earlier = WorkflowData.objects.filter(workflow_instance=task.workflow_instance_id, step__lt=steps[-1])
    data: Mapping[str, Any] | None = earlier.order_by("-step").values_list("data", flat=True).first()
    return data
