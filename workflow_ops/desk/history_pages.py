"""Contexts of the pages of one step of a ticket: its changes, and why a definition did or did not start."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Final

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.listing import ListPage, Sort, list_page
from workflow_design.definition.fields import Fields
from workflow_design.definition.workflow import Kind
from workflow_design.persistence.plans import load_fields, load_plan
from workflow_design.wording.rules import Vocabulary
from workflow_design.workspace.controls import DisplayNames
from workflow_design.workspace.reading import build_read_view, format_ids
from workflow_ops.history.changes import data_before_resets, data_of_step
from workflow_ops.history.names import names_in
from workflow_ops.history.pictures import draw_ticket, states_after
from workflow_ops.history.steps import (
    FOLLOWING,
    StepEntry,
    build_step,
    in_words,
    step_url,
    why_links,
    why_url,
)
from workflow_ops.history.why import (
    Definition,
    PastStep,
    Verdict,
    judge,
    question,
    read_condition,
    read_inputs,
)
from workflow_ops.models import (
    CompletionInstance,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
    WorkflowData,
    WriteSource,
)

MAX_OTHER_STEPS: Final = 20
STEP_SORTS: Final = (Sort("step", gettext_lazy("Step"), "step", descending=True),)
STEPS_ON_A_PAGE: Final = 20


def steps_page(request: HttpRequest, ticket: TicketInstance) -> ListPage:
    """Return the page of the ticket's steps that the URL requests, loaded as `read_steps` needs them."""
    rows = WorkflowData.objects.filter(workflow_instance_id=ticket.workflow_instance_id).defer("looks")
    found = rows.select_related("task__task_definition", "person", "write")
    return list_page(request, found, sorts=STEP_SORTS, size=STEPS_ON_A_PAGE, nouns=(_("step"), _("steps")))


@dataclass(frozen=True)
class StepPage:
    """The data that the pages of one step share: its row and the state to which it was applied."""

    ticket: TicketInstance
    step: WorkflowData

    @classmethod
    def find(cls, ticket: TicketInstance, number: int) -> "StepPage":
        """Return the step of this number. Raise Http404."""
        rows = WorkflowData.objects.filter(workflow_instance=ticket.workflow_instance_id, step=number)
        step = rows.select_related("task__task_definition", "person", "write").first()
        if step is None:
            raise Http404
        return cls(ticket, step)

    @cached_property
    def earlier(self) -> Mapping[str, Any]:
        """The data before the step."""
        return data_of_step(self.ticket.workflow_instance_id, self.step.step - 1)

    @cached_property
    def fields(self) -> Fields:
        """The fields of the workspace."""
        return load_fields(self.ticket.workflow_instance.workflow)

    @cached_property
    def _all_data(self) -> list[Mapping[str, Any]]:
        read = [look["values_read"] for look in self.step.looks]
        return [self.earlier, self.step.data, data_before_resets(self.step, self.earlier), *read]

    @cached_property
    def names(self) -> DisplayNames:
        """The names of people and files before, in and after the step."""
        return names_in(self.fields, self.ticket, *self._all_data)

    @cached_property
    def events(self) -> list[TimelineEvent]:
        """The events that followed from the step."""
        events = TimelineEvent.objects.filter(workflow_data=self.step, kind__in=FOLLOWING)
        return list(events.select_related("task__task_definition", "person", "about"))

    @cached_property
    def past(self) -> PastStep:
        """The step in the form from which reasons are computed."""
        return PastStep(
            plan=load_plan(self.ticket.workflow_instance.workflow_id),
            vocabulary=Vocabulary(self.fields, format_ids(self.fields, self.names, *self._all_data)),
            step=self.step,
            data=data_before_resets(self.step, self.earlier),
            states=states_after(self.ticket, self.step),
            created=self._tasks_of(TimelineKind.TASK_STARTED),
        )

    def _tasks_of(self, kind: TimelineKind) -> set[str]:
        """Return the keys of the task definitions that events of this kind are about."""
        found = (event.task for event in self.events if event.kind == kind)
        return {str(task.task_definition_id) for task in found if task}

    @property
    def verdicts(self) -> list[tuple[Definition, Verdict]]:
        """The verdict on each task and completion definition in the step."""
        return [(part, judge(self.past, part)) for part in self.past.parts]

    @cached_property
    def entry(self) -> StepEntry:
        """The step as pages show it."""
        return build_step(
            self.ticket,
            self.step,
            earlier=self.earlier,
            fields=self.fields,
            names=self.names,
            followed=in_words(self.events),
        )

    def shared(self, url: Callable[[int], str]) -> dict[str, Any]:
        """Return the context that both pages share; `url` returns the URL of another step."""
        number, last = self.step.step, self.ticket.workflow_instance.step
        return {
            "ticket": self.ticket,
            "step": self.entry,
            "title": _("Step %(number)d: %(what)s") % {"number": number, "what": self.entry.what},
            "pages": {"count_text": _("Step %(number)d of %(last)d") % {"number": number, "last": last}},
            "older_url": url(number - 1) if number > 1 else "",
            "newer_url": url(number + 1) if number < last else "",
        }


def step_context(ticket: TicketInstance, number: int) -> dict[str, Any]:
    """Return the context of a step's page. Raise Http404."""
    page = StepPage.find(ticket, number)
    past, run = page.past, ticket.workflow_instance
    links = why_links(ticket, past.plan, number)
    verdicts = page.verdicts

    def rows(*, was_asked: bool) -> list[dict[str, Any]]:
        return [
            {"title": part.title, "url": links[past.plan.key(part)], "verdict": verdict}
            for part, verdict in verdicts
            if verdict.was_asked is was_asked
        ]

    return {
        **page.shared(partial(step_url, ticket)),
        "asked": rows(was_asked=True),
        "others": rows(was_asked=False),
        "blocks": build_read_view(
            page.step.data,
            fields=page.fields,
            names=page.names,
            layout=run.workflow.display_layout,
            before=page.earlier,
        ),
        "picture": draw_ticket(ticket, past.plan, past.states).linked(links),
    }


def why_context(ticket: TicketInstance, number: int, kind: str, key: str) -> dict[str, Any]:
    """Return the context of the page of one definition in one step. Raise Http404."""
    page = StepPage.find(ticket, number)
    part = _find_part(page.past, kind, key)
    verdict = judge(page.past, part)
    parts, is_one_enough = read_condition(page.past, part)

    def url(other: int) -> str:
        return why_url(ticket, other, page.past.plan.key(part))

    return {
        **page.shared(url),
        "question": question(part, verdict),
        "verdict": verdict,
        "is_resume": page.step.source == WriteSource.RESUME,
        "inputs": read_inputs(page.past, part),
        "condition": parts,
        "is_one_enough": is_one_enough,
        "other_steps": [
            {"number": other, "url": url(other)}
            for other in _other_steps(ticket, kind, key)
            if other != number
        ],
    }


def _find_part(past: PastStep, kind: str, key: str) -> Definition:
    for part in past.parts:
        if past.plan.key(part) == (kind, key):
            return part
    raise Http404


def _other_steps(ticket: TicketInstance, kind: str, key: str) -> list[int]:
    """Return the newest steps in which a task was started or refreshed, or a completion reached."""
    if kind == Kind.TASK:
        kinds = (TimelineKind.TASK_STARTED, TimelineKind.TASK_REFRESHED)
        events = TimelineEvent.objects.filter(ticket=ticket, kind__in=kinds, task__task_definition=int(key))
        numbers: QuerySet[Any, Any] = events.values_list("workflow_data__step", flat=True)
    else:
        reached = CompletionInstance.objects.filter(
            workflow_instance=ticket.workflow_instance_id, completion=int(key)
        )
        numbers = reached.values_list("workflow_data__step", flat=True)
    return list(numbers.order_by("-workflow_data__step")[:MAX_OTHER_STEPS])
