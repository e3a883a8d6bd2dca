"""What a version accepts as meant so: why, by whom and when, and whether it is out of date."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy

from users.models import AuditEvent
from users.models.audit import AuditOperation
from workflow_design.check.acceptance import CHANGED, GONE, IS_ERROR, find_accepted, key_of
from workflow_design.check.findings import CheckReport
from workflow_design.definition.accepted import MAX_ACCEPTED
from workflow_design.models import WorkflowDefinition
from workflow_design.pages.lines import Link
from workflow_design.pages.places import Places

_WHY: Final = {
    CHANGED: gettext_lazy(
        "Out of date: what it is about has changed since, so it counts again. Accept it again if it is still "
        "meant so; otherwise remove this."
    ),
    GONE: gettext_lazy("Out of date: the check does not find this any more."),
    IS_ERROR: gettext_lazy("Out of date: this is an error, and errors can't be accepted."),
}


@dataclass(frozen=True, slots=True)
class AcceptedLine:
    """One accepted finding."""

    key: str
    code: str
    place: Link
    reason: str
    message: str
    """What the check says now; "" if it does not say it."""
    why_outdated: str
    """Why it is out of date; "" if it is not."""
    who: str
    at: datetime | None
    """Who accepted it and when, as far as the audit log knows."""


def build_accepted(report: CheckReport, places: Places) -> list[AcceptedLine]:
    """Return what a version accepts, first what is out of date. One query if it accepts anything."""
    workflow = places.workflow
    why = {key_of(_without_why(entry)): str(_WHY[entry["why"]]) for entry in report.outdated}
    events = _find_events(workflow) if workflow.accepted else {}
    lines = []
    for entry in workflow.accepted:
        key, finding = key_of(entry), find_accepted(entry, report.findings)
        link = places.link(finding.pointer if finding else entry["pointer"])
        event = events.get(key)
        lines.append(
            AcceptedLine(
                key=key,
                code=entry["code"],
                place=link if finding else replace(link, title=entry.get("title") or link.title),
                reason=entry["reason"],
                message=finding.message if finding else "",
                why_outdated=why.get(key, ""),
                who=event.actor if event else "",
                at=event.at if event else None,
            )
        )
    return sorted(lines, key=lambda line: not line.why_outdated)


def _without_why(entry: Any) -> dict[str, str]:
    return {name: value for name, value in entry.items() if name != "why"}


def _keys(text: str | None) -> set[str]:
    """Return the keys of the entries in the text of a column of the audit log."""
    return set(map(key_of, json.loads(text))) if text else set()


def _find_events(workflow: WorkflowDefinition) -> dict[str, AuditEvent]:
    """Return for each entry the change by which it came into the workflow; a new version only copies it.

    As many changes are read as there can be entries, so that thousands of changes don't slow the page down.
    """
    versions = WorkflowDefinition.objects.filter(line=workflow.line_id)
    changes = AuditEvent.objects.filter(
        workflow_id__in=versions.values("pk"), table=WorkflowDefinition._meta.db_table
    )
    newest = changes.filter(changes__has_key="accepted").order_by("-act", "-id")[:MAX_ACCEPTED]
    found: dict[str, AuditEvent] = {}
    for event in reversed(newest):
        before, after = (_keys(text) for text in event.values("accepted"))
        for key in after - before:
            if event.operation != AuditOperation.INSERT or key not in found:
                found[key] = event
    return found
