"""Context of the pages that list the fields of a draft and their uses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workflow_design.definition.field_type import FieldType
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.editor.fields.settings import FieldSettings, read_settings
from workflow_design.editor.fields.uses import Use, find_uses
from workflow_design.models import WorkflowDefinition
from workflow_design.pages.trails import part_actions
from workflow_design.persistence.exporting import read_workflow


@dataclass(frozen=True, slots=True)
class DraftField:
    """One row in the table of fields."""

    name: str
    title: str
    field_type: FieldType
    is_required: bool
    limits: str
    used_by: str
    edit_url: str
    rename_url: str
    remove_url: str
    move_url: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class UseLine:
    """One use of a field, with a link to the page that can change it."""

    title: str
    how: str
    url: str


def draft_field_rows(file: WorkflowFile, workflow_id: int) -> list[DraftField]:
    """Return the rows of all fields of a draft."""
    names = list(file.fields_schema.get("properties", {}))
    return [
        _row(file, workflow_id, name, is_first=number == 0, is_last=number == len(names) - 1)
        for number, name in enumerate(names)
    ]


def use_lines(uses: Sequence[Use], workflow: WorkflowDefinition) -> list[UseLine]:
    """Return the uses with links to where each can be changed."""
    rows = read_workflow(workflow).rows
    own = reverse("workflow_definition_update", args=[workflow.pk])
    return [
        UseLine(
            use.title,
            use.how,
            part_actions(rows[use.kind][use.position])[0]["url"] if use.kind else own,
        )
        for use in uses
    ]


def _row(file: WorkflowFile, workflow_id: int, name: str, *, is_first: bool, is_last: bool) -> DraftField:
    settings = read_settings(file.fields_schema, name)
    address = partial(reverse, args=[workflow_id, name])
    return DraftField(
        name=name,
        title=settings.title or name.replace("_", " ").capitalize(),
        field_type=settings.field_type,
        is_required=settings.required,
        limits=_limits(settings),
        used_by=_used_by(find_uses(file, name)),
        edit_url=address("field_edit"),
        rename_url=address("field_rename"),
        remove_url=address("field_remove"),
        move_url=address("field_move"),
        is_first=is_first,
        is_last=is_last,
    )


def _used_by(uses: Iterable[Use]) -> str:
    return ", ".join(dict.fromkeys(use.title for use in uses if use.kind))


def _limits(settings: FieldSettings) -> str:
    """Return a short description of the choices or bounds."""
    if settings.options:
        labels = [option.label for option in settings.options]
        return ", ".join(labels)
    bounds = [settings.limits.get(keyword) for keyword in settings.field_type.limits]
    if not bounds:
        return ""
    return _count(*bounds) if "maxLength" in settings.field_type.limits else _range(*bounds)


def _range(least: Any, most: Any) -> str:
    words = {"least": localize(least), "most": localize(most)}
    if least is None:
        return "" if most is None else _("at most %(most)s") % words
    return _("at least %(least)s") % words if most is None else _("%(least)s to %(most)s") % words


def _count(least: Any, most: Any) -> str:
    bounds = _range(least, most)
    number = int(least if most is None else most) if bounds else 0
    return bounds and ngettext("%(bounds)s character", "%(bounds)s characters", number) % {"bounds": bounds}
