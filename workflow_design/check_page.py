"""What pages need to show the check of a version, fetched."""

from typing import Any

from workflow_design.finding_places import Places
from workflow_design.models import WorkflowDefinition
from workflow_design.persistence.exporting import file_of
from workflow_design.persistence.reports import findings_in_company, kept_check
from workflow_design.shown_check import marks_of, shown_check


def check_context(workflow: WorkflowDefinition, places: Places) -> dict[str, Any]:
    """The check as templates/workflow_design/check.html shows it, and the marks that it makes on a picture.

    Nothing is explored. Of a draft the report is shown only if it is about what the draft is now, and
    roles and people of the company are looked at: nine statements. Of other versions, one.
    """
    file = file_of(workflow) if workflow.is_draft else None
    kept = kept_check(workflow, file)
    of_company = findings_in_company(file) if file is not None else ()
    check = shown_check(kept, places, of_company=of_company)
    found = [shown.finding for group in check.groups for shown in group.findings]
    return {"check": check, "marks": marks_of(found, places), "kept": kept}
