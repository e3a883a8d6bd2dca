"""The page that lists one's tasks: open, to take, on hold, done."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from ticketflower.template_tags import due, status, time, waiting
from workflow_ops.history.list_rows import TaskRow, lines_of_tasks, read_task_rows
from workflow_ops.history.remarks import draw_remark, remarks_of_holds
from workflow_ops.work.own_lists import find_own_tasks
from workflow_ops.work.takeable_tasks import first_takeable_tasks

TASK = {"label": gettext_lazy("Task"), "key": "task"}
FROM = {"label": gettext_lazy("From")}
PRIORITY = {"label": gettext_lazy("Priority"), "key": "priority"}
DUE = {"label": gettext_lazy("Due"), "key": "due"}
HELD = {"label": gettext_lazy("On hold")}
SINCE = {"label": gettext_lazy("Waiting"), "key": "since"}
DONE = {"label": gettext_lazy("Done"), "key": "done"}


@require_safe
@company_page()
def task_list(request: PageRequest) -> HttpResponse:
    """Show the person's open tasks, those that they may take, those on hold, or those that they have done."""
    tab, form, page = find_own_tasks(request, request.user)
    has_priorities = tab != "done" and any(row.priority for row in page.rows)
    if not has_priorities:
        page = replace(page, sorts=[sort for sort in page.sorts if sort.name != "priority"])
    is_due = any(row.due_at for row in page.rows)
    time = DONE if tab == "done" else SINCE
    optional = [*([PRIORITY] if has_priorities else []), *([DUE] if is_due else [])]
    columns = [TASK, HELD if tab == "held" else FROM, *optional, time]
    context: dict[str, object] = {
        "form": form,
        "shown": tab,
        "page": page,
        "cells": _cells(page.rows, tab),
        "has_priorities": has_priorities,
        "is_due": is_due,
        "columns": columns,
        "time_label": time["label"],
        "tabs": _tabs(tab),
    }
    if tab == "open":
        context["takeable"] = lines_of_tasks(read_task_rows(first_takeable_tasks(request.user)))
    return render(request, "workflow_ops/task_list.html", context)


def _tabs(current: str) -> list[dict[str, Any]]:
    tabs = {"open": _("Open"), "take": _("To take"), "held": _("On hold"), "done": _("Done")}
    urls = {tab: f"?show={tab}" for tab in tabs} | {"open": reverse("task_list")}
    return [{"label": tabs[tab], "url": urls[tab], "is_current": tab == current} for tab in tabs]


def _cells(rows: Sequence[TaskRow], tab: str) -> list[dict[str, object]]:
    """Return the values that fill in the template of a row; tasks on hold say why."""
    top, now = reverse("task_list"), timezone.localtime()
    remarks = remarks_of_holds({row.ticket_id for row in rows}) if tab == "held" else {}
    return [
        {
            "url": f"{top}{row.id}/",
            "heading": row.heading,
            "below": " · ".join(filter(None, (row.title, row.below, row.prepared_text))),
            "draft": status(row.mark) if row.mark and (tab == "open" or row.prepared_by) else "",
            "from": draw_remark(remarks.get(row.ticket_id)) or row.requester,
            "priority": row.priority,
            "due": due(row.due_at, now, is_short=True),
            "time": time(row.completed_at, now) if tab == "done" else waiting(row.created_at, now),
        }
        for row in rows
    ]
