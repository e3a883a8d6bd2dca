"""Why something that a person wanted can't be done; pages tell them so, and nothing was changed."""

from __future__ import annotations

from django.utils.translation import gettext as _

from workflow_ops.models import TaskInstance


class RefusedError(Exception):
    """The base of them all; its text is a sentence for the person."""


class NotAllowedError(RefusedError):
    """The person may not do this, or it can't be done to such a thing."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or _("You may not do this."))


class OnHoldError(RefusedError):
    """The workflow is on hold, so its tasks can't be completed."""

    def __init__(self) -> None:
        super().__init__(_("The workflow is on hold. Nothing can be completed until it is resumed."))


class WrongStatusError(RefusedError):
    """The workflow, or the error, is not in a state in which this can be done."""


class DataChangedError(RefusedError):
    """The data is not that which an edit was made of; `step` is the one to go on from."""

    def __init__(self, step: int) -> None:
        super().__init__(_("The data has changed since you opened this page."))
        self.step = step


class _TaskRefusedError(RefusedError):
    """What is refused concerns `task`, as it stands now."""

    def __init__(self, task: TaskInstance, message: str) -> None:
        super().__init__(message)
        self.task = task


class AlreadyDoneError(_TaskRefusedError):
    """The task is finished: `task.completed_by` did it, or it was cancelled."""

    def __init__(self, task: TaskInstance) -> None:
        super().__init__(task, _("This task is finished already."))


class InputChangedError(_TaskRefusedError):
    """The task's input was refreshed since the form was shown; `task` has the new one."""

    def __init__(self, task: TaskInstance) -> None:
        super().__init__(
            task, _("What this task is about has changed since you opened it. Please look again.")
        )


class NotYoursError(_TaskRefusedError):
    """The task is somebody else's (`task.assigned_to`), or nobody's, or not for this person."""

    def __init__(self, task: TaskInstance) -> None:
        message = _("This task is not assigned to you.")
        if task.assigned_to is not None:
            message = _("%(message)s %(name)s has it.") % {
                "message": message,
                "name": task.assigned_to.get_full_name(),
            }
        super().__init__(task, message)
