"""A whole draft as its workflow file says: the other view of all its forms at once."""

from collections.abc import Sequence

from users.models import CustomUser
from workflow_design.check.static import check_definition
from workflow_design.definition.problems import DefinitionError, Problem, pointer, under
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.editing.drafts import changing
from workflow_design.editing.parts import make_part
from workflow_design.editing.refusals import MENDED_ELSEWHERE
from workflow_design.editing.storing import RefusedError, rows_of, store_order, store_part
from workflow_design.editing.workflows import store_workflow
from workflow_design.models import Part, WorkflowDefinition
from workflow_design.persistence.importing import PartFile
from workflow_design.persistence.part_kinds import ALL_KINDS, PartKind


def refusals_of_file(file: WorkflowFile) -> list[Problem]:
    """What keeps a draft from being what a workflow file says; it may be unfinished, not wrong."""
    return [problem for problem in check_definition(file) if problem.code not in MENDED_ELSEWHERE]


def change_whole(
    workflow: WorkflowDefinition, file: WorkflowFile, *, by: CustomUser, seen: str | None = None
) -> None:
    """Make a draft say what `file` says, all of it. Parts are known by their titles and keep their addresses.

    Effects: parts whose titles the file does not have are deleted, those that it has in addition are made.
    Raises RefusedError and RolesMissingError, with pointers into the file; and what `drafts.changing` raises.
    """
    problems = refusals_of_file(file)
    if problems:
        raise RefusedError(problems)
    with changing(workflow, seen=seen) as draft:
        store_workflow(draft, file)
        draft.fields_schema = dict(file.fields_schema)
        for kind in ALL_KINDS:
            _store_parts(draft, kind, getattr(file, kind.members), by=by)


def _store_parts(
    draft: WorkflowDefinition, kind: PartKind, contents: Sequence[PartFile], *, by: CustomUser
) -> None:
    wanted = {content.title.casefold() for content in contents}
    present = {row.title.casefold(): row for row in rows_of(draft, kind.members)}
    for title in present.keys() - wanted:
        present.pop(title).delete()
    rows = []
    for number, content in enumerate(contents):
        try:
            rows.append(_stored(present.get(content.title.casefold()), content, draft, by=by))
        except DefinitionError as error:
            raise RefusedError(under(pointer(kind.members, number), error.problems)) from None
    store_order(rows)


def _stored(row: Part | None, content: PartFile, draft: WorkflowDefinition, *, by: CustomUser) -> Part:
    if row is None:
        return make_part(draft, content, by=by)
    store_part(row, content)
    return row
