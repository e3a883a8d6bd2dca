"""Context of the pages that list the fields of a draft and their uses."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workflow_design.definition.fields import ATTRIBUTES, Field
from workflow_design.definition.schema import read_fields
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.editor.fields.uses import Use, find_uses
from workflow_design.models import WorkflowDefinition
from workflow_design.pages.trails import part_actions
from workflow_design.persistence.exporting import read_workflow
from workflow_design.workspace.controls import DisplayNames
from workflow_design.workspace.field_types import in_words


def draft_field_rows(file: WorkflowFile, workflow_id: int) -> list[dict[str, Any]]:
    """Return the rows of all fields of a draft."""
    fields = list(read_fields(file.fields_schema).values())
    return [
        {
            "field": field,
            "limits": _limits(field),
            "used_by": ", ".join(dict.fromkeys(use.title for use in find_uses(file, field.name) if use.kind)),
            **{
                f"{page}_url": reverse(f"field_{page}", args=[workflow_id, field.name])
                for page in ("edit", "rename", "remove", "move")
            },
            "is_first": field is fields[0],
            "is_last": field is fields[-1],
        }
        for field in fields
    ]


def use_lines(uses: Sequence[Use], workflow: WorkflowDefinition) -> list[dict[str, str]]:
    """Return the uses with links to where each can be changed."""
    rows = read_workflow(workflow).rows
    own = reverse("workflow_definition_update", args=[workflow.pk])
    return [
        {
            "title": use.title,
            "how": use.how,
            "url": part_actions(rows[use.kind][use.position])[0]["url"] if use.kind else own,
        }
        for use in uses
    ]


def _limits(field: Field) -> str:
    """Return a short description of the choices or bounds."""
    if field.choices:
        return ", ".join(choice.label for choice in field.choices)
    bounds = [getattr(field, ATTRIBUTES[keyword]) for keyword in field.type.limits]
    if not bounds:
        return ""
    if "maxLength" in field.type.limits:
        return _count(*bounds)
    if field.type.is_number(field):
        bounds = [
            bound if bound is None else in_words(field, bound, DisplayNames({}, {})) for bound in bounds
        ]
    return _range(*bounds)


def _range(least: Any, most: Any) -> str:
    words = {"least": localize(least), "most": localize(most)}
    if least is None:
        return "" if most is None else _("at most %(most)s") % words
    return _("at least %(least)s") % words if most is None else _("%(least)s to %(most)s") % words


def _count(least: Any, most: Any) -> str:
    bounds = _range(least, most)
    number = int(least if most is None else most) if bounds else 0
    return bounds and ngettext("%(bounds)s character", "%(bounds)s characters", number) % {"bounds": bounds}
