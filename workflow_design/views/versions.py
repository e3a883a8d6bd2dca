"""The versions of a workflow: a new one, all of them, and a draft that is thrown away."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ticketflower.http import PageRequest, company_page
from workflow_design import access, versions
from workflow_design.compare.views import VersionsForm
from workflow_design.models import WorkflowDefinition
from workflow_design.pages.find import find_workflow, may_design

VERSION_COLUMNS = (
    {"label": gettext_lazy("Version")},
    {"label": gettext_lazy("Status")},
    {"label": gettext_lazy("Made")},
    {"label": gettext_lazy("Published")},
    {"label": gettext_lazy("Archived")},
)


@require_POST
@company_page()
def workflow_version_create(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Begin the next version as a copy of this one, or go to the draft that there is."""
    workflow = find_workflow(request.user, workflow_id, may=may_design)
    draft = versions.new_version(workflow, by=request.user)
    words = {"number": draft.version}
    messages.info(request, _("Version %(number)d is the draft. Change it here, then publish it.") % words)
    return redirect("workflow_definition_detail", draft.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@company_page()
def workflow_draft_discard(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Ask, then throw the draft away."""
    workflow = find_workflow(request.user, workflow_id, may=may_design)
    cancel_url = reverse("workflow_definition_detail", args=[workflow.pk])
    try:
        if request.method != "POST":
            return render(request, "components/confirm.html", _discard_question(workflow, cancel_url))
        newest = versions.discard_draft(workflow, by=request.user)
    except versions.NoDraftError:
        messages.info(request, _("“%(title)s” is no draft any more.") % {"title": workflow})
        return redirect(cancel_url)
    messages.success(request, _("The draft of “%(title)s” is thrown away.") % {"title": workflow})
    if newest is None:
        return redirect("workflow_definitions_list")
    return redirect("workflow_definition_detail", newest.pk)


def _discard_question(workflow: WorkflowDefinition, cancel_url: str) -> dict[str, object]:
    if not workflow.is_draft:
        raise versions.NoDraftError
    words = {"title": workflow.title, "number": workflow.version}
    return {
        "title": _("Throw away the draft of “%(title)s”, version %(number)d?") % words,
        "text": _("Everything that was changed in it is lost."),
        "consequences": [_("Published versions and the tickets that use them stay as they are.")],
        "submit": _("Throw away"),
        "cancel_url": cancel_url,
    }


@require_safe
@company_page()
def workflow_versions(request: PageRequest, workflow_id: int) -> HttpResponse:
    """All versions of a workflow, the newest first."""
    workflow = find_workflow(request.user, workflow_id)
    rows = access.visible_workflows(request.user).filter(line=workflow.line_id).order_by("-version")
    found = list(rows.only("version", "status", "created_at", "published_at", "archived_at"))
    newest_two = {"old": found[1].pk, "new": found[0].pk} if len(found) > 1 else {}
    context = {
        "workflow": workflow,
        "rows": found,
        "columns": VERSION_COLUMNS,
        "form": VersionsForm(found, initial=newest_two) if newest_two else None,
    }
    return render(request, "workflow_design/version_list.html", context)
