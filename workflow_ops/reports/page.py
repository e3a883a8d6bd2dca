"""The context of a report's page: headline numbers, charts, tables, and the picture with counts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from ticketflower.formats import write_count
from workflow_design.definition.workflow import DefinitionKey, PartFile
from workflow_design.engine import Plan
from workflow_design.models import WorkflowDefinition
from workflow_design.persistence.plans import load_picture, load_plan
from workflow_design.picture.model import Mark, Picture
from workflow_design.picture.nodes import mark_nodes
from workflow_ops.models import Report
from workflow_ops.reports.charts import Chart, Series, bar_chart, line_chart
from workflow_ops.reports.periods import unit_of
from workflow_ops.reports.tables import Table, build_tables, write_duration


def title_of(report: Report) -> str:
    """Return the title of a report."""
    return report.line.title if report.line else _("All workflows")


def content_of(report: Report) -> dict[str, Any]:
    """Return the context of a report that is ready; five statements at most."""
    tables = build_tables(report)
    flow = tables.pop("flow")
    return {
        "stats": _stats(report, flow),
        "charts": _charts(report, flow),
        "flow": flow,
        "tables": list(tables.values()),
        "picture": _picture(report),
    }


def _stats(report: Report, flow: Table) -> list[dict[str, str]]:
    _days, submitted, finished, still_open = zip(*flow.rows, strict=True)
    stats = [
        {"label": _("Submitted"), "value": write_count(sum(submitted))},
        {"label": _("Finished"), "value": write_count(sum(finished))},
        {"label": _("Open at the end"), "value": write_count(still_open[-1])},
    ]
    for workflow, _end, status, _count, times in report.result["ends"]:
        if workflow is None and status == "COMPLETED":
            median, most = map(write_duration, times)
            note = _("median; nine in ten within %(time)s") % {"time": most}
            stats.append({"label": _("Time to complete"), "value": median, "note": note})
    if due := report.result["overdue"]:
        late = sum(done_late + not_done for *_counts, done_late, not_done in due)
        stats.append({"label": _("Late or overdue"), "value": write_count(late)})
    return stats


def _charts(report: Report, flow: Table) -> list[Chart]:
    unit = unit_of(report.first_day, report.last_day)
    days, submitted, finished, still_open = zip(*flow.rows, strict=True)
    pair = [Series(_("Submitted"), "first", submitted), Series(_("Finished"), "second", finished)]
    return [
        bar_chart("flow", _("Submitted and finished"), days, unit, pair),
        line_chart("open", _("Open"), days, unit, Series(_("Open"), "third", still_open)),
    ]


def _picture(report: Report) -> Picture | None:
    """Return the picture of the active version, or the newest, with counts and median times on it.

    Only versions that are counted are considered, because readers of the report administer these. Tasks and
    completions with the same title in several versions are counted together.
    """
    counted = WorkflowDefinition.objects.filter(pk__in=report.workflow_ids)
    # "ACTIVE" comes before "ARCHIVED".
    version = counted.order_by("status", "-version").first() if report.line_id else None
    if version is None:
        return None
    plan = load_plan(version.pk)
    marks = dict(_marks(report, plan))
    return mark_nodes(load_picture(version.pk), marks)


def _marks(report: Report, plan: Plan) -> list[tuple[DefinitionKey, Mark]]:
    types = {title: submitted for _workflow, title, submitted, *_more in report.result["types"]}
    tasks = {title: (done, median) for _workflow, title, done, (median, _most) in report.result["tasks"]}
    ends = {title: number for workflow, title, _status, number, _times in report.result["ends"] if workflow}

    def count(part: PartFile, number: int, more: str = "") -> tuple[DefinitionKey, Mark]:
        text = f"{write_count(number)}{more}"
        return plan.key(part), Mark("neutral", text, sign="\u00d7")

    return [
        *(count(ticket, types.get(ticket.title, 0)) for ticket in plan.tickets),
        *(count(end, ends.get(end.title, 0)) for end in plan.completions),
        *(
            count(task, tasks[task.title][0], f" \u00b7 {write_duration(tasks[task.title][1])}")
            if task.title in tasks
            else count(task, 0)
            for task in plan.tasks
        ),
    ]
