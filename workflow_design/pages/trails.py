"""The links between the pages of a workflow: breadcrumbs, tabs, and what can be done with a part."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from workflow_design.models import Part, WorkflowDefinition
from workflow_design.persistence.part_kinds import kind_for

ADDRESSES = {
    "tickets": "ticket_definition",
    "tasks": "task_definition",
    "completions": "completion",
}
"""What the names of their pages begin with."""


def build_trail(workflow: WorkflowDefinition, *steps: tuple[Any, str]) -> list[dict[str, Any]]:
    """The way back from a page of a draft: the lists, the workflow, and `steps` by label and address name."""
    named = ((label, reverse(name, args=[workflow.pk])) for label, name in steps)
    return [
        {"label": _("Workflows"), "url": reverse("workflow_definitions_list")},
        {"label": str(workflow), "url": reverse("workflow_definition_detail", args=[workflow.pk])},
        *({"label": label, "url": url} for label, url in named),
    ]


def build_tabs(workflow: WorkflowDefinition, current: str) -> list[dict[str, Any]]:
    """The pages on which a draft is made, as tabs."""
    named = (
        (_("Overview"), "workflow_definition_detail"),
        (_("Fields"), "workflow_fields"),
        (_("Tickets and tasks"), "workflow_components"),
    )
    return [
        {"label": label, "url": reverse(name, args=[workflow.pk]), "is_current": name == current}
        for label, name in named
    ]


def part_actions(part: Part) -> list[dict[str, Any]]:
    """What can be done with a part of a draft on its own page, as links."""
    name = ADDRESSES[kind_for(part).members]
    edit = {"label": _("Edit"), "icon": "pencil-square", "is_primary": True}
    return [
        edit | {"url": reverse(f"{name}_edit", args=[part.pk])},
        {"label": _("Delete"), "icon": "trash", "url": reverse(f"{name}_delete", args=[part.pk])},
    ]
