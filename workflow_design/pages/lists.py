"""Lists of the definitions of workflows, tasks and tickets."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from django import forms
from django.db.models import Model, QuerySet
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ticketflower.http import PageRequest, company_page
from ticketflower.listing import Sort, list_page
from users.filters import SearchForm
from users.models import CustomUser
from workflow_design import access
from workflow_design.models import TaskDefinition, TicketDefinition, WorkflowStatus

RowT = TypeVar("RowT", bound=Model)

ALL: Final = "ALL"
_CURRENT: Final = (WorkflowStatus.ACTIVE, WorkflowStatus.DRAFT)


class DefinitionFilter(SearchForm):
    """A filter of definitions by title and by status of their workflow; it hides archived ones by default."""

    search_label = gettext_lazy("Title")

    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[("", gettext_lazy("Not archived")), *WorkflowStatus.choices, (ALL, gettext_lazy("All"))],
    )

    def definitions(self, rows: "QuerySet[RowT]", *, workflow: str = "") -> "QuerySet[RowT]":
        """Return the rows that match the filter; `workflow` is the lookup prefix of their workflow."""
        found = rows.filter(title__icontains=self.chosen("q"))
        status = self.chosen("status")
        if status == ALL:
            return found
        return found.filter(**{f"{workflow}status__in": [status] if status else _CURRENT})


PartT = TypeVar("PartT", TaskDefinition, TicketDefinition)

TITLE = Sort("title", gettext_lazy("Title"), "title_in_order")
CHANGED = Sort("changed", gettext_lazy("Changed"), "updated_at", descending=True)
WORKFLOW_SORTS = (TITLE, CHANGED)
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


def may_see_lists(person: CustomUser) -> bool:
    """Return whether the person may see all definitions, or those of workflows that they administer."""
    return access.may_see_definitions(person) or access.administered_by(person).exists()


@require_safe
@company_page(may_see_lists)
def workflow_definitions_list(request: PageRequest) -> HttpResponse:
    """List all versions of the workflows; archived ones only if the filter asks for them."""
    form = DefinitionFilter(request.GET)
    rows = access.visible_workflows(request.user).only("title", "version", "status", "updated_at")
    found = form.definitions(rows).annotate(title_in_order=Lower("title"))
    context = {
        "form": form,
        "page": list_page(request, found, sorts=WORKFLOW_SORTS),
        "columns": WORKFLOW_COLUMNS,
        "may_design": access.may_design(request.user),
        "actions": _actions() if access.may_design(request.user) else [],
    }
    return render(request, "workflow_design/workflow_definitions_list.html", context)


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
    rows = TaskDefinition.objects.select_related("workflow").only("title", "task_type", *_WORKFLOW_FIELDS)
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
    form = DefinitionFilter(request.GET)
    # The second wall limits rows to the company; this limits them to the visible workflows.
    seen = rows.filter(workflow__in=access.visible_workflows(request.user))
    found = form.definitions(seen, workflow="workflow__")
    # Sorting ignores case, so that "archive" and "Archive" are next to each other.
    ordered = found.annotate(title_in_order=Lower("title"), workflow_in_order=Lower("workflow__title"))
    page = list_page(request, ordered, sorts=PART_SORTS)
    return render(request, template, {"form": form, "page": page, "columns": columns})
