"""The upload of a workflow file, which becomes a draft, and the schema of such files."""

import json
from hashlib import sha256
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from ticketflower.clean_json import MAX_BYTES
from ticketflower.http import Form, PageRequest, company_page, show_or_submit
from users.access import is_company_admin
from workflow_design import access
from workflow_design.check.file_schema import file_schema
from workflow_design.check.findings import problems_to_errors
from workflow_design.definition.problems import DefinitionError, Problem
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.persistence.connections import find_unknown_connections
from workflow_design.persistence.importing import DraftExistsError, import_workflow, read_file

ACCEPTED_FILES = ".json,application/json"


class UploadForm(Form):
    """A workflow file or its text. If both are given, the file counts: it was chosen later."""

    file = forms.FileField(
        label=gettext_lazy("Workflow file"),
        # The parser has the better message for an empty file.
        allow_empty_file=True,
        help_text=gettext_lazy("A JSON file in the format of “Download”, at most 1 MB."),
        widget=forms.FileInput(attrs={"accept": ACCEPTED_FILES}),
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste its text"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocapitalize": "off"}),
    )
    replace = forms.BooleanField(required=False, widget=forms.HiddenInput)

    use_required_attribute = False

    def full_clean(self) -> None:
        """Validate the form, in which either the file or the text may be missing.

        Both are marked as required again afterwards: a label "optional" would be misleading.
        """
        either = (self.fields["file"], self.fields["text"])
        for field in either:
            field.required = False
        super().full_clean()
        for field in either:
            field.required = True

    def clean(self) -> dict[str, Any]:
        """Refuse an empty form; the parser of workflow files checks the content."""
        values: dict[str, Any] = super().clean() or {}
        if not self.errors and not values.get("file") and not values.get("text", "").strip():
            self.add_error("file", _("Choose a file, or paste its text below."))
        return values

    def content(self) -> str | bytes:
        """Return the content; of a file that is too large, only enough to detect that."""
        file = self.cleaned_data["file"]
        # One more byte than allowed is enough to show that the file is too large.
        content: str | bytes = file.read(MAX_BYTES + 1) if file else self.cleaned_data["text"]
        return content


class ContentForm(Form):
    """The hidden fields that carry the text through the confirmation page."""

    text = forms.CharField(strip=False, widget=forms.HiddenInput)
    replace = forms.BooleanField(widget=forms.HiddenInput)


def as_text(content: str | bytes) -> str:
    """Return the content for the text box, or "" if it is not text or too long."""
    if isinstance(content, str):
        return content
    try:
        return content.decode() if len(content) <= MAX_BYTES else ""
    except UnicodeDecodeError:
        return ""


@show_or_submit
@company_page(access.may_design)
def workflow_definition_upload(request: PageRequest) -> HttpResponse:
    """Import a file or its text; show all of its problems at once; ask before replacing a draft."""
    if request.method != "POST":
        return _page(request, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        if "file" in form.files and not form.errors:  # kept over a log-in; browsers can't be given a file
            form = UploadForm(initial={"text": as_text(form.content())})
        return _page(request, form)
    content = form.content()
    try:
        may_make_roles = is_company_admin(request.user)
        file = read_file(content, may_make_roles=may_make_roles)
        # This asks before it replaces a draft: the first attempt raises DraftExistsError.
        workflow = import_workflow(
            file,
            by=request.user,
            replace=form.cleaned_data["replace"],
            may_make_roles=may_make_roles,
        )
    except DefinitionError as error:
        # Browsers can't select a file again, so its text is shown in the text box.
        return _page(request, UploadForm(initial={"text": as_text(content)}), error.problems)
    except DraftExistsError:
        return _confirm_replacement(request, file, as_text(content))
    text = _("“%(title)s” is now a draft, version %(version)d. Nobody can use it until you publish it.")
    messages.success(request, text % {"title": workflow, "version": workflow.version})
    for finding in find_unknown_connections(file):
        messages.warning(request, f"{finding.message} {finding.fix}")
    return redirect("workflow_definition_detail", workflow.pk)


def _page(request: PageRequest, form: UploadForm, problems: tuple[Problem, ...] = ()) -> HttpResponse:
    context = {"form": form, "problems": problems_to_errors(problems)}
    return render(request, "workflow_design/workflow_definition_upload.html", context)


def _confirm_replacement(request: PageRequest, file: WorkflowFile, text: str) -> HttpResponse:
    context = {
        "title": _("Replace the draft of “%(title)s”?") % {"title": file.title},
        "text": _(
            "This workflow already has a draft. It will be deleted and replaced by the workflow you uploaded."
        ),
        "consequences": [_("The published version and its tickets do not change.")],
        "form": ContentForm(initial={"text": text, "replace": True}),
        "submit": _("Replace the draft"),
        "cancel_url": reverse("workflow_definitions_list"),
    }
    return render(request, "components/confirm.html", context)


CONTENT_TYPE = "application/schema+json"
CACHE_SECONDS = 60 * 60


def _text() -> bytes:
    return f"{json.dumps(file_schema(), ensure_ascii=False, indent=2)}\n".encode()


def _etag(request: HttpRequest) -> str:
    return f'"{sha256(_text()).hexdigest()[:32]}"'


@require_safe
@cache_control(public=True, max_age=CACHE_SECONDS)
@condition(etag_func=_etag)
def workflow_format(request: HttpRequest) -> HttpResponse:
    """Return the JSON Schema of workflow files, without requiring a login."""
    return HttpResponse(_text(), content_type=CONTENT_TYPE)
