"""The versions of a workflow: a new one is begun, a draft is thrown away (`engine.md`, "Versions")."""

from dataclasses import replace

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from users.company_settings import lock_company
from users.models import CustomUser
from workflow_design.models import WorkflowDefinition, WorkflowLine
from workflow_design.persistence.exporting import file_of
from workflow_design.persistence.importing import make_draft
from workflow_design.persistence.reports import recheck


class NoDraftError(Exception):
    """The version is no draft any more, or something was made of it: it can't be thrown away."""


def new_version(workflow: WorkflowDefinition, *, by: CustomUser) -> WorkflowDefinition:
    """The draft of the workflow that `workflow` is a version of: a copy of it with the next number.

    If there is a draft already, it is that one, unchanged: a workflow has at most one. Two at once
    are given the same. The copy bears the workflow's title of now, which an older
    version may not; whatever else `workflow` says it says too.
    Effects: a draft with all its parts, made by `by`, and the report of its check.
    """
    with transaction.atomic():
        lock_company()  # before the line, as an import does; a role that is named keeps its name meanwhile
        line = WorkflowLine.objects.select_for_update().get(pk=workflow.line_id)
        draft = line.versions.drafts().first()
        if draft is None:
            draft = make_draft(line, replace(file_of(workflow), title=line.title), by=by)
            recheck(draft)
    return draft


def discard_draft(workflow: WorkflowDefinition, *, by: CustomUser) -> WorkflowDefinition | None:
    """Throw a draft away with all its parts; what is left of the workflow: its newest version, or None.

    Effects: the workflow is called what its newest version is called again, unless another one has
    taken that title; without any version it is gone. `by` is who acts, whom the audit log knows
    from the scope. Raises NoDraftError.
    """
    with transaction.atomic():
        line = WorkflowLine.objects.select_for_update().filter(pk=workflow.line_id).first()
        draft = line and line.versions.drafts().filter(pk=workflow.pk).first()
        if line is None or draft is None:
            raise NoDraftError
        try:
            draft.delete()
        except ProtectedError:
            raise NoDraftError from None
        newest = line.versions.order_by("-version").first()
        if newest is None:
            line.delete()
        elif newest.title != line.title:
            _rename(line, newest.title)
    return newest


def _rename(line: WorkflowLine, title: str) -> None:
    line.title = title
    try:
        with transaction.atomic():
            line.save(update_fields=["title"])
    except IntegrityError:
        return  # another workflow is called so by now
