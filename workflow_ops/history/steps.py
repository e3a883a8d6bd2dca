"""The steps of a ticket in words: what was written, by whom, what changed, and what followed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflow_design.definition.fields import Fields, is_empty
from workflow_design.definition.workflow import DefinitionKey
from workflow_design.engine import Plan
from workflow_design.engine.plan import is_same_json
from workflow_design.models import TaskType
from workflow_design.persistence.plans import load_fields
from workflow_design.wording.rules import Vocabulary
from workflow_design.workspace.controls import DisplayNames
from workflow_ops.history.changes import Change, changed_values
from workflow_ops.history.names import names_in
from workflow_ops.history.timeline_wording import TimelineEntry, actor_name, build_entries, task_name
from workflow_ops.models import TicketInstance, TimelineEvent, TimelineKind, WorkflowData, WriteSource

FOLLOWING: Final = (
    TimelineKind.TASK_STARTED,
    TimelineKind.TASK_REFRESHED,
    TimelineKind.TASK_CANCELLED,
    TimelineKind.HELD,
    TimelineKind.ENDED,
)
"""The kinds of events that a step can cause."""
BETWEEN: Final = (
    TimelineKind.HELD,
    TimelineKind.TASK_CANCELLED,
    TimelineKind.CANCELLED,
    TimelineKind.WITHDRAWN,
    TimelineKind.OVERDUE,
)
"""The kinds of events without a step: actions by hand, and tasks that become overdue."""
MAX_BETWEEN: Final = 100

_SOURCES: Final = {
    WriteSource.TICKET: gettext_lazy("Submitted"),
    WriteSource.EDIT: gettext_lazy("Data edited"),
    WriteSource.CORRECTION: gettext_lazy("Correction, which started nothing"),
    WriteSource.CLOCK: gettext_lazy("Written by the clock"),
    WriteSource.RESUME: gettext_lazy("Resumed"),
}


@dataclass(frozen=True, slots=True)
class StepEntry:
    """A step as pages show it."""

    number: int
    what: str
    who: str
    at: datetime
    url: str
    changes: list[Change]
    resets: list[str]
    """The names of the fields that were emptied because they are asked again."""
    same: list[str]
    """The titles of fields that were written without changing their value."""
    followed: list[str]


def step_url(ticket: TicketInstance, step: int) -> str:
    """Return the address of a step."""
    return reverse("manage_ticket_step", args=[ticket.number, step])


def why_url(ticket: TicketInstance, step: int, key: DefinitionKey) -> str:
    """Return the URL of the page that says why a definition did or did not start in a step."""
    return reverse("manage_ticket_why", args=[ticket.number, step, str(key.kind), key.key])


def why_links(ticket: TicketInstance, plan: Plan, step: int) -> dict[DefinitionKey, str]:
    """Return these URLs for each task and completion; {} before the first step."""
    keys = [*map(plan.key, plan.completions), *map(plan.key, plan.tasks)] if step else []
    return {key: why_url(ticket, step, key) for key in keys}


def describe_step(step: WorkflowData) -> str:
    """Return the cause of the step in words. Its `task`, with definition, and `write` must be selected."""
    if step.write and "retries" in step.write.content:
        return _("What had failed was tried again")
    if step.write and step.write.is_own_correction:
        return _("Correction by the submitter")
    if step.source in (WriteSource.TASK, WriteSource.CLOCK) and step.task:
        name = task_name(step.task.task_definition.title, step.task.run)
        if step.source == WriteSource.CLOCK:
            text = _("Written by the clock, since %(task)s was overdue")
        elif step.task.task_definition.task_type == TaskType.FORM:
            text = _("%(task)s was completed")
        elif step.person_id or step.impersonator_id:
            text = _("%(task)s was filled in by hand")
        else:
            text = _("%(task)s was answered")
        return text % {"task": name}
    return str(_SOURCES[WriteSource(step.source)])


def read_steps(ticket: TicketInstance, steps: Sequence[WorkflowData]) -> list[StepEntry | TimelineEntry]:
    """Return consecutive steps, newest first, interspersed with the events between them.

    This takes four statements, including one each for people and files that occur in the data.
    """
    if not steps:
        return []
    fields = load_fields(ticket.workflow_instance.workflow)
    oldest, newest = steps[-1], steps[0]
    # The oldest step is compared with the one before it, which is on the next page.
    beyond = WorkflowData.objects.filter(
        workflow_instance=ticket.workflow_instance_id, step__in=(oldest.step - 1, newest.step + 1)
    )
    around = {row.step: row for row in beyond.only("step", "data", "created_at")}
    data: dict[int, Mapping[str, Any]] = {row.step: row.data for row in (*around.values(), *steps)}
    names = names_in(fields, ticket, *data.values())
    later = around.get(newest.step + 1)
    followed, between = _read_events(ticket, steps, until=later.created_at if later else None)
    entries = [
        build_step(
            ticket,
            step,
            earlier=data.get(step.step - 1, {}),
            fields=fields,
            names=names,
            followed=followed[step.pk],
        )
        for step in steps
    ]
    return sorted([*entries, *between], key=lambda entry: entry.at, reverse=True)


def build_step(
    ticket: TicketInstance,
    step: WorkflowData,
    *,
    earlier: Mapping[str, Any],
    fields: Fields,
    names: DisplayNames,
    followed: list[str],
) -> StepEntry:
    """Return a step as pages show it; `earlier` is the data before it."""
    same = [name for name in step.modified_fields if is_same_json(earlier.get(name), step.data.get(name))]
    vocabulary = Vocabulary(fields)
    return StepEntry(
        number=step.step,
        what=describe_step(step),
        who=actor_name(step.person, step.impersonator_id),
        at=step.created_at,
        url=step_url(ticket, step.step),
        changes=changed_values(earlier, step.data, fields, names),
        resets=step.reset_fields,
        # Do not list empty fields that stay empty.
        same=[vocabulary.title(name) for name in same if not is_empty(step.data.get(name))],
        followed=followed,
    )


def _read_events(
    ticket: TicketInstance, steps: Sequence[WorkflowData], *, until: datetime | None
) -> tuple[Mapping[int, list[str]], list[TimelineEntry]]:
    """Return sentences on what followed from each step, and entries for events between the steps."""
    beside = Q(workflow_data=None, kind__in=BETWEEN, created_at__gte=steps[-1].created_at)
    if until is not None:
        beside &= Q(created_at__lt=until)
    events = TimelineEvent.objects.filter(ticket=ticket).select_related(
        "task__task_definition", "person", "about"
    )
    of_step: dict[int, list[TimelineEvent]] = defaultdict(list)
    for event in events.filter(workflow_data__in=[step.pk for step in steps], kind__in=FOLLOWING):
        of_step[event.workflow_data_id or 0].append(event)
    followed = {step.pk: in_words(of_step[step.pk]) for step in steps}
    between = events.filter(beside).order_by("-pk")[:MAX_BETWEEN]
    return followed, build_entries(between, steps=(), vocabulary=Vocabulary())


def in_words(events: Iterable[TimelineEvent]) -> list[str]:
    """Return sentences about events, oldest first."""
    entries = build_entries(events, steps=(), vocabulary=Vocabulary())
    return [entry.text for entry in reversed(entries)]
