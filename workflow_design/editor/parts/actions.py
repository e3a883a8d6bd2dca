"""Functions that create, change, duplicate, move and delete parts of a draft."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_design.definition.problems import pointer
from workflow_design.definition.workflow import MAX_TITLE_LENGTH, WorkflowFile
from workflow_design.editor.drafts import (
    DraftRefusedError,
    edit_draft,
    ordered_parts,
    refusals,
    store_order,
    store_part,
)
from workflow_design.models import Part, WorkflowDefinition
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.importing import PartFile
from workflow_design.persistence.part_kinds import PartKind, kind_for


class PartGoneError(Exception):
    """The part was deleted in the meantime."""


def with_part(
    file: WorkflowFile, content: PartFile, *, position: int | None = None
) -> tuple[WorkflowFile, str]:
    """Return the workflow with this part at a position, or appended, and the pointer to the part."""
    kind = kind_for(content)
    parts = list(getattr(file, kind.members))
    if position is None:
        position = len(parts)
    parts[position : position + 1] = [content]
    changed: Any = {kind.members: tuple(parts)}
    return replace(file, **changed), pointer(kind.members, position)


def create_part(
    workflow: WorkflowDefinition, content: PartFile, *, by: CustomUser, seen: str | None = None
) -> Part:
    """Append a new ticket, task or completion to a draft.

    Raise DraftRefusedError, RolesMissingError, and the errors of `drafts.edit_draft`.
    """
    with edit_draft(workflow, seen=seen) as draft:
        _refuse(*with_part(export_workflow(draft), content))
        return create_part_row(draft, content, by=by)


def change_part(part: Part, content: PartFile, *, seen: str | None = None) -> None:
    """Replace a part of a draft by `content`, which has the same kind.

    Raise DraftRefusedError, RolesMissingError, PartGoneError, and the errors of `drafts.edit_draft`.
    """
    with edit_draft(_get_workflow(part), seen=seen) as draft:
        rows = ordered_parts(draft, kind_for(part).members)
        position = _find_position(rows, part)
        _refuse(*with_part(export_workflow(draft), content, position=position))
        store_part(rows[position], content)


def duplicate_part(part: Part, *, by: CustomUser) -> Part:
    """Insert a copy of a part after it, with a new title.

    Raise DraftRefusedError if the workflow has too many parts, PartGoneError, and the errors of
    `edit_draft`.
    """
    kind = kind_for(part)
    with edit_draft(_get_workflow(part)) as draft:
        rows = ordered_parts(draft, kind.members)
        position = _find_position(rows, part)
        file = export_workflow(draft)
        contents = getattr(file, kind.members)
        title = _copy_title(contents[position].title, {each.title.casefold() for each in contents})
        content = replace(contents[position], title=title)
        _refuse_too_many(with_part(file, content)[0], kind)
        # Insert at the end first: the order needs the id of the new row.
        copy = create_part_row(draft, content, by=by)
        store_order([*rows[: position + 1], copy, *rows[position + 1 :]])
    return copy


def move_part(part: Part, *, up: bool) -> None:
    """Move a part of a draft up or down by one position among its kind; do nothing at the end.

    Raise PartGoneError, and the errors of `edit_draft`.
    """
    with edit_draft(_get_workflow(part)) as draft:
        rows = ordered_parts(draft, kind_for(part).members)
        position = _find_position(rows, part)
        other = position - 1 if up else position + 1
        if 0 <= other < len(rows):
            rows[position], rows[other] = rows[other], rows[position]
        store_order(rows)


def delete_part(part: Part) -> None:
    """Delete a part of a draft, if it still exists. Raise the errors of `edit_draft`."""
    with edit_draft(_get_workflow(part)):
        part._meta.default_manager.filter(pk=part.pk).delete()  # type: ignore[union-attr]


def _get_workflow(part: Part) -> WorkflowDefinition:
    workflow: WorkflowDefinition = part.workflow  # type: ignore[attr-defined]
    return workflow


def _refuse(file: WorkflowFile, where: str) -> None:
    problems = refusals(file, where)
    if problems:
        raise DraftRefusedError(problems)


def _refuse_too_many(file: WorkflowFile, kind: PartKind) -> None:
    problems = [problem for problem in refusals(file, pointer(kind.members)) if not problem.pointer]
    if problems:
        raise DraftRefusedError(problems)


def create_part_row(draft: WorkflowDefinition, content: PartFile, *, by: CustomUser) -> Part:
    """Insert the row of a new part of a locked draft, after those of its kind. Raise as `store_part` does."""
    kind = kind_for(content)
    rows = ordered_parts(draft, kind.members)
    position = rows[-1].position + 1 if rows else 0
    columns: Any = {"workflow": draft, "version": draft.version, "position": position, **by.as_author()}
    row = kind.model(**columns)
    store_part(row, content)
    return row


def _find_position(rows: Collection[Part], part: Part) -> int:
    for position, row in enumerate(rows):
        if row.pk == part.pk:
            return position
    raise PartGoneError


def _copy_title(title: str, taken: Collection[str]) -> str:
    number = 1
    while True:
        ending = _(" (copy)") if number == 1 else _(" (copy %(number)d)") % {"number": number}
        copy = title[: MAX_TITLE_LENGTH - len(ending)].rstrip() + ending
        if copy.casefold() not in taken:
            return copy
        number += 1
