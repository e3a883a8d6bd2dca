"""Functions that lock a draft, check a change, and store it in the rows of the draft.

`refusals` applies the checks of a workflow file to the part that a form edits. Problems that only
another part can fix (nothing writes the field yet, nothing ends the workflow yet) are allowed, because
a draft is created part by part. Rows that would not change are not written.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from users.company_settings import lock_company
from workflow_design.check.static import check_definition
from workflow_design.definition.file_json import find_problems, to_json
from workflow_design.definition.problems import DefinitionError, Problem, pointer
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.models import Part, RoleLink, WorkflowDefinition, WorkflowLine
from workflow_design.persistence.importing import PartFile, RolesMissingError, column_values, roles_by_name
from workflow_design.persistence.part_kinds import ALL_KINDS, kind_for
from workflow_design.persistence.reports import recheck


class NotADraftError(Exception):
    """The version is not a draft, or no longer one, so it cannot change."""

    def __init__(self, workflow: WorkflowDefinition) -> None:
        super().__init__(workflow.title)
        self.workflow = workflow


class EditConflictError(Exception):
    """Another user changed the draft after the page of this change was shown."""

    def __init__(self, workflow: WorkflowDefinition) -> None:
        super().__init__(workflow.title)
        self.workflow = workflow


def current_edition(workflow: WorkflowDefinition) -> str:
    """Return the identifier of the draft's current state, which forms carry."""
    return workflow.updated_at.isoformat()


@contextmanager
def edit_draft(workflow: WorkflowDefinition, *, seen: str | None = None) -> Iterator[WorkflowDefinition]:
    """Lock the draft, yield its current state, and store it when the block ends.

    Effects: the draft gets a new edition, and is checked again. If the block raises, nothing changes.
    The company is locked too, so that the roles that the draft names cannot be deleted.
    Raise NotADraftError; WorkflowDefinition.DoesNotExist if the draft was discarded; EditConflictError
    if `seen` is an earlier edition.
    """
    with transaction.atomic():
        lock_company()  # before the line, in the same order as an import, to avoid deadlocks
        # Imports lock the line too, so this also waits for a running import of the same workflow.
        WorkflowLine.objects.select_for_update().filter(pk=workflow.line_id).first()
        draft = WorkflowDefinition.objects.select_related("line").get(pk=workflow.pk)
        if not draft.is_draft:
            raise NotADraftError(draft)
        if seen is not None and seen != current_edition(draft):
            raise EditConflictError(draft)
        yield draft
        draft.save()
        recheck(draft)


FIXED_ELSEWHERE: Final = frozenset({"never-triggered", "no-ticket", "no-end"})


def refusals(file: WorkflowFile, where: str) -> list[Problem]:
    """Return the problems at or below the pointer `where`, with pointers relative to it."""
    problems = [*find_problems(to_json(file)), *check_definition(file)]
    return [
        Problem(problem.pointer.removeprefix(where), problem.message, problem.code)
        for problem in problems
        if problem.code not in FIXED_ELSEWHERE
        and (problem.pointer == where or problem.pointer.startswith(f"{where}/"))
    ]


def find_lost_names(before: WorkflowFile, after: WorkflowFile) -> list[Problem]:
    """Return the uses of fields that `after` does not declare, except those that `before` already had."""
    known = {problem.pointer for problem in check_definition(before) if problem.code == "unknown-field"}
    return [
        problem
        for problem in check_definition(after)
        if problem.code == "unknown-field"
        and problem.pointer not in known
        and not problem.pointer.startswith("/fields_schema")
    ]


class DraftRefusedError(DefinitionError):
    """The change of a draft is not allowed; the pointers of `problems` are relative to what was changed."""


def ordered_parts(draft: WorkflowDefinition, members: str) -> list[Part]:
    """Return the tickets, tasks or completions of a draft, in the order of its file."""
    rows: Collection[Part] = getattr(draft, members).order_by("position", "pk")
    return list(rows)


def store_order(rows: Collection[Part]) -> None:
    """Set the positions of parts of one kind to the order of `rows`."""
    for position, row in enumerate(rows):
        # Every save is an entry in the audit log, so only save what changed.
        if row.position != position:
            row.position = position
            row.save(update_fields=["position", "updated_at"])


def store_part(row: Part, content: PartFile) -> None:
    """Store `content` in the row of a part, with its roles. Raise DraftRefusedError, RolesMissingError."""
    for name, value in column_values(content).items():
        setattr(row, name, value)
    try:
        # A savepoint, so that the transaction survives a violated constraint.
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "_title" not in str(error):
            raise
        # The database may equate titles that the check of titles distinguishes.
        message = _("Another one in this workflow already has this title.")
        raise DraftRefusedError([Problem("/title", message, "title-twice")]) from None
    kind = kind_for(row)
    if kind.links is not None:
        store_roles(kind.links, row, getattr(content, kind.roles), where=pointer(kind.roles))


def store_roles(links: type[RoleLink], owner: Any, names: Collection[str], *, where: str) -> None:
    """Set the roles that a definition names. Raise RolesMissingError, with pointers below `where`."""
    roles = roles_by_name()
    text = _("Your company has no role “%(name)s”.")
    missing = [
        Problem(f"{where}/{number}", text % {"name": name}, "unknown-role")
        for number, name in enumerate(names)
        if name.casefold() not in roles
    ]
    if missing:
        raise RolesMissingError(missing)
    wanted = [roles[name.casefold()].pk for name in names]
    rows = links._default_manager.filter(**{links.part: owner})
    rows.exclude(role_id__in=wanted).delete()
    present = set(rows.values_list("role_id", flat=True))
    links._default_manager.bulk_create(
        links(role_id=role_id, **{links.part: owner}) for role_id in wanted if role_id not in present
    )


def store_names(draft: WorkflowDefinition, before: WorkflowFile, after: WorkflowFile) -> None:
    """Store renamed fields in the draft and in every part that names them."""
    draft.fields_schema = dict(after.fields_schema)
    draft.display_layout = list(after.display_layout)
    for kind in ALL_KINDS:
        old, new = getattr(before, kind.members), getattr(after, kind.members)
        changed = [number for number, content in enumerate(new) if content != old[number]]
        rows = ordered_parts(draft, kind.members) if changed else []
        for number in changed:
            for name, value in column_values(new[number]).items():
                setattr(rows[number], name, value)
            rows[number].save()
