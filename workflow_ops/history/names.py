"""Queries that pages of tickets and tasks share: names, files, and the current state of tickets."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from users.models import CustomUser
from workflow_design.definition.field_types import FILE, USER
from workflow_design.definition.fields import Fields
from workflow_design.definition.workflow import CompletionStatus
from workflow_design.models import TicketDefinition, WorkflowCompletion
from workflow_design.wording.rules import Vocabulary
from workflow_design.workspace.controls import DisplayNames
from workflow_design.workspace.people import find_names
from workflow_design.workspace.reading import collect_ids, format_ids
from workflow_ops.engine.cached_rules import get_rules
from workflow_ops.files import known_files
from workflow_ops.history.standing import standing
from workflow_ops.models import (
    CompletionInstance,
    ErrorReason,
    ErrorStatus,
    TaskInstance,
    TicketError,
    TicketInstance,
    WorkflowInstance,
)
from workflow_ops.models.tasks import UNFINISHED_STATUSES
from workflow_ops.models.tickets import NO_PRIORITY

ENDS = {"completion__completion_status__in": [status for status in CompletionStatus if status.is_final]}
"""The condition of a completion that ends a workflow, and does not put it on hold."""


def names_in(fields: Fields, ticket: TicketInstance, *data: Mapping[str, Any]) -> DisplayNames:
    """Return the names of the people and files in the data, using one statement for each kind."""
    people, files = (collect_ids(fields.values(), of, *data) for of in (USER, FILE))
    return DisplayNames(people=find_names(people), files=known_files(files, ticket=ticket))


def vocabulary_for(
    evaluations: Iterable[Mapping[str, Any]], *, fields: Fields, ticket: TicketInstance
) -> Vocabulary:
    """Return the vocabulary of stored evaluations, with the names of people and files that they read.

    This takes one statement for each of the two kinds that occurs.
    """
    read = [evaluation["values_read"] for evaluation in evaluations]
    names = names_in(fields, ticket, *read)
    return Vocabulary(fields, format_ids(fields, names, *read))


def with_standing(tickets: Iterable[TicketInstance], *, reader: CustomUser) -> list[TicketInstance]:
    """Set `standing`, a sentence, on each ticket, using two statements in total.

    The caller must have selected their `workflow_instance`.
    """
    rows = list(tickets)
    runs = [ticket.workflow_instance for ticket in rows]
    # A finished workflow has no unfinished tasks.
    waiting = unfinished_tasks(run.pk for run in runs if not run.is_final)
    ends = end_titles(run for run in runs if run.is_final)
    for ticket in rows:
        run = ticket.workflow_instance
        sentence = standing(run, waiting[run.pk], reader=reader, ended_as=ends.get(run.pk, ""))
        ticket.standing = sentence  # type: ignore[attr-defined]
    return rows


def priority_labels(tickets: Iterable[TicketInstance]) -> dict[int, str]:
    """Return the priority of each ticket that has one, by its id, as the choice of its field calls it.

    One statement, and none if no ticket has a priority, apart from versions that are read the first time.
    """
    urgent = [ticket for ticket in tickets if ticket.priority != NO_PRIORITY]
    if not urgent:
        return {}
    definitions = TicketDefinition.objects.filter(pk__in={ticket.ticket_definition_id for ticket in urgent})
    labels = {
        (pk, place): choice.label
        for pk, workflow_id, field in definitions.values_list("pk", "workflow_id", "priority_field")
        if field and field in (fields := get_rules(workflow_id).validator.fields)
        for place, choice in enumerate(fields[field].choices)
    }
    return {each.pk: labels.get((each.ticket_definition_id, each.priority), "") for each in urgent}


def with_problem(tasks: QuerySet[TaskInstance]) -> QuerySet[TaskInstance]:
    """Annotate `problem`: why nobody can do the task, if an unresolved error says so."""
    unresolved = TicketError.objects.exclude(error_status=ErrorStatus.RESOLVED)
    problems = unresolved.filter(task=OuterRef("pk"), reason=ErrorReason.ASSIGNMENT).order_by("-pk")
    return tasks.annotate(problem=Subquery(problems.values("error_message")[:1]))


def unfinished_tasks(run_ids: Iterable[int]) -> dict[int, list[TaskInstance]]:
    """Return the unfinished tasks of each workflow, oldest first, with definition and assignee."""
    ids = list(run_ids)
    found: dict[int, list[TaskInstance]] = defaultdict(list)
    if ids:
        tasks = TaskInstance.objects.filter(workflow_instance__in=ids, status__in=UNFINISHED_STATUSES)
        for task in tasks.select_related("task_definition", "assigned_to").order_by("created_at", "pk"):
            found[task.workflow_instance_id].append(task)
    return found


def end_titles(runs: Iterable[WorkflowInstance]) -> dict[int, str]:
    """Return the title of the completion that ended each workflow; those ended by a person have none."""
    ids = [run.pk for run in runs]
    if not ids:
        return {}
    reached = CompletionInstance.objects.filter(workflow_instance__in=ids, **ENDS)
    return dict(reached.values_list("workflow_instance_id", "completion__title"))


def reached_end(run: WorkflowInstance) -> WorkflowCompletion | None:
    """Return the completion that ended the workflow; one that a person ended has none."""
    if not run.is_final:
        return None
    reached = run.completions.filter(**ENDS).select_related("completion").first()
    return None if reached is None else reached.completion
