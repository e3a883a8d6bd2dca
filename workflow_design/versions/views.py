"""Pages that publish, archive, create, discard and list versions of a workflow."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from ticketflower.formats import write_count
from ticketflower.http import Form, PageRequest, company_page, show_or_submit
from workflow_design import access
from workflow_design.access import find_workflow, may_change
from workflow_design.compare.difference import difference
from workflow_design.compare.views import VersionsForm
from workflow_design.definition.problems import DefinitionError
from workflow_design.editor.drafts import NotADraftError
from workflow_design.models import DefinitionCheck, WorkflowDefinition, WorkflowStatus
from workflow_design.pages.report import CheckSummary, check_context
from workflow_design.persistence.exporting import export_workflow, read_workflow
from workflow_design.versions import publishing


def publishing_report(workflow: WorkflowDefinition) -> dict[str, Any]:
    """Return the report before publishing: the check, the differences and the consequences."""
    content = read_workflow(workflow)
    check = check_context(workflow, content)
    summary = check["check"]
    may_publish = not (summary.is_unfinished or summary.has_errors)
    # The active version is replaced, so the differences are shown against it.
    before = workflow.line.versions.active().first()
    return {
        **check,
        "workflow": workflow,
        "may_publish": may_publish,
        "consequences": _consequences(before),
        "before": before,
        "difference": difference(export_workflow(before), content.file) if before else None,
    }


def _consequences(before: WorkflowDefinition | None) -> list[str]:
    consequences = [_("It can't be changed after that; changes go into a new version.")]
    if before is not None:
        text = _("Version %(version)d will be archived. Its running tickets continue to their end.")
        consequences.append(text % {"version": before.version})
    return consequences


class PublishForm(Form):
    """The confirmation of publishing; it asks for acceptance only if the check found problems."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    has_read = forms.BooleanField(
        label=gettext_lazy("I have read the problems above and want to publish anyway."),
        error_messages={
            "required": gettext_lazy("Read the problems above and tick this box, or go back and fix them.")
        },
    )

    use_required_attribute = False

    def __init__(self, data: Any = None, *, check: CheckSummary, stored: DefinitionCheck | None) -> None:
        digest = "" if stored is None else stored.digest
        super().__init__(data, initial={"seen": digest})
        # Without problems there is nothing to accept.
        if not check.has_warnings:
            del self.fields["has_read"]


@show_or_submit
@company_page()
def workflow_definition_publish(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Show the report and ask for confirmation, then publish the draft."""
    workflow = find_workflow(request.user, workflow_id, may=may_change)
    detail = redirect("workflow_definition_detail", workflow.pk)
    if not workflow.is_draft:
        messages.info(request, _("“%(title)s” is not a draft any more.") % {"title": workflow})
        return detail
    report = publishing_report(workflow)
    form = PublishForm(request.POST or None, check=report["check"], stored=report["stored_check"])
    if request.method != "POST" or not form.is_valid():
        return render(request, "workflow_design/versions/publish.html", report | {"form": form})
    return _publish(request, workflow, seen=form.cleaned_data["seen"])


def _publish(request: PageRequest, workflow: WorkflowDefinition, *, seen: str) -> HttpResponse:
    """Publish the draft, and redirect to the page that shows the result."""
    to = "workflow_definition_detail"
    try:
        publishing.publish(workflow, by=request.user, seen=seen)
    except NotADraftError:
        messages.info(request, _("“%(title)s” is not a draft any more.") % {"title": workflow})
    except DefinitionError as error:
        messages.error(request, _refusal_text(workflow, len(error.problems)))
    except publishing.StillCheckedError:
        messages.info(
            request,
            _("“%(title)s” is still being checked. Try again in a few seconds.") % {"title": workflow},
        )
        to = "workflow_definition_publish"
    except publishing.NotReadError:
        messages.info(
            request, _("“%(title)s” has changed. Read the current findings first.") % {"title": workflow}
        )
        to = "workflow_definition_publish"
    else:
        text = _("“%(title)s” has been published. New tickets now use version %(version)d.")
        messages.success(request, text % {"title": workflow, "version": workflow.version})
    return redirect(to, workflow.pk)


def _refusal_text(workflow: WorkflowDefinition, count: int) -> str:
    text = ngettext(
        "“%(title)s” can't be published yet. %(count)d problem was found.",
        "“%(title)s” can't be published yet. %(count)d problems were found.",
        count,
    )
    return text % {"title": workflow, "count": count}


@show_or_submit
@company_page()
def workflow_definition_archive(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Ask for confirmation, then archive the version."""
    workflow = find_workflow(request.user, workflow_id, may=may_change)
    detail = redirect("workflow_definition_detail", workflow.pk)
    try:
        if request.method != "POST":
            return render(request, "components/confirm.html", _archive_question(workflow, detail.url))
        publishing.archive(workflow, by=request.user)
    except publishing.NotActiveError:
        messages.info(request, _("“%(title)s” is not active.") % {"title": workflow})
    else:
        messages.success(request, _("“%(title)s” has been archived.") % {"title": workflow})
    return detail


MAX_COUNTED = 1_000


def _running_tickets(workflow: WorkflowDefinition) -> str:
    """Return how many tickets run on a version, and what becomes of them."""
    running = workflow.instances.filter(ended_at__isnull=True)
    count = running[: MAX_COUNTED + 1].count()
    if not count:
        return _("No ticket runs on it now.")
    if count > MAX_COUNTED:
        text = _("More than %(count)s tickets run on it now. They continue to their end.")
        return text % {"count": write_count(MAX_COUNTED)}
    return ngettext(
        "%(count)d ticket runs on it now. It continues to its end.",
        "%(count)d tickets run on it now. They continue to their end.",
        count,
    ) % {"count": count}


def _archive_question(workflow: WorkflowDefinition, cancel_url: str) -> dict[str, object]:
    if workflow.status != WorkflowStatus.ACTIVE:
        raise publishing.NotActiveError
    return {
        "title": _("Archive “%(title)s”?") % {"title": workflow},
        "text": _("Its tickets are removed from the catalogue: nobody can submit new ones."),
        "consequences": [_running_tickets(workflow), _("All stored data is preserved.")],
        "submit": _("Archive"),
        "cancel_url": cancel_url,
    }


VERSION_COLUMNS = (
    {"label": gettext_lazy("Version")},
    {"label": gettext_lazy("Status")},
    {"label": gettext_lazy("Created")},
    {"label": gettext_lazy("Published")},
    {"label": gettext_lazy("Archived")},
)


@require_POST
@company_page()
def workflow_version_create(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Create the next version as a copy of this one, or open the existing draft."""
    workflow = find_workflow(request.user, workflow_id, may=may_change)
    draft = publishing.new_version(workflow, by=request.user)
    words = {"number": draft.version}
    messages.info(request, _("Version %(number)d is the draft. Change it here, then publish it.") % words)
    return redirect("workflow_definition_detail", draft.pk)


@show_or_submit
@company_page()
def workflow_draft_discard(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Ask for confirmation, then discard the draft."""
    workflow = find_workflow(request.user, workflow_id, may=may_change)
    cancel_url = reverse("workflow_definition_detail", args=[workflow.pk])
    try:
        if request.method != "POST":
            return render(request, "components/confirm.html", _discard_question(workflow, cancel_url))
        newest = publishing.discard_draft(workflow, by=request.user)
    except NotADraftError:
        messages.info(request, _("“%(title)s” is not a draft any more.") % {"title": workflow})
        return redirect(cancel_url)
    messages.success(request, _("The draft of “%(title)s” has been discarded.") % {"title": workflow})
    if newest is None:
        return redirect("workflow_definitions_list")
    return redirect("workflow_definition_detail", newest.pk)


def _discard_question(workflow: WorkflowDefinition, cancel_url: str) -> dict[str, object]:
    if not workflow.is_draft:
        raise NotADraftError(workflow)
    words = {"title": workflow.title, "number": workflow.version}
    return {
        "title": _("Discard the draft of “%(title)s”, version %(number)d?") % words,
        "text": _("All changes in it will be lost."),
        "consequences": [_("Published versions and their tickets do not change.")],
        "submit": _("Discard"),
        "cancel_url": cancel_url,
    }


@require_safe
@company_page()
def workflow_versions(request: PageRequest, workflow_id: int) -> HttpResponse:
    """List all versions of a workflow, the newest first."""
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
    return render(request, "workflow_design/versions/list.html", context)
