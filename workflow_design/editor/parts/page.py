"""Context of the page that lists the tickets, tasks and completions of a draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from workflow_design.models import (
    ExecutorRole,
    Part,
    SubmitterRole,
    TaskDefinition,
    TaskType,
    WorkflowDefinition,
)
from workflow_design.pages.lines import PartLine, part_line
from workflow_design.pages.trails import ADDRESSES
from workflow_design.persistence.part_kinds import COMPLETIONS, TASKS, TICKETS, PartKind, kind_for
from workflow_design.wording.rules import Vocabulary


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part in its list, with links to the pages that change it."""

    line: PartLine
    edit_url: str
    duplicate_url: str
    move_url: str
    delete_url: str
    layout_url: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class PartList:
    """All parts of one kind, and the text for an empty list."""

    members: str
    title: str
    text: str
    rows: Sequence[PartRow]
    missing: str
    add: str
    add_url: str


def part_lists(workflow: WorkflowDefinition) -> list[PartList]:
    """Return the three lists of a draft. Five queries."""
    vocabulary = Vocabulary.of_schema(workflow.fields_schema)
    submitters = Prefetch("submitter_links", SubmitterRole.objects.select_related("role"))
    executors = Prefetch("executor_links", ExecutorRole.objects.select_related("role"))
    found: list[tuple[PartKind, Any, tuple[str, str, str, str]]] = [
        (
            TICKETS,
            workflow.tickets.prefetch_related(submitters),
            (
                _("Tickets"),
                _("The forms that start the workflow."),
                _("No ticket starts the workflow yet."),
                _("Add a ticket"),
            ),
        ),
        (
            TASKS,
            workflow.tasks.prefetch_related(executors),
            (
                _("Tasks"),
                _("The steps of the workflow: who does them, and when."),
                _("There are no tasks yet."),
                _("Add a task"),
            ),
        ),
        (
            COMPLETIONS,
            workflow.completions.all(),
            (
                _("Completions"),
                _("How the workflow ends. The first completion whose condition is true applies."),
                _("Nothing ends the workflow yet."),
                _("Add a completion"),
            ),
        ),
    ]
    return [
        PartList(
            kind.members,
            words[0],
            words[1],
            _rows(list(rows.order_by("position", "pk")), kind, vocabulary),
            words[2],
            words[3],
            reverse(f"{ADDRESSES[kind.members]}_create", args=[workflow.pk]),
        )
        for kind, rows, words in found
    ]


def _rows(parts: Sequence[Part], kind: PartKind, vocabulary: Vocabulary) -> list[PartRow]:
    name = ADDRESSES[kind.members]
    return [
        PartRow(
            line=part_line(part, vocabulary),
            edit_url=reverse(f"{name}_edit", args=[part.pk]),
            duplicate_url=reverse(f"{name}_duplicate", args=[part.pk]),
            move_url=reverse(f"{name}_move", args=[part.pk]),
            delete_url=reverse(f"{name}_delete", args=[part.pk]),
            layout_url=layout_url(part),
            is_first=number == 0,
            is_last=number == len(parts) - 1,
        )
        for number, part in enumerate(parts)
    ]


def layout_url(part: Part) -> str:
    """Return the URL of the layout editor of a part, or "" if the part shows nothing."""
    if isinstance(part, TaskDefinition) and part.task_type != TaskType.FORM:
        return ""
    which = "form" if hasattr(part, "edit_layout") else "reading"
    return reverse(f"{ADDRESSES[kind_for(part).members]}_layout", args=[part.pk, which])
