"""Workflows are made, and what is said of a draft as a whole is changed."""

from dataclasses import replace
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from users.company_settings import lock_company
from users.models import CustomUser
from workflow_design.definition.problems import Problem
from workflow_design.definition.workflow import WorkflowFile
from workflow_design.editing.drafts import changing
from workflow_design.editing.refusals import refusals
from workflow_design.editing.storing import RefusedError, store_roles
from workflow_design.models import TicketAdminRole, WorkflowDefinition, WorkflowLine
from workflow_design.persistence.exporting import file_of
from workflow_design.persistence.importing import columns_of, make_draft

OWN_MEMBERS: Final = ("title", "description", "ext_ref", "display_layout", "ticket_admin_roles")
"""The members of a workflow file that say something of the workflow as a whole."""
_NO_FIELDS: Final[dict[str, Any]] = {"type": "object", "properties": {}}


def new_file(title: str, description: str) -> WorkflowFile:
    """A workflow of which nothing is said yet but this."""
    return WorkflowFile(title=title, description=description, fields_schema=dict(_NO_FIELDS), tickets=())


def refusals_of_workflow(file: WorkflowFile) -> list[Problem]:
    """What keeps a workflow from being as the file says as a whole; its fields and parts aside."""
    return [
        each for each in refusals(file, "") if each.pointer.partition("/")[2].split("/")[0] in OWN_MEMBERS
    ]


def create_workflow(*, title: str, description: str = "", by: CustomUser) -> WorkflowDefinition:
    """The first draft of a new workflow, without fields or parts. Raises RefusedError."""
    file = new_file(title, description)
    _refuse(refusals_of_workflow(file))
    with transaction.atomic():
        lock_company()
        return make_draft(_titled(WorkflowLine(), title), file, by=by)


def change_workflow(workflow: WorkflowDefinition, content: WorkflowFile, *, seen: str | None = None) -> None:
    """Make a draft say what `content` says of the workflow as a whole: its OWN_MEMBERS, nothing else.

    Effects: the workflow is listed by the new title, older versions keep theirs.
    Raises RefusedError, RolesMissingError, and what `drafts.changing` raises.
    """
    with changing(workflow, seen=seen) as draft:
        own: Any = {name: getattr(content, name) for name in OWN_MEMBERS}
        file = replace(file_of(draft), **own)
        _refuse(refusals_of_workflow(file))
        store_workflow(draft, file)


def store_workflow(draft: WorkflowDefinition, file: WorkflowFile) -> None:
    """Write what `file` says of the workflow as a whole into a locked draft, which is stored later.

    Raises RefusedError for a title that another workflow has, and RolesMissingError.
    """
    if draft.line.title != file.title:
        _titled(draft.line, file.title)
    columns = columns_of(file)
    for name in OWN_MEMBERS:
        if name in columns:
            setattr(draft, name, columns[name])
    store_roles(TicketAdminRole, draft, file.ticket_admin_roles, where="/ticket_admin_roles")


def _titled(line: WorkflowLine, title: str) -> WorkflowLine:
    """The line under this title, stored."""
    line.title = title
    try:
        with transaction.atomic():
            line.save()
    except IntegrityError as error:
        if "workflow_line_title" not in str(error):
            raise
        message = _("Your company has a workflow of this title already.")
        raise RefusedError([Problem("/title", message, "title-taken")]) from None
    return line


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise RefusedError(problems)
