"""The check of a whole definition."""

from collections.abc import Collection, Iterator, Sequence

from django.utils.translation import gettext as _

from workflow_design.check.scope import Scope
from workflow_design.check.static_tasks import problems_of_task
from workflow_design.definition.problems import Problem, pointer
from workflow_design.definition.workflow import CompletionFile, CompletionStatus, TicketFile, WorkflowFile


def check_definition(file: WorkflowFile) -> list[Problem]:
    """All that keeps a definition from being published, except what only its company knows (roles).

    Each problem has a stable code, a JSON pointer into the workflow file and a sentence. The
    definition need not come from a file: one that is edited in forms is checked as the file that
    it would be.
    """
    scope = Scope(file)
    found = [*scope.schema_problems, *scope.display("/display_layout", file.display_layout)]
    if not file.tickets:
        found.append(Problem("/tickets", _("A workflow starts with a ticket: add one."), "no-ticket"))
    for number, ticket in enumerate(file.tickets):
        found += _ticket(scope, pointer("tickets", number), ticket)
    for number, task in enumerate(file.tasks):
        found += problems_of_task(scope, pointer("tasks", number), task)
    for number, completion in enumerate(file.completions):
        found += _completion(scope, pointer("completions", number), completion)
    return [*found, *_end(file), *problems_of_reach(file, scope.declared)]


def _ticket(scope: Scope, where: str, ticket: TicketFile) -> Iterator[Problem]:
    if not ticket.fields:
        message = _("Name at least one field that the ticket's form asks for.")
        yield Problem(f"{where}/fields", message, "ticket-without-fields")
    yield from scope.names(f"{where}/fields", ticket.fields)
    yield from scope.form(f"{where}/edit_layout", ticket.edit_layout, ticket.fields)
    yield from scope.display(f"{where}/display_layout", ticket.display_layout)


def _completion(scope: Scope, where: str, completion: CompletionFile) -> Iterator[Problem]:
    if completion.completion_status not in list(CompletionStatus):
        message = _("A completion gives one of the statuses %(names)s.")
        names = ", ".join(CompletionStatus)
        yield Problem(f"{where}/completion_status", message % {"names": names}, "bad-status")
    if not completion.fields:
        message = _("Name at least one field: the completion is asked when one of them is written.")
        yield Problem(f"{where}/fields", message, "completion-without-fields")
    yield from scope.names(f"{where}/fields", completion.fields)
    yield from scope.condition(f"{where}/condition", completion.condition)
    yield from scope.display(f"{where}/display_layout", completion.display_layout)


def _end(file: WorkflowFile) -> Iterator[Problem]:
    final = [status for status in CompletionStatus if status.is_final]
    if not any(completion.completion_status in final for completion in file.completions):
        message = _("Nothing ends this workflow: add a completion with the status COMPLETED or CANCELLED.")
        yield Problem("/completions", message, "no-end")


def problems_of_reach(file: WorkflowFile, declared: Collection[str]) -> Iterator[Problem]:
    """A problem for every task and completion whose fields nothing writes.

    What names no field or an unknown one has that problem already: it is not reported again, and
    what it writes counts as written.
    """
    written = _written(file, declared)
    for number, task in enumerate(file.tasks):
        if not _is_set_going(task.input_fields, written, declared):
            message = _(
                "Nothing starts this task: no ticket and no task that can start writes a field that it reads."
            )
            yield Problem(pointer("tasks", number, "input_fields"), message, "never-triggered")
    for number, completion in enumerate(file.completions):
        if completion.fields and not _is_set_going(completion.fields, written, declared):
            message = _(
                "Nothing reaches this completion: no ticket and no task that can start writes its fields."
            )
            yield Problem(pointer("completions", number, "fields"), message, "never-triggered")


def _written(file: WorkflowFile, declared: Collection[str]) -> set[str]:
    """The fields that tickets write, and all that follows from them."""
    written = {name for ticket in file.tickets for name in ticket.fields}
    waiting = list(file.tasks)
    while True:
        idle = []
        for task in waiting:
            if _is_set_going(task.input_fields, written, declared):
                written.update(task.output_fields)
            else:
                idle.append(task)
        if len(idle) == len(waiting):
            return written
        waiting = idle


def _is_set_going(reads: Sequence[str], written: Collection[str], declared: Collection[str]) -> bool:
    return not reads or any(name in written or name not in declared for name in reads)
