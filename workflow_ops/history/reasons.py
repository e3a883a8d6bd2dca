"""Which decisions explain an entry of the timeline."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from workflow_design.wording.decisions import explain_evaluation
from workflow_design.wording.rules import Vocabulary
from workflow_ops.models import TimelineEvent, TimelineKind, WorkflowData, WriteSource

Evaluations = Sequence[Mapping[str, Any]]

_EXPLAIN_THEMSELVES: Final = frozenset(
    {TimelineKind.TASK_STARTED, TimelineKind.TASK_REFRESHED, TimelineKind.HELD, TimelineKind.ENDED}
)


class Reasons:
    """The decisions of the steps, each of which explains one event.

    Events of started tasks and reached completions list their own evaluation. All evaluations of a
    step are listed at its source: the ticket, the completed task, the edit or the resume.
    """

    def __init__(self, steps: Iterable[WorkflowData], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._by_id: dict[int, Evaluations] = {}
        self._numbers: dict[int, int] = {}
        self._of_ticket: list[int] = []
        self._of_task: dict[int, list[int]] = {}
        for step in steps:
            self._by_id[step.pk], self._numbers[step.pk] = step.looks, step.step
            if step.source == WriteSource.TICKET:  # the first is that of the submission
                self._of_ticket = [min([step.pk, *self._of_ticket])]
            elif step.source == WriteSource.TASK and step.task_id is not None:
                self._of_task.setdefault(step.task_id, []).append(step.pk)

    def number_of(self, event: TimelineEvent) -> int:
        """Return the number of the step that an event belongs to; 0 if it belongs to none."""
        return self._numbers.get(event.workflow_data_id or 0, 0)

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
        return [explain_evaluation(look, self._vocabulary) for look in looks]

    def _evaluations(self, ids: Iterable[int]) -> Evaluations:
        return [evaluation for step_id in ids for evaluation in self._by_id[step_id]]


def _is_about(evaluation: Mapping[str, Any], event: TimelineEvent) -> bool:
    if event.kind in (TimelineKind.HELD, TimelineKind.ENDED):
        return bool(evaluation["kind"] == "completion" and evaluation["outcome"] == "reached")
    if event.task is None:
        return False
    return bool(evaluation["kind"] == "task" and evaluation["key"] == str(event.task.task_definition_id))
