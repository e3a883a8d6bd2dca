"""Which decisions explain an entry of the timeline."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from workflow_design.persistence.plans import load_rule_words
from workflow_design.wording.decisions import Explainer
from workflow_design.wording.rules import Vocabulary
from workflow_ops.models import TicketInstance, TimelineEvent, TimelineKind, WorkflowData, WriteSource

Evaluations = Sequence[Mapping[str, Any]]

_EXPLAIN_THEMSELVES: Final = frozenset(
    {TimelineKind.TASK_STARTED, TimelineKind.TASK_REFRESHED, TimelineKind.HELD, TimelineKind.ENDED}
)


class StepLink(NamedTuple):
    """A step in words, and its address."""

    words: str
    url: str


class Reasons:
    """The decisions of steps, which explain the events of a timeline.

    Events of started tasks and reached completions list their own evaluation. All evaluations of a
    step are listed at its source: the ticket, the completed task, the edit or the resume.
    """

    def __init__(
        self, steps: Iterable[WorkflowData], vocabulary: Vocabulary, ticket: TicketInstance | None = None
    ) -> None:
        # Names of people and files belong to this ticket; without any, conditions read the same for all
        # tickets.
        is_plain = ticket is not None and not any(vocabulary.names.values())
        rules = load_rule_words(ticket.workflow_instance.workflow_id) if ticket and is_plain else None
        self._explainer = Explainer(vocabulary, rules)
        # The URL of a step is reversed only once.
        self._url = reverse("manage_ticket_step", args=[ticket.number, 0]).rsplit("0", 1) if ticket else []
        self._by_id: dict[int, Evaluations] = {}
        self._numbers: dict[int, int] = {}
        self._of_ticket: list[int] = []
        self._of_task: dict[int, list[int]] = {}
        for step in steps:
            self._by_id[step.pk], self._numbers[step.pk] = step.looks, step.step
            if step.source == WriteSource.TICKET:  # only the first one is the submission
                self._of_ticket = [min([step.pk, *self._of_ticket])]
            elif step.source == WriteSource.TASK and step.task_id is not None:
                self._of_task.setdefault(step.task_id, []).append(step.pk)

    def step_of(self, event: TimelineEvent) -> StepLink | None:
        """Return the step that an event belongs to, or None if there is none or no ticket was named."""
        number = self._numbers.get(event.workflow_data_id or 0)
        if number is None or not self._url:
            return None
        return StepLink(_("Step %(number)s") % {"number": number}, str(number).join(self._url))

    def of(self, event: TimelineEvent) -> list[str]:
        """Return the reasons of an event as sentences; the list may be empty."""
        kind = TimelineKind(event.kind)
        looks = self._by_id.get(event.workflow_data_id or 0, ())
        if kind in _EXPLAIN_THEMSELVES:
            looks = [look for look in looks if _is_about(look, event)]
        elif kind is TimelineKind.SUBMITTED:
            looks = self._evaluations(self._of_ticket) or looks
        elif kind is TimelineKind.TASK_COMPLETED:
            looks = self._evaluations(self._of_task.get(event.task_id or 0, ())) or looks
        elif kind not in (
            TimelineKind.DATA_EDITED,
            TimelineKind.DATA_CORRECTED,
            TimelineKind.TICKET_CORRECTED,
            TimelineKind.RESUMED,
            TimelineKind.RETRIED,
            TimelineKind.ERROR,
        ):
            looks = ()
        # Evaluations are stored without texts, so that each reader sees their language.
        return [self._explainer.explain(look) for look in looks]

    def _evaluations(self, ids: Iterable[int]) -> Evaluations:
        return [evaluation for step_id in ids for evaluation in self._by_id[step_id]]


def _is_about(evaluation: Mapping[str, Any], event: TimelineEvent) -> bool:
    if event.kind in (TimelineKind.HELD, TimelineKind.ENDED):
        return bool(evaluation["kind"] == "completion" and evaluation["outcome"] == "reached")
    if event.task is None:
        return False
    return bool(evaluation["kind"] == "task" and evaluation["key"] == str(event.task.task_definition_id))
