"""The lists of submitters and workers: what they can submit, their tickets, and their tasks.

Pages and the API share them: each function reads filters, order and cursor from the URL parameters.
"""

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from ticketflower.filters import SEARCH, FilterForm, FilterSet, SearchFilter, rows_with_text, search_box
from ticketflower.list_parts import Part, PreparedParts
from ticketflower.listing import ListPage, Sort, list_page
from users.models import CustomUser
from users.person_queries import parts_of_person
from workflow_ops.access import my_done_tasks, my_open_tasks, own_tickets, submittable_by, takeable_tasks
from workflow_ops.history.list_rows import read_task_rows
from workflow_ops.history.own_tickets import read_own_tickets
from workflow_ops.models import TaskInstance, TicketInstance
from workflow_ops.models.tasks import DUE_ORDER

CATALOGUE_SORTS = (Sort("title", gettext_lazy("Title"), "title_in_order"),)
CATALOGUE_SIZE = 60
_TICKET: Final = "workflow_instance__ticket"
_TICKET_COLUMNS: Final = ("subject", "type_title")
_TASK_COLUMNS: Final = ("task_definition__title", f"{_TICKET}__subject")
# Querysets with the columns of the sort orders. They are never evaluated.
_TICKETS: Final[QuerySet[TicketInstance]] = QuerySet(TicketInstance).none()
_TASKS: Final = QuerySet(TaskInstance).none().annotate(due_order=DUE_ORDER)
TICKET_SORTS = (
    # Numbers increase with ids, by which the index of a person's tickets is sorted.
    Sort("number", gettext_lazy("Submitted"), "id", descending=True),
    Sort("title", gettext_lazy("Ticket"), "subject"),
)
HELD_SORTS = (
    Sort("since", gettext_lazy("Waiting time"), "created_at"),
    Sort("priority", gettext_lazy("Priority"), f"{_TICKET}__priority"),
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


class OwnTicketForm(FilterForm):
    """A search in the person's running tickets, or in the archive of ended ones."""

    q = search_box(gettext_lazy("Subject, number or kind of ticket"))
    status = forms.ChoiceField(
        choices=[("", ""), ("archive", gettext_lazy("Archive"))], required=False, widget=forms.HiddenInput
    )


def find_own_tickets(
    request: HttpRequest, person: CustomUser, *, is_rendered: bool = True
) -> tuple[FilterForm, ListPage]:
    """Return the filter and a page of the person's own tickets, as `OwnTicket`.

    `is_rendered` says whether the filter and the number of all rows are shown.
    """
    form = OwnTicketForm(request.GET, is_rendered=is_rendered)
    form.unfiltered_rows = partial(own_tickets, person)
    is_archive = form.chosen().get("status") == "archive"

    def find(one: CustomUser) -> QuerySet[TicketInstance]:
        return own_tickets(one).filter(is_finished=is_archive)

    parts = _parts_of(form, ("own tickets", is_archive), find, person, _TICKET_COLUMNS, number="number")
    read = partial(read_own_tickets, reader=person)
    page = list_page(request, _TICKETS, sorts=TICKET_SORTS, parts=parts, read=read, counts=is_rendered)
    return form, page


# --- Tasks -----------------------------------------------------------------------------


TABS = ("open", "take", "held", "done")


class OwnTaskForm(FilterForm):
    """A search in one tab of the person's tasks."""

    q = search_box(gettext_lazy("Subject, task or ticket number"))
    show = forms.ChoiceField(
        choices=[(tab, "") for tab in ("", *TABS)], required=False, widget=forms.HiddenInput
    )


def find_own_tasks(
    request: HttpRequest, person: CustomUser, *, is_rendered: bool = True
) -> tuple[str, FilterForm, ListPage]:
    """Return which of the person's tasks the URL requests (`show`), the filter, and a page of rows.

    `show` is "open", "take" (tasks that they may take), "held" (tasks on hold) or "done". `is_rendered` says
    whether the filter and the number of all rows are shown.
    """
    form = OwnTaskForm(request.GET, is_rendered=is_rendered)
    tabs: dict[str, Callable[[CustomUser], QuerySet[TaskInstance]]] = {
        "open": my_open_tasks,
        "take": takeable_tasks,
        "held": partial(my_open_tasks, on_hold=True),
        "done": my_done_tasks,
    }
    tab = form.chosen().get("show", "open")
    form.unfiltered_rows = partial(tabs[tab], person)
    parts = _parts_of(form, ("own tasks", tab), tabs[tab], person, _TASK_COLUMNS, number=f"{_TICKET}__number")
    sorts = {"done": DONE_SORTS, "held": HELD_SORTS}.get(tab, WAITING_SORTS)
    page = list_page(request, _TASKS, sorts=sorts, parts=parts, read=read_task_rows, counts=is_rendered)
    return tab, form, page


def _parts_of(
    form: FilterForm,
    key: Hashable,
    find: Callable[[CustomUser], QuerySet[Any]],
    person: CustomUser,
    columns: Sequence[str],
    *,
    number: str,
) -> Sequence[Part] | PreparedParts:
    """Return the rows of `find(person)` that match the search text.

    Without a search text, people share the statement; `key` then identifies `find`.
    """
    text = form.chosen().get(SEARCH)
    if text is None:
        return parts_of_person(key, lambda one: find(one).order_by(), person)
    return [Part(rows_with_text(find(person), text, *columns, number=number).order_by())]
