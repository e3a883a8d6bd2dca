"""The list of workflows in all their versions, for pages and programs."""

from typing import Final

from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketflower.filters import ChoiceFilter, FilterForm, FilterSet, SearchFilter
from ticketflower.listing import ListPage, Sort, list_page
from users.models import CustomUser
from workflow_design import access
from workflow_design.models import WorkflowStatus

TITLE = Sort("title", gettext_lazy("Title"), "title_in_order")
CHANGED = Sort("changed", gettext_lazy("Changed"), "updated_at", descending=True)
WORKFLOW_SORTS = (TITLE, CHANGED)
ALL: Final = "ALL"
_CURRENT: Final = (WorkflowStatus.ACTIVE, WorkflowStatus.DRAFT)


def filter_by_status(column: str) -> ChoiceFilter:
    """Return a filter by the status of a workflow in `column`; by default it hides archived ones."""
    return ChoiceFilter(
        label=gettext_lazy("Status"),
        field_name=column,
        choices=[*WorkflowStatus.choices, (ALL, gettext_lazy("All"))],
        empty_label=gettext_lazy("Not archived"),
        conditions={"": Q(**{f"{column}__in": _CURRENT}), ALL: Q()},
    )


class WorkflowFilter(FilterSet):
    """A filter of workflows by title and status."""

    q = SearchFilter("title", label=gettext_lazy("Title"))
    status = filter_by_status("status")


def may_see_lists(person: CustomUser) -> bool:
    """Return whether the person may see all definitions, or those of workflows that they administer."""
    return access.may_see_definitions(person) or access.administered_by(person).exists()


def find_workflows(request: HttpRequest, person: CustomUser) -> tuple[FilterForm, ListPage]:
    """Return the filter and a page of the versions that the person may see.

    Archived ones are in it only if the filter asks for them.
    """
    rows = access.visible_workflows(person).only("line", "title", "version", "status", "updated_at")
    found = WorkflowFilter(request.GET, rows.annotate(title_in_order=Lower("title")))
    return found.form, list_page(
        request, found.qs, sorts=WORKFLOW_SORTS, nouns=(_("workflow"), _("workflows"))
    )
