"""What every change of a draft has in common: the lock, the questions asked under it, and what follows."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from users.company_settings import lock_company
from workflow_design.models import WorkflowDefinition, WorkflowLine
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
