"""The check as the pages show it: grouped findings with links and texts, and marks on the picture."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from ticketflower.http import PageRequest, company_page
from workflow_design.access import find_workflow, may_change
from workflow_design.check.findings import CheckReport, Finding, Severity
from workflow_design.check.static import NOT_YET
from workflow_design.definition.workflow import DefinitionKey
from workflow_design.models import CheckStatus, DefinitionCheck, WorkflowDefinition
from workflow_design.pages.accepted import AcceptedLine, build_accepted
from workflow_design.pages.places import Places
from workflow_design.persistence.exporting import StoredWorkflow, read_workflow
from workflow_design.persistence.reports import recheck, report_in_company, stored_check
from workflow_design.picture.model import Mark
from workflow_design.wording.decisions import describe_moves
from workflow_design.wording.rules import Vocabulary

_TONES: Final = {
    Severity.ERROR: "danger",
    Severity.WARNING: "warning",
    Severity.NOTE: "info",
    Severity.HINT: "neutral",
}
_HEADS: Final = {
    Severity.ERROR: gettext_lazy("Errors: it can't be published until you fix these"),
    Severity.WARNING: gettext_lazy("Problems: these can happen to users"),
    Severity.NOTE: gettext_lazy("Notes: good to know, and often intended"),
    Severity.HINT: gettext_lazy("Hints: possible simplifications"),
}
_LONG: Final = timedelta(minutes=1)
"""After this time a running check waits for other checks, or for a worker that is not there."""
_STILL_MISSING: Final = gettext_lazy("Still missing before it can be published")
_WHY_INCOMPLETE: Final = ("no-example", "too-many-answers")
# Notes and hints are not marked: they would distract from the findings that matter.
_MARKED: Final = (Severity.ERROR, Severity.WARNING)


@dataclass(frozen=True, slots=True)
class CheckSummary:
    """The check of a version. `tone` and `summary` describe its progress."""

    tone: str
    summary: str
    groups: list[dict[str, Any]]
    """The findings by their severity, as the page shows them."""
    checked_at: datetime | None
    is_pending: bool
    is_missing: bool
    """Whether there is no report of the current content."""
    has_errors: bool
    has_warnings: bool
    accepted: list[AcceptedLine] = field(default_factory=list)
    """What is meant so, and counts nowhere else."""

    @property
    def is_outdated(self) -> bool:
        """True if something that is accepted is out of date."""
        return any(line.why_outdated for line in self.accepted)

    @property
    def is_unfinished(self) -> bool:
        """True if there is no report of the current content, or only a preliminary one."""
        return self.is_missing or self.is_pending


def _summarize_check(stored: DefinitionCheck | None, report: CheckReport, places: Places) -> CheckSummary:
    """Summarize a report as `report_in_company` returns it. `stored` is that of which it is made."""
    findings = [finding for finding in report.findings if finding.accepted is None]
    is_pending = stored is not None and stored.status == CheckStatus.PENDING
    tone, summary = _summary(report if stored else None, is_pending=is_pending)
    if stored is not None and is_pending and stored.checked_at < timezone.now() - _LONG:
        summary = _(
            "The check waits for other checks, or the site's worker for checks is not running. The findings "
            "so far are below. If this stays so, tell the people who run this site."
        )
    return CheckSummary(
        tone=tone,
        summary=summary,
        groups=list(_build_groups(findings, places)),
        checked_at=None if stored is None else stored.checked_at,
        is_pending=is_pending,
        is_missing=stored is None,
        has_errors=bool(report.errors),
        has_warnings=bool(report.of(Severity.WARNING)),
        accepted=build_accepted(report, places),
    )


def _summary(report: CheckReport | None, *, is_pending: bool) -> tuple[str, str]:
    """Return tone and text of the summary.

    Never claim that there are no problems if the check did not try all paths.
    """
    if report is None:
        return "neutral", _("The current version has not been checked.")
    if is_pending:
        return "info", _("The check is running. The findings so far are below; look again in a few seconds.")
    # The exploration runs only if the definition has no errors.
    if report.errors and not report.states:
        return _summarize_errors(report.errors)
    return _summarize_exploration(report)


def _summarize_exploration(report: CheckReport) -> tuple[str, str]:
    if not report.is_complete:
        text = ngettext(
            "It is too large to try every path: all paths of up to %(number)d write were tried, and "
            "some longer ones at random.",
            "It is too large to try every path: all paths of up to %(number)d writes were tried, and "
            "some longer ones at random.",
            report.writes,
        )
        if any(finding.code in _WHY_INCOMPLETE for finding in report.findings):
            text = _("Not every path could be tried: the hints below say why.")
        return "warning", text % {"number": report.writes}
    if not report.is_exact:
        return "warning", _("All paths were tried, but not with every value: the hints below say why.")
    tried = _("All paths were tried, with all values that make a difference.")
    if report.of(*_MARKED):
        return "info", tried
    if any(finding.accepted and finding.severity in _MARKED for finding in report.findings):
        return "success", f"{tried} {_('None leads to an error, or to a problem that is not meant so.')}"
    return "success", f"{tried} {_('None leads to an error or a problem.')}"


def _summarize_errors(findings: Iterable[Finding]) -> tuple[str, str]:
    if _is_only_unfinished(findings):
        return "info", _("Nothing is wrong so far. When nothing is missing, the check tries all paths.")
    return "danger", _("When the errors are fixed, the check tries all paths.")


def _is_only_unfinished(findings: Iterable[Finding]) -> bool:
    """Return whether nothing is wrong with a draft, except that parts of it are yet to come."""
    return all(each.code in NOT_YET for each in findings if each.severity == Severity.ERROR)


def _build_groups(findings: Sequence[Finding], places: Places) -> Iterable[dict[str, Any]]:
    """Yield the findings by their severity; what is yet to come stands apart from what is wrong."""
    missing = [each for each in findings if each.severity == Severity.ERROR and each.code in NOT_YET]
    for severity in Severity:
        group = [each for each in findings if each.severity == severity and each not in missing]
        is_open = severity in _MARKED
        yield from _build_group(_HEADS[severity], _TONES[severity], group, places, is_open=is_open)
        if severity == Severity.ERROR:
            yield from _build_group(_STILL_MISSING, "info", missing, places, is_open=True)


def _build_group(
    head: object, tone: str, findings: Sequence[Finding], places: Places, *, is_open: bool
) -> Iterable[dict[str, Any]]:
    if findings:
        entries = [_build_entry(each, places, tone) for each in findings]
        yield {"head": head, "findings": entries, "is_open": is_open}


def _build_entry(finding: Finding, places: Places, tone: str) -> dict[str, Any]:
    # The try-out reads the same JSON, so a link can play the counterexample.
    moves = [move.as_json() for move in finding.counterexample]
    return {
        "finding": finding,
        "tone": tone,
        "place": places.link(finding.pointer),
        "likewise": [places.link(pointer) for pointer in finding.likewise],
        "steps": list(describe_moves(finding.counterexample, places.vocabulary)),
        "moves": json.dumps(moves, ensure_ascii=False),
        "answer": places.awaited_answer(finding.pointer) if finding.code == "starts-too-early" else None,
        "accept_url": _accept_url(finding, places.workflow),
    }


def _accept_url(finding: Finding, workflow: WorkflowDefinition) -> str:
    """Return the page that accepts a finding; "" if it can't be accepted."""
    if finding.severity == Severity.ERROR or not finding.digest or not workflow.is_draft:
        return ""
    return reverse("finding_accept", args=[workflow.pk, finding.digest])


def build_marks(findings: Iterable[Finding], places: Places) -> dict[DefinitionKey, Mark]:
    """Return the mark of each part in the picture: its number of errors, or else of problems."""
    counts: dict[DefinitionKey, dict[Severity, int]] = defaultdict(lambda: defaultdict(int))
    for finding in findings:
        for pointer in {finding.pointer, *finding.likewise}:
            key = places.key(pointer)
            if key is not None and finding.severity in _MARKED and finding.code not in NOT_YET:
                counts[key][finding.severity] += 1
    return {key: _mark(count) for key, count in counts.items()}


def _mark(count: dict[Severity, int]) -> Mark:
    errors = count.get(Severity.ERROR, 0)
    if errors:
        return Mark("danger", ngettext("%(n)d error", "%(n)d errors", errors) % {"n": errors})
    problems = count[Severity.WARNING]
    return Mark("warning", ngettext("%(n)d problem", "%(n)d problems", problems) % {"n": problems})


def check_context(workflow: WorkflowDefinition, content: StoredWorkflow) -> dict[str, Any]:
    """Return the context of templates/workflow_design/check/check.html, and the marks for the picture.

    This does not run the exploration. For a draft, the report is used only if it matches the current
    content. For a draft and an active version, the roles and people of the company are checked: three
    statements. Archived versions take one statement.
    """
    # A published version does not change, so its report can't be outdated.
    stored = stored_check(workflow, content.file if workflow.is_draft else None)
    report = report_in_company(workflow, content.file, stored)
    places = Places(workflow, content.rows, Vocabulary.of_schema(content.file.fields_schema))
    check = _summarize_check(stored, report, places)
    found = [entry["finding"] for group in check.groups for entry in group["findings"]]
    return {"check": check, "marks": build_marks(found, places), "stored_check": stored}


def find_finding(workflow: WorkflowDefinition, digest: str) -> dict[str, Any] | None:
    """Return an open finding of a draft as its page shows it, if it can be accepted.

    Its member `before` is what was accepted at this place and is out of date now.
    """
    check: CheckSummary = check_context(workflow, read_workflow(workflow))["check"]
    entries = [entry for group in check.groups for entry in group["findings"]]
    for entry in entries:
        if entry["accept_url"] and entry["finding"].digest == digest:
            about = (entry["finding"].code, entry["place"])
            outdated = (line for line in check.accepted if line.why_outdated)
            return {
                **entry,
                "before": next((line for line in outdated if (line.code, line.place) == about), None),
            }
    return None


@require_POST
@company_page()
def workflow_definition_check(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Check a version now; a job continues if the check takes longer, as the page then says."""
    workflow = find_workflow(request.user, workflow_id, may=may_change)
    if recheck(workflow).status == CheckStatus.CHECKED:
        messages.success(request, _("“%(title)s” has been checked.") % {"title": workflow})
    if request.POST.get("next") == "scenarios":
        return redirect("workflow_scenarios", workflow.pk)
    return redirect(f"{reverse('workflow_definition_detail', args=[workflow.pk])}#check")
