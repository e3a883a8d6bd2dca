"""Pages that list the definitions of workflows, tasks and tickets."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from ticketflower.listing import Sort, list_page
from workflow_design import access
from workflow_design.models import TaskDefinition, TicketDefinition
from workflow_design.pages.workflow_list import (
    TITLE,
    WorkflowFilter,
    filter_by_status,
    find_workflows,
    may_see_lists,
)


class PartFilter(WorkflowFilter):
    """A filter of tasks or tickets by title and by the status of their workflow."""

    status = filter_by_status("workflow__status")


PartT = TypeVar("PartT", TaskDefinition, TicketDefinition)

PART_SORTS = (TITLE, Sort("workflow", gettext_lazy("Workflow"), "workflow_in_order"))
WORKFLOW_COLUMNS = (
    {"label": gettext_lazy("Title"), "key": "title"},
    {"label": gettext_lazy("Status")},
    {"label": gettext_lazy("Version"), "is_number": True},
    {"label": gettext_lazy("Changed"), "key": "changed"},
)
# Only the columns that a row shows: schemas and layouts may be large.
_WORKFLOW_FIELDS = ("workflow__title", "workflow__version", "workflow__status")
_TITLE_COLUMN = {"label": gettext_lazy("Title"), "key": "title"}
_PART_WORKFLOW_COLUMNS = (
    {"label": gettext_lazy("Workflow"), "key": "workflow"},
    {"label": gettext_lazy("Version"), "is_number": True},
    {"label": gettext_lazy("Status")},
)
TASK_COLUMNS = (_TITLE_COLUMN, {"label": gettext_lazy("Kind")}, *_PART_WORKFLOW_COLUMNS)
TICKET_COLUMNS = (_TITLE_COLUMN, {"label": gettext_lazy("Description")}, *_PART_WORKFLOW_COLUMNS)


@require_safe
@company_page(may_see_lists)
def workflow_definitions_list(request: PageRequest) -> HttpResponse:
    """List all versions of the workflows; archived ones only if the filter asks for them."""
    form, page = find_workflows(request, request.user)
    context = {
        "form": form,
        "page": page,
        "columns": WORKFLOW_COLUMNS,
        "tabs": _tabs(request.path),
        "may_design": access.may_design(request.user),
        "actions": _actions() if access.may_design(request.user) else [],
    }
    return render(request, "workflow_design/workflow_definitions_list.html", context)


def _tabs(current: str) -> list[dict[str, object]]:
    """Return the lists of definitions as tabs; `current` is the address of one."""
    tabs = (
        (_("Workflows"), "workflow_definitions_list"),
        (_("Their tasks"), "task_definitions_list"),
        (_("Their tickets"), "ticket_definitions_list"),
    )
    named = [(label, reverse(name)) for label, name in tabs]
    return [{"label": label, "url": url, "is_current": url == current} for label, url in named]


def _actions() -> list[dict[str, object]]:
    new: dict[str, object] = {"label": _("New workflow"), "url": reverse("workflow_create"), "icon": "plus"}
    upload: dict[str, object] = {
        "label": _("Upload a workflow"),
        "url": reverse("workflow_definition_upload"),
    }
    return [new | {"is_primary": True, "is_wide_only": True}, upload | {"icon": "arrow-up-tray"}]


@require_safe
@company_page(may_see_lists)
def task_definitions_list(request: PageRequest) -> HttpResponse:
    """List the tasks of all workflows."""
    kind = ("task_type", "action")
    rows = TaskDefinition.objects.select_related("workflow").only("title", *kind, *_WORKFLOW_FIELDS)
    return _part_list(request, rows, "workflow_design/task_list.html", TASK_COLUMNS)


@require_safe
@company_page(may_see_lists)
def ticket_definitions_list(request: PageRequest) -> HttpResponse:
    """List the ticket types of all workflows."""
    rows = TicketDefinition.objects.select_related("workflow").only("title", "description", *_WORKFLOW_FIELDS)
    return _part_list(request, rows, "workflow_design/ticket_list.html", TICKET_COLUMNS)


def _part_list(
    request: PageRequest,
    rows: "QuerySet[PartT]",
    template: str,
    columns: Sequence[Mapping[str, object]],
) -> HttpResponse:
    # The second wall limits rows to the company; this limits them to the visible workflows.
    seen = rows.filter(workflow__in=access.visible_workflows(request.user))
    # Sorting ignores case, so that "archive" and "Archive" are next to each other.
    ordered = seen.annotate(title_in_order=Lower("title"), workflow_in_order=Lower("workflow__title"))
    found = PartFilter(request.GET, ordered)
    page = list_page(request, found.qs, sorts=PART_SORTS)
    context = {"form": found.form, "page": page, "columns": columns, "tabs": _tabs(request.path)}
    return render(request, template, context)
