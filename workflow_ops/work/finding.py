"""Functions that find and authorize ticket types, tickets, tasks, files and comments in one call.

Pages and programs use the same functions.
"""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from users.models import CustomUser
from workflow_design.models import TicketDefinition, WorkflowStatus
from workflow_ops.access import may_open_form, may_see_task, may_see_ticket
from workflow_ops.comments.audience import may_read, wrote
from workflow_ops.engine.new_tickets import find_ticket_definition
from workflow_ops.engine.task_rows import find_task_by_id
from workflow_ops.models import Comment, FileUpload, TaskInstance, TicketInstance
from workflow_ops.work.ticket_rows import read_ticket


def find_ticket_type(
    person: CustomUser, definition_id: int, *, or_archived: bool = False
) -> TicketDefinition:
    """Return a kind of ticket that the person may submit, for themselves or for others.

    With `or_archived`, it may be one that takes no new tickets any more. Raise Http404 or PermissionDenied.
    """
    definition = find_ticket_definition(definition_id)
    accepted = {WorkflowStatus.ACTIVE, *([WorkflowStatus.ARCHIVED] if or_archived else [])}
    if definition is None or definition.workflow.status not in accepted:
        raise Http404
    if not may_open_form(person, definition):
        raise PermissionDenied
    return definition


def find_ticket(person: CustomUser, number: int) -> TicketInstance:
    """Return the ticket with this number. Raise Http404, or PermissionDenied if the person may not see it."""
    ticket = read_ticket(number, reader=person)
    if not may_see_ticket(person, ticket):
        raise PermissionDenied
    return ticket


def find_task(person: CustomUser, task_id: int, *, lock: bool = False) -> TaskInstance:
    """Return the task with this id. Raise Http404, or PermissionDenied if the person may not see it.

    With `lock`, its workflow is locked until the request ends.
    """
    task = find_task_by_id(task_id, lock=lock)
    if task is None:
        raise Http404
    if not may_see_task(person, task):
        raise PermissionDenied
    return task


def find_own_comment(person: CustomUser, number: int, comment_id: int) -> Comment:
    """Return a comment that the person wrote and may read. Raise Http404 or PermissionDenied."""
    rows = Comment.objects.select_related("ticket__workflow_instance__workflow", "ticket__ticket_definition")
    comment = get_object_or_404(rows, pk=comment_id, ticket__number=number)
    if not wrote(person, comment) or not may_read(person, comment):
        raise PermissionDenied
    return comment


def find_file(person: CustomUser, file_id: int) -> FileUpload:
    """Return a file. Raise Http404, or PermissionDenied if the person may not download it."""
    files = FileUpload.objects.select_related(
        *("ticket__workflow_instance__workflow", "comment__ticket__workflow_instance__workflow")
    )
    file = get_object_or_404(files, pk=file_id)
    if not may_download(person, file):
        raise PermissionDenied
    return file


def may_download(person: CustomUser, file: FileUpload) -> bool:
    """Return whether the person may see the file's ticket, or read its comment.

    Before the file has a ticket: whether they uploaded it.
    """
    if file.comment is not None:
        return may_read(person, file.comment)
    if file.ticket is not None:
        return may_see_ticket(person, file.ticket)
    author = person.as_author("uploaded_by")
    return {"uploaded_by_id": file.uploaded_by_id, "impersonator_id": file.impersonator_id} == author
