"""Functions that create workflows and change a draft as a whole."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from users.company_settings import lock_company
from users.models import CustomUser
from workflow_design.check.static import check_definition
from workflow_design.definition.problems import DefinitionError, Problem, pointer, under
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.editor.drafts import (
    FIXED_ELSEWHERE,
    DraftRefusedError,
    edit_draft,
    ordered_parts,
    refusals,
    store_order,
    store_part,
    store_roles,
)
from workflow_design.editor.parts.actions import create_part_row
from workflow_design.models import Part, TicketAdminRole, WorkflowDefinition, WorkflowLine
from workflow_design.persistence.exporting import export_workflow
from workflow_design.persistence.importing import PartFile, column_values, make_draft
from workflow_design.persistence.part_kinds import ALL_KINDS, PartKind

OWN_MEMBERS: Final = ("title", "description", "ext_ref", "display_layout", "ticket_admin_roles")
"""The members of a workflow file that describe the workflow as a whole, not its fields or parts."""
_NO_FIELDS: Final[dict[str, Any]] = {"type": "object", "properties": {}}


def new_workflow_file(title: str, description: str) -> WorkflowFile:
    """Return a workflow file with only a title and description."""
    return WorkflowFile(title=title, description=description, fields_schema=dict(_NO_FIELDS), tickets=())


def workflow_refusals(file: WorkflowFile) -> list[Problem]:
    """Return the problems of a workflow as a whole, without those of its fields and parts."""
    return [
        each for each in refusals(file, "") if each.pointer.partition("/")[2].split("/")[0] in OWN_MEMBERS
    ]


def create_workflow(*, title: str, description: str = "", by: CustomUser) -> WorkflowDefinition:
    """Create a workflow with a first draft without fields or parts. Raise DraftRefusedError."""
    file = new_workflow_file(title, description)
    _refuse(workflow_refusals(file))
    with transaction.atomic():
        lock_company()
        return make_draft(_store_title(WorkflowLine(), title), file, by=by)


def change_workflow(workflow: WorkflowDefinition, content: WorkflowFile, *, seen: str | None = None) -> None:
    """Store the OWN_MEMBERS of `content` in a draft, and nothing else.

    Effects: the workflow is listed under the new title; older versions keep theirs.
    Raise DraftRefusedError, RolesMissingError, and the errors of `drafts.edit_draft`.
    """
    with edit_draft(workflow, seen=seen) as draft:
        own: Any = {name: getattr(content, name) for name in OWN_MEMBERS}
        file = replace(export_workflow(draft), **own)
        _refuse(workflow_refusals(file))
        store_workflow(draft, file)


def store_workflow(draft: WorkflowDefinition, file: WorkflowFile) -> None:
    """Set the OWN_MEMBERS of `file` in a locked draft, which the caller saves.

    Raise DraftRefusedError for a title that another workflow has, and RolesMissingError.
    """
    if draft.line.title != file.title:
        _store_title(draft.line, file.title)
    columns = column_values(file)
    for name in OWN_MEMBERS:
        if name in columns:
            setattr(draft, name, columns[name])
    store_roles(TicketAdminRole, draft, file.ticket_admin_roles, where="/ticket_admin_roles")


def _store_title(line: WorkflowLine, title: str) -> WorkflowLine:
    """Store the line with this title, and return it."""
    line.title = title
    try:
        # A savepoint, so that the transaction survives a violated constraint.
        with transaction.atomic():
            line.save()
    except IntegrityError as error:
        if "workflow_line_title" not in str(error):
            raise
        message = _("Your company already has a workflow with this title.")
        raise DraftRefusedError([Problem("/title", message, "title-taken")]) from None
    return line


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DraftRefusedError(problems)


def file_refusals(file: WorkflowFile) -> list[Problem]:
    """Return the reasons to reject a workflow file for a draft, which may be unfinished but not wrong."""
    return [problem for problem in check_definition(file) if problem.code not in FIXED_ELSEWHERE]


def replace_draft(
    workflow: WorkflowDefinition, file: WorkflowFile, *, by: CustomUser, seen: str | None = None
) -> None:
    """Make a draft equal to `file`. Parts are matched by their titles and keep their ids and URLs.

    Effects: parts whose titles are not in the file are deleted; other titles in the file are created.
    Raise DraftRefusedError and RolesMissingError, with pointers into the file, and the errors of
    `drafts.edit_draft`.
    """
    problems = file_refusals(file)
    if problems:
        raise DraftRefusedError(problems)
    with edit_draft(workflow, seen=seen) as draft:
        store_workflow(draft, file)
        draft.fields_schema = dict(file.fields_schema)
        for kind in ALL_KINDS:
            _store_parts(draft, kind, getattr(file, kind.members), by=by)


def _store_parts(
    draft: WorkflowDefinition, kind: PartKind, contents: Sequence[PartFile], *, by: CustomUser
) -> None:
    wanted = {content.title.casefold() for content in contents}
    rows_by_title = {row.title.casefold(): row for row in ordered_parts(draft, kind.members)}
    # Delete first, so that a new part may take the place of a deleted one without a conflict.
    for title in rows_by_title.keys() - wanted:
        rows_by_title.pop(title).delete()
    rows = []
    for number, content in enumerate(contents):
        try:
            rows.append(_store_part(rows_by_title.get(content.title.casefold()), content, draft, by=by))
        except DefinitionError as error:
            raise DraftRefusedError(under(pointer(kind.members, number), error.problems)) from None
    store_order(rows)


def _store_part(row: Part | None, content: PartFile, draft: WorkflowDefinition, *, by: CustomUser) -> Part:
    if row is None:
        return create_part_row(draft, content, by=by)
    store_part(row, content)
    return row
