"""What all pages that change a draft have in common."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ticketflower.http import PageRequest, company_page
from users.models import CustomUser
from workflow_design.definition.problems import DefinitionError
from workflow_design.editor.draft_form import DraftForm
from workflow_design.editor.drafts import ChangedMeanwhileError, NotADraftError
from workflow_design.editor.fields.actions import FieldGoneError
from workflow_design.editor.parts.actions import PartGoneError
from workflow_design.editor.storing import rows_of
from workflow_design.models import TaskDefinition, TicketDefinition, WorkflowCompletion, WorkflowDefinition
from workflow_design.pages.find import find_part, find_workflow, may_design
from workflow_design.persistence.exporting import file_of
from workflow_design.persistence.part_kinds import kind_of

P = ParamSpec("P")
show_or_submit = require_http_methods(["GET", "HEAD", "POST"])


def draft_page(
    view: Callable[Concatenate[PageRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Decorator of a page that changes a draft; if it is none any more, back to the version, and why.

    What somebody deletes while the page is at work is no different from what never was: 404.
    """

    @company_page()
    @wraps(view)
    def guarded(request: PageRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotADraftError as error:
            text = _("Version %(number)d is published, so it can't be changed: begin a new version.")
            messages.info(request, text % {"number": error.workflow.version})
            return redirect("workflow_definition_detail", error.workflow.pk)
        except (FieldGoneError, PartGoneError, WorkflowDefinition.DoesNotExist):
            raise Http404 from None

    return guarded


def find_draft(person: CustomUser, workflow_id: int) -> WorkflowDefinition:
    """The draft of this id; raises Http404, PermissionDenied, NotADraftError, in this order."""
    workflow = find_workflow(person, workflow_id, may=may_design)
    if not workflow.is_draft:
        raise NotADraftError(workflow)
    return workflow


def stored(form: DraftForm, store: Callable[[], object]) -> bool:
    """Whether the form could be stored; what was refused, at first or under the lock, stands in it."""
    if not form.is_valid():
        return False
    try:
        store()
    except ChangedMeanwhileError as error:
        form.refuse_edition(error.workflow)
    except DefinitionError as error:
        form.refuse(error.problems)
    else:
        return True
    return False


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
