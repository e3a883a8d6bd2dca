"""What programs have prepared is sent back to them (docs/engine.md, "Approval")."""

from __future__ import annotations

from users.models import CustomUser
from workflow_ops.access import may_complete
from workflow_ops.engine.approval import refuse_prepared_anew, store_sent_back
from workflow_ops.engine.run_rows import one_transaction
from workflow_ops.models import TaskInstance
from workflow_ops.refusals import NotAllowedError, NotPreparedError, NotYoursError
from workflow_ops.work.submissions import lock_unfinished_form


def send_back_task(task: TaskInstance, *, by: CustomUser, reason: str, prepared: str | None = None) -> None:
    """Send back what a program has prepared, so that it answers again. Only people in the browser do that.

    `prepared` is what the person has seen, as in `complete_task`. Raise AlreadyDoneError, NotYoursError,
    PreparedAnewError, NotPreparedError or NotAllowedError.
    """
    with one_transaction():
        fresh = lock_unfinished_form(task)
        if by.token is not None:
            raise NotAllowedError
        if not may_complete(by, fresh):
            raise NotYoursError(fresh)
        refuse_prepared_anew(fresh, prepared)
        if not fresh.is_prepared:
            raise NotPreparedError(fresh)
        store_sent_back(fresh, by=by, reason=reason)
