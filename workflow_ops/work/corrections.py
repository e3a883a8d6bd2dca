"""A submitter corrects their own ticket, until work on it has begun (`docs/engine.md`, "Corrections")."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from ticketflower.clean_json import parse_number
from ticketflower.http import PageRequest
from users.models import CustomUser
from workflow_design.engine import Write
from workflow_design.models import TaskType
from workflow_design.workspace.forms import WorkspaceForm
from workflow_ops.access import submitted
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.engine.run_rows import lock_run, one_transaction
from workflow_ops.files import attach_files
from workflow_ops.history.changes import data_of_step
from workflow_ops.models import (
    RunStatus,
    TaskInstance,
    TaskStatus,
    TicketInstance,
    WorkflowInstance,
    WorkflowWrite,
    WriteSource,
    WriteStatus,
)
from workflow_ops.refusals import DataChangedError, NotAllowedError, WrongStatusError
from workflow_ops.state_manager import apply_after_commit, store_write
from workflow_ops.work.forms import sources

FORM_STEP, FORM_WAITING = "_step", "_waiting"
"""The controls with the step whose data an edit form shows and, on hold, the number of waiting writes.

No workspace field has such a name.
"""


def reason_against_correction(run: WorkflowInstance, tasks: Iterable[TaskInstance]) -> str:
    """Return why the submitter can no longer correct the ticket, or ""; `tasks` are all of its tasks."""
    if run.is_final:
        return _("This ticket has ended already.")
    if run.status == RunStatus.NOT_STARTED:
        return _("This ticket has not started yet. Please try again in a minute.")
    begun = next((task for task in tasks if task.started_at or task.status == TaskStatus.COMPLETED), None)
    if begun is None:
        return ""
    words = {"task": begun.task_definition.title}
    if begun.task_definition.task_type != TaskType.FORM:
        return _("“%(task)s” has been sent already, so the ticket can't be corrected. Add a comment.") % words
    return _("“%(task)s” has been begun, so the ticket can't be corrected any more. Add a comment.") % words


def correct_ticket(
    ticket: TicketInstance,
    *,
    values: Mapping[str, Any],
    by: CustomUser,
    expected_step: int,
    expected_waiting: int | None = None,
    file_ids: Collection[str] = (),
) -> WorkflowWrite | None:
    """Set these fields of the ticket's form, as a write of the ticket; only changed fields count as modified.

    Return the write, or None if no value differs. `file_ids` are the uploaded files that the values name.

    Raise NotAllowedError if another person submitted it, WrongStatusError if work on it has begun, and
    DataChangedError as `refuse_outdated` does. Raise ValueError for a field that the form does not have.
    """
    if not set(ticket.ticket_definition.fields).issuperset(values):
        raise ValueError("A submitter corrects only fields of the ticket's form.")
    with one_transaction():
        run = lock_run(ticket.workflow_instance_id)
        if not submitted(by, ticket):
            raise NotAllowedError
        begun = Q(started_at__isnull=False) | Q(status=TaskStatus.COMPLETED)
        tasks = TaskInstance.objects.filter(begun, workflow_instance=run).select_related("task_definition")
        if reason := reason_against_correction(run, tasks.order_by("pk")[:1]):
            raise WrongStatusError(reason)
        refuse_outdated(run, expected_step, expected_waiting)
        write = Write.by_edit(run.data, {**run.data, **values})
        if not write.changed:
            return None
        if file_ids:
            attach_files(ticket, file_ids, by=by)
        return store_write(run, write, source=WriteSource.TICKET, by=by)


def correction_form(
    ticket: TicketInstance,
    *,
    by: CustomUser,
    post: QueryDict | None = None,
    draft: Mapping[str, Any] | None = None,
    refused: Mapping[str, list[str]] | None = None,
) -> WorkspaceForm:
    """Return the ticket's form based on `draft` (by default, the current data), with the values of `post`.

    `refused` says which uploaded files were refused, and why.
    """
    definition, run = ticket.ticket_definition, ticket.workflow_instance
    return WorkspaceForm(
        validator=get_rules(run.workflow_id).validator,
        names=definition.fields,
        layout=definition.edit_layout,
        sources=sources(by, ticket=ticket),
        data=post,
        draft=run.data if draft is None else draft,
        is_edit=True,
        refused=refused,
    )


def count_waiting(run: WorkflowInstance) -> int:
    """Return the number of writes that are committed but not applied yet."""
    return WorkflowWrite.objects.filter(workflow_instance=run, status=WriteStatus.WAITING).count()


def refuse_outdated(run: WorkflowInstance, expected_step: int, expected_waiting: int | None = None) -> None:
    """Raise DataChangedError if the data has changed, or if committed writes are not applied yet.

    On hold, all writes wait until the resume: only those beyond `expected_waiting` make the form outdated.
    """
    waiting = count_waiting(run)
    if run.status == RunStatus.ON_HOLD:
        waiting = 0 if expected_waiting is None else abs(waiting - expected_waiting)
    elif waiting:
        # The process that stored these writes may have died before applying them.
        apply_after_commit(run.pk)
    if waiting or run.step != expected_step:
        raise DataChangedError(run.step + waiting)


def edit_context(ticket: TicketInstance, form: WorkspaceForm, step: int) -> dict[str, Any]:
    """Return the context for pages of edits and corrections, with the step whose data the form shows."""
    run = ticket.workflow_instance
    return {
        "ticket": ticket,
        "form": form,
        "step": step,
        "is_on_hold": run.status == RunStatus.ON_HOLD,
        "waiting_writes": count_waiting(run),
    }


def form_step(request: PageRequest) -> int:
    """Return the step whose data the form showed, or -1, which matches no step, if it is invalid."""
    step = parse_number(request.POST.get(FORM_STEP, ""))
    return -1 if step is None else step


def waiting_seen(request: PageRequest) -> int | None:
    """Return how many writes were waiting for the resume when the form was shown; None if it is unknown."""
    return parse_number(request.POST.get(FORM_WAITING, ""))


def data_shown(run: WorkflowInstance, step: int) -> Mapping[str, Any]:
    """Return the data that a form of this step showed, or the current data if there is no such step."""
    return run.data if step == run.step else data_of_step(run.pk, step) or run.data


def edited_values(run: WorkflowInstance, form: WorkspaceForm) -> dict[str, Any]:
    """Return the fields that an edit changes; an emptied field has the value None."""
    values = form.values()
    # Fields without a change are left out, so that the edit does not write them again.
    return {name: values.get(name) for name in sorted(form.touched) if values.get(name) != run.data.get(name)}
