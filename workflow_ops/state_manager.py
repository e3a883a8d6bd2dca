"""The second transaction: the effects of a person's action (docs/engine.md, "Two transactions").

1. The first transaction stores the action as a `WorkflowWrite` with the status WAITING (`store_write`).
2. Once that transaction is committed, the same request applies the write (`apply_after_commit`). If the
   process dies in between, a periodic job enqueues a job that applies it (`look_for_waiting_writes`).
3. `WorkflowStateManager` takes the waiting writes of one workflow in the order of their commits, each in a
   transaction of its own: it locks the workflow, asks `decide()` what follows, and stores that
   (`_store_effects`).
4. If that fails, the transaction is rolled back, the write is marked FAILED, and a ticket error says why.
   Transient database errors are left to the job of step 2, which tries again.
"""

from __future__ import annotations

import structlog
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from ticketflower.fast_sql import insert_rows
from ticketflower.tenancy.context import (
    all_companies_scope,
    company_scope,
    current_actor,
    current_company_id,
)
from users.models import CustomUser
from workflow_design.engine import Write
from workflow_ops.engine.effects import Effects
from workflow_ops.engine.errors import (
    DataMisfitError,
    TaskCreationError,
    TaskUpdateError,
    error_event,
    format_message,
    format_trace,
    is_transient,
)
from workflow_ops.engine.run_rows import Turn, lock_run, waiting_writes
from workflow_ops.engine.timeline import build_write_event, content_of
from workflow_ops.models import (
    ErrorReason,
    ErrorStatus,
    ErrorType,
    RunStatus,
    TaskInstance,
    TicketError,
    TimelineEvent,
    WorkflowInstance,
    WorkflowWrite,
    WriteSource,
    WriteStatus,
)

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 15
"""After this time, a job applies a write that the request which stored it has not applied."""
MAX_AT_ONCE = 50
"""Maximum number of waiting writes that are locked and read at once."""


# --- From the first transaction ----------------------------------------------------------


def store_write(
    run: WorkflowInstance,
    write: Write,
    *,
    source: WriteSource,
    by: CustomUser | None,
    task: TaskInstance | None = None,
    retries: TicketError | None = None,
    note: str = "",
    applies: bool = True,
) -> WorkflowWrite:
    """Store a write of a workflow that the caller has locked, and have it applied after the commit.

    `by` is None for the answer of another system and for the clock. `retries` is the error that is resolved
    if the write succeeds this time. A `note` is shown in the timeline. Without `applies`, the caller is a job
    that applies the write itself.
    """
    content = content_of(write)
    if retries is not None:
        content["retries"] = retries.pk
    if note:
        content["note"] = note
    author = by.as_author("person") if by else {}
    row = WorkflowWrite(workflow_instance=run, source=source, task=task, content=content, **author)
    insert_rows([row])
    if applies:
        apply_after_commit(run.pk)
    return row


def apply_after_commit(run_id: int) -> None:
    """Apply waiting writes once the current transaction is committed, in this process."""
    who = current_actor()
    company_id = current_company_id()
    assert company_id is not None

    def run() -> None:  # not a partial: Django 5.2 logs the name of a robust hook that fails
        # The transaction may outlive the scope that it was opened in, so the scope is entered again.
        with company_scope(
            company_id, person_id=who.person_id, impersonator_id=who.impersonator_id, token=who.token
        ):
            WorkflowStateManager(run_id).apply_waiting()

    # Robust: a failure here must not result in an error page, because the action is already committed.
    transaction.on_commit(run, robust=True)


# --- Writes that were left behind ---------------------------------------------------------

# The partial index `writes_that_wait` has only waiting writes. On hold, all writes wait for the resume. A
# failed job has already been tried often enough.
_LEFT_BEHIND = """
SELECT waiting.company_id, waiting.workflow_instance_id, %(lock)s || waiting.id
FROM workflow_ops_workflowwrite AS waiting
JOIN workflow_ops_workflowinstance AS run ON run.id = waiting.workflow_instance_id
WHERE waiting.status = 'WAITING' AND waiting.created_at < now() - make_interval(secs => %(patience)s)
    AND (run.status <> 'ON_HOLD' OR waiting.source = 'resume')
    AND NOT EXISTS (
        SELECT FROM procrastinate_jobs AS job
        WHERE job.lock = %(lock)s || waiting.id AND job.status IN ('todo', 'doing', 'failed'))
ORDER BY waiting.id
"""


def look_for_waiting_writes() -> None:
    """Enqueue a job for each write that was not applied in time, unless there has already been one."""
    with all_companies_scope(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LEFT_BEHIND, {"patience": PATIENCE_SECONDS, "lock": "apply_write:"})
        left_behind = cursor.fetchall()
    for company_id, run_id, lock in left_behind:
        job = app.configure_task("workflow_ops.jobs.apply_writes", lock=lock)
        job.defer(company_id=company_id, workflow_instance_id=run_id)


# --- The second transaction ---------------------------------------------------------------


class WorkflowStateManager:
    """Applies the writes of one workflow, one after the other, each in a transaction of its own."""

    def __init__(self, workflow_instance_id: int) -> None:
        self.run_id = workflow_instance_id

    def apply_waiting(self, *, is_last_try: bool = False) -> None:
        """Apply every write that waits, in the order in which they were committed.

        Safe to call at any time, twice, and by several processes at once. A write that fails becomes
        FAILED with a ticket error, and does not hold up the others. Raise DatabaseError if it is transient
        (a deadlock, a lost connection): the write keeps waiting for the job. At the last try such a write
        becomes FAILED, too.
        """
        while True:
            try:
                while self._take_next():
                    pass
            except DatabaseError as error:
                if not is_last_try:
                    raise
                self.give_up(error)
            else:
                return

    def _take_next(self, *, carefully: bool = False) -> bool:
        """Apply the next write in a transaction of its own. Return whether there may be more."""
        turn: Turn | None = None
        try:
            with transaction.atomic():
                turn = self._next_turn()
                return turn is not None and self._store_effects(turn, carefully=carefully)
        except TaskCreationError:
            # The transaction was rolled back. Now create each task in a savepoint, so that a failing one does
            # not prevent the others.
            return self._take_next(carefully=True)
        except Exception as error:
            if turn is None or is_transient(error):
                raise
            log.warning("write_failed", write=turn.write.pk, run=self.run_id, exc_info=error)
            _record_failure(turn, error)
            return True

    def _next_turn(self) -> Turn | None:
        """Lock the workflow, and return its next write to apply, or None if nothing can be applied now."""
        rows = waiting_writes(self.run_id, most=MAX_AT_ONCE)
        if not rows:
            return None
        write = rows[0]
        if write.workflow_instance.status == RunStatus.ON_HOLD:
            return self._turn_to_resume()
        return Turn(write, write.workflow_instance, has_more=len(rows) > 1)

    def _turn_to_resume(self) -> Turn | None:
        """Return the write that resumes the workflow, or None: on hold, all other writes wait for it."""
        resumes = WorkflowWrite.objects.filter(
            workflow_instance=self.run_id, status=WriteStatus.WAITING, source=WriteSource.RESUME
        )
        write = resumes.select_related("workflow_instance__ticket").order_by("pk").first()
        return Turn(write, write.workflow_instance, has_more=True) if write else None

    def _store_effects(self, turn: Turn, *, carefully: bool) -> bool:
        """Store everything that follows from one write. Return whether more writes wait.

        The numbers are those of docs/engine.md, "One write, step by step". Rows are stored in another order
        than `decide()` takes the steps: a step needs the resets of its new tasks, and the timeline a step.
        """
        if turn.run.is_final:
            return self._record_too_late(turn)
        effects = Effects(turn, carefully=carefully)
        write = effects.check_write()  # 1
        decision = effects.decide(write)  # 2 and 3, without storing anything
        new = effects.create_tasks(decision)  # 3 and 5
        effects.append_step(decision, new)  # 4 and 6
        effects.refresh_tasks(decision)  # 3
        effects.record_new_tasks(new)
        effects.reach_completion(decision)  # 2
        effects.stop_circle()
        effects.collect_errors(decision, new)  # 7
        effects.store(decision, new)
        return turn.has_more

    def _record_too_late(self, turn: Turn) -> bool:
        """Record a write that arrives after the end, without applying it."""
        WorkflowWrite.objects.filter(pk=turn.write.pk).update(
            status=WriteStatus.TOO_LATE, applied_at=timezone.now()
        )
        event = build_write_event(turn.write, turn.run.ticket, is_too_late=True)
        if event is not None:
            TimelineEvent.objects.create(**event)
        return True

    def give_up(self, error: Exception) -> None:
        """Mark the next write as FAILED. Raise DatabaseError if not even that can be stored."""
        with transaction.atomic():
            turn = self._next_turn()
            if turn is None:
                return
            log.error("write_given_up", write=turn.write.pk, run=self.run_id, exc_info=error)
            _record_failure(turn, error)


# --- Failures -----------------------------------------------------------------------------


def _record_failure(turn: Turn, error: Exception) -> None:
    """Mark the write as FAILED, with a ticket error that says why, in a transaction of its own."""
    with transaction.atomic():
        run = lock_run(turn.run.pk)
        waiting = WorkflowWrite.objects.filter(pk=turn.write.pk, status=WriteStatus.WAITING)
        if not waiting.update(status=WriteStatus.FAILED):
            return
        if not run.step:  # lists show the ticket as started
            WorkflowInstance.objects.filter(pk=run.pk).update(updated_at=timezone.now())
        stored = _failed_again(turn.write, error) or _failed(turn.write, run.ticket.pk, error)
        is_resume = turn.write.source == WriteSource.RESUME
        event = None if is_resume else build_write_event(turn.write, run.ticket)
        written = [TimelineEvent(**event)] if event else []
        TimelineEvent.objects.bulk_create([*written, error_event(stored)])


def _failed(write: WorkflowWrite, ticket_id: int, error: Exception) -> TicketError:
    return TicketError.objects.create(
        ticket_id=ticket_id,
        task_id=error.task_id if isinstance(error, TaskUpdateError) else write.task_id,
        write=write,
        error_type=_type_of(write, error),
        reason=_reason_of(error),
        error_message=format_message(error),
        stack_trace=format_trace(error),
        modified_fields=write.content["modified"],
    )


def _type_of(write: WorkflowWrite, error: Exception) -> ErrorType:
    if isinstance(error, TaskUpdateError):
        return ErrorType.TASK_UPDATE
    is_first = write.source == WriteSource.TICKET and not write.is_own_correction
    creates = is_first and not isinstance(error, DataMisfitError)
    return ErrorType.WORKFLOW_CREATION if creates else ErrorType.WORKFLOW_TRANSITION


def _reason_of(error: Exception) -> ErrorReason:
    return ErrorReason.MISFIT if isinstance(error, DataMisfitError) else ErrorReason.EXCEPTION


def _failed_again(write: WorkflowWrite, error: Exception) -> TicketError | None:
    """Update the error that this write retried. Return None if it retried none."""
    retried = TicketError.objects.filter(pk=write.content.get("retries")).first()
    if retried is not None:
        retried.error_message, retried.stack_trace = format_message(error), format_trace(error)
        retried.reason, retried.error_status = _reason_of(error), ErrorStatus.NEW
        retried.save(update_fields=["error_message", "stack_trace", "reason", "error_status", "updated_at"])
    return retried
