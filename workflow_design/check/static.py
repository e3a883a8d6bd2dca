"""The static check: errors that can be found without exploring the workflow.

A definition with such an error can't be published.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from django.utils.translation import gettext as _

from workflow_design.check.actions import find_action_problems
from workflow_design.check.fixes.by_code import add_fixes
from workflow_design.check.messages import find_message_problems
from workflow_design.check.scope import Scope
from workflow_design.definition.field_types import CHOICE, USER, YES_NO
from workflow_design.definition.fields import FILTERABLE
from workflow_design.definition.file_json import WorkflowFileError, to_json
from workflow_design.definition.problems import Problem, pointer
from workflow_design.definition.ready_made import fields_in_text, has_open_brace
from workflow_design.definition.subjects import IN_SUBJECTS
from workflow_design.definition.workflow import (
    SUBMITTER,
    CompletionFile,
    CompletionStatus,
    TaskFile,
    TaskType,
    TicketFile,
    WorkflowFile,
)

MAX_FILTERABLE: Final = 5
NOT_YET: Final = frozenset({"never-triggered", "no-ticket", "no-end"})
"""Errors of a draft that is unfinished rather than wrong: a part that is yet to come fixes them."""


def check_definition(file: WorkflowFile) -> list[Problem]:
    """Return all problems that prevent publishing, except those that depend on the company (roles).

    Each problem has a stable code, a JSON pointer into the workflow file and a message. The definition need
    not come from a file: a draft that is edited in forms is checked as the file that it would be exported
    to.
    """
    scope = Scope(file)
    found = [*scope.schema_problems, *_find_surplus_filters(scope)]
    found += scope.layout("/display_layout", file.display_layout)
    if not file.tickets:
        found.append(Problem("/tickets", _("A workflow starts with a ticket. Add one."), "no-ticket"))
    for number, ticket in enumerate(file.tickets):
        found += _find_ticket_problems(scope, pointer("tickets", number), ticket)
    for number, task in enumerate(file.tasks):
        found += find_task_problems(scope, pointer("tasks", number), task)
    for number, completion in enumerate(file.completions):
        found += _find_completion_problems(scope, pointer("completions", number), completion)
    found += [*_find_missing_end(file), *find_unreachable(file, scope.declared)]
    return add_fixes(found, to_json(file)) if found else found


def all_problems(error: WorkflowFileError) -> list[Problem]:
    """Return the problems of form of a file, and those of meaning that do not follow from them."""
    if error.rest is None:
        return add_fixes(error.problems, error.document)
    rest = error.rest
    found = [problem for problem in check_definition(rest.file) if rest.is_read(problem.pointer)]
    # What could not be read may write the fields that seem to be written by nobody.
    if any(_WRITERS.fullmatch(pointer) for pointer in rest.unread):
        found = [problem for problem in found if problem.code != "never-triggered"]
    return add_fixes([*error.problems, *found], error.document)


_WRITERS: Final = re.compile(
    r"/(tickets(/\d+(/fields(/\d+)?)?)?|tasks(/\d+(/(input|output)_fields(/\d+)?)?)?)"
)


def _find_surplus_filters(scope: Scope) -> Iterator[Problem]:
    marked = [name for name, field in scope.fields.items() if field.is_filterable]
    for name in marked[MAX_FILTERABLE:]:
        message = _("Lists can be filtered by at most %(number)d fields of a workflow.")
        where = pointer("fields_schema", "properties", name, FILTERABLE)
        yield Problem(where, message % {"number": MAX_FILTERABLE}, "too-many-filters")


def _find_ticket_problems(scope: Scope, where: str, ticket: TicketFile) -> Iterator[Problem]:
    if not ticket.fields:
        message = _("Add at least one field that the ticket's form asks for.")
        yield Problem(f"{where}/fields", message, "ticket-without-fields")
    yield from scope.names(f"{where}/fields", ticket.fields)
    if ticket.subject:
        yield from _find_subject_problems(scope, f"{where}/subject", ticket)
    yield from _find_priority_problems(scope, f"{where}/priority_field", ticket.priority_field)
    yield from scope.layout(f"{where}/edit_layout", ticket.edit_layout, ticket.fields)
    yield from scope.layout(f"{where}/display_layout", ticket.display_layout)


def _find_subject_problems(scope: Scope, where: str, ticket: TicketFile) -> Iterator[Problem]:
    if has_open_brace(ticket.subject):
        yield Problem(where, _("A brace opens here and does not close."), "open-brace")
    named = list(dict.fromkeys(fields_in_text(ticket.subject)))
    if not named:
        message = _("All tickets would have this subject: put a field in.")
        yield Problem(where, message, "subject-without-fields")
    for name in named:
        field = scope.fields.get(name)
        if name not in scope.declared:
            yield scope.unknown(where, name)
        elif name not in ticket.fields:
            message = _("The form of this ticket does not ask for “%(name)s”.") % {"name": name}
            yield Problem(where, message, "not-of-the-ticket", name)
        elif field is not None and field.type not in IN_SUBJECTS:
            message = _(
                "A subject can't show “%(name)s”: only short texts, choices, numbers, money and dates."
            )
            yield Problem(where, message % {"name": name}, "not-in-subjects", name)


def _find_priority_problems(scope: Scope, where: str, name: str | None) -> Iterator[Problem]:
    if name is None:
        return
    if name not in scope.declared:
        yield scope.unknown(where, name)
    elif name in scope.fields and scope.fields[name].type is not CHOICE:
        message = _("“%(name)s” is no choice, so it can't be the priority.") % {"name": name}
        yield Problem(where, message, "priority-not-a-choice")


def _find_completion_problems(scope: Scope, where: str, completion: CompletionFile) -> Iterator[Problem]:
    if completion.completion_status not in list(CompletionStatus):
        message = _("The status of a completion must be one of %(names)s.")
        names = ", ".join(CompletionStatus)
        yield Problem(f"{where}/completion_status", message % {"names": names}, "bad-status")
    if not completion.fields:
        message = _("Add at least one field: the completion is evaluated when one of them is written.")
        yield Problem(f"{where}/fields", message, "completion-without-fields")
    yield from scope.names(f"{where}/fields", completion.fields)
    yield from scope.condition(f"{where}/condition", completion.condition)
    yield from scope.layout(f"{where}/display_layout", completion.display_layout)


def _find_missing_end(file: WorkflowFile) -> Iterator[Problem]:
    final = [status for status in CompletionStatus if status.is_final]
    if not any(completion.completion_status in final for completion in file.completions):
        message = _("Nothing ends this workflow yet: add a completion that makes it completed or cancelled.")
        yield Problem("/completions", message, "no-end")


def find_unreachable(file: WorkflowFile, declared: Collection[str]) -> Iterator[Problem]:
    """Yield a problem for every task and completion whose fields nothing writes.

    A definition that names no field, or an unknown one, already has a problem of its own. It is not
    reported again, and its outputs count as written.
    """
    written = _find_written_fields(file, declared)
    for number, task in enumerate(file.tasks):
        if not _is_triggered(task.input_fields, written, declared):
            message = _(
                "Nothing starts this task: no ticket and no task that can start writes a field that it reads."
            )
            yield Problem(pointer("tasks", number, "input_fields"), message, "never-triggered")
    for number, completion in enumerate(file.completions):
        if completion.fields and not _is_triggered(completion.fields, written, declared):
            message = _(
                "Nothing reaches this completion: no ticket and no task that can start writes its fields."
            )
            yield Problem(pointer("completions", number, "fields"), message, "never-triggered")


def _find_written_fields(file: WorkflowFile, declared: Collection[str]) -> set[str]:
    """Return the fields that tickets write, and all fields that tasks can write as a consequence."""
    written = {name for ticket in file.tickets for name in ticket.fields}
    # Repeat until no further task can start: each started task may trigger others.
    remaining_tasks = list(file.tasks)
    while True:
        untriggered = []
        for task in remaining_tasks:
            if _is_triggered(task.input_fields, written, declared):
                written.update(task.output_fields)
                if task.overdue_field is not None:
                    written.add(task.overdue_field)
            else:
                untriggered.append(task)
        if len(untriggered) == len(remaining_tasks):
            return written
        remaining_tasks = untriggered


def _is_triggered(reads: Sequence[str], written: Collection[str], declared: Collection[str]) -> bool:
    # Definitions without fields, or with unknown ones, already have a problem of their own.
    return not reads or any(name in written or name not in declared for name in reads)


def find_task_problems(scope: Scope, where: str, task: TaskFile) -> Iterator[Problem]:
    """Yield all problems of a task definition at the pointer `where`."""
    if task.task_type not in list(TaskType):
        message = _("Unknown type of task. Known types: %(names)s.") % {"names": ", ".join(TaskType)}
        yield Problem(f"{where}/task_type", message, "bad-type")
    if not task.input_fields:
        message = _("Add at least one field that the task reads: it starts when one of them is written.")
        yield Problem(f"{where}/input_fields", message, "task-without-inputs")
    yield from scope.names(f"{where}/input_fields", task.input_fields)
    yield from _find_shown_problems(scope, f"{where}/shown_fields", task)
    yield from scope.names(f"{where}/output_fields", task.output_fields)
    yield from _find_reset_problems(scope, f"{where}/reset_fields", task)
    yield from scope.condition(f"{where}/condition", task.condition)
    if task.overdue_field is not None:
        yield from _find_overdue_problems(scope, f"{where}/overdue_field", task, task.overdue_field)
    yield from scope.layout(f"{where}/edit_layout", task.edit_layout, task.output_fields)
    yield from scope.layout(f"{where}/display_layout", task.display_layout)
    if task.task_type == TaskType.FORM:
        yield from _find_form_problems(scope, where, task)
    else:
        yield from find_action_problems(scope, where, task)
        if task.needs_approval:
            message = _("A person can confirm the answer to a form, not that of an action.")
            yield Problem(f"{where}/needs_approval", message, "approval-of-action")
    if task.action:
        yield from find_message_problems(scope, where, task)


def _find_shown_problems(scope: Scope, where: str, task: TaskFile) -> Iterator[Problem]:
    yield from scope.names(where, task.shown_fields)
    for position, name in enumerate(task.shown_fields):
        if name in task.input_fields:
            message = _("“%(name)s” starts this task, so its page shows it anyway.")
            fix = _("Remove it from shown_fields, or from input_fields if it should not start the task.")
            yield Problem(f"{where}/{position}", message % {"name": name}, "doubled-field", fix=fix)


def _find_reset_problems(scope: Scope, where: str, task: TaskFile) -> Iterator[Problem]:
    yield from scope.names(where, task.reset_fields)
    for position, name in enumerate(task.reset_fields):
        if name in scope.declared and name not in task.output_fields:
            message = _("“%(name)s” is not among the fields that the task writes; only those can be reset.")
            yield Problem(f"{where}/{position}", message % {"name": name}, "reset-not-output")


def _find_overdue_problems(scope: Scope, where: str, task: TaskFile, name: str) -> Iterator[Problem]:
    if task.due_hours is None:
        message = _("The task is never due, so it is never overdue. Say after how many hours it is due.")
        yield Problem(where, message, "overdue-without-hours")
    words = {"name": name, "title": scope.writers.get(name, "")}
    if name not in scope.declared:
        yield scope.unknown(where, name)
    elif name in scope.fields and scope.fields[name].type is not YES_NO:
        message = _("“%(name)s” is no yes/no field, so it can't say that the task is overdue.")
        yield Problem(where, message % words, "overdue-not-yes-no")
    elif name in scope.writers:
        message = _("Only the clock may write “%(name)s”, but “%(title)s” fills it in.")
        yield Problem(where, message % words, "overdue-written", name)


def _find_form_problems(scope: Scope, where: str, task: TaskFile) -> Iterator[Problem]:
    if not task.output_fields:
        message = _("Add at least one field that the form asks for.")
        yield Problem(f"{where}/output_fields", message, "form-without-outputs")
    name = task.assignee_field
    if name == SUBMITTER and task.not_submitter:
        message = _("Nobody can ever do this task: it goes to the submitter of the ticket, who is excluded.")
        yield Problem(f"{where}/assignee_field", message, "submitter-excluded")
    if name is None or name == SUBMITTER:
        return
    if name not in scope.declared:
        yield scope.unknown(f"{where}/assignee_field", name)
    elif name in scope.fields and scope.fields[name].type is not USER:
        message = _("“%(name)s” does not hold a person. Use a field that does, or $submitter.")
        yield Problem(f"{where}/assignee_field", message % {"name": name}, "assignee-not-a-person")
