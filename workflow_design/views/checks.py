"""The check of a version, asked for by a person."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ticketflower.http import PageRequest, company_page
from workflow_design.persistence.reports import recheck
from workflow_design.views.found import find_workflow, may_design


@require_POST
@company_page()
def workflow_definition_check(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Check a version now; what takes longer goes on in a job."""
    workflow = find_workflow(request.user, workflow_id, may=may_design)
    recheck(workflow)
    messages.success(request, _("“%(title)s” was checked.") % {"title": workflow})
    return redirect(f"{reverse('workflow_definition_detail', args=[workflow.pk])}#check")
