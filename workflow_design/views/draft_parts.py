"""What the pages that change a ticket, task or completion of a draft begin with."""

from typing import Any, TypeVar

from django.db.models import QuerySet

from ticketflower.http import PageRequest
from workflow_design.editing.drafts import NotADraftError
from workflow_design.editing.storing import rows_of
from workflow_design.models import TaskDefinition, TicketDefinition, WorkflowCompletion
from workflow_design.pages.find import find_part, may_design
from workflow_design.persistence.exporting import file_of
from workflow_design.persistence.part_kinds import kind_of

PartT = TypeVar("PartT", TaskDefinition, TicketDefinition, WorkflowCompletion)
AnyPart = TaskDefinition | TicketDefinition | WorkflowCompletion


def find_draft_part(rows: "QuerySet[PartT]", request: PageRequest, part_id: int) -> PartT:
    """The part of this id, of a draft; raises Http404, PermissionDenied, NotADraftError, in this order."""
    part = find_part(rows, request.user, part_id, may=may_design)
    if not part.workflow.is_draft:
        raise NotADraftError(part.workflow)
    return part


def present_of(part: AnyPart) -> dict[str, Any]:
    """What a form of the part begins with: its workflow with its file, itself in it, and its place there."""
    members = kind_of(part).members
    file = file_of(part.workflow)
    position = [row.pk for row in rows_of(part.workflow, members)].index(part.pk)
    present = getattr(file, members)[position]
    return {"workflow": part.workflow, "file": file, "present": present, "position": position}


def posted(request: PageRequest) -> Any:
    """What a form is bound to: nothing, if the page is only shown."""
    return request.POST if request.method == "POST" else None
