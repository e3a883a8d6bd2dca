"""Links between the pages of a workflow: breadcrumbs, tabs and actions of a part."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from workflow_design.models import Part, WorkflowDefinition
from workflow_design.persistence.exporting import kind_for


def build_trail(workflow: WorkflowDefinition, *steps: tuple[Any, str]) -> list[dict[str, Any]]:
    """Return the breadcrumbs of a page of a draft; `steps` are pairs of label and URL name."""
    named = ((label, reverse(name, args=[workflow.pk])) for label, name in steps)
    return [
        {"label": _("Workflows"), "url": reverse("workflow_definitions_list")},
        {"label": str(workflow), "url": reverse("workflow_definition_detail", args=[workflow.pk])},
        *({"label": label, "url": url} for label, url in named),
    ]


def build_tabs(workflow: WorkflowDefinition, current: str) -> list[dict[str, Any]]:
    """Return the tabs of the pages on which a draft is edited."""
    named = (
        (_("Overview"), "workflow_definition_detail"),
        (_("Fields"), "workflow_fields"),
        (_("Tickets and tasks"), "workflow_components"),
        (_("Scenarios"), "workflow_scenarios"),
    )
    return [
        {"label": label, "url": reverse(name, args=[workflow.pk]), "is_current": name == current}
        for label, name in named
    ]


def part_actions(part: Part) -> list[dict[str, Any]]:
    """Return the actions on the page of a part of a draft, as links."""
    name = kind_for(part).address
    edit = {"label": _("Edit"), "icon": "pencil-square", "is_primary": True}
    return [
        edit | {"url": reverse(f"{name}_edit", args=[part.pk])},
        {"label": _("Delete"), "icon": "trash", "url": reverse(f"{name}_delete", args=[part.pk])},
    ]
