"""Contexts of the ticket admins' pages of one ticket, task or error."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ticketflower.http import PageRequest
from ticketflower.template_tags import due, status
from workflow_design.access import may_design
from workflow_design.models import TaskType
from workflow_design.persistence.plans import load_fields
from workflow_design.workspace.reading import build_read_view
from workflow_ops.comments.forms import CommentForm
from workflow_ops.desk.calls.rows import action_context
from workflow_ops.desk.links import other_tickets_of_requester
from workflow_ops.desk.lists.rows import assignee_name, task_title
from workflow_ops.desk.shared import unresolved_errors
from workflow_ops.engine.cached_rules import priority_title
from workflow_ops.history.names import names_in
from workflow_ops.history.remarks import task_remarks
from workflow_ops.history.task_data import read_task_data
from workflow_ops.history.timeline_wording import actor_name, enterer_name
from workflow_ops.history.unblocking import find_suggestions
from workflow_ops.models import TaskInstance, TicketInstance
from workflow_ops.work.ticket_page import shared_page
from workflow_ops.work.ticket_rows import has, read_tasks
from workflow_ops.work.tools import usable_tools

MAX_ERRORS = 10


def ticket_context(
    request: PageRequest, ticket: TicketInstance, comment_form: CommentForm | None = None
) -> dict[str, Any]:
    """Return the context of the ticket's page, with its complete data, tasks and errors."""
    run = ticket.workflow_instance
    fields = load_fields(run.workflow)
    names = names_in(fields, ticket, run.data)
    tasks = read_tasks(run)
    unfinished = [task for task in tasks if not task.is_finished]
    return {
        **shared_page(request, ticket, tasks, comment_form, links_calls=True),
        "unfinished": [_task_row(task) for task in unfinished],
        "finished": [_task_row(task) for task in reversed(tasks) if task.is_finished],
        "suggestions": [] if unfinished else find_suggestions(ticket),
        "name": ticket.name,
        "priority": priority_title(ticket),
        "blocks": build_read_view(run.data, fields=fields, names=names, layout=run.workflow.display_layout),
        "errors": unresolved_errors(ticket, most=MAX_ERRORS) if has(ticket, "errors") else [],
        "others": other_tickets_of_requester(ticket, reader=request.user),
        "may_design": may_design(request.user),
        "tools": usable_tools(run),
    }


def _task_row(task: TaskInstance) -> dict[str, object]:
    """Return the context of `manage_ticket_task.html`. The task's definition and people must be loaded."""
    title = task.task_definition.title
    assignee = task.assigned_to.get_name_and_state() if task.assigned_to else ""
    return {
        "url": reverse("manage_task", args=[task.pk]),
        "title": f"{title} #{task.run}" if task.run > 1 else title,
        "who": task.completed_by or assignee or task.system_name or _("nobody yet"),
        "due": due(task.visible_due_at),
        "status": status(task.visible_status),
    }


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
        "prepared_by": task.prepared_by if task.is_prepared else None,
        "remark": None if task.is_finished else task_remarks([task]).get(task.pk),
        "allowed": [link.person.get_name_and_state() for link in links],
        "is_form": is_form,
        "action": None if is_form else action_context(task),
        "may_change": not task.is_finished and not run.is_final,
        "data": read_task_data(task),
    }
