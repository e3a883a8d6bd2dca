"""What a form that changes a draft refuses: what a workflow file would be refused for, at that place.

One source for files and forms: `workflow_file_problems` for the form of things, `definition_check` for
their meaning. What only the rest of the workflow can mend (nothing writes the field yet, nothing ends
the workflow yet) is not refused: a draft is made one part after the other.
"""

from typing import Final

from workflow_design.check.static import check_definition
from workflow_design.definition.file_json import problems_of, to_json
from workflow_design.definition.problems import Problem
from workflow_design.definition.workflow import WorkflowFile

MENDED_ELSEWHERE: Final = frozenset({"never-triggered", "no-ticket", "no-end"})


def refusals(file: WorkflowFile, where: str) -> list[Problem]:
    """The problems of what stands at the pointer `where`, seen from there."""
    every = [*problems_of(to_json(file)), *check_definition(file)]
    return [
        Problem(problem.pointer.removeprefix(where), problem.message, problem.code)
        for problem in every
        if problem.code not in MENDED_ELSEWHERE
        and (problem.pointer == where or problem.pointer.startswith(f"{where}/"))
    ]


def names_lost(before: WorkflowFile, after: WorkflowFile) -> list[Problem]:
    """The uses of fields that `after` does not declare, other than those that `before` had already."""
    known = {problem.pointer for problem in check_definition(before) if problem.code == "unknown-field"}
    return [
        problem
        for problem in check_definition(after)
        if problem.code == "unknown-field"
        and problem.pointer not in known
        and not problem.pointer.startswith("/fields_schema")
    ]
