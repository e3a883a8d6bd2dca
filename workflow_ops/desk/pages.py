"""Contexts of the ticket admins' pages of one ticket, task or error."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from ticketflower.http import PageRequest
from workflow_design.access import may_design
from workflow_design.definition.fields import Fields, is_empty
from workflow_design.models import TaskType
from workflow_design.persistence.plans import load_fields
from workflow_design.wording.decisions import explain_evaluation
from workflow_design.wording.rules import Vocabulary
from workflow_design.workspace.controls import DisplayNames
from workflow_design.workspace.field_types import in_words
from workflow_design.workspace.reading import build_read_view
from workflow_ops.desk.calls import action_context
from workflow_ops.desk.lists.rows import assignee_name, task_title
from workflow_ops.history.names import names_in, vocabulary_for
from workflow_ops.history.remarks import task_remarks
from workflow_ops.history.task_data import read_task_data
from workflow_ops.history.timeline_wording import actor_name, enterer_name, task_name
from workflow_ops.models import (
    ErrorStatus,
    TaskInstance,
    TicketError,
    TicketInstance,
    WorkflowData,
    WriteSource,
)
from workflow_ops.work.forms import CommentForm
from workflow_ops.work.ticket_page import ticket_page

MAX_ERRORS = 10


def ticket_context(
    request: PageRequest, ticket: TicketInstance, comment_form: CommentForm | None = None
) -> dict[str, Any]:
    """Return the context of the ticket's page, with its complete data, tasks and errors."""
    run = ticket.workflow_instance
    fields = load_fields(run.workflow)
    names = names_in(fields, ticket, run.data)
    return {
        **ticket_page(request, ticket, comment_form or CommentForm(), links_calls=True),
        "name": ticket.name,
        "blocks": build_read_view(run.data, fields=fields, names=names, layout=run.workflow.display_layout),
        "errors": _errors(ticket),
        "may_design": may_design(request.user),
    }


def _errors(ticket: TicketInstance) -> list[TicketError]:
    errors = TicketError.objects.filter(ticket=ticket).exclude(error_status=ErrorStatus.RESOLVED)
    return list(errors.order_by("-pk")[:MAX_ERRORS])


def build_history(ticket: TicketInstance, steps: Sequence[WorkflowData]) -> list[dict[str, Any]]:
    """Return the history of consecutive steps, newest first, using at most five statements."""
    if not steps:
        return []
    fields = load_fields(ticket.workflow_instance.workflow)
    numbers = [steps[0].step - 1, steps[-1].step - 1]
    rows = WorkflowData.objects.filter(workflow_instance_id=ticket.workflow_instance_id)
    # The oldest step is compared with the data of the step before it, which is on the next page.
    beyond = rows.filter(step=min(numbers)).values_list("data", flat=True).first() or {}
    data = {step.step: step.data for step in steps} | {min(numbers): beyond}
    names = names_in(fields, ticket, *data.values())
    words = vocabulary_for((look for step in steps for look in step.looks), fields=fields, ticket=ticket)
    return [
        {
            "number": step.step,
            "what": _step_name(step),
            "who": actor_name(step.person, step.impersonator_id),
            "at": step.created_at,
            "changes": _changes(step, data.get(step.step - 1, {}), fields, names),
            "same": _same(step, data.get(step.step - 1, {}), words),
            "why": [explain_evaluation(look, words) for look in step.looks],
        }
        for step in steps
    ]


def _step_name(step: WorkflowData) -> str:
    if step.task:
        return task_name(step.task.task_definition.title, step.task.run)
    if step.source == WriteSource.CORRECTION:
        return _("Correction, which started nothing")
    is_own_correction = step.write is not None and step.write.is_own_correction
    return _("Correction by the submitter") if is_own_correction else str(WriteSource(step.source).label)


def _changes(
    step: WorkflowData, before: Mapping[str, Any], fields: Fields, names: DisplayNames
) -> list[dict[str, Any]]:
    return [
        {
            "label": known.title,
            "before": in_words(known, before.get(name), names),
            "after": in_words(known, step.data.get(name), names),
            "is_reset": name in step.reset_fields,
        }
        for name, known in fields.items()
        if before.get(name) != step.data.get(name)
    ]


def _same(step: WorkflowData, before: Mapping[str, Any], vocabulary: Vocabulary) -> list[str]:
    same = (name for name in step.modified_fields if before.get(name) == step.data.get(name))
    return [vocabulary.title(name) for name in same if not is_empty(step.data.get(name))]


def task_context(task: TaskInstance) -> dict[str, Any]:
    """Return the context of a task: its assignee, input, output and restriction."""
    run = task.workflow_instance
    ticket = run.ticket
    # Both names refer to the same row; this avoids a query.
    ticket.workflow_instance, task.task_definition.workflow = run, run.workflow
    is_form = task.task_definition.task_type == TaskType.FORM
    links = task.allowed_links.select_related("person").order_by("pk")
    return {
        "task": task,
        "name": task_title(task),
        "ticket": ticket,
        "ticket_name": ticket.name,
        "submitter": actor_name(ticket.created_by, ticket.impersonator_id),
        "enterer": enterer_name(ticket),
        "assignee": assignee_name(task),
        "remark": None if task.is_finished else task_remarks([task]).get(task.pk),
        "allowed": [link.person.get_name_and_state() for link in links],
        "is_form": is_form,
        "action": None if is_form else action_context(task),
        "may_change": not task.is_finished and not run.is_final,
        "data": read_task_data(task),
    }
