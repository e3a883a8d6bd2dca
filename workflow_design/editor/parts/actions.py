"""Functions that create, change, duplicate, move and delete parts of a draft."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from users.models import CustomUser
from workflow_design.check.answered import require_answer
from workflow_design.definition.problems import DefinitionError, pointer
from workflow_design.definition.schema import data_validator
from workflow_design.definition.workflow import MAX_TITLE_LENGTH, PartFile, WorkflowFile
from workflow_design.editor.drafts import Draft, Seen, edit_draft, refusals, refuse, store_draft
from workflow_design.editor.scenarios.renaming import rename_part_in_scenarios
from workflow_design.models import Part, WorkflowDefinition
from workflow_design.persistence.exporting import PartKind, kind_for


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
    return _with_parts(file, kind, parts), pointer(kind.members, position)


def with_fields(file: WorkflowFile, fields: Mapping[str, Any]) -> WorkflowFile:
    """Return the workflow with these fields, as a schema declares them, after those that it has."""
    if not fields:
        return file
    schema = file.fields_schema
    declared = {**fields, **schema.get("properties", {})}
    properties = {name: declared[name] for name in [*schema.get("properties", {}), *fields]}
    return replace(file, fields_schema={**schema, "properties": properties})


def create_part(
    workflow: WorkflowDefinition,
    content: PartFile,
    *,
    by: CustomUser,
    seen: Seen | None = None,
    fields: Mapping[str, Any] = MappingProxyType({}),
) -> Part:
    """Append a new ticket, task or completion to a draft, and new fields to its schema.

    Raise DraftRefusedError, RolesMissingError, and the errors of `drafts.edit_draft`.
    """
    with edit_draft(workflow, seen=seen) as draft:
        rows = [*draft.stored.rows[kind_for(content).members], None]
        return _store_part(draft, content, len(rows) - 1, rows=rows, by=by, fields=fields)


def change_part(
    part: Part,
    content: PartFile,
    *,
    seen: Seen | None = None,
    fields: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Replace a part of a draft by `content`, which has the same kind, and add new fields to its schema.

    Raise DraftRefusedError, RolesMissingError, PartGoneError, and the errors of `drafts.edit_draft`.
    """
    with edit_draft(_get_workflow(part), seen=seen, part=part) as draft:
        rows = draft.stored.rows[kind_for(part).members]
        _store_part(draft, content, _find_position(rows, part), rows=rows, fields=fields)


def require_answer_first(part: Part, name: str, *, seen: str) -> bool:
    """Let a task of a draft start only if one of its input fields is answered.

    `seen` is when the task was changed last, as the page knew it. Return False, and change nothing, if it
    was changed since or does not read the field. Raise DraftRefusedError, PartGoneError, and the errors of
    `edit_draft`.
    """
    with edit_draft(_get_workflow(part)) as draft:
        _kind, rows, contents = _list_parts(draft, part)
        position = _find_position(rows, part)
        task = contents[position]
        if rows[position].updated_at.isoformat() != seen or name not in task.input_fields:
            return False
        field = data_validator(draft.file.fields_schema).fields[name]
        _store_part(draft, require_answer(task, field), position, rows=rows)
        return True


def keep_sample(part: Part, sample: Mapping[str, Any]) -> None:
    """Keep an answer as the sample of an action of a draft.

    Raise DraftRefusedError, PartGoneError, and the errors of `edit_draft`.
    """
    with edit_draft(_get_workflow(part)) as draft:
        _kind, rows, contents = _list_parts(draft, part)
        position = _find_position(rows, part)
        _store_part(draft, replace(contents[position], sample_response=sample), position, rows=rows)


def duplicate_part(part: Part, *, by: CustomUser) -> Part:
    """Insert a copy of a part after it, with a new title.

    Raise DraftRefusedError if the workflow has too many parts, PartGoneError, and the errors of
    `edit_draft`.
    """
    with edit_draft(_get_workflow(part)) as draft:
        kind, rows, contents = _list_parts(draft, part)
        position = _find_position(rows, part) + 1
        title = _copy_title(contents[position - 1].title, {each.title.casefold() for each in contents})
        contents.insert(position, replace(contents[position - 1], title=title))
        rows.insert(position, None)
        file = _with_parts(draft.file, kind, contents)
        refuse([each for each in refusals(file, pointer(kind.members)) if not each.pointer])
        return store_draft(draft, file, rows={kind.members: rows}, by=by).rows[kind.members][position]


def move_part(part: Part, *, up: bool) -> None:
    """Move a part of a draft up or down by one position among its kind; do nothing at the end.

    Raise PartGoneError, and the errors of `edit_draft`.
    """
    with edit_draft(_get_workflow(part)) as draft:
        kind, rows, contents = _list_parts(draft, part)
        position = _find_position(rows, part)
        other = position - 1 if up else position + 1
        if 0 <= other < len(rows):
            for items in (rows, contents):
                items[position], items[other] = items[other], items[position]
            store_draft(draft, _with_parts(draft.file, kind, contents), rows={kind.members: rows})


def delete_part(part: Part) -> None:
    """Delete a part of a draft, if it still exists. Raise the errors of `edit_draft`."""
    with edit_draft(_get_workflow(part)) as draft:
        kind, rows, contents = _list_parts(draft, part)
        if part in rows:
            position = rows.index(part)
            del rows[position], contents[position]
            store_draft(draft, _with_parts(draft.file, kind, contents), rows={kind.members: rows})


def _get_workflow(part: Part) -> WorkflowDefinition:
    workflow: WorkflowDefinition = part.workflow  # type: ignore[attr-defined]
    return workflow


def _list_parts(draft: Draft, part: Part) -> tuple[PartKind, list[Any], list[Any]]:
    """Return the kind of a part, and the rows and the contents of this kind as lists to change."""
    kind = kind_for(part)
    return kind, list(draft.stored.rows[kind.members]), list(getattr(draft.file, kind.members))


def _with_parts(file: WorkflowFile, kind: PartKind, contents: Sequence[PartFile]) -> WorkflowFile:
    changed: Any = {kind.members: tuple(contents)}
    return replace(file, **changed)


def _store_part(
    draft: Draft,
    content: PartFile,
    position: int,
    *,
    rows: Sequence[Part | None],
    by: CustomUser | None = None,
    fields: Mapping[str, Any] = MappingProxyType({}),
) -> Part:
    """Store the content of one part, and return its row. The pointers of errors are relative to the part."""
    members = kind_for(content).members
    file, where = with_part(with_fields(draft.file, fields), content, position=position)
    row = rows[position]
    before = draft.content(row) if row is not None else None
    if before is not None and before.title != content.title:
        file = rename_part_in_scenarios(file, content.kind, before.title, new=content.title)
    refuse(refusals(file, where))
    try:
        return store_draft(draft, file, rows={members: rows}, by=by).rows[members][position]
    except DefinitionError as error:
        problems = [replace(each, pointer=each.pointer.removeprefix(where)) for each in error.problems]
        raise type(error)(problems) from None


def _find_position(rows: Sequence[Part | None], part: Part) -> int:
    if part not in rows:
        raise PartGoneError
    return rows.index(part)


def _copy_title(title: str, taken: Collection[str]) -> str:
    number = 1
    while True:
        ending = _(" (copy)") if number == 1 else _(" (copy %(number)d)") % {"number": number}
        copy = title[: MAX_TITLE_LENGTH - len(ending)].rstrip() + ending
        if copy.casefold() not in taken:
            return copy
        number += 1
