"""Functions that add, change, rename, move and remove fields of a draft."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from workflow_design.definition.fields import FILTERABLE, Field
from workflow_design.definition.problems import Problem
from workflow_design.definition.schema import FIELD_NAME
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.editor.drafts import (
    Draft,
    Seen,
    edit_draft,
    find_lost_names,
    refusals,
    refuse,
    store_draft,
)
from workflow_design.editor.fields.renaming import remove_in_file, rename_in_file
from workflow_design.editor.fields.settings import derive_name, with_settings
from workflow_design.editor.fields.uses import Use, find_uses
from workflow_design.models import WorkflowDefinition

SCHEMA = "/fields_schema"


class FieldGoneError(Exception):
    """The draft no longer has a field of this name."""


class FieldInUseError(Exception):
    """Conditions, transforms or an assignee use the field; `uses` lists where."""

    def __init__(self, uses: list[Use]) -> None:
        super().__init__(", ".join(use.title for use in uses))
        self.uses = uses


def field_refusals(file: WorkflowFile, name: str, settings: Field) -> list[Problem]:
    """Return the problems of a field with these settings; pointers are relative to its property."""
    schema = with_settings(file.fields_schema, name, settings)
    place = f"/properties/{name}"
    found = refusals(replace(file, fields_schema=schema), SCHEMA)
    # Too many are marked because of this field, wherever it is in the order.
    marked = {each: f"/{FILTERABLE}" for each in found if each.code == "too-many-filters"}
    return [
        replace(each, pointer=marked.get(each, each.pointer.removeprefix(place)), fix="") for each in found
    ]


def name_refusals(file: WorkflowFile, name: str) -> list[Problem]:
    """Return the reasons to reject a name for a new or renamed field."""
    if not FIELD_NAME.fullmatch(name):
        message = _(
            "A field name starts with a lowercase letter, then up to 99 lowercase letters, digits or “_”."
        )
        return [Problem("/name", message, "bad-name")]
    if name in file.fields_schema.get("properties", {}):
        return [Problem("/name", _("Another field of this workflow has this name."), "name-twice")]
    return []


def new_field_refusals(file: WorkflowFile, name: str, settings: Field) -> list[Problem]:
    """Return the problems of a new field with this name and these settings."""
    refused = name_refusals(file, name)
    # With a bad name, check the settings under a valid one, so that the user sees all problems at once.
    valid_name = derive_name("", taken=file.fields_schema.get("properties", {})) if refused else name
    return [*refused, *field_refusals(file, valid_name, settings)]


def schema_refusals(file: WorkflowFile, schema: Any) -> list[Problem]:
    """Return the reasons to reject a JSON Schema for the fields; pointers are relative to the schema.

    A field that is in use cannot be removed like this, because its users would name an unknown field.
    """
    if not isinstance(schema, Mapping):
        return [Problem("", _("The schema of the fields must be an object."), "wrong-type")]
    changed = replace(file, fields_schema=schema)
    return refusals(changed, SCHEMA) or find_lost_names(file, changed)


def add_field(
    workflow: WorkflowDefinition, settings: Field, *, name: str = "", seen: Seen | None = None
) -> str:
    """Append a field to a draft and return its name, which is derived from its title if none is given.

    Raise DraftRefusedError, and the errors of `drafts.edit_draft`.
    """
    with edit_draft(workflow, seen=seen) as draft:
        name = name or derive_name(settings.title, taken=draft.file.fields_schema.get("properties", {}))
        refuse(new_field_refusals(draft.file, name, settings))
        _store_schema(draft, with_settings(draft.file.fields_schema, name, settings))
    return name


def change_field(
    workflow: WorkflowDefinition, name: str, settings: Field, *, seen: Seen | None = None
) -> None:
    """Store the settings of a field. Raise FieldGoneError, and the errors of `add_field`."""
    with edit_draft(workflow, seen=seen) as draft:
        _require_field(draft, name)
        refuse(field_refusals(draft.file, name, settings))
        _store_schema(draft, with_settings(draft.file.fields_schema, name, settings))


def rename_field(workflow: WorkflowDefinition, name: str, *, new: str, seen: Seen | None = None) -> None:
    """Rename a field of a draft everywhere: see `renaming.rename_in_file`.

    Raise DraftRefusedError, FieldGoneError, and the errors of `edit_draft`.
    """
    with edit_draft(workflow, seen=seen) as draft:
        _require_field(draft, name)
        # Keeps the name, which `name_refusals` would reject as taken.
        if new == name:
            return
        refuse(name_refusals(draft.file, new))
        store_draft(draft, rename_in_file(draft.file, name, new=new))


def remove_field(workflow: WorkflowDefinition, name: str, *, seen: Seen | None = None) -> None:
    """Remove a field from a draft, and from the lists and layouts that name it.

    Raise FieldInUseError if it is used anywhere else, FieldGoneError, and the errors of `edit_draft`.
    """
    with edit_draft(workflow, seen=seen) as draft:
        _require_field(draft, name)
        # Lists and layouts can just drop the name, but rules would lose their meaning.
        uses = [use for use in find_uses(draft.file, name) if use.is_rule]
        if uses:
            raise FieldInUseError(uses)
        store_draft(draft, remove_in_file(draft.file, name))


def move_field(workflow: WorkflowDefinition, name: str, *, up: bool) -> None:
    """Move a field up or down by one position; do nothing at the end. Raise as `rename_field` does."""
    with edit_draft(workflow) as draft:
        _require_field(draft, name)
        properties = draft.file.fields_schema["properties"]
        names = list(properties)
        position = names.index(name)
        other = position - 1 if up else position + 1
        if 0 <= other < len(names):
            names[position], names[other] = names[other], names[position]
            moved = {each: properties[each] for each in names}
            _store_schema(draft, {**draft.file.fields_schema, "properties": moved})


def change_schema(workflow: WorkflowDefinition, schema: Any, *, seen: Seen | None = None) -> None:
    """Replace the fields by a JSON Schema. Raise DraftRefusedError, and the errors of `edit_draft`."""
    with edit_draft(workflow, seen=seen) as draft:
        refuse(schema_refusals(draft.file, schema))
        _store_schema(draft, schema)


def _store_schema(draft: Draft, schema: Mapping[str, Any]) -> None:
    store_draft(draft, replace(draft.file, fields_schema=schema))


def _require_field(draft: Draft, name: str) -> None:
    if name not in draft.file.fields_schema.get("properties", {}):
        raise FieldGoneError
