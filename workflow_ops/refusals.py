"""Exceptions for refused actions. Pages show the message; nothing was changed."""

from __future__ import annotations

from django.utils.translation import gettext as _

from workflow_ops.models import Comment, TaskInstance, TicketInstance


class RefusedError(Exception):
    """The base class of refusals. Its text is a message for the person."""


class NotAllowedError(RefusedError):
    """The person may not do this, or this kind of object does not allow it."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or _("You may not do this."))


class OnHoldError(RefusedError):
    """The workflow is on hold, so its tasks can't be completed."""

    def __init__(self) -> None:
        super().__init__(_("The workflow is on hold. Nothing can be completed until it is resumed."))


class WrongStatusError(RefusedError):
    """The status of the workflow or the error does not allow this."""


class DataChangedError(RefusedError):
    """Edit conflict: the workspace has changed since the edit was begun. `step` is the current step."""

    effects_stay = True
    """Tells the API not to roll back, so that writes left behind by a dead process are applied."""

    def __init__(self, step: int) -> None:
        super().__init__(_("The data has changed since you opened this page."))
        self.step = step


class CommentChangedError(RefusedError):
    """The comment was edited or deleted after the form was opened. `comment` is its current row."""

    def __init__(self, comment: Comment) -> None:
        super().__init__(
            _("You have deleted this comment meanwhile.")
            if comment.deleted_at
            else _("You have edited this comment meanwhile, in another window.")
        )
        self.comment = comment


class RepeatedError(RefusedError):
    """The person has just submitted the same values, which created `ticket`."""

    def __init__(self, ticket: TicketInstance) -> None:
        super().__init__(_("You have just submitted the same."))
        self.ticket = ticket


class _TaskRefusedError(RefusedError):
    """A refusal about a task; `task` is its current row."""

    def __init__(self, task: TaskInstance, message: str) -> None:
        super().__init__(message)
        self.task = task


class AlreadyDoneError(_TaskRefusedError):
    """The task is finished: `task.completed_by` completed it, or it was cancelled."""

    def __init__(self, task: TaskInstance) -> None:
        super().__init__(task, _("This task is finished already."))


class InputChangedError(_TaskRefusedError):
    """The task's input was refreshed after the form was opened. `task` has the new input."""

    def __init__(self, task: TaskInstance) -> None:
        super().__init__(task, _("The data of this task has changed since you opened it. Please look again."))


class PreparationChangedError(_TaskRefusedError):
    """A program has answered the task since the form was opened, or the answer was sent back or dropped."""

    def __init__(self, task: TaskInstance) -> None:
        message = (
            _("%(name)s has prepared another answer since you opened this page. Please look again.")
            % {"name": task.prepared_by.get_full_name()}
            if task.is_prepared and task.prepared_by
            else _("The answer that was prepared is there no more. Please look again.")
        )
        super().__init__(task, message)


class NotPreparedError(_TaskRefusedError):
    """The task has no prepared answer that could be sent back."""

    def __init__(self, task: TaskInstance) -> None:
        super().__init__(task, _("No program has prepared an answer to this task."))


class NotYoursError(_TaskRefusedError):
    """The task has another assignee (`task.assigned_to`), or none, or this person may not do it."""

    def __init__(self, task: TaskInstance) -> None:
        message = _("This task is not assigned to you.")
        if task.assigned_to is not None:
            message = _("%(message)s %(name)s has it.") % {
                "message": message,
                "name": task.assigned_to.get_full_name(),
            }
        super().__init__(task, message)
