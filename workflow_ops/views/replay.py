"""What past tickets would have done on a version of their workflow: for those who design it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from ticketflower.read_only import store_nothing
from workflow_design.definition.problems import DefinitionError
from workflow_design.pages.find import find_workflow, may_design
from workflow_ops.past_runs import Verdict
from workflow_ops.replay_report import ReplayReport, replay_report

COLUMNS = (
    {"label": gettext_lazy("Where the ways part")},
    {"label": gettext_lazy("Difference")},
    {"label": gettext_lazy("How many"), "is_number": True},
    {"label": gettext_lazy("Tickets")},
)


@require_safe
@company_page()
def workflow_replay(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Replay the last finished tickets on this version, and show which would have gone another way."""
    store_nothing()
    workflow = find_workflow(request.user, workflow_id, may=may_design)
    before = workflow.line.versions.active().exclude(pk=workflow.pk).first()
    context = {"workflow": workflow, "before": before, "columns": COLUMNS}
    try:
        report = replay_report(workflow, before=before, reader=request.user)
    except DefinitionError:
        return render(request, "workflow_ops/replay.html", context)
    return render(request, "workflow_ops/replay.html", context | _shown(report))


def _shown(report: ReplayReport) -> dict[str, Any]:
    stats = [{"label": verdict.label, "value": report.counts.get(verdict, 0)} for verdict in Verdict]
    return {"report": report, "stats": stats}
