"""The effects of one write: workspace, tasks, errors, timeline and status, stored in few bulk statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from workflow_design.engine import Decision, Source, Write, decide, resume
from workflow_ops.engine.approval import drop_preparations
from workflow_ops.engine.cached_rules import find_priority, get_rules, make_subject
from workflow_ops.engine.due_times import move_due_times
from workflow_ops.engine.errors import (
    DataMisfitError,
    TaskCreationError,
    circle_error,
    condition_error,
    error_event,
    is_transient,
    resolve_errors,
    settle_retry,
    stall_error,
)
from workflow_ops.engine.run_rows import Turn, store_field_values, store_run, unfinished_tasks
from workflow_ops.engine.tasks import NewTasks, cancel_tasks, create_tasks, follow_new_tasks, refresh_tasks
from workflow_ops.engine.timeline import build_write_event
from workflow_ops.models import (
    ErrorReason,
    RunStatus,
    TaskInstance,
    TaskStatus,
    TicketError,
    TicketInstance,
    TimelineEvent,
    TimelineKind,
    WorkflowData,
    WorkflowWrite,
    WriteSource,
    WriteStatus,
)

MAX_MACHINE_WRITES = 100


class Effects:
    """The effects of one write. `WorkflowStateManager` calls the methods in their order.

    `carefully`: create each task in its own savepoint, because creating them together has failed.
    """

    def __init__(self, turn: Turn, *, carefully: bool) -> None:
        self.row, self.run, self.ticket = turn.write, turn.run, turn.run.ticket
        self.rules, self.before = get_rules(turn.run.workflow_id), turn.run.data
        self.carefully = carefully
        self.unfinished: dict[str, TaskInstance] = {}
        self.step: dict[str, Any] | None = None
        self.completion_id: int | None = None
        self.errors: list[TicketError] = []
        self.events: list[dict[str, Any]] = []

    # --- Step 1 ------------------------------------------------------------------------

    def check_write(self) -> Write:
        """Return the write, its values checked against the schema. Raise DataMisfitError.

        The retry of a failed write leaves out the fields that were written since. An edit or a correction
        leaves out the fields that another write has set to the same value in the meantime.
        """
        write = Write.from_json(self.row.content)
        if write.values or write.emptied:
            # Values that were written after the failure are newer than the retried ones.
            if "retries" in self.row.content:
                write = write.without_fields(self._written_since())
            elif write.source in (Source.EDIT, Source.CORRECTION):
                after = write.merged_into(self.run.data)
                write = Write.by_edit(self.run.data, after, source=write.source)
        problems = self.rules.validator.problems(dict(write.values))
        if problems:
            raise DataMisfitError(problems)
        return write

    def _written_since(self) -> frozenset[str]:
        later = WorkflowWrite.objects.filter(
            workflow_instance=self.run, pk__gt=self.row.pk, status=WriteStatus.APPLIED
        )
        written: set[str] = set()
        for content in later.values_list("content", flat=True):
            written.update(content["values"], content["emptied"])
        steps = WorkflowData.objects.filter(workflow_instance=self.run, write__gt=self.row.pk)
        for names in steps.values_list("reset_fields", flat=True):
            written.update(names)
        return frozenset(written)

    # --- Steps 2 and 3 -----------------------------------------------------------------

    def decide(self, write: Write) -> Decision:
        """Return the decision about the write, without storing anything.

        Set the workflow's status to IN_PROGRESS, except for a correction, which starts nothing.
        """
        if self.run.step:  # a new ticket has no tasks, so skip the statement
            self.unfinished = unfinished_tasks(self.run)
        data: Mapping[str, Any] = self.run.data
        unfinished = frozenset(self.unfinished)
        if self.row.source == WriteSource.RESUME:
            # First evaluate the steps that the hold interrupted, on the data of that time; then the waiting
            # writes.
            waiting = self.run.waiting_modified or ()
            self.run.waiting_modified = None
            move_due_times(self.ticket, self.unfinished.values())
            self.run.status = RunStatus.IN_PROGRESS
            return resume(self.rules.plan, data, waiting, unfinished)
        if write.source is not Source.CORRECTION:
            self.run.status = RunStatus.IN_PROGRESS
        return decide(self.rules.plan, data, write, unfinished)

    def create_tasks(self, decision: Decision) -> NewTasks:
        """Make the tasks that start, and insert them if `carefully`; else `store` does."""
        return create_tasks(
            self.rules,
            decision,
            row=self.row,
            run=self.run,
            carefully=self.carefully,
        )

    def refresh_tasks(self, decision: Decision) -> None:
        """Give their new input to unfinished tasks that were triggered again. Raise TaskUpdateError."""
        refreshed = refresh_tasks(decision, self.unfinished)
        self._add_events(TimelineKind.TASK_REFRESHED, refreshed)
        for task, preparer, is_given in drop_preparations(refreshed):
            self._add_event(TimelineKind.DRAFT_DROPPED, task, about_id=preparer.pk)
            if is_given:
                self._add_event(TimelineKind.TASK_ASSIGNED, task, about_id=preparer.pk)

    def reach_completion(self, decision: Decision) -> None:
        """Set the status of the completion that was reached, and cancel unfinished tasks if it is an end.

        Raise TaskUpdateError.
        """
        reached = decision.completion
        if reached is None:
            return
        self.completion_id = int(self.rules.plan.key(reached).key)
        self.run.status = RunStatus(reached.completion_status)
        if decision.holds:
            # The steps after the completion wait for the resume; they need to know what this write modified.
            self.run.waiting_modified = sorted(decision.modified)
        else:
            self.run.ended_at = timezone.now()
            cancelled = list(self.unfinished.values())
            cancel_tasks(self.rules.plan, cancelled)
            self._add_events(TimelineKind.TASK_CANCELLED, cancelled)
        kind = TimelineKind.HELD if decision.holds else TimelineKind.ENDED
        self._add_event(kind, completion=reached.title, status=reached.completion_status)

    # --- Step 6 ------------------------------------------------------------------------

    def append_step(self, decision: Decision, new: NewTasks) -> None:
        """Build the step (a row of workflow data), after emptying the fields that the new tasks reset.

        Build none for an edit or a correction that changes nothing, for example one that only checks
        whether the workflow has stalled.
        """
        resets = {name for start in new.starts for name in start.task.reset_fields}
        self.run.data = {name: value for name, value in decision.data.items() if name not in resets}
        edited = decision.modified | decision.corrected
        if not edited and self.row.source in (WriteSource.EDIT, WriteSource.CORRECTION):
            return
        self.run.step += 1
        self.step = {  # the other columns are those of the workflow: `store_run`
            "modified_fields": sorted(decision.modified),
            "emptied_fields": sorted(decision.emptied),
            "reset_fields": sorted(resets),
            "source": self.row.source,
            "ticket_id": self.ticket.pk if self.row.source == WriteSource.TICKET else None,
            "task_id": self.row.task_id,
            "looks": [evaluation.as_json() for evaluation in decision.evaluations],
            "person_id": self.row.person_id,
            "impersonator_id": self.row.impersonator_id,
        }
        event = build_write_event(self.row, self.ticket, fields=edited)
        self.events += [event] if event else []

    # --- Steps 5 and 7, and the timeline ------------------------------------------------

    def _add_event(
        self,
        kind: TimelineKind,
        task: TaskInstance | None = None,
        *,
        about_id: int | None = None,
        **details: Any,
    ) -> None:
        event = {"ticket_id": self.ticket.pk, "kind": kind, "about_id": about_id, "details": details}
        if task is not None:
            event |= {"task_id": task.pk, "definition_id": task.task_definition_id}
        self.events.append(event)

    def _add_events(self, kind: TimelineKind, tasks: Iterable[TaskInstance]) -> None:
        for task in tasks:
            self._add_event(kind, task)

    def record_new_tasks(self, new: NewTasks) -> None:
        """Add timeline entries for the new tasks and their assignees."""
        problems = {error.definition_key: error.error_message for error in new.errors}
        for task in new.tasks:
            key = str(task.task_definition_id)
            details: dict[str, Any] = {"problem": problems[key]} if key in problems else {}
            if task.status == TaskStatus.PENDING:
                details = {"waits_for_action": True}
            self._add_event(TimelineKind.TASK_STARTED, task, about_id=task.assigned_to_id, **details)

    def collect_errors(self, decision: Decision, new: NewTasks) -> None:
        """Collect ticket errors for single definitions that failed, and for a stall."""
        modified = sorted(decision.modified)
        self.errors += [condition_error(failure, self.row, modified) for failure in decision.failures]
        self.errors += new.errors
        # An edit whose values are in the workspace already changes nothing, so it can't cause a stall.
        has_values = self.row.content["values"] or self.row.content["emptied"]
        is_idle_edit = has_values and not decision.modified
        if decision.stalled and self.run.status == RunStatus.IN_PROGRESS and not is_idle_edit:
            self.errors.append(self._stall(decision))

    def _stall(self, decision: Decision) -> TicketError:
        if self.step is not None:
            return stall_error(self.row, self.step["modified_fields"], self.step["looks"])
        # Nothing was modified: a task was cancelled. The last step that modified anything led to the stall.
        last = WorkflowData.objects.filter(workflow_instance=self.run).order_by("-step").first()
        return stall_error(self.row, last.modified_fields if last else [], last.looks if last else [])

    def stop_circle(self) -> None:
        """Put the workflow on hold if actions and the clock have written too often in a row."""
        has_no_person = self.row.person_id is None and self.row.impersonator_id is None
        is_machine = has_no_person and self.row.source in (WriteSource.TASK, WriteSource.CLOCK)
        self.run.machine_writes = self.run.machine_writes + 1 if is_machine else 0
        if self.run.machine_writes > MAX_MACHINE_WRITES and self.run.status == RunStatus.IN_PROGRESS:
            self.run.status = RunStatus.ON_HOLD
            self.run.waiting_modified = []
            self.errors.append(circle_error(self.row))
            self._add_event(TimelineKind.HELD)

    def store(self, decision: Decision, new: NewTasks) -> None:
        """Store the workflow, the new tasks, the timeline and the errors, and mark the write as applied.

        Raise TaskCreationError if that fails, perhaps because of a task, unless `carefully`.
        """
        tasks = new.to_insert
        try:
            store_run(
                self.run,
                applied=self.row,
                step=self.step,
                completion_id=self.completion_id,
                tasks=tasks,
                events=self.events,
                renamed=self._rename_ticket(),
            )
        except Exception as error:
            if not tasks or is_transient(error):
                raise
            raise TaskCreationError from error
        follow_new_tasks(new)
        self._store_errors(decision)
        store_field_values(self.ticket, self.rules.filterable, before=self.before, now=self.run.data)

    def _rename_ticket(self) -> TicketInstance | None:
        """Set the ticket's subject and priority from its data. Return the ticket if they have changed."""
        naming = self.rules.naming[self.ticket.ticket_definition_id]
        # The subject and priority for the submitted data were already set with the ticket's insert.
        before = self.ticket.ticket_data if self.run.step == 1 else self.before
        data, subject, priority = self.run.data, self.ticket.subject, find_priority(naming, self.run.data)
        if any(before.get(name) != data.get(name) for name in naming.subject_fields):
            subject = make_subject(naming, data)
        if (subject, priority) == (self.ticket.subject, self.ticket.priority):
            return None
        self.ticket.subject, self.ticket.priority = subject, priority
        return self.ticket

    def _store_errors(self, decision: Decision) -> None:
        """Store the new errors, and resolve older ones that this write has fixed."""
        goes_on = bool(decision.starts or decision.completion)
        # Skip the statement if the workflow can't have stalled: there were unfinished tasks before this
        # write, or it is the first one.
        if goes_on and not self.unfinished and self.run.step > 1:
            resolve_errors(ErrorReason.STALL, ticket=self.ticket)
        if self.row.source == WriteSource.RESUME:
            resolve_errors(ErrorReason.CIRCLE, ticket=self.ticket)
        if "retries" in self.row.content:
            settle_retry(self.row.content["retries"], self.errors)
        for error in self.errors:
            error.ticket = self.ticket
        if self.errors:
            TicketError.objects.bulk_create(self.errors)
            TimelineEvent.objects.bulk_create(error_event(error) for error in self.errors)
