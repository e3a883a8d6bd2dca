"""What the page shows that asks before a version is published."""

from typing import Any

from django.utils.translation import gettext as _

from workflow_design.compare.difference import difference
from workflow_design.models import WorkflowDefinition
from workflow_design.pages.places import Places
from workflow_design.pages.report import check_context
from workflow_design.persistence.exporting import file_of


def publishing_report(workflow: WorkflowDefinition) -> dict[str, Any]:
    """What the check says of a draft, what changes, and what follows if it is published."""
    check = check_context(workflow, Places.loaded(workflow))
    shown = check["check"]
    may_publish = not (shown.is_missing or shown.is_pending or shown.has_errors)
    before = workflow.line.versions.active().first()
    return {
        **check,
        "workflow": workflow,
        "may_publish": may_publish,
        "consequences": _consequences(before),
        "before": before,
        "difference": difference(file_of(before), file_of(workflow)) if before else None,
    }


def _consequences(before: WorkflowDefinition | None) -> list[str]:
    consequences = [_("After that it can't be changed any more; changes go into a new version.")]
    if before is not None:
        text = _("Version %(version)d is archived. Workflows that run on it go on to their end.")
        consequences.append(text % {"version": before.version})
    return consequences
