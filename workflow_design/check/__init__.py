"""The check of a workflow file: all that can be proved about a definition (`engine.md`, "The check")."""

import time
from collections.abc import Callable

from workflow_design.check.exploration import IN_FULL, QUICK, Bounds, explore
from workflow_design.check.findings import CheckReport, errors_of
from workflow_design.check.static import check_definition
from workflow_design.definition.schema import parse_fields
from workflow_design.definition.workflow import WorkflowFile

__all__ = ["IN_FULL", "QUICK", "Bounds", "check_file"]


def check_file(
    file: WorkflowFile, *, bounds: Bounds = IN_FULL, now: Callable[[], float] = time.monotonic
) -> CheckReport:
    """The findings of a definition, except those that only its company knows.

    What is wrong with it without trying anything comes alone: ways through a definition that names
    unknown fields mean nothing, so none is tried, and the report is not complete. Never raises for
    what is wrong. `now` gives the time in seconds.
    """
    problems = check_definition(file)
    if problems:
        return CheckReport(errors_of(problems), is_complete=False, states=0, writes=0)
    return explore(file, parse_fields(file.fields_schema), bounds=bounds, now=now)
