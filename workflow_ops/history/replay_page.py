"""The page that replays the last finished tickets of a workflow on one of its versions."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from workflow_design.access import find_workflow, may_change
from workflow_design.definition.problems import DefinitionError
from workflow_ops.history.past_runs import Verdict
from workflow_ops.history.replay_report import active_before, replay_report

COLUMNS = (
    {"label": gettext_lazy("First difference")},
    {"label": gettext_lazy("Result")},
    {"label": gettext_lazy("How many"), "is_number": True},
    {"label": gettext_lazy("Tickets")},
)


@require_safe
@company_page()
def workflow_replay(request: PageRequest, workflow_id: int) -> HttpResponse:
    """Replay the last finished tickets on this version, and show those with another result."""
    workflow = find_workflow(request.user, workflow_id, may=may_change)
    before = active_before(workflow)
    context = {"workflow": workflow, "before": before, "columns": COLUMNS}
    try:
        report = replay_report(workflow, before=before, reader=request.user)
    except DefinitionError:
        return render(request, "workflow_ops/replay.html", context)
    stats = [{"label": verdict.label, "value": report.counts.get(verdict, 0)} for verdict in Verdict]
    return render(request, "workflow_ops/replay.html", context | {"report": report, "stats": stats})
