"""What the page of a report shows: headline numbers, charts, tables, and the picture with counts on it."""

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
    """Return what a report is about."""
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
    completed = next((row for row in report.result["ends"] if row[0] is None and row[2] == "COMPLETED"), None)
    late = sum(row[4] + row[5] for row in report.result["overdue"])
    numbers = [
        (_("Submitted"), sum(row[1] for row in flow.rows)),
        (_("Finished"), sum(row[2] for row in flow.rows)),
        (_("Open at the end"), flow.rows[-1][3] if flow.rows else 0),
    ]
    stats = [{"label": label, "value": write_count(number)} for label, number in numbers]
    if completed:
        median, most = (write_duration(seconds) for seconds in completed[4])
        stats.append(
            {
                "label": _("Time to complete"),
                "value": median,
                "note": _("median; nine in ten within %(time)s") % {"time": most},
            }
        )
    if report.result["overdue"]:
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

    It is one of those that are counted, since whoever reads the report administers those. What has the same
    title in several versions is counted together.
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
    types = {row[1]: row[2] for row in report.result["types"]}
    tasks = {row[1]: (row[2], write_duration(row[3][0])) for row in report.result["tasks"]}
    ends = {row[1]: row[3] for row in report.result["ends"] if row[0] is not None}

    def count(part: PartFile, number: int, more: str = "") -> tuple[DefinitionKey, Mark]:
        text = f"{write_count(number)}{more}"
        return plan.key(part), Mark("neutral", text, sign="\u00d7")

    return [
        *(count(ticket, types.get(ticket.title, 0)) for ticket in plan.tickets),
        *(count(end, ends.get(end.title, 0)) for end in plan.completions),
        *(
            count(task, tasks[task.title][0], f" \u00b7 {tasks[task.title][1]}")
            if task.title in tasks
            else count(task, 0)
            for task in plan.tasks
        ),
    ]
