"""Context of the page that lists the tickets, tasks and completions of a draft."""

from collections.abc import Mapping
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from workflow_design.definition.workflow import Kind, PartFile
from workflow_design.models import Part, TaskDefinition, TaskType, WorkflowDefinition
from workflow_design.pages.lines import part_line
from workflow_design.persistence.exporting import (
    ALL_KINDS,
    COMPLETIONS,
    TASKS,
    TICKETS,
    PartKind,
    StoredWorkflow,
    kind_for,
    read_workflow,
)
from workflow_design.wording.rules import Vocabulary

WORDS: Final[Mapping[PartKind, Mapping[str, Any]]] = {
    TICKETS: {
        "kicker": _("Ticket"),
        "title": _("Tickets"),
        "text": _("The forms that start the workflow."),
        "missing": _("No ticket starts the workflow yet."),
        "add": _("Add a ticket"),
        "lead": _("The form with which people start the workflow."),
    },
    TASKS: {
        "kicker": _("Task"),
        "title": _("Tasks"),
        "text": _("The steps of the workflow: who does them, and when."),
        "missing": _("There are no tasks yet."),
        "add": _("Add a task"),
        "lead": _("What a person or another system does as soon as its fields are filled in."),
    },
    COMPLETIONS: {
        "kicker": _("Completion"),
        "title": _("Completions"),
        "text": _("How the workflow ends. The first completion whose condition is true applies."),
        "missing": _("Nothing ends the workflow yet."),
        "add": _("Add a completion"),
        "lead": _("What ends the workflow, or puts it on hold."),
    },
}
"""The words of each kind on the page that lists all parts, and on the form of a part."""
_PAGES: Final = ("edit", "duplicate", "move", "delete")


def part_lists(workflow: WorkflowDefinition) -> list[dict[str, Any]]:
    """Return the three lists of a draft, each with its words and rows."""
    content = read_workflow(workflow)
    vocabulary = Vocabulary.of_schema(workflow.fields_schema)
    rows: dict[Kind, list[dict[str, Any]]] = {kind.key: [] for kind in ALL_KINDS}
    for row, part in content.parts():
        rows[part.kind].append(_row(row, part, vocabulary, content))
    return [
        {
            **words,
            "members": kind.members,
            "rows": rows[kind.key],
            "add_url": reverse(f"{kind.address}_create", args=[workflow.pk]),
        }
        for kind, words in WORDS.items()
    ]


def _row(row: Part, part: PartFile, vocabulary: Vocabulary, content: StoredWorkflow) -> dict[str, Any]:
    """Return a part with the URLs of the pages that change it."""
    kind = kind_for(row)
    rows = content.rows[kind.members]
    return {
        "line": part_line(row, part, vocabulary),
        **{f"{page}_url": reverse(f"{kind.address}_{page}", args=[row.pk]) for page in _PAGES},
        "layout_url": layout_url(row),
        "is_first": row == rows[0],
        "is_last": row == rows[-1],
    }


def layout_url(part: Part) -> str:
    """Return the URL of the layout editor of a part, or "" if the part shows nothing."""
    if isinstance(part, TaskDefinition) and part.task_type != TaskType.FORM:
        return ""
    which = "form" if hasattr(part, "edit_layout") else "reading"
    return reverse(f"{kind_for(part).address}_layout", args=[part.pk, which])
