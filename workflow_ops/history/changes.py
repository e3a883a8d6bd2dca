"""Differences between two states of a workspace."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from workflow_design.definition.fields import Fields
from workflow_design.engine.plan import Write, is_same_json
from workflow_design.workspace.controls import DisplayNames
from workflow_design.workspace.field_types import in_words
from workflow_ops.models import WorkflowData


@dataclass(frozen=True, slots=True)
class Change:
    """A field with two different values, in words; an empty value is ""."""

    name: str
    label: str
    before: SafeString
    after: SafeString


def changed_values(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    fields: Fields,
    names: DisplayNames,
    *,
    only: Collection[str] | None = None,
) -> list[Change]:
    """Return the fields whose value differs, in the order of the workspace; `only` narrows the fields."""
    return [
        Change(
            name,
            known.title,
            in_words(known, before.get(name), names),
            in_words(known, after.get(name), names),
        )
        for name, known in fields.items()
        if (only is None or name in only) and not is_same_json(before.get(name), after.get(name))
    ]


def data_before_resets(step: WorkflowData, earlier: Mapping[str, Any]) -> dict[str, Any]:
    """Return the workspace that the conditions of a step saw: after its write, before its resets.

    `earlier` is the data of the step before. The caller must have selected the step's `write`.
    """
    if not step.reset_fields:
        return dict(step.data)
    written = Write.from_json(step.write.content).merged_into(earlier) if step.write else earlier
    return {**step.data, **{name: written[name] for name in step.reset_fields if name in written}}


def data_of_step(run_id: int, step: int) -> dict[str, Any]:
    """Return the workspace after a step; before the first one, it is empty."""
    rows = WorkflowData.objects.filter(workflow_instance=run_id, step=step)
    return rows.values_list("data", flat=True).first() or {}
