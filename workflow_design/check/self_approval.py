"""Tasks in which people can decide about their own tickets."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from workflow_design.check.findings import Finding, Severity
from workflow_design.definition.fields import Fields
from workflow_design.definition.problems import pointer
from workflow_design.definition.workflow import TaskFile, TicketFile, WorkflowFile


@dataclass(frozen=True, slots=True)
class Decision:
    """A task that decides about what a ticket asks for, and that the submitter is not excluded from."""

    position: int
    task: TaskFile
    ticket: TicketFile


def find_decisions(file: WorkflowFile, fields: Fields) -> Iterator[Decision]:
    """Yield each form that reads or shows what a ticket asks for, and answers with a choice or yes or no."""
    for position, task in enumerate(file.tasks):
        # A draft may name fields that its schema does not declare.
        asked = [fields[name] for name in task.output_fields if name in fields]
        # With a single choice, such as "done", there is nothing to decide.
        decides = any(len(field.type.all_values(field)) > 1 for field in asked)
        if not task.is_form or task.not_submitter or not decides:
            continue
        about = {*task.input_fields, *task.shown_fields} - {task.assignee_field}
        for ticket in file.tickets:
            if not about.isdisjoint(ticket.fields):
                yield Decision(position, task, ticket)


def find_self_approvals(file: WorkflowFile, fields: Fields) -> Iterator[Finding]:
    """Yield the decisions for which the submitter names who decides, and so may name themselves."""
    found: set[int] = set()
    for decision in find_decisions(file, fields):
        name = decision.task.assignee_field
        if name not in decision.ticket.fields or decision.position in found:
            continue
        found.add(decision.position)
        message = _(
            "Who submits “%(ticket)s” names in “%(field)s” who does “%(task)s”, and can name themselves."
        )
        words = {
            "ticket": decision.ticket.title,
            "field": fields[name].title,
            "task": decision.task.title,
        }
        yield Finding(
            "self-approval",
            Severity.WARNING,
            pointer("tasks", decision.position, "assignee_field"),
            message % words,
            _("To rule that out, choose “Never the submitter of the ticket”."),
        )
