"""The report of the check is kept for each version, so that pages show it without exploring anything.

Every function that changes a draft calls `recheck` at its end, in its own transaction.
"""

import json
from hashlib import sha256
from typing import Final

from django.utils import timezone

from workflow_design.definition_check import check_definition
from workflow_design.exporting import file_of
from workflow_design.findings import CheckReport, errors_of
from workflow_design.models import CheckStatus, DefinitionCheck, WorkflowDefinition
from workflow_design.workflow_file import to_json
from workflow_design.workflow_file_format import WorkflowFile

CHECK_VERSION: Final = 1
"""Goes up when the check finds more than before: reports of an older one are out of date."""


def recheck(workflow: WorkflowDefinition) -> None:
    """Check a version as it is stored now and keep the report. Seven statements at most.

    Called at the end of whatever changes a draft, inside its transaction. Never raises for what
    is wrong with the definition: that is what the report says.
    """
    file = file_of(workflow)
    report = check_in_full(file)
    DefinitionCheck.objects.update_or_create(
        workflow=workflow,
        defaults={
            **report.as_json(),
            "status": CheckStatus.CHECKED,
            "digest": digest_of(file),
            "checked_at": timezone.now(),
        },
    )


def digest_of(file: WorkflowFile) -> str:
    """What a report is kept with: another digest, and it is about something else."""
    text = json.dumps([CHECK_VERSION, to_json(file)], ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def check_in_full(file: WorkflowFile) -> CheckReport:
    """All that the check can say of a file, within its bounds (`engine.md`, "The check")."""
    return CheckReport(errors_of(check_definition(file)), is_complete=True, states=0, writes=0)
