"""Reports on workflow files that need not be stored, for programs and for authors of files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from workflow_design.check.acceptance import accept
from workflow_design.check.check_file import IN_FULL, Bounds, check_file
from workflow_design.check.findings import CheckReport, Finding, problems_to_errors, sort_by_severity
from workflow_design.check.static import all_problems
from workflow_design.definition.file_json import WorkflowFileError, parse_workflow_file
from workflow_design.definition.workflow import WorkflowFile

FindInCompany = Callable[[WorkflowFile], Iterable[Finding]]


def report_on_file(
    content: str | bytes, *, in_company: FindInCompany | None = None, bounds: Bounds = IN_FULL
) -> CheckReport:
    """Check the text of a workflow file, also one with problems of form.

    `in_company` returns what a company lacks for it (`reports.findings_in_company`).
    """
    look: FindInCompany = in_company or (lambda _file: ())
    try:
        file = parse_workflow_file(content)
    except WorkflowFileError as error:
        findings = [*problems_to_errors(all_problems(error))]
        if rest := error.rest:
            findings += [each for each in look(rest.file) if rest.is_read(each.pointer)]
        return replace(unexplored(sort_by_severity(findings)), is_exact=True)
    report = check_file(file, bounds=bounds)
    found = sort_by_severity([*report.findings, *look(file)])
    return accept(replace(report, findings=found), file.accepted, knows_company=in_company is not None)


def unexplored(findings: Iterable[Finding]) -> CheckReport:
    """Return a report of which no path was tried."""
    return CheckReport(tuple(findings), is_complete=False, states=0, writes=0)
