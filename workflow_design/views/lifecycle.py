"""A version of a workflow is published, and later archived: asked first, then done."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from ticketflower.http import PageRequest, company_page
from workflow_design import publishing
from workflow_design.definition.problems import DefinitionError
from workflow_design.forms.publish import PublishForm
from workflow_design.models import WorkflowDefinition, WorkflowStatus
from workflow_design.pages.find import find_workflow, may_design
from workflow_design.publishing_report import publishing_report

show_or_submit = require_http_methods(["GET", "HEAD", "POST"])


@show_or_submit
@company_page()
def workflow_definition_publish(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Show what the check says and ask, then make it the version that new tickets use."""
    workflow = find_workflow(request.user, workflow_id, may=may_design)
    detail = redirect("workflow_definition_detail", workflow.pk)
    if not workflow.is_draft:
        messages.info(request, _("“%(title)s” is no draft any more.") % {"title": workflow})
        return detail
    report = publishing_report(workflow)
    form = PublishForm(request.POST or None, check=report["check"], kept=report["kept"])
    if request.method != "POST" or not form.is_valid():
        return render(request, "workflow_design/publish.html", report | {"form": form})
    return _published(request, workflow, seen=form.cleaned_data["seen"])


def _published(request: PageRequest, workflow: WorkflowDefinition, *, seen: str) -> HttpResponse:
    """Publish it, and go where the person reads what came of it."""
    to = "workflow_definition_detail"
    try:
        publishing.publish(workflow, by=request.user, seen=seen)
    except publishing.AlreadyPublishedError:
        messages.info(request, _("“%(title)s” is no draft any more.") % {"title": workflow})
    except DefinitionError as error:
        messages.error(request, _not_yet(workflow, len(error.problems)))
    except publishing.StillCheckedError:
        messages.info(
            request,
            _("“%(title)s” is still being checked. Try again in a few seconds.") % {"title": workflow},
        )
        to = "workflow_definition_publish"
    except publishing.NotReadError:
        messages.info(
            request, _("Read first what the check found in “%(title)s” as it is now.") % {"title": workflow}
        )
        to = "workflow_definition_publish"
    else:
        text = _("“%(title)s” is published. New tickets use version %(version)d from now on.")
        messages.success(request, text % {"title": workflow, "version": workflow.version})
    return redirect(to, workflow.pk)


def _not_yet(workflow: WorkflowDefinition, count: int) -> str:
    text = ngettext(
        "“%(title)s” can't be published yet. %(count)d problem was found.",
        "“%(title)s” can't be published yet. %(count)d problems were found.",
        count,
    )
    return text % {"title": workflow, "count": count}


@show_or_submit
@company_page()
def workflow_definition_archive(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Ask, then take its tickets off the catalogue."""
    workflow = find_workflow(request.user, workflow_id, may=may_design)
    detail = redirect("workflow_definition_detail", workflow.pk)
    try:
        if request.method != "POST":
            return render(request, "components/confirm.html", _archive_question(workflow, detail.url))
        publishing.archive(workflow, by=request.user)
    except (publishing.AlreadyArchivedError, publishing.NotPublishedError):
        messages.info(request, _("“%(title)s” is not active.") % {"title": workflow})
    else:
        messages.success(request, _("“%(title)s” is archived.") % {"title": workflow})
    return detail


def _archive_question(workflow: WorkflowDefinition, cancel_url: str) -> dict[str, object]:
    if workflow.status != WorkflowStatus.ACTIVE:
        raise publishing.AlreadyArchivedError
    return {
        "title": _("Archive “%(title)s”?") % {"title": workflow},
        "text": _("Its tickets go off the catalogue: nobody can submit new ones."),
        "consequences": [_("Workflows that run on it go on to their end. All that is stored stays.")],
        "submit": _("Archive"),
        "cancel_url": cancel_url,
    }
