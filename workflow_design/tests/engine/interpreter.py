"""A workflow in memory: applies writes with `decide` as the state manager does with rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow_design.definition.workflow import CompletionStatus, TaskFile
from workflow_design.engine import Decision, Plan, Source, Write, decide, resume

IN_PROGRESS = "IN_PROGRESS"


@dataclass
class Task:
    """A created task; `number` counts the tasks of its definition."""

    plan: TaskFile
    number: int
    input_data: Mapping[str, Any]
    status: str = "OPEN"

    @property
    def name(self) -> str:
        return f"{self.plan.title} #{self.number}"


@dataclass(frozen=True)
class Row:
    """One row of workflow data: the whole workspace, and the write that led to it."""

    data: Mapping[str, Any]
    values: Mapping[str, Any]
    emptied: frozenset[str]


@dataclass
class RunningWorkflow:
    """A workflow instance without a database."""

    plan: Plan
    status: str = IN_PROGRESS
    data: Mapping[str, Any] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    queue: list[Write] = field(default_factory=list)
    waiting: frozenset[str] = frozenset()
    completion: str | None = None

    def submit(self, title: str, **values: Any) -> "RunningWorkflow":
        """Submit the ticket with this title."""
        (ticket,) = (ticket for ticket in self.plan.tickets if ticket.title == title)
        self.write(Write.by_form(ticket.fields, values, source=Source.TICKET))
        return self

    def complete(self, title: str, **values: Any) -> "RunningWorkflow":
        """Complete the unfinished task with this title."""
        if self.status != IN_PROGRESS:
            raise ValueError(f"A task can't be completed while the workflow is {self.status}.")
        (task,) = (task for task in self.unfinished() if task.plan.title == title)
        task.status = "COMPLETED"
        by = Write.by_form if task.plan.is_form else Write.by_action
        self.write(by(task.plan.output_fields, values))
        return self

    def edit(self, **changes: Any) -> "RunningWorkflow":
        """Change some fields, as a ticket admin does."""
        self.write(Write.by_edit(self.data, {**self.data, **changes}))
        return self

    def correct(self, **changes: Any) -> "RunningWorkflow":
        """Change some fields and start nothing."""
        write = Write.by_edit(self.data, {**self.data, **changes}, source=Source.CORRECTION)
        if write.changed:
            self.write(write)
        return self

    def write(self, write: Write) -> None:
        """Apply a write; queue it on hold, and ignore it after the end."""
        if self.status == CompletionStatus.ON_HOLD:
            self.queue.append(write)
        elif self.status == IN_PROGRESS:
            self._apply(decide(self.plan, self.data, write, self.unfinished_keys()), write)

    def resume(self) -> "RunningWorkflow":
        """End the hold: run the waiting steps, then the queue in order, until the workflow holds again."""
        self.status = IN_PROGRESS
        decision = resume(self.plan, self.data, self.waiting, self.unfinished_keys())
        self._apply(decision, Write.retry(self.waiting))
        queue, self.queue = self.queue, []
        for write in queue:
            self.write(write)
        return self

    def unfinished(self) -> list[Task]:
        """Return the unfinished tasks."""
        return [task for task in self.tasks if task.status == "OPEN"]

    def unfinished_keys(self) -> frozenset[str]:
        """Return the keys of the definitions of these tasks."""
        return frozenset(task.plan.title for task in self.unfinished())

    def open_names(self) -> list[str]:
        """Return the names of the unfinished tasks, such as "Decide #2", in alphabetical order."""
        return sorted(task.name for task in self.unfinished())

    @property
    def has_stalled(self) -> bool:
        """Whether the last step was a stall."""
        return self.decisions[-1].stalled

    def _apply(self, decision: Decision, write: Write) -> None:
        self.decisions.append(decision)
        self.data = decision.data_after
        self.rows.append(Row(decision.data_after, write.values, decision.emptied | decision.resets))
        if decision.completion is not None:
            self._take_status(decision, decision.completion.completion_status, decision.completion.title)
        for refresh in decision.refreshes:
            (task,) = (task for task in self.unfinished() if task.plan.title == refresh.task.title)
            task.input_data = refresh.input_data
        for start in decision.starts:
            number = 1 + sum(task.plan.title == start.task.title for task in self.tasks)
            self.tasks.append(Task(start.task, number, start.input_data))

    def _take_status(self, decision: Decision, status: str, title: str) -> None:
        self.status, self.completion = str(status), title
        if decision.ends:
            for task in self.unfinished():
                task.status = "CANCELLED"
        else:
            self.waiting = decision.modified
