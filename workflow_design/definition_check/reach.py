"""What can be set going at all, judged by who writes what who reads, whatever the conditions say."""

from collections.abc import Collection, Iterator, Sequence

from django.utils.translation import gettext as _

from workflow_design.definition.problems import Problem, pointer
from workflow_design.definition.workflow import WorkflowFile


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
