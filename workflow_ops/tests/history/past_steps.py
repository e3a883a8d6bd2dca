"""What a step's page claims, compared with a workflow in memory that kept what happened."""

from dataclasses import dataclass, field
from unittest import TestCase

from workflow_design.definition.workflow import CompletionStatus, Kind
from workflow_design.engine import Decision, Write
from workflow_design.tests.engine.interpreter import RunningWorkflow
from workflow_ops.desk.history_pages import StepPage
from workflow_ops.history.why import Definition, PastStep, judge, read_condition, read_inputs
from workflow_ops.models import TaskStatus, TicketInstance

HAPPENED = {"started", "refreshed", "reached"}


@dataclass(frozen=True)
class Moment:
    """A decision that modified something, and how everything stood after it."""

    decision: Decision
    tasks: dict[str, str]
    is_on_hold: bool


@dataclass
class RecordingWorkflow(RunningWorkflow):
    """A workflow in memory that keeps every moment of its past."""

    moments: list[Moment] = field(default_factory=list)

    def _apply(self, decision: Decision, write: Write) -> None:
        super()._apply(decision, write)
        if (
            decision.modified or decision.corrected
        ):  # else the engine only looks for a stall, which is no step
            tasks = {task.plan.title: task.status for task in self.tasks}
            is_on_hold = self.status == CompletionStatus.ON_HOLD
            self.moments.append(Moment(decision, tasks, is_on_hold))


def compare_past(test: TestCase, model: RecordingWorkflow, ticket: TicketInstance) -> None:
    """Assert that every step of the ticket is told as it was. Must be called in the company's scope."""
    reached: set[str] = set()
    test.assertEqual(ticket.workflow_instance.step, len(model.moments))
    for number, moment in enumerate(model.moments, 1):
        past = StepPage.find(ticket, number).past
        titles = {past.plan.key(part): part.title for part in past.parts}
        reached |= {moment.decision.completion.title} if moment.decision.completion else set()
        kinds = {key.key: title for key, title in titles.items() if key.kind == "task"}
        ends = {key.key: title for key, title in titles.items() if key.kind == "completion"}
        waits = {TaskStatus.PENDING: "OPEN"}
        stood = {kinds[key]: waits.get(status, str(status)) for key, status in past.states.tasks.items()}
        test.assertEqual(stood, moment.tasks)
        test.assertEqual({ends[key] for key in past.states.reached}, reached)
        test.assertEqual(past.states.is_on_hold, moment.is_on_hold)
        test.assertEqual(past.data, dict(moment.decision.data))
        for part in past.parts:
            _compare_part(test, past, part, moment.decision)


def _compare_part(test: TestCase, past: PastStep, part: Definition, decision: Decision) -> None:
    names = {
        **{(start.task.kind, start.task.title): "started" for start in decision.starts},
        **{(refresh.task.kind, refresh.task.title): "refreshed" for refresh in decision.refreshes},
    }
    if decision.completion:
        names[decision.completion.kind, decision.completion.title] = "reached"
    verdict = judge(past, part)
    happened = verdict.name if verdict.name in HAPPENED else None
    test.assertEqual(happened, names.get((part.kind, part.title)))
    written = [row.is_written for row in read_inputs(past, part)]
    test.assertEqual(written, [name in decision.modified for name in dict.fromkeys(part.reads)])
    is_resume, is_correction = (past.step.source == each for each in ("resume", "correct"))
    # A resume asks tasks only, and a correction nobody, though it gives open tasks their new data.
    if not is_correction and not (is_resume and part.kind is Kind.COMPLETION):
        test.assertEqual(verdict.was_asked, any(written))
    parts, is_one_enough = read_condition(past, part)
    holds = [each.holds for each in parts]
    if verdict.name in {*HAPPENED, "false"} and None not in holds:
        test.assertEqual(any(holds) if is_one_enough else all(holds), verdict.name in HAPPENED)
