"""Queries that pages of tickets and tasks share: names, files, and the current state of tickets."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext

from workflow_design.definition.field_types import FILE, USER
from workflow_design.definition.fields import Fields
from workflow_design.definition.workflow import CompletionStatus
from workflow_design.models import WorkflowCompletion
from workflow_design.wording.rules import Vocabulary
from workflow_design.workspace.controls import DisplayNames
from workflow_design.workspace.people import find_names
from workflow_design.workspace.reading import collect_ids, format_ids
from workflow_ops.files import known_files
from workflow_ops.models import (
    CompletionInstance,
    ErrorReason,
    ErrorStatus,
    TaskInstance,
    TicketError,
    TicketInstance,
    WorkflowInstance,
)

ENDS = {"completion__completion_status__in": [status for status in CompletionStatus if status.is_final]}
"""The condition that a completion ends a workflow instead of putting it on hold."""


def names_in(fields: Fields, ticket: TicketInstance, *data: Mapping[str, Any]) -> DisplayNames:
    """Return the names of the people and files in the data, using one statement for each kind."""
    people, files = (collect_ids(fields.values(), of, *data) for of in (USER, FILE))
    return DisplayNames(people=find_names(people), files=known_files(files, ticket=ticket))


def vocabulary_for(
    evaluations: Iterable[Mapping[str, Any]], *, fields: Fields, ticket: TicketInstance
) -> Vocabulary:
    """Return the vocabulary of stored evaluations, with the names of people and files that they read.

    This takes at most two statements: one for people and one for files, if there are any.
    """
    read = [evaluation["values_read"] for evaluation in evaluations]
    names = names_in(fields, ticket, *read)
    return Vocabulary(fields, format_ids(fields, names, *read))


def with_problem(tasks: QuerySet[TaskInstance]) -> QuerySet[TaskInstance]:
    """Annotate `problem`: the message of an unresolved error that says why nobody can do the task."""
    unresolved = TicketError.objects.exclude(error_status=ErrorStatus.RESOLVED)
    problems = unresolved.filter(task=OuterRef("pk"), reason=ErrorReason.ASSIGNMENT).order_by("-pk")
    return tasks.annotate(problem=Subquery(problems.values("error_message")[:1]))


def end_titles(run_ids: Iterable[int]) -> dict[int, str]:
    """Return the title of the completion that ended each workflow, without those that a person ended."""
    ids = list(run_ids)
    if not ids:
        return {}
    reached = CompletionInstance.objects.filter(workflow_instance__in=ids, **ENDS)
    return dict(reached.values_list("workflow_instance_id", "completion__title"))


def reached_end(run: WorkflowInstance) -> WorkflowCompletion | None:
    """Return the completion that ended the workflow, or None if a person ended it."""
    if not run.is_final:
        return None
    reached = run.completions.filter(**ENDS).select_related("completion").first()
    return None if reached is None else reached.completion


def with_token(name: str, token: str) -> str:
    """Return the name of a person, with the token's name if a program acted for them."""
    return gettext("%(name)s (by “%(token)s”)") % {"name": name, "token": token} if token else name
