"""Pages to create a workflow and to change a draft as a whole."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ticketflower.http import PageRequest, company_page, show_or_submit
from workflow_design import access
from workflow_design.editor.draft_page import draft_page, find_draft, form_data, try_store
from workflow_design.editor.drafts import DraftRefusedError
from workflow_design.editor.workflow import actions
from workflow_design.editor.workflow.forms import NewWorkflowForm, WholeForm, WorkflowForm
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
