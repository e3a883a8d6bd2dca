"""Differences between two states of a workspace."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.safestring import SafeString

from workflow_design.definition.fields import Fields
from workflow_design.engine.plan import Write, is_same_json
from workflow_design.persistence.plans import load_fields
from workflow_design.workspace.controls import DisplayNames
from workflow_design.workspace.field_types import in_words
from workflow_ops.history.names import names_in
from workflow_ops.history.timeline_wording import actor_name
from workflow_ops.models import TicketInstance, WorkflowData

MAX_STEPS = 50
"""Maximum number of steps that are read to find who changed a field."""


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


class ForeignChange(NamedTuple):
    """A field that another person has changed, with its values in words, and that person's name or ""."""

    change: Change
    who: str


def changes_since(
    ticket: TicketInstance, step: int, *, only: Collection[str] | None = None
) -> list[ForeignChange]:
    """Return what has changed since a step, and by whom; nothing if there is no such step.

    `only` narrows the fields.
    """
    run = ticket.workflow_instance
    if not 0 <= step < run.step:
        return []
    fields, before = load_fields(run.workflow), data_of_step(run.pk, step)
    steps = WorkflowData.objects.filter(workflow_instance=run, step__gt=step).select_related("person")
    newest = list(steps.order_by("-step")[:MAX_STEPS])
    who: dict[str, str] = {}
    for later, data in zip(newest, [*(each.data for each in newest[1:]), before], strict=True):
        for name in fields:
            if data.get(name) != later.data.get(name):
                who.setdefault(name, actor_name(later.person, later.impersonator_id))
    names = names_in(fields, ticket, before, run.data)
    changed = changed_values(before, run.data, fields, names, only=only)
    return [ForeignChange(each, who.get(each.name, "")) for each in changed]
