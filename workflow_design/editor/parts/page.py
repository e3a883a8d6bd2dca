"""Context of the page that lists the tickets, tasks and completions of a draft."""

from collections.abc import Mapping
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from workflow_design.definition.workflow import CompletionFile, Kind, PartFile, TicketFile, WorkflowFile
from workflow_design.models import Part, TaskDefinition, TaskType, WorkflowDefinition
from workflow_design.pages.lines import fields_in_rule, part_line
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
from workflow_design.wording.rules import Vocabulary, join_words

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


def describe_loss(file: WorkflowFile, part: PartFile) -> list[str]:
    """Return what the workflow loses with a part: who waits for a field that nothing else fills in."""
    others = [each for kind in ALL_KINDS for each in getattr(file, kind.members) if each is not part]
    only_here = set(part.may_write).difference(*(each.may_write for each in others))
    vocabulary = Vocabulary.of_schema(file.fields_schema)
    lost = []
    for other in others:
        used = {*other.reads, *fields_in_rule(getattr(other, "condition", None))}
        waits = [f"“{vocabulary.title(name)}”" for name in part.may_write if name in used & only_here]
        if waits:
            text = gettext("“%(title)s” waits for %(fields)s, which nothing else fills in.")
            lost.append(text % {"title": other.title, "fields": join_words(waits, gettext("and"))})
    if isinstance(part, TicketFile) and len(file.tickets) == 1:
        lost.append(gettext("No other ticket starts the workflow."))
    if isinstance(part, CompletionFile) and [each for each in file.completions if each.is_final] == [part]:
        lost.append(gettext("Nothing else ends the workflow."))
    return lost


def layout_url(part: Part) -> str:
    """Return the URL of the layout editor of a part, or "" if the part shows nothing."""
    if isinstance(part, TaskDefinition) and part.task_type != TaskType.FORM:
        return ""
    which = "form" if hasattr(part, "edit_layout") else "reading"
    return reverse(f"{kind_for(part).address}_layout", args=[part.pk, which])
