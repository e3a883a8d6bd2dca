"""Functions that create workflows and change a draft as a whole."""

from dataclasses import replace
from typing import Any, Final

from django.db import transaction

from users.company_settings import lock_company
from users.models import CustomUser
from workflow_design.check.acceptance import entry_for, key_of
from workflow_design.check.findings import Finding
from workflow_design.check.static import NOT_YET
from workflow_design.definition.accepted import MAX_ACCEPTED
from workflow_design.definition.problems import Problem
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.editor.drafts import (
    OWN_MEMBERS,
    Seen,
    edit_draft,
    refusals,
    refuse,
    store_draft,
    store_title,
)
from workflow_design.models import Part, WorkflowDefinition, WorkflowLine
from workflow_design.persistence.exporting import ALL_KINDS, find_all_problems
from workflow_design.persistence.importing import make_draft


class TooManyAcceptedError(Exception):
    """The workflow file has no room for one more accepted finding."""


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
    refuse(workflow_refusals(file))
    with transaction.atomic():
        lock_company()
        return make_draft(store_title(WorkflowLine(), title), file, by=by)


def change_workflow(workflow: WorkflowDefinition, content: WorkflowFile, *, seen: Seen | None = None) -> None:
    """Store the OWN_MEMBERS of `content` in a draft, and nothing else.

    Effects: the workflow is listed under the new title; older versions keep theirs.
    Raise DraftRefusedError, RolesMissingError, and the errors of `drafts.edit_draft`.
    """
    with edit_draft(workflow, seen=seen) as draft:
        own: Any = {name: getattr(content, name) for name in OWN_MEMBERS}
        file = replace(draft.file, **own)
        refuse(workflow_refusals(file))
        store_draft(draft, file)


def file_refusals(file: WorkflowFile) -> list[Problem]:
    """Return the reasons to reject a workflow file for a draft, which may be unfinished but not wrong."""
    return [problem for problem in find_all_problems(file).meaning if problem.code not in NOT_YET]


def replace_draft(
    workflow: WorkflowDefinition, file: WorkflowFile, *, by: CustomUser, seen: Seen | None = None
) -> None:
    """Make a draft equal to `file`. Parts are matched by their titles and keep their ids and URLs.

    Effects: parts whose titles are not in the file are deleted; other titles in the file are created.
    Raise DraftRefusedError and RolesMissingError, with pointers into the file, and the errors of
    `drafts.edit_draft`.
    """
    refuse(file_refusals(file))
    with edit_draft(workflow, seen=seen) as draft:
        rows: dict[str, list[Part | None]] = {}
        for kind in ALL_KINDS:
            by_title = {row.title.casefold(): row for row in draft.stored.rows[kind.members]}
            rows[kind.members] = [
                by_title.get(content.title.casefold()) for content in getattr(file, kind.members)
            ]
        store_draft(draft, file, rows=rows, by=by)


def accept_finding(
    workflow: WorkflowDefinition, finding: Finding, *, reason: str, instead_of: str = ""
) -> None:
    """Accept a finding of a draft as meant so. Accepting it twice has the effect of accepting it once.

    `instead_of` is the key of an entry that is out of date, which this one replaces.
    What is accepted changes nothing about the report, so the draft is not checked again.
    Raise TooManyAcceptedError and the errors of `drafts.edit_draft`.
    """
    entry = entry_for(finding, reason=reason)
    with edit_draft(workflow) as draft:
        others = [
            each
            for each in draft.row.accepted
            if {**each, "reason": reason} != entry and key_of(each) != instead_of
        ]
        if len(others) >= MAX_ACCEPTED:
            raise TooManyAcceptedError
        _store_accepted(draft.row, [*others, entry])


def undo_acceptance(workflow: WorkflowDefinition, key: str) -> None:
    """Take one entry out of what a draft accepts; do nothing if it is gone. Raise as `drafts.edit_draft`."""
    with edit_draft(workflow) as draft:
        others = [each for each in draft.row.accepted if key_of(each) != key]
        if len(others) < len(draft.row.accepted):
            _store_accepted(draft.row, others)


def _store_accepted(row: WorkflowDefinition, entries: list[dict[str, str]]) -> None:
    row.accepted = entries
    row.save(update_fields=["accepted", "updated_at"])
