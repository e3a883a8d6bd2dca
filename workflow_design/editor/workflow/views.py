"""Pages to create a workflow and to change a draft as a whole."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ticketflower.http import PageRequest, company_page, show_or_submit
from workflow_design import access
from workflow_design.check.acceptance import DIGEST_LENGTH
from workflow_design.editor.draft_page import draft_page, find_draft, form_data, try_store
from workflow_design.editor.drafts import DraftRefusedError
from workflow_design.editor.workflow import actions
from workflow_design.editor.workflow.forms import AcceptForm, NewWorkflowForm, WholeForm, WorkflowForm
from workflow_design.pages.report import find_finding
from workflow_design.pages.trails import build_trail
from workflow_design.persistence.exporting import export_workflow


@show_or_submit
@company_page(access.may_design)
def workflow_create(request: PageRequest) -> HttpResponse:
    """Create a workflow, then continue with its fields."""
    form = NewWorkflowForm(form_data(request))
    if form.is_valid():
        try:
            workflow = actions.create_workflow(**form.cleaned_data, by=request.user)
        except DraftRefusedError as error:
            form.refuse(error.problems)
        else:
            text = _("“%(title)s” has been created. Submitters do not see it until you publish it.")
            messages.success(request, text % {"title": workflow})
            return redirect("workflow_fields", workflow.pk)
    return render(request, "workflow_design/workflow_create.html", {"form": form})


@show_or_submit
@draft_page
def workflow_definition_update(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Change the title, description, admins and references of a draft."""
    workflow = find_draft(request.user, workflow_id)
    form = WorkflowForm(workflow=workflow, file=export_workflow(workflow), data=form_data(request))
    if try_store(form, lambda: actions.change_workflow(workflow, form.content(), seen=form.seen)):
        messages.success(request, _("The workflow has been saved."))
        return redirect("workflow_definition_detail", workflow.pk)
    context = {"form": form, "workflow": workflow, "trail": build_trail(workflow)}
    return render(request, "workflow_design/workflow_update.html", context)


@show_or_submit
@draft_page
def workflow_components_upload(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Change the whole draft as JSON, in place of all its forms."""
    workflow = find_draft(request.user, workflow_id)
    form = WholeForm(workflow=workflow, file=export_workflow(workflow), data=form_data(request))
    if try_store(form, lambda: actions.replace_draft(workflow, form.file, by=request.user, seen=form.seen)):
        messages.success(request, _("The workflow has been saved."))
        return redirect("workflow_definition_detail", workflow.pk)
    context = {"form": form, "workflow": workflow, "trail": build_trail(workflow)}
    return render(request, "workflow_design/workflow_components_upload.html", context)


@show_or_submit
@draft_page
def finding_accept(request: PageRequest, workflow_id: int, digest: str) -> HttpResponse:
    """Accept a finding of the check as meant so, with a reason."""
    workflow = find_draft(request.user, workflow_id)
    back = f"{reverse('workflow_definition_detail', args=[workflow.pk])}#check"
    if len(digest) != DIGEST_LENGTH:
        raise Http404
    entry = find_finding(workflow, digest)
    if entry is None:
        messages.info(request, _("The check does not say this any more, or it is accepted already."))
        return redirect(back)
    before = entry["before"]
    form = AcceptForm(form_data(request), initial={"reason": before.reason if before else ""})
    if form.is_valid():
        reason, old = form.cleaned_data["reason"], before.key if before else ""
        try:
            actions.accept_finding(workflow, entry["finding"], reason=reason, instead_of=old)
        except actions.TooManyAcceptedError:
            form.add_error(None, _("Too many findings are accepted. Undo those that are out of date first."))
        else:
            messages.success(request, _("The finding is accepted as meant so. It does not count any more."))
            return redirect(back)
    context = {
        "form": form,
        "workflow": workflow,
        "trail": build_trail(workflow),
        "entry": entry,
        "back": back,
    }
    return render(request, "workflow_design/editor/finding_accept.html", context)


@require_POST
@draft_page
def acceptance_undo(request: PageRequest, workflow_id: int, key: str) -> HttpResponse:
    """Take back that a finding is meant so."""
    workflow = find_draft(request.user, workflow_id)
    actions.undo_acceptance(workflow, key)
    messages.success(
        request, _("The finding is not accepted any more. If it is still found, it counts again.")
    )
    return redirect(f"{reverse('workflow_definition_detail', args=[workflow.pk])}#check")
