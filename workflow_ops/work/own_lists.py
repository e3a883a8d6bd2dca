"""The lists of people who submit and work: what they can submit, their tickets, their tasks.

Pages and the API show the same: each function reads the filters, the order and the cursor of an address.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.forms import HiddenInput
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from ticketflower.filters import SEARCH, ChoiceFilter, FilterForm, FilterSet, SearchFilter
from ticketflower.list_parts import Part, ReusableParts
from ticketflower.listing import ListPage, Sort, list_page
from users.models import CustomUser
from users.person_queries import parts_of_person
from workflow_ops.access import my_done_tasks, my_open_tasks, own_tickets, submittable_by, takeable_tasks
from workflow_ops.history.list_rows import read_task_rows
from workflow_ops.history.own_tickets import read_own_tickets
from workflow_ops.models import TaskInstance

CATALOGUE_SORTS = (Sort("title", gettext_lazy("Title"), "title_in_order"),)
CATALOGUE_SIZE = 60
TICKET_SORTS = (
    # Numbers rise with ids, by which the index of a person's tickets is sorted.
    Sort("number", gettext_lazy("Submitted"), "id", descending=True),
    Sort("title", gettext_lazy("Ticket"), "subject"),
)
HELD_SORTS = (
    Sort("since", gettext_lazy("Waiting time"), "created_at"),
    Sort("priority", gettext_lazy("Priority"), "workflow_instance__ticket__priority"),
    Sort("task", gettext_lazy("Task"), "task_definition__title"),
)
WAITING_SORTS = (Sort("due", gettext_lazy("Due"), "due_order"), *HELD_SORTS)
DONE_SORTS = (
    Sort("done", gettext_lazy("Done"), "completed_at", descending=True),
    Sort("task", gettext_lazy("Task"), "task_definition__title"),
)


# --- What can be submitted -------------------------------------------------------------


class CatalogueFilter(FilterSet):
    """A search for kinds of tickets."""

    q = SearchFilter("title", "description", label=gettext_lazy("What do you need?"))


def find_catalogue(request: HttpRequest, person: CustomUser) -> tuple[FilterForm, ListPage]:
    """Return the filter and a page of the kinds of tickets that the person may submit."""
    offered = submittable_by(person, for_others=True).annotate(title_in_order=Lower("title"))
    # Schemas and layouts may be large.
    rows = offered.select_related("workflow").only("title", "description", "workflow__title")
    found = CatalogueFilter(request.GET, rows)
    return found.form, list_page(request, found.qs, sorts=CATALOGUE_SORTS, size=CATALOGUE_SIZE)


# --- Tickets ---------------------------------------------------------------------------


class OwnTicketFilter(FilterSet):
    """A search in the person's running tickets, or in the archive of ended ones."""

    q = SearchFilter(
        *("subject", "type_title"), number="number", label=gettext_lazy("Subject, number or kind of ticket")
    )
    status = ChoiceFilter(
        choices=[("archive", gettext_lazy("Archive"))],
        conditions={"": Q(is_finished=False), "archive": Q(is_finished=True)},
        widget=HiddenInput,
    )


def find_own_tickets(request: HttpRequest, person: CustomUser) -> tuple[FilterForm, ListPage]:
    """Return the filter and a page of the person's own tickets, as `OwnTicket`."""
    found = OwnTicketFilter(request.GET, own_tickets(person))
    parts = _parts_of(found, "tickets", own_tickets, person)
    read = partial(read_own_tickets, reader=person)
    return found.form, list_page(request, found.queryset, sorts=TICKET_SORTS, parts=parts, read=read)


# --- Tasks -----------------------------------------------------------------------------


TABS = ("open", "take", "held", "done")


class OwnTaskFilter(FilterSet):
    """A search in one tab of the person's tasks."""

    q = SearchFilter(
        *("task_definition__title", "workflow_instance__ticket__subject"),
        number="workflow_instance__ticket__number",
        label=gettext_lazy("Subject, task or ticket number"),
    )
    show = ChoiceFilter(
        choices=[(tab, "") for tab in TABS],
        conditions=dict.fromkeys(TABS, Q()),
        widget=HiddenInput,
    )


def find_own_tasks(request: HttpRequest, person: CustomUser) -> tuple[str, FilterForm, ListPage]:
    """Return which tasks of the person the address asks for, its filter, and a page of their rows.

    `show` is "open", "take" for those that they may take, "held" for those on hold, or "done".
    """
    asked = request.GET.get("show", "")
    tabs: dict[str, Callable[[CustomUser], QuerySet[TaskInstance]]] = {
        "open": my_open_tasks,
        "take": takeable_tasks,
        "held": partial(my_open_tasks, on_hold=True),
        "done": my_done_tasks,
    }
    tab = asked if asked in tabs else "open"
    found = OwnTaskFilter(request.GET, tabs[tab](person))
    parts = _parts_of(found, tab, tabs[tab], person)
    sorts = {"done": DONE_SORTS, "held": HELD_SORTS}.get(tab, WAITING_SORTS)
    page = list_page(request, found.queryset, sorts=sorts, parts=parts, read=read_task_rows)
    return tab, found.form, page


def _parts_of(
    found: FilterSet, name: str, rows: Callable[[CustomUser], QuerySet[Any]], person: CustomUser
) -> Sequence[Part] | ReusableParts:
    """Return what the filter finds in `rows(person)`: a text that people share, unless they search."""
    chosen = found.form.chosen()
    if SEARCH in chosen:
        return [Part(found.qs.order_by())]
    key = (name, *sorted(chosen.items()))
    return parts_of_person(key, lambda one: type(found)(chosen, rows(one)).qs.order_by(), person)
