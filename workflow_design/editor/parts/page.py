"""Context of the page that lists the tickets, tasks and completions of a draft."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from workflow_design.definition.workflow import Kind, PartFile
from workflow_design.models import Part, TaskDefinition, TaskType, WorkflowDefinition
from workflow_design.pages.lines import PartLine, part_line
from workflow_design.persistence.exporting import StoredWorkflow, read_workflow
from workflow_design.persistence.part_kinds import ALL_KINDS, COMPLETIONS, TASKS, TICKETS, kind_for
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
    """Return the three lists of a draft."""
    content = read_workflow(workflow)
    vocabulary = Vocabulary.of_schema(workflow.fields_schema)
    rows: dict[Kind, list[PartRow]] = {kind.key: [] for kind in ALL_KINDS}
    for row, part in content.parts():
        rows[part.kind].append(_row(row, part, vocabulary, content))
    words = {
        TICKETS: (
            _("Tickets"),
            _("The forms that start the workflow."),
            _("No ticket starts the workflow yet."),
            _("Add a ticket"),
        ),
        TASKS: (
            _("Tasks"),
            _("The steps of the workflow: who does them, and when."),
            _("There are no tasks yet."),
            _("Add a task"),
        ),
        COMPLETIONS: (
            _("Completions"),
            _("How the workflow ends. The first completion whose condition is true applies."),
            _("Nothing ends the workflow yet."),
            _("Add a completion"),
        ),
    }
    return [
        PartList(
            kind.members,
            title,
            text,
            rows[kind.key],
            missing,
            add,
            reverse(f"{kind.address}_create", args=[workflow.pk]),
        )
        for kind, (title, text, missing, add) in words.items()
    ]


def _row(row: Part, part: PartFile, vocabulary: Vocabulary, content: StoredWorkflow) -> PartRow:
    kind = kind_for(row)
    rows = content.rows[kind.members]
    return PartRow(
        line=part_line(row, part, vocabulary),
        edit_url=reverse(f"{kind.address}_edit", args=[row.pk]),
        duplicate_url=reverse(f"{kind.address}_duplicate", args=[row.pk]),
        move_url=reverse(f"{kind.address}_move", args=[row.pk]),
        delete_url=reverse(f"{kind.address}_delete", args=[row.pk]),
        layout_url=layout_url(row),
        is_first=row == rows[0],
        is_last=row == rows[-1],
    )


def layout_url(part: Part) -> str:
    """Return the URL of the layout editor of a part, or "" if the part shows nothing."""
    if isinstance(part, TaskDefinition) and part.task_type != TaskType.FORM:
        return ""
    which = "form" if hasattr(part, "edit_layout") else "reading"
    return reverse(f"{kind_for(part).address}_layout", args=[part.pk, which])
