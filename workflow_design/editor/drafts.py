"""Functions that lock a draft, check a change, and store it in the rows of the draft.

A change is a new workflow file: `refusals` checks it, and `store_draft` writes the rows in which it differs.
Problems that only another part can fix (nothing writes the field yet, nothing ends the workflow yet) are
allowed, because a draft is created part by part.
"""

import itertools
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from users.company_settings import lock_company
from users.models import CustomUser
from workflow_design.check.static import NOT_YET, check_definition
from workflow_design.definition.file_json import is_same, part_to_json
from workflow_design.definition.problems import DefinitionError, Problem, pointer
from workflow_design.definition.workflow import PartFile, WorkflowFile
from workflow_design.models import Part, RoleLink, TicketAdminRole, WorkflowDefinition, WorkflowLine
from workflow_design.persistence.exporting import (
    ALL_KINDS,
    PartKind,
    StoredWorkflow,
    column_values,
    find_all_problems,
    read_workflow,
)
from workflow_design.persistence.importing import Roles, require_roles, roles_by_name
from workflow_design.persistence.reports import recheck


class NotADraftError(Exception):
    """The version is not a draft, or no longer one, so it cannot change."""

    def __init__(self, workflow: WorkflowDefinition) -> None:
        super().__init__(workflow.title)
        self.workflow = workflow


class DraftRefusedError(DefinitionError):
    """The change of a draft is not allowed; the pointers of `problems` are relative to what was changed."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A locked draft, and its content before the change."""

    row: WorkflowDefinition
    stored: StoredWorkflow

    @property
    def file(self) -> WorkflowFile:
        """The content as a workflow file."""
        return self.stored.file

    def content(self, part: Part | None) -> PartFile | None:
        """Return the content of one of its parts, or None if it has no such part."""
        return next((content for row, content in self.stored.parts() if row == part), None)


# --- Two people in one draft ---------------------------------------------------------

OWN_MEMBERS: Final = ("title", "description", "ext_ref", "display_layout", "ticket_admin_roles")
"""The members of a workflow file that describe the workflow as a whole, not its fields or parts."""
WORKFLOW, SCHEMA, PART, FIELD = "workflow", "schema", "part", "field:"


def current_edition(workflow: WorkflowDefinition) -> str:
    """Return the identifier of the draft's current state, which forms carry."""
    return workflow.updated_at.isoformat()


def digests_of(file: WorkflowFile, part: PartFile | None = None) -> dict[str, str]:
    """Return digests of what a form can be about: the workflow, all fields, each of them, and its `part`."""
    schema = file.fields_schema
    content: dict[str, Any] = {WORKFLOW: [getattr(file, name) for name in OWN_MEMBERS], SCHEMA: schema}
    for name, keywords in schema.get("properties", {}).items():
        content[FIELD + name] = [keywords, name in schema.get("required", ())]
    if part is not None:
        content[PART] = part_to_json(part)
    return {name: sha256(json.dumps(value).encode()).hexdigest()[:12] for name, value in content.items()}


@dataclass(frozen=True, slots=True)
class Seen:
    """The state of a draft for which a form was shown. Without `digests`, all later changes are conflicts."""

    edition: str
    digests: Mapping[str, str] = field(default_factory=dict)
    concerns: Callable[[], Collection[str]] = tuple
    """The digests of what the form changes and uses."""


class EditConflictError(Exception):
    """What a form is about has changed since it was shown: `changed`, or, if that is empty, the draft."""

    def __init__(self, draft: Draft, part: Part | None, changed: Collection[str]) -> None:
        super().__init__(draft.row.title)
        self.draft, self.part, self.changed = draft, part, changed


def _require_unchanged(draft: Draft, part: Part | None, seen: Seen) -> None:
    if seen.edition == current_edition(draft.row):
        return
    now = digests_of(draft.file, draft.content(part))
    changed = [name for name in seen.concerns() if seen.digests.get(name) != now.get(name)]
    if changed or not seen.digests:
        raise EditConflictError(draft, part, changed if seen.digests else ())


@contextmanager
def edit_draft(
    workflow: WorkflowDefinition, *, seen: Seen | None = None, part: Part | None = None
) -> Iterator[Draft]:
    """Lock the company's definitions and yield the draft as it is now. If the block raises, nothing changes.

    `part` is what the change is about. Raise NotADraftError; WorkflowDefinition.DoesNotExist if the draft
    was discarded; EditConflictError if what `seen` is about has changed since.
    """
    with transaction.atomic():
        lock_company()
        row = WorkflowDefinition.objects.select_related("line").get(pk=workflow.pk)
        if not row.is_draft:
            raise NotADraftError(row)
        draft = Draft(row, read_workflow(row))
        if seen is not None:
            _require_unchanged(draft, part, seen)
        yield draft


# --- Checks --------------------------------------------------------------------------


def refusals(file: WorkflowFile, where: str) -> list[Problem]:
    """Return the problems at or below the pointer `where`, with pointers relative to it."""
    return [
        replace(problem, pointer=problem.pointer.removeprefix(where))
        for problem in itertools.chain(*find_all_problems(file))
        if problem.code not in NOT_YET
        # A workflow that has become too large is refused, whatever was added.
        and (problem.pointer in ("", where) or problem.pointer.startswith(f"{where}/"))
    ]


def refuse(problems: Collection[Problem]) -> None:
    """Raise DraftRefusedError if there are problems."""
    if problems:
        raise DraftRefusedError(problems)


def find_lost_names(before: WorkflowFile, after: WorkflowFile) -> list[Problem]:
    """Return the uses of fields that `after` does not declare, except those that `before` already had."""
    unknown = [
        problem
        for problem in find_all_problems(after).meaning
        if problem.code == "unknown-field" and not problem.pointer.startswith("/fields_schema")
    ]
    known = {problem.pointer for problem in check_definition(before)} if unknown else set()
    return [problem for problem in unknown if problem.pointer not in known]


# --- Rows ----------------------------------------------------------------------------

Rows = Mapping[str, Sequence[Part | None]]


def store_draft(
    draft: Draft, file: WorkflowFile, *, rows: Rows | None = None, by: CustomUser | None = None
) -> StoredWorkflow:
    """Make a locked draft equal to `file`, and return what is stored. Unchanged rows are not written.

    `rows` holds the row of each part in the file: None for a new part, whose author is `by`. Kinds that it
    lacks keep their rows. Rows that it does not mention are deleted.
    Effects: the draft gets a new edition, and is checked again.
    Raise DraftRefusedError for a title that is taken, and RolesMissingError, with pointers into the file.
    """
    writer = _Writer(draft, {} if by is None else by.as_author())
    stored = {kind: writer.store_parts(kind, file, (rows or {}).get(kind.members)) for kind in ALL_KINDS}
    if draft.row.line.title != file.title:
        store_title(draft.row.line, file.title)
    for name, value in column_values(file).items():
        setattr(draft.row, name, value)
    names = (draft.file.ticket_admin_roles, file.ticket_admin_roles)
    admins = writer.store_roles(TicketAdminRole, draft.row, *names, "/ticket_admin_roles")
    draft.row.save()
    parts: Any = {kind.members: tuple(part for _row, part in pairs) for kind, pairs in stored.items()}
    after = replace(file, ticket_admin_roles=admins, **parts)
    recheck(draft.row, file=after, problems=find_all_problems(file).meaning)
    return StoredWorkflow(
        after, {kind.members: [row for row, _part in pairs] for kind, pairs in stored.items()}
    )


def store_title(line: WorkflowLine, title: str) -> WorkflowLine:
    """Store the line with this title, and return it. Raise DraftRefusedError if the title is taken."""
    line.title = title
    message = _("Your company already has a workflow with this title.")
    _save(line, "workflow_line_title", Problem("/title", message, "title-taken"))
    return line


def _save(row: Part | WorkflowLine, constraint: str, problem: Problem) -> None:
    """Save the row; if it violates the constraint, raise DraftRefusedError instead."""
    try:
        # A savepoint, so that the transaction survives a violated constraint.
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if constraint not in str(error):
            raise
        raise DraftRefusedError([problem]) from None


class _Writer:
    """Writes the rows of a draft that change."""

    def __init__(self, draft: Draft, author: Mapping[str, Any]) -> None:
        self._draft = draft
        self._new = {"workflow": draft.row, "version": draft.row.version, **author}

    @cached_property
    def _company_roles(self) -> Roles:
        return roles_by_name()

    def store_parts(
        self, kind: PartKind, file: WorkflowFile, rows: Sequence[Part | None] | None
    ) -> list[tuple[Part, PartFile]]:
        """Store the parts of one kind, and return them with their rows."""
        stored, members = self._draft.stored, kind.members
        before = dict(zip(stored.rows[members], getattr(stored.file, members), strict=True))
        rows = list(before) if rows is None else rows
        # Delete first, so that a new part may take the title of a deleted one.
        for row in before.keys() - set(rows):
            row.delete()
        return [
            self._store_part(kind, position, row, before[row] if row else None, content)
            for position, (row, content) in enumerate(zip(rows, getattr(file, members), strict=True))
        ]

    def _store_part(
        self, kind: PartKind, position: int, row: Part | None, before: PartFile | None, content: PartFile
    ) -> tuple[Part, PartFile]:
        row = row or kind.model(**self._new)
        is_moved, row.position = row.position != position, position
        if is_same(content, before):
            if is_moved:
                row.save(update_fields=["position", "updated_at"])
            return row, content
        for name, value in column_values(content).items():
            setattr(row, name, value)
        where = pointer(kind.members, position)
        if before is not None and before.title == content.title:
            row.save()
        else:
            # The database may equate titles that the check of titles distinguishes.
            message = _("Another one in this workflow already has this title.")
            _save(row, "_title", Problem(f"{where}/title", message, "title-twice"))
        if kind.links is None:
            return row, content
        old, new = (tuple(each.roles.values()) if each else () for each in (before, content))
        names = self.store_roles(kind.links, row, old, new, f"{where}/{content.role_member}")
        return row, content.with_roles(names)

    def store_roles(
        self, links: type[RoleLink], owner: Any, before: Sequence[str], names: Sequence[str], where: str
    ) -> tuple[str, ...]:
        """Set the roles that a definition names, and return their names in the order of their links.

        Raise RolesMissingError, with pointers below `where`.
        """
        if names == before:
            return tuple(names)
        require_roles(((f"{where}/{number}", name) for number, name in enumerate(names)), self._company_roles)
        wanted = {name.casefold(): self._company_roles[name.casefold()] for name in names}
        # Links that stay are left alone, so they come before new ones.
        unchanged = [name for name in before if name.casefold() in wanted]
        added = [role for name, role in wanted.items() if name not in map(str.casefold, unchanged)]
        if len(unchanged) < len(before):
            rows = links._default_manager.filter(**{links.part: owner})
            rows.exclude(role__in=wanted.values()).delete()
        links._default_manager.bulk_create(links(role=role, **{links.part: owner}) for role in added)
        return (*unchanged, *(role.name for role in added))
