"""Pages that compare two versions of a workflow."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from workflow_design import access
from workflow_design.access import find_workflow
from workflow_design.compare.difference import difference
from workflow_design.models import WorkflowDefinition
from workflow_design.persistence.exporting import export_workflow


class VersionsForm(forms.Form):
    """The choice of two versions by their ids."""

    old = forms.TypedChoiceField(label=gettext_lazy("From"), coerce=int)
    new = forms.TypedChoiceField(label=gettext_lazy("To"), coerce=int)

    def __init__(self, versions: Iterable[WorkflowDefinition], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(each.pk, _name(each)) for each in versions]
        for field in self.fields.values():
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices


def _name(version: WorkflowDefinition) -> str:
    words = {"number": version.version, "status": version.get_status_display()}
    return _("Version %(number)d (%(status)s)") % words


@require_safe
@company_page()
def workflow_difference(request: PageRequest, workflow_id: int, other_id: int) -> HttpResponse:
    """Show the differences of the version `other_id`, in words."""
    old = find_workflow(request.user, workflow_id)
    new = find_workflow(request.user, other_id)
    # Versions of two workflows have nothing in common; their difference would be meaningless.
    if old.line_id != new.line_id:
        raise Http404
    context = {
        "old": old,
        "new": new,
        "form": VersionsForm(_versions(request, new), initial={"old": old.pk, "new": new.pk}),
        "difference": difference(export_workflow(old), export_workflow(new)),
    }
    return render(request, "workflow_design/compare/page.html", context)


@require_safe
@company_page()
def workflow_difference_choose(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Redirect to the difference of the chosen versions, by default of this one and the one before."""
    workflow = find_workflow(request.user, workflow_id)
    versions = _versions(request, workflow)
    form = VersionsForm(versions, request.GET)
    if form.is_valid():
        return redirect("workflow_difference", form.cleaned_data["old"], form.cleaned_data["new"])
    before = [version for version in versions if version.version < workflow.version]
    # The first version has no predecessor, so it is compared with itself.
    return redirect("workflow_difference", (before or [workflow])[0].pk, workflow.pk)


def _versions(request: PageRequest, workflow: WorkflowDefinition) -> list[WorkflowDefinition]:
    """Return all versions that the person may see, the newest first."""
    rows = access.visible_workflows(request.user).filter(line=workflow.line_id).order_by("-version")
    return list(rows.only("version", "status"))
