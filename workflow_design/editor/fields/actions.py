"""The fields of a draft: added, changed, renamed everywhere at once, moved, taken out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from workflow_design.definition.problems import Problem
from workflow_design.definition.schema import FIELD_NAME
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.editor.drafts import RefusedError, changing, names_lost, refusals, store_names
from workflow_design.editor.fields.renaming import renamed, without_field
from workflow_design.editor.fields.settings import FieldSettings, name_for, with_settings
from workflow_design.editor.fields.uses import Use, uses_of
from workflow_design.models import WorkflowDefinition
from workflow_design.persistence.exporting import file_of

SCHEMA = "/fields_schema"


class FieldGoneError(Exception):
    """The draft has no field of this name any more."""


class FieldInUseError(Exception):
    """Conditions, transforms or the choice of a person ask for the field; `uses` says where."""

    def __init__(self, uses: list[Use]) -> None:
        super().__init__(", ".join(use.title for use in uses))
        self.uses = uses


def refusals_of_field(file: WorkflowFile, name: str, settings: FieldSettings) -> list[Problem]:
    """What keeps a field from being as the settings say; pointers are below its property."""
    schema = with_settings(file.fields_schema, name, settings)
    place = f"/properties/{name}"
    found = refusals(replace(file, fields_schema=schema), SCHEMA)
    return [Problem(each.pointer.removeprefix(place), each.message, each.code) for each in found]


def refusals_of_name(file: WorkflowFile, name: str) -> list[Problem]:
    """What keeps a new or renamed field from being called so."""
    if not FIELD_NAME.fullmatch(name):
        message = _("A field name is a lowercase letter, then up to 99 lowercase letters, digits and “_”.")
        return [Problem("/name", message, "bad-name")]
    if name in file.fields_schema.get("properties", {}):
        return [Problem("/name", _("Another field of this workflow has this name."), "name-twice")]
    return []


def refusals_of_new_field(file: WorkflowFile, name: str, settings: FieldSettings) -> list[Problem]:
    """What keeps a new field from being called so and being as the settings say."""
    refused = refusals_of_name(file, name)
    stands_for = name_for("", taken=file.fields_schema.get("properties", {})) if refused else name
    return [*refused, *refusals_of_field(file, stands_for, settings)]


def refusals_of_schema(file: WorkflowFile, schema: Any) -> list[Problem]:
    """What keeps a JSON Schema from being the fields of this workflow; pointers are below the schema.

    A field that is used can't go this way: who uses it would be left with a name that means nothing.
    """
    if not isinstance(schema, Mapping):
        return [Problem("", _("A fields schema must be an object."), "wrong-type")]
    changed = replace(file, fields_schema=schema)
    return refusals(changed, SCHEMA) or names_lost(file, changed)


def add_field(
    workflow: WorkflowDefinition, settings: FieldSettings, *, name: str = "", seen: str | None = None
) -> str:
    """A new field of a draft, after those that it has; gives its name, made of its title if none is given.

    Raises RefusedError, and what `drafts.changing` raises.
    """
    with changing(workflow, seen=seen) as draft:
        file = file_of(draft)
        name = name or name_for(settings.title, taken=file.fields_schema.get("properties", {}))
        _refuse(refusals_of_new_field(file, name, settings))
        draft.fields_schema = with_settings(file.fields_schema, name, settings)
    return name


def change_field(
    workflow: WorkflowDefinition, name: str, settings: FieldSettings, *, seen: str | None = None
) -> None:
    """Make a field of a draft as the settings say. Raises as `add_field` does, and FieldGoneError."""
    with changing(workflow, seen=seen) as draft:
        file = _with_field(draft, name)
        _refuse(refusals_of_field(file, name, settings))
        draft.fields_schema = with_settings(file.fields_schema, name, settings)


def rename_field(workflow: WorkflowDefinition, name: str, *, new: str, seen: str | None = None) -> None:
    """Give a field of a draft another name, everywhere at once: see `field_names.renamed`.

    Raises RefusedError, FieldGoneError, and what `changing` raises.
    """
    with changing(workflow, seen=seen) as draft:
        file = _with_field(draft, name)
        if new == name:
            return
        _refuse(refusals_of_name(file, new))
        store_names(draft, file, renamed(file, name, new=new))


def remove_field(workflow: WorkflowDefinition, name: str, *, seen: str | None = None) -> None:
    """Take a field out of a draft, and out of the lists and layouts that name it.

    Raises FieldInUseError if more than lists and layouts names it; FieldGoneError; what `changing` raises.
    """
    with changing(workflow, seen=seen) as draft:
        file = _with_field(draft, name)
        uses = [use for use in uses_of(file, name) if use.is_rule]
        if uses:
            raise FieldInUseError(uses)
        store_names(draft, file, without_field(file, name))


def move_field(workflow: WorkflowDefinition, name: str, *, up: bool) -> None:
    """Put a field one place further up or down; at the end it stays. Raises as `rename_field` does."""
    with changing(workflow) as draft:
        file = _with_field(draft, name)
        properties = file.fields_schema["properties"]
        names = list(properties)
        position = names.index(name)
        other = position - 1 if up else position + 1
        if 0 <= other < len(names):
            names[position], names[other] = names[other], names[position]
        moved = {each: properties[each] for each in names}
        draft.fields_schema = {**file.fields_schema, "properties": moved}


def change_schema(workflow: WorkflowDefinition, schema: Any, *, seen: str | None = None) -> None:
    """Make the fields of a draft those of a JSON Schema. Raises RefusedError, and what `changing` raises."""
    with changing(workflow, seen=seen) as draft:
        _refuse(refusals_of_schema(file_of(draft), schema))
        draft.fields_schema = schema


def _with_field(draft: WorkflowDefinition, name: str) -> WorkflowFile:
    file = file_of(draft)
    if name not in file.fields_schema.get("properties", {}):
        raise FieldGoneError
    return file


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise RefusedError(problems)
