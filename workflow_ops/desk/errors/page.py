"""The context of an error's page: what happened and its consequence in words, and the remedies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.clean_json import parse_number
from users.access import may_manage_company
from users.models import CustomUser
from workflow_design.definition.workflow import Kind
from workflow_design.models import TaskDefinition, WorkflowCompletion
from workflow_design.persistence.connections import connections_named
from workflow_design.persistence.plans import load_fields
from workflow_design.wording.decisions import explain_evaluation
from workflow_ops.access import administered_errors
from workflow_ops.engine.by_hand import assignable_people
from workflow_ops.history.names import vocabulary_for
from workflow_ops.history.timeline_wording import task_name
from workflow_ops.history.unblocking import find_suggestions
from workflow_ops.models import (
    ErrorReason,
    ErrorStatus,
    TaskInstance,
    TicketError,
    WorkflowWrite,
    WriteStatus,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

_CONSEQUENCES: Final[dict[ErrorReason, StrPromise]] = {
    ErrorReason.EXCEPTION: gettext_lazy(
        "What was sent is kept, but nothing of it has taken effect yet. Trying again applies it, except for "
        "fields that were written since."
    ),
    ErrorReason.MISFIT: gettext_lazy(
        "What was sent is kept, but nothing of it has taken effect, since a value does not fit its field."
    ),
    ErrorReason.CONDITION: gettext_lazy(
        "The data is stored, and everything else went on. Only this condition could not be decided."
    ),
    ErrorReason.CREATION: gettext_lazy(
        "The data is stored, and everything else went on. Only this task is missing."
    ),
    ErrorReason.ASSIGNMENT: gettext_lazy("The task exists and waits; nothing is lost."),
    ErrorReason.STALL: gettext_lazy(
        "All data is kept. Nothing happens to this ticket until its data changes or it is cancelled."
    ),
    ErrorReason.CIRCLE: gettext_lazy("All data is kept, and the ticket is on hold until it is resumed."),
    ErrorReason.ACTION: gettext_lazy(
        "The task waits, and nothing is lost. Everything that does not need its answer went on."
    ),
}
_DECIDED_BY_DATA: Final = frozenset({ErrorReason.STALL, ErrorReason.CONDITION, ErrorReason.MISFIT})
"""Reasons for which a retry with the same data fails again."""

Remedy = dict[str, str]


def error_context(error: TicketError, *, person: CustomUser) -> dict[str, Any]:
    """Return the context of an error: its ticket, task, causes, status and remedies."""
    fields = load_fields(error.ticket.workflow_instance.workflow)
    vocabulary = vocabulary_for(error.looks, fields=fields, ticket=error.ticket)
    is_over = error.ticket.workflow_instance.is_final or error.error_status == ErrorStatus.RESOLVED
    return {
        "error": error,
        "ticket": error.ticket,
        "ticket_name": error.ticket.name,
        "task_name": task_name(error.task.task_definition.title, error.task.run) if error.task else "",
        "modified": [vocabulary.title(name) for name in error.modified_fields],
        "why": [explain_evaluation(look, vocabulary) for look in error.looks],
        "title": _("Error: %(ticket)s") % {"ticket": error.ticket.name},
        "is_resolved": error.error_status == ErrorStatus.RESOLVED,
        "consequence": "" if is_over else _CONSEQUENCES[ErrorReason(error.reason)],
        "suggestions": [] if is_over or error.reason != ErrorReason.STALL else find_suggestions(error.ticket),
        "remedies": [] if is_over else _remedies(error, person),
        "may_retry": not is_over and _may_help(error),
        "like": not is_over and error.reason != ErrorReason.CIRCLE and _are_others_alike(error, person),
    }


def _are_others_alike(error: TicketError, person: CustomUser) -> bool:
    return errors_like(error, administered_errors(person)).exclude(pk=error.pk).exists()


def errors_like(error: TicketError, errors: QuerySet[TicketError]) -> QuerySet[TicketError]:
    """Return the unresolved errors of the same workflow, reason, and task or completion, in any version."""
    unresolved = errors.exclude(error_status=ErrorStatus.RESOLVED)
    alike = unresolved.filter(reason=error.reason, ticket__line=error.ticket.line_id)
    if error.task is not None:
        return alike.filter(task__task_definition__title=error.task.task_definition.title)
    key = parse_number(error.definition_key)
    if key is None:
        return alike
    is_task = error.definition_kind == Kind.TASK
    definitions: type[TaskDefinition | WorkflowCompletion] = TaskDefinition if is_task else WorkflowCompletion
    titles = definitions.objects.filter(pk=key).values("title")
    same = definitions.objects.filter(title__in=titles, workflow__line=error.ticket.line_id)
    keys = [str(pk) for pk in same.values_list("pk", flat=True)]
    return alike.filter(definition_kind=error.definition_kind, definition_key__in=keys)


def _may_help(error: TicketError) -> bool:
    """Return whether a retry can succeed; if only the data decides, it must have changed since."""
    if error.reason == ErrorReason.CIRCLE:
        return False
    if error.reason not in _DECIDED_BY_DATA:
        return True
    later = WorkflowWrite.objects.filter(
        workflow_instance=error.ticket.workflow_instance_id,
        pk__gt=error.write_id or 0,
        status=WriteStatus.APPLIED,
    )
    return later.exclude(content__has_key="retries").exists()


def _remedies(error: TicketError, person: CustomUser) -> list[Remedy]:
    """Return remedies for the cause of the error, which a retry does not remove: texts, mostly with links."""
    task = None if error.task is None or error.task.is_finished else error.task
    if error.reason == ErrorReason.ASSIGNMENT and task:
        return [_assign(task, person)]
    if error.reason == ErrorReason.ACTION and task:
        return [*_paused(task, person), _calls(task)]
    edit_page = reverse("manage_ticket_edit", args=[error.ticket.number])
    if error.reason == ErrorReason.CIRCLE:
        resume = {
            "text": _("Resume the ticket, to let it go on."),
            "label": _("Resume"),
            "url": reverse("manage_ticket_resume", args=[error.ticket.number]),
        }
        change = _("Change the data first, if it would run in the same circle again.")
        return [resume, {"text": change, "label": _("Edit the data"), "url": edit_page}]
    texts = {
        ErrorReason.STALL: _("Edit the data, so that a task starts or the ticket ends."),
        ErrorReason.CONDITION: _("Edit the data that the condition reads, then try again."),
        ErrorReason.MISFIT: _(
            "Write a value that fits into the field, then try again: what was sent is applied without "
            "that field."
        ),
    }
    text = texts.get(ErrorReason(error.reason))
    return [{"text": text, "label": _("Edit the data"), "url": edit_page}] if text else []


def _assign(task: TaskInstance, person: CustomUser) -> Remedy:
    """Return the remedy for an unassigned task; if nobody may do it, a person needs a role first."""
    if assignable_people(task).exists():
        return {
            "text": _("Assign the task to a person who may do it."),
            "label": _("Assign"),
            "url": reverse("manage_task_assign", args=[task.pk]),
        }
    if may_manage_company(person):
        text = _("Nobody may do this task. Give a person the role that it needs, then try again.")
        return {"text": text, "label": _("Roles"), "url": reverse("role_list")}
    return {
        "text": _("Nobody may do this task. Ask a company admin to give a person the role that it needs.")
    }


def _paused(task: TaskInstance, person: CustomUser) -> list[Remedy]:
    """Return the remedy for an action whose connection is paused, as a list with at most one item."""
    name = task.task_definition.connection_name
    connection = connections_named(name).filter(paused_at__isnull=False).first() if name else None
    if connection is None:
        return []
    text = _("Calls over “%(name)s” are paused, since all of the last ones failed. Have them tried again.")
    remedy = {"text": text % {"name": connection.name}, "label": _("Errors"), "url": reverse("manage_errors")}
    if may_manage_company(person):
        page = reverse("connection_detail", args=[connection.pk])
        remedy |= {"label": _("Connection “%(name)s”") % {"name": connection.name}, "url": page}
    return [remedy]


def _calls(task: TaskInstance) -> Remedy:
    return {
        "text": _("Look what was sent and what came back; there you can also fill in the answer by hand."),
        "label": _("Calls of the task"),
        "url": f"{reverse('manage_task', args=[task.pk])}#calls",
    }
