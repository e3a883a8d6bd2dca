"""Import of workflow files as rows (`docs/workflow-format.md`); `exporting` is the inverse."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from users.company_settings import lock_company
from users.models import CompanyRole, CustomUser
from workflow_design.check.fixes.names import find_meant
from workflow_design.check.fixes.place import did_you_mean
from workflow_design.check.static import all_problems, check_definition
from workflow_design.definition.file_json import WorkflowFileError, parse_workflow_file
from workflow_design.definition.problems import DefinitionError, Problem, pointer
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.models import RoleLink, TicketAdminRole, WorkflowDefinition, WorkflowLine
from workflow_design.persistence.exporting import ALL_KINDS, column_values, named_roles
from workflow_design.persistence.reports import recheck

Roles = Mapping[str, CompanyRole]


class DraftExistsError(Exception):
    """The workflow already has a draft, and `replace` was not set."""

    def __init__(self, draft: WorkflowDefinition) -> None:
        super().__init__(draft.title)
        self.draft = draft


class RolesMissingError(DefinitionError):
    """The file names roles that the company does not have; `problems` says where."""


class CheckFailedError(DefinitionError):
    """The definition cannot run; `problems` are the findings of `check_definition`."""


def read_file(text: str | bytes, *, may_make_roles: bool = False) -> WorkflowFile:
    """Return the workflow file in a text. Raise WorkflowFileError with all problems, also of its roles."""
    try:
        return parse_workflow_file(text)
    except WorkflowFileError as error:
        rest = error.rest
        roles = _missing_roles(rest.file, may_make=may_make_roles) if rest is not None else []
        read = [problem for problem in roles if rest is not None and rest.is_read(problem.pointer)]
        raise WorkflowFileError([*all_problems(error), *read]) from None


def import_workflow(
    file: WorkflowFile,
    *,
    by: CustomUser | None,
    line: WorkflowLine | None = None,
    replace: bool = False,
    may_make_roles: bool = False,
) -> WorkflowDefinition:
    """Create a draft from a workflow file, in the company whose scope is open.

    If the company has a workflow with this title, ignoring case, the draft is its next version;
    otherwise, it is the first version of a new workflow. With `line`, it is the next version of that
    workflow, which then has this title. If there already is a draft, `replace`
    overwrites its content and preserves its number and URL. The import is atomic. The number of
    queries does not depend on the size of the file.

    Effects: `may_make_roles` creates company roles that the file names and the company lacks; the
    draft is checked (`reports.recheck`).
    Raise CheckFailedError, RolesMissingError, DraftExistsError.
    """
    problems = check_definition(file)
    if problems:
        raise CheckFailedError([*problems, *_missing_roles(file, may_make=may_make_roles)])
    try:
        with transaction.atomic():
            lock_company()  # so that nobody changes its definitions or deletes a role in the meantime
            roles = _roles_of(file, may_make=may_make_roles)
            named = _name_line(line or _find_or_make_line(file.title), file.title)
            workflow = _draft(named, file, by=by, replace=replace)
            _write_parts(workflow, file, roles, by=by)
            recheck(workflow, problems=problems)
    except IntegrityError as error:
        raise _title_twice(error) from None
    return workflow


def _title_twice(error: IntegrityError) -> Exception:
    """Return the error to raise: the database may equate titles that the check of the file distinguishes."""
    if "workflow_line_title" in str(error):
        message = _("Your company already has a workflow with this title.")
        return CheckFailedError([Problem("/title", message, "title-taken")])
    for kind in ALL_KINDS:
        if f"{kind.address}_title" in str(error):
            message = _("A title appears twice in this list.")
            return CheckFailedError([Problem(pointer(kind.members), message, "title-twice")])
    return error


# --- Roles ---------------------------------------------------------------------------


def _roles_of(file: WorkflowFile, *, may_make: bool) -> Roles:
    """Return the company's roles that the file names, by casefolded name. Raise RolesMissingError."""
    named = list(named_roles(file))
    if not named:
        return {}
    roles = roles_by_name()
    missing = {name.casefold(): name for _where, name in named if name.casefold() not in roles}
    if missing and may_make:
        # If someone else creates the same role at the same moment, use theirs.
        CompanyRole.objects.bulk_create(
            [CompanyRole(name=name) for name in missing.values()], ignore_conflicts=True
        )
        roles = roles_by_name()
    require_roles(named, roles)
    return roles


def _missing_roles(file: WorkflowFile, *, may_make: bool) -> list[Problem]:
    """Return the problems of the roles that the file names and the company lacks."""
    named = [] if may_make else list(named_roles(file))
    return _unknown_roles(named, roles_by_name()) if named else []


def _unknown_roles(named: Iterable[tuple[str, str]], roles: Roles) -> list[Problem]:
    text = _("Your company has no role “%(name)s”.")
    known = [role.name for role in roles.values()]
    return [
        Problem(where, text % {"name": name}, "unknown-role", fix=did_you_mean(find_meant(name, known)))
        for where, name in named
        if name.casefold() not in roles
    ]


def require_roles(named: Iterable[tuple[str, str]], roles: Roles) -> None:
    """Raise RolesMissingError if one of the names, each with its pointer, is not among the roles."""
    missing = _unknown_roles(named, roles)
    if missing:
        raise RolesMissingError(missing)


def roles_by_name() -> Roles:
    """Return the company's roles by casefolded name."""
    return {role.name.casefold(): role for role in CompanyRole.objects.only("name")}


# --- The version ---------------------------------------------------------------------


def _find_or_make_line(title: str) -> WorkflowLine:
    """Return the company's workflow of this title, ignoring case, or a new one that is not stored yet."""
    found = WorkflowLine.objects.annotate(small=Lower("title")).filter(small=Lower(Value(title)))
    return found.first() or WorkflowLine(title="")


def _name_line(line: WorkflowLine, title: str) -> WorkflowLine:
    """Store the title, which may differ in case, and return the line: the newest spelling wins."""
    if line.title != title:
        line.title = title
        line.save()
    return line


def _draft(
    line: WorkflowLine, file: WorkflowFile, *, by: CustomUser | None, replace: bool
) -> WorkflowDefinition:
    """Return the line's draft with the file's own columns set and without parts."""
    draft = line.versions.drafts().first()
    if draft is None:
        newest = line.versions.aggregate(newest=Max("version"))["newest"] or 0
        draft = WorkflowDefinition(line=line, version=newest + 1, **_author(by))
    elif replace:
        # Unlike the editor, an import creates all parts again, with new ids.
        for links in (draft.ticket_admin_links, draft.tickets, draft.tasks, draft.completions):
            links.all().delete()
    else:
        raise DraftExistsError(draft)
    for name, value in column_values(file).items():
        setattr(draft, name, value)
    draft.save()
    return draft


def _author(by: CustomUser | None) -> dict[str, int | None]:
    return {} if by is None else by.as_author()


def make_draft(line: WorkflowLine, file: WorkflowFile, *, by: CustomUser | None) -> WorkflowDefinition:
    """Create the next version of a line that has no draft, from `file`, even if it has problems.

    The company must have every role that the file names and be locked.
    """
    draft = _draft(line, file, by=by, replace=False)
    _write_parts(draft, file, roles_by_name(), by=by)
    recheck(draft)
    return draft


def _write_parts(
    workflow: WorkflowDefinition, file: WorkflowFile, roles: Roles, *, by: CustomUser | None
) -> None:
    new: dict[str, Any] = {"workflow": workflow, "version": workflow.version, **_author(by)}
    _link(TicketAdminRole, [(workflow.pk, file.ticket_admin_roles)], roles)
    for kind in ALL_KINDS:
        parts = getattr(file, kind.members)
        rows = [kind.model(position=place, **column_values(part), **new) for place, part in enumerate(parts)]
        kind.model._default_manager.bulk_create(rows)  # sets the ids that the role links need
        if kind.links is not None:
            named = [(row.pk, tuple(part.roles.values())) for row, part in zip(rows, parts, strict=True)]
            _link(kind.links, named, roles)


def _link(model: type[RoleLink], named: list[tuple[int, tuple[str, ...]]], roles: Roles) -> None:
    model._default_manager.bulk_create(
        model(role=roles[name.casefold()], **{f"{model.part}_id": part_id})
        for part_id, names in named
        for name in names
    )
