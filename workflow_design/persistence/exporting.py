"""Versions read as workflow files, which pages, the check, the engine and the editor use."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from workflow_design.definition.file_json import find_problems, is_same, part_to_json, to_json
from workflow_design.definition.problems import Problem, pointer
from workflow_design.definition.workflow import (
    CompletionFile,
    DefinitionKey,
    Kind,
    PartFile,
    TaskFile,
    TicketFile,
    WorkflowFile,
)
from workflow_design.engine import Plan
from workflow_design.engine.plan import build_plan
from workflow_design.models import (
    ExecutorRole,
    Part,
    RoleLink,
    SubmitterRole,
    TaskDefinition,
    TicketDefinition,
    WorkflowCompletion,
    WorkflowDefinition,
)


@dataclass(frozen=True, slots=True)
class PartKind:
    """One kind of part: its list in a workflow file, and its rows."""

    key: Kind
    address: str
    """The beginning of the names of its URLs."""

    model: type[Part]
    file: type[PartFile]
    links: type[RoleLink] | None = None

    @property
    def members(self) -> str:
        """The member of a workflow file that lists the parts, and the related name of the rows."""
        return self.key.members


TICKETS: Final = PartKind(Kind.TICKET, "ticket_definition", TicketDefinition, TicketFile, SubmitterRole)
TASKS: Final = PartKind(Kind.TASK, "task_definition", TaskDefinition, TaskFile, ExecutorRole)
COMPLETIONS: Final = PartKind(Kind.COMPLETION, "completion", WorkflowCompletion, CompletionFile)
ALL_KINDS: Final = (TICKETS, TASKS, COMPLETIONS)


def kind_for(part: Any) -> PartKind:
    """Return the kind of a row or of a part of a file."""
    return next(kind for kind in ALL_KINDS if isinstance(part, (kind.model, kind.file)))


ROLES: Final = frozenset({"ticket_admin_roles", "submitter_roles", "executor_roles"})
PARTS: Final = frozenset(kind.members for kind in Kind)
"""Members of a file that are stored as rows of other tables; all others are columns of the same names."""


@dataclass(frozen=True, slots=True)
class StoredWorkflow:
    """A version as its file, and beside it the rows of its parts in the same order."""

    file: WorkflowFile
    rows: Mapping[str, Sequence[Part]]
    """By the member of the file that lists the parts."""

    def parts(self) -> Iterator[tuple[Part, PartFile]]:
        """Yield each part with its row: the tickets, then the tasks, then the completions."""
        for kind in ALL_KINDS:
            yield from zip(self.rows[kind.members], getattr(self.file, kind.members), strict=True)

    def plan(self) -> Plan:
        """Return the plan, whose keys are the ids of the rows as strings."""
        keys = {DefinitionKey(part.kind, part.title): str(row.pk) for row, part in self.parts()}
        return replace(build_plan(self.file), keys=keys)


class FoundProblems(NamedTuple):
    """The problems of a workflow file: of its form as JSON, and of its meaning."""

    form: list[Problem]
    meaning: list[Problem]


@dataclass(slots=True)
class _Memory:
    """What one request has read and checked."""

    stored: dict[tuple[int, datetime], StoredWorkflow] = field(default_factory=dict)
    """By the id of the version and its time of change, which every change of a draft sets."""
    checked: tuple[WorkflowFile, FoundProblems] | None = None


_memory: ContextVar[_Memory | None] = ContextVar("memory", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Read and check each state of a version only once inside, such as in a request that changes a draft."""
    token = _memory.set(_Memory())
    try:
        yield
    finally:
        _memory.reset(token)


def read_workflow(workflow: WorkflowDefinition) -> StoredWorkflow:
    """Return the content of a version. Four queries; none if `read_once` already has it."""
    memory = _memory.get()
    if memory is None:
        return _read(workflow)
    state = (workflow.pk, workflow.updated_at)
    if state not in memory.stored:
        memory.stored[state] = _read(workflow)
    return memory.stored[state]


def find_all_problems(file: WorkflowFile) -> FoundProblems:
    """Return the problems of a file that a draft would have; `read_once` keeps those of the newest file."""
    memory = _memory.get()
    if memory is not None and memory.checked is not None and is_same(memory.checked[0], file):
        return memory.checked[1]
    from workflow_design.check.static import check_definition  # here, because only drafts are checked

    form = [*find_problems(to_json(file))]
    is_too_large = any(problem.code == "too-large" and not problem.pointer for problem in form)
    found = FoundProblems(form, [] if is_too_large else check_definition(file))
    if memory is not None:
        memory.checked = (file, found)
    return found


def export_workflow(workflow: WorkflowDefinition) -> WorkflowFile:
    """Return the workflow file of a version: importing it again gives an equal version."""
    return read_workflow(workflow).file


def _read(workflow: WorkflowDefinition) -> StoredWorkflow:
    rows: dict[str, list[Part]] = {}
    for kind in ALL_KINDS:
        parts = getattr(workflow, kind.members).order_by("position", "pk")
        rows[kind.members] = list(with_role_names(parts, kind.links) if kind.links else parts)
    content: Any = {kind.members: tuple(map(to_part, rows[kind.members])) for kind in ALL_KINDS}
    admins = getattr(workflow, "role_names", None)
    if admins is None:
        links = workflow.ticket_admin_links.order_by("pk")
        admins = links.values_list("role__name", flat=True)
    columns = _columns(WorkflowFile, workflow)
    return StoredWorkflow(WorkflowFile(**columns, ticket_admin_roles=tuple(admins), **content), rows)


def with_role_names(rows: Any, links: type[RoleLink]) -> Any:
    """Return the queryset with the roles that each row names as `role_names`, in the order of the file."""
    # Links are inserted in the order of the file, so sorting by id restores that order.
    named = links._default_manager.filter(**{links.part: OuterRef("pk")}).order_by("pk")
    return rows.annotate(role_names=ArraySubquery(named.values("role__name")))


def to_part(row: Any) -> Any:
    """Return the part of a file that a row from `with_role_names` stores."""
    kind = kind_for(row)
    part = kind.file(**_columns(kind.file, row))
    return part.with_roles(row.role_names) if kind.links else part


def _columns(kind: type, row: WorkflowDefinition | Part) -> dict[str, Any]:
    """Return the members of a part of a file that are columns of its row."""
    values = {}
    for member in fields(kind):
        if member.name not in ROLES | PARTS:
            value = getattr(row, member.name)
            # Parsed files have tuples, and exported ones must equal them.
            values[member.name] = tuple(value) if isinstance(value, list) else value
    return values


def column_values(part: WorkflowFile | PartFile) -> dict[str, Any]:
    """Return the members of a part of a file that are columns of its row; both have the same names."""
    return {name: value for name, value in part_to_json(part).items() if name not in ROLES | PARTS}


def named_roles(file: WorkflowFile) -> Iterator[tuple[str, str]]:
    """Yield a JSON pointer and the name for each place where the file names a role."""
    for number, name in enumerate(file.ticket_admin_roles):
        yield pointer("ticket_admin_roles", number), name
    for kind in ALL_KINDS:
        for position, part in enumerate(getattr(file, kind.members)):
            for place, name in part.roles.items():
                yield pointer(kind.members, position, *place), name
