"""A workflow comes in as a file, and is a draft from then on."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ticketflower.http import PageRequest, company_page
from users.access import is_company_admin
from workflow_design import access
from workflow_design.definition.file_json import parse_workflow_file
from workflow_design.definition.problems import DefinitionError, Problem
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.forms.upload import ContentForm, UploadForm, kept
from workflow_design.models import WorkflowDefinition
from workflow_design.persistence.importing import DraftExistsError, import_workflow

show_or_submit = require_http_methods(["GET", "HEAD", "POST"])


@show_or_submit
@company_page(access.may_design)
def workflow_definition_upload(request: PageRequest) -> HttpResponse:
    """Take a file or its text; say all that is wrong with it at once; ask before a draft is replaced."""
    if request.method != "POST":
        return _page(request, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form)
    content = form.content()
    try:
        file = parse_workflow_file(content)
        workflow = _imported(request, file, replace=form.cleaned_data["replace"])
    except DefinitionError as error:
        return _page(request, UploadForm(initial={"text": kept(content)}), error.problems)
    except DraftExistsError:
        return _question(request, file, kept(content))
    text = _("“%(title)s” is here as a draft, version %(version)d. Nobody sees it until it is published.")
    messages.success(request, text % {"title": workflow, "version": workflow.version})
    return redirect("workflow_definition_detail", workflow.pk)


def _imported(request: PageRequest, file: WorkflowFile, *, replace: bool) -> WorkflowDefinition:
    return import_workflow(
        file, by=request.user, replace=replace, may_make_roles=is_company_admin(request.user)
    )


def _page(request: PageRequest, form: UploadForm, problems: tuple[Problem, ...] = ()) -> HttpResponse:
    context = {"form": form, "problems": problems}
    return render(request, "workflow_design/upload.html", context)


def _question(request: PageRequest, file: WorkflowFile, text: str) -> HttpResponse:
    context = {
        "title": _("Replace the draft of “%(title)s”?") % {"title": file.title},
        "text": _(
            "There is a draft of this workflow already. It is deleted, and what you uploaded takes its place."
        ),
        "consequences": [_("The published version and the tickets that run on it stay as they are.")],
        "form": ContentForm(initial={"text": text, "replace": True}),
        "submit": _("Replace the draft"),
        "cancel_url": reverse("workflow_definitions_list"),
    }
    return render(request, "components/confirm.html", context)
