"""Applies what people did to the workflows that run (`engine.md`, "One write, step by step").

Here: the lock, the order, and what happens when something fails. What a write changes is in
`workflow_ops.engine.effects`; what follows from it is decided by `workflow_design.engine`.
"""

from __future__ import annotations

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone

from workflow_ops.engine.effects import Effects
from workflow_ops.engine.errors import TaskCreationError, is_transient, record_failure
from workflow_ops.engine.run_rows import Turn, waiting_writes
from workflow_ops.engine.timeline import event_of_write
from workflow_ops.models import (
    RunStatus,
    TimelineEvent,
    WorkflowWrite,
    WriteSource,
    WriteStatus,
)

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 50


class WorkflowStateManager:
    """Applies the writes of one workflow, one after the other, each in a transaction of its own."""

    def __init__(self, workflow_instance_id: int) -> None:
        self.run_id = workflow_instance_id

    def apply_waiting(self) -> None:
        """Apply every write that waits, in the order in which they were committed.

        Safe to call at any time, twice, and by several at once. A write that fails becomes FAILED
        with a ticket error, and holds up no other. Raises only DatabaseErrors that will pass (a
        deadlock, a lost connection): the write waits on, and the job applies it.
        """
        while self._apply_next():
            pass

    def apply_waiting_or_give_up(self) -> None:
        """As `apply_waiting`, for the last try: what can't be applied now FAILED, with a ticket error.

        Raises DatabaseErrors only where not even that can be stored.
        """
        while True:
            try:
                return self.apply_waiting()
            except DatabaseError as error:
                self._give_up(error)

    def _give_up(self, error: DatabaseError) -> None:
        with transaction.atomic():
            turn = self._take_turn()
            if turn is None:
                return
            log.error("write_given_up", write=turn.write.pk, run=self.run_id, exc_info=error)
            record_failure(turn, error)

    def _apply_next(self, *, carefully: bool = False) -> bool:
        """Apply one write; whether there may be more."""
        turn: Turn | None = None
        try:
            with transaction.atomic():
                turn = self._take_turn()
                return turn is not None and self._apply(turn, carefully=carefully)
        except TaskCreationError:
            # The transaction is undone; now each task by itself, so that one can't stop the others.
            return self._apply_next(carefully=True)
        except Exception as error:
            if turn is None or is_transient(error):
                raise
            log.warning("write_failed", write=turn.write.pk, run=self.run_id, exc_info=error)
            record_failure(turn, error)
            return True

    def _take_turn(self) -> Turn | None:
        """The next write to apply, with its workflow locked; None if there is nothing to do."""
        rows = waiting_writes(self.run_id, most=MOST_AT_ONCE)
        if not rows:
            return None
        write = rows[0]
        if write.workflow_instance.status == RunStatus.ON_HOLD:
            return self._resume_of(self.run_id)
        return Turn(write, write.workflow_instance, has_more=len(rows) > 1)

    def _resume_of(self, run_id: int) -> Turn | None:
        """On hold, everything waits for the resume."""
        resumes = WorkflowWrite.objects.filter(
            workflow_instance=run_id, status=WriteStatus.WAITING, source=WriteSource.RESUME
        )
        write = resumes.select_related("workflow_instance__ticket").order_by("pk").first()
        return Turn(write, write.workflow_instance, has_more=True) if write else None

    def _apply(self, turn: Turn, *, carefully: bool) -> bool:
        if turn.run.is_final:
            return self._record_too_late(turn)
        Effects(turn, carefully=carefully).apply()
        return turn.has_more

    def _record_too_late(self, turn: Turn) -> bool:
        """A write that arrives after the end is recorded, not applied."""
        WorkflowWrite.objects.filter(pk=turn.write.pk).update(
            status=WriteStatus.TOO_LATE, applied_at=timezone.now()
        )
        event = event_of_write(turn.write, turn.run.ticket, details={"too_late": True})
        TimelineEvent.objects.bulk_create([event] if event else [])
        return True
