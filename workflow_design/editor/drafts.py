"""How every change of a draft is made: locked, checked, and stored in the rows of the draft.

`refusals` holds a form to the checks of a workflow file, at the place that the form is about. What only
another part of the workflow can fix (nothing writes the field yet, nothing ends the workflow yet) is not
refused, because a draft is made one part after the other. Rows that say the same already are left alone.
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
from workflow_design.persistence.importing import PartFile, RolesMissingError, columns_of, present_roles
from workflow_design.persistence.part_kinds import ALL_KINDS, kind_of
from workflow_design.persistence.reports import recheck


class NotADraftError(Exception):
    """The version is no draft (any more), and so nothing of it changes."""

    def __init__(self, workflow: WorkflowDefinition) -> None:
        super().__init__(workflow.title)
        self.workflow = workflow


class ChangedMeanwhileError(Exception):
    """Somebody changed the draft after the page was shown on which this change was made up."""

    def __init__(self, workflow: WorkflowDefinition) -> None:
        super().__init__(workflow.title)
        self.workflow = workflow


def edition_of(workflow: WorkflowDefinition) -> str:
    """What tells one state of a draft from the next; a form carries it."""
    return workflow.updated_at.isoformat()


@contextmanager
def changing(workflow: WorkflowDefinition, *, seen: str | None = None) -> Iterator[WorkflowDefinition]:
    """The draft as it is now, locked until the block ends and then stored.

    Effects: the draft gets a new edition, and is checked anew. If the block raises, nothing is changed.
    Raises NotADraftError, and WorkflowDefinition.DoesNotExist if it was thrown away; ChangedMeanwhileError
    if `seen` is the edition of an earlier state. Roles that it names stay: the company is locked, too.
    """
    with transaction.atomic():
        lock_company()  # before the line, as in an import
        WorkflowLine.objects.select_for_update().filter(pk=workflow.line_id).first()
        draft = WorkflowDefinition.objects.select_related("line").get(pk=workflow.pk)
        if not draft.is_draft:
            raise NotADraftError(draft)
        if seen is not None and seen != edition_of(draft):
            raise ChangedMeanwhileError(draft)
        yield draft
        draft.save()
        recheck(draft)


MENDED_ELSEWHERE: Final = frozenset({"never-triggered", "no-ticket", "no-end"})


def refusals(file: WorkflowFile, where: str) -> list[Problem]:
    """The problems of what stands at the pointer `where`, seen from there."""
    every = [*find_problems(to_json(file)), *check_definition(file)]
    return [
        Problem(problem.pointer.removeprefix(where), problem.message, problem.code)
        for problem in every
        if problem.code not in MENDED_ELSEWHERE
        and (problem.pointer == where or problem.pointer.startswith(f"{where}/"))
    ]


def names_lost(before: WorkflowFile, after: WorkflowFile) -> list[Problem]:
    """The uses of fields that `after` does not declare, other than those that `before` had already."""
    known = {problem.pointer for problem in check_definition(before) if problem.code == "unknown-field"}
    return [
        problem
        for problem in check_definition(after)
        if problem.code == "unknown-field"
        and problem.pointer not in known
        and not problem.pointer.startswith("/fields_schema")
    ]


class RefusedError(DefinitionError):
    """What a draft should become is not allowed; `problems` says where, seen from what was changed."""


def rows_of(draft: WorkflowDefinition, members: str) -> list[Part]:
    """The tickets, tasks or completions of a draft, in the order in which its file lists them."""
    rows: Collection[Part] = getattr(draft, members).order_by("position", "pk")
    return list(rows)


def store_order(rows: Collection[Part]) -> None:
    """Give the parts of one kind the places in which they stand here."""
    for position, row in enumerate(rows):
        if row.position != position:
            row.position = position
            row.save(update_fields=["position", "updated_at"])


def store_part(row: Part, content: PartFile) -> None:
    """Make a part say what `content` says, its roles included. Raises RefusedError, RolesMissingError."""
    for name, value in columns_of(content).items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "_title" not in str(error):
            raise
        # The database knows of capitals that the check of titles does not.
        message = _("Another one of this workflow has this title already.")
        raise RefusedError([Problem("/title", message, "title-twice")]) from None
    kind = kind_of(row)
    if kind.links is not None:
        store_roles(kind.links, row, getattr(content, kind.roles), where=pointer(kind.roles))


def store_roles(links: type[RoleLink], owner: Any, names: Collection[str], *, where: str) -> None:
    """Make a definition name exactly these roles. Raises RolesMissingError, with pointers below `where`."""
    roles = present_roles()
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
    """Write what the draft's fields are called by now into whatever names them."""
    draft.fields_schema = dict(after.fields_schema)
    draft.display_layout = list(after.display_layout)
    for kind in ALL_KINDS:
        old, new = getattr(before, kind.members), getattr(after, kind.members)
        changed = [number for number, content in enumerate(new) if content != old[number]]
        rows = rows_of(draft, kind.members) if changed else []
        for number in changed:
            for name, value in columns_of(new[number]).items():
                setattr(rows[number], name, value)
            rows[number].save()
