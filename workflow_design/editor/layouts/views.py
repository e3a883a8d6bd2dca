"""Pages that edit the layouts of tickets, tasks, completions, and of all data of a workflow."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ticketflower.http import PageRequest, show_or_submit
from workflow_design.compare.difference import Change, compare_members
from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import PartFile, TaskFile, TicketFile, WorkflowFile
from workflow_design.editor.draft_page import (
    DraftForm,
    draft_page,
    find_draft,
    find_draft_part,
    form_data,
    part_form_options,
    try_store,
)
from workflow_design.editor.drafts import PART, WORKFLOW
from workflow_design.editor.layouts.field import LayoutField
from workflow_design.editor.parts.actions import change_part
from workflow_design.editor.workflow.actions import change_workflow
from workflow_design.models import TaskType, WorkflowDefinition
from workflow_design.pages.trails import build_trail
from workflow_design.persistence.exporting import PartKind, export_workflow
from workflow_design.wording.rules import Vocabulary

FORM, READING = "form", "reading"
_MEMBERS = {FORM: "edit_layout", READING: "display_layout"}


class LayoutForm(DraftForm):
    """Form for a layout of the fields `names`: of a form, or of a page that may show any field."""

    aliases = {"edit_layout": "layout", "display_layout": "layout"}

    def __init__(
        self,
        *,
        workflow: WorkflowDefinition,
        file: WorkflowFile,
        layout: Sequence[Any],
        names: Sequence[str],
        is_form: bool,
        part: PartFile | None = None,
        data: Any = None,
    ) -> None:
        super().__init__(workflow=workflow, data=data, initial={"layout": list(layout)}, part=part)
        self.member = _MEMBERS[FORM if is_form else READING]
        self.part = part
        validator = data_validator(file.fields_schema)
        self.fields["layout"] = LayoutField(
            names,
            validator.fields,
            exactly_once=is_form,
            validator=validator if is_form else None,
            label=_("Order and sections"),
        )

    def concerns(self) -> Collection[str]:
        """Return the digest of what is arranged."""
        return (PART if self.part else WORKFLOW,)

    def arrange(self, content: Any) -> Any:
        """Return a part, or the workflow, with this layout."""
        changed: Any = {self.member: tuple(self.cleaned_data["layout"])}
        return replace(content, **changed)

    def differences(self, now: WorkflowFile, part: PartFile | None) -> Iterable[Change]:
        """Return in what the layout differs now from what was entered here."""
        words, arranged = Vocabulary.of_schema(now.fields_schema), part or now
        return compare_members(arranged, self.arrange(arranged), (words, words))


@show_or_submit
@draft_page
def part_layout(request: PageRequest, part_id: int, which: str, kind: PartKind) -> HttpResponse:
    """Edit the layout of the form of a ticket or task, or of the data that a part shows for reading."""
    part = find_draft_part(kind, request, part_id)
    current = part_form_options(part)
    workflow, file, content = part.workflow, current["file"], current["current"]
    member = _MEMBERS.get(which, "")
    if not hasattr(content, member) or getattr(content, "task_type", TaskType.FORM) != TaskType.FORM:
        raise Http404
    options: Any = {"layout": getattr(content, member), "names": _default_fields(content, which, file)}
    options |= {"is_form": which == FORM, "part": content}
    form = LayoutForm(workflow=workflow, file=file, data=form_data(request), **options)
    if try_store(form, lambda: change_part(part, form.arrange(content), seen=form.seen)):
        messages.success(request, _("The layout of “%(title)s” has been saved.") % {"title": part.title})
        return redirect("workflow_components", workflow.pk)
    trail = build_trail(workflow, (_("Tickets and tasks"), "workflow_components"))
    context = {
        "trail": trail,
        "title": part.title,
        "back": "workflow_components",
        "tabs": _tabs(content, which),
    }
    return render(
        request, "workflow_design/editor/layout_form.html", {**context, "form": form, "workflow": workflow}
    )


@show_or_submit
@draft_page
def workflow_definition_layout(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Edit the layout of all data of the workflow for reading."""
    workflow = find_draft(request.user, workflow_id)
    file = export_workflow(workflow)
    names = list(file.fields_schema.get("properties", {}))
    options: Any = {"layout": file.display_layout, "names": names, "is_form": False}
    form = LayoutForm(workflow=workflow, file=file, data=form_data(request), **options)
    if try_store(form, lambda: change_workflow(workflow, form.arrange(file), seen=form.seen)):
        messages.success(request, _("The layout has been saved."))
        return redirect("workflow_definition_detail", workflow.pk)
    context = {"trail": build_trail(workflow), "title": workflow.title, "back": "workflow_definition_detail"}
    return render(
        request, "workflow_design/editor/layout_form.html", {**context, "form": form, "workflow": workflow}
    )


def _default_fields(content: Any, which: str, file: Any) -> list[str]:
    """Return the fields that the empty layout lists."""
    if isinstance(content, TicketFile):
        return list(content.fields)
    if isinstance(content, TaskFile):
        return list(content.output_fields if which == FORM else content.shows)
    return list(file.fields_schema.get("properties", {}))


def _tabs(content: Any, which: str) -> list[dict[str, Any]]:
    if not hasattr(content, _MEMBERS[FORM]):
        return []
    words = {FORM: _("The form"), READING: _("For reading")}
    return [
        {"label": label, "url": f"../{each}/", "is_current": each == which} for each, label in words.items()
    ]
