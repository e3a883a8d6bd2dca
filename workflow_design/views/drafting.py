"""What all pages that change a draft have in common."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ticketflower.http import PageRequest, company_page
from users.models import CustomUser
from workflow_design.definition.problems import DefinitionError
from workflow_design.editing.drafts import ChangedMeanwhileError, NotADraftError
from workflow_design.editing.fields import FieldGoneError
from workflow_design.editing.parts import PartGoneError
from workflow_design.forms.drafts import DraftForm
from workflow_design.models import WorkflowDefinition
from workflow_design.pages.find import find_workflow, may_design

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
