"""Saved views of the desk's lists (`docs/access.md`, "Saved views")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from ticketflower.http import PageRequest
from ticketflower.prepared_queries import PreparedQuery, columns_of
from users.access import is_company_admin
from users.models import CustomUser
from workflow_ops.desk.lists.columns import COLUMNS, known_columns
from workflow_ops.desk.lists.errors import ErrorList
from workflow_ops.desk.lists.tasks import TaskList
from workflow_ops.desk.lists.tickets import TicketList
from workflow_ops.models import DeskList, SavedView
from workflow_ops.models.saved_views import MAX_QUERY_LENGTH
from workflow_ops.refusals import NotAllowedError, RefusedError

VIEW: Final = "view"
"""The URL parameter of a list with the id of the open view."""
MAX_VIEWS: Final = 50
"""Maximum number of a person's own views of a list, and of other people's shared views that it offers."""
LISTS: Final[dict[DeskList, type[TicketList | TaskList | ErrorList]]] = {
    DeskList.TICKETS: TicketList,
    DeskList.TASKS: TaskList,
    DeskList.ERRORS: ErrorList,
}


# --- Reading --------------------------------------------------------------------------


def views_of(person: int, desk_list: DeskList) -> QuerySet[SavedView]:
    """Return the views of a list that this person may open: their own and the shared ones, by name."""
    views = SavedView.objects.filter(Q(owner=person) | Q(is_shared=True), desk_list=desk_list)
    return views.select_related("owner").order_by(Lower("name"), "pk")


_VIEWS: Final = PreparedQuery(
    lambda desk_list, person: views_of(person, desk_list)[: 2 * MAX_VIEWS + 1],
    *columns_of(SavedView),
    *(f"owner__{name}" for name in ("id", "first_name", "last_name", "email")),
)


def may_change_view(person: CustomUser, view: SavedView) -> bool:
    """Return whether the person owns the view, or is a company admin and it is shared."""
    return view.owner_id == person.pk or (view.is_shared and is_company_admin(person))


def clean_query(desk_list: DeskList, params: QueryDict, person: CustomUser) -> str:
    """Return the parameters for the list's filters and order as a query string.

    Raise RefusedError if a filter has an invalid value, or if the query string is too long.
    """
    form = LISTS[desk_list](params, person).form
    if not form.is_valid():
        raise RefusedError(_("A filter of the list is not valid. Correct it in the list first."))
    stored = QueryDict(mutable=True)
    for name in (*form.fields, "sort"):
        if params.get(name):
            stored[name] = str(params[name])
    query = stored.urlencode()
    if len(query) > MAX_QUERY_LENGTH:
        raise RefusedError(_("The filters are too long to be saved. Use a shorter search text."))
    return query


def view_address(view: SavedView) -> str:
    """Return the URL of the list with the view's parameters."""
    query = f"{view.query}&" if view.query else ""
    return f"{reverse(f'manage_{view.desk_list}')}?{query}{VIEW}={view.pk}"


class ListViews:
    """The views of a list as its page shows them: tabs, the open view, and the columns."""

    def __init__(self, request: PageRequest, desk_list: DeskList) -> None:
        self.list, self._request = desk_list, request
        self.views = _VIEWS.rows(desk_list, person=request.user.pk)
        asked = request.GET.get(VIEW, "")
        self.open = next((view for view in self.views if view.name and str(view.pk) == asked), None)

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """The list itself and each view as a tab; none if there are no views."""
        top, named = reverse(f"manage_{self.list}"), [view for view in self.views if view.name]
        tabs = [{"label": _("All"), "url": top, "is_current": self.open is None}]
        for view in named:
            current = view is self.open
            tabs.append({"label": view.name, "url": view_address(view), "is_current": current})
        return tabs if named else []

    @cached_property
    def columns(self) -> Sequence[str]:
        """The keys of the columns of the open view or, without one, of those that the person has chosen."""
        own = next((view for view in self.views if not view.name), None)
        chosen = self.open or own
        return known_columns(self.list, chosen.columns if chosen else ())

    @property
    def column_choices(self) -> list[dict[str, Any]]:
        """All columns of the list, each with whether it is chosen."""
        chosen = self.columns
        return [
            {"key": key, "label": column.label, "is_chosen": key in chosen}
            for key, column in COLUMNS[self.list].items()
        ]

    @property
    def may_change(self) -> bool:
        """True if the person may change the open view."""
        return self.open is not None and may_change_view(self._request.user, self.open)

    @property
    def query(self) -> str:
        """The current parameters of the list, for saving them."""
        params = self._request.GET.copy()
        for name in (VIEW, "after", "before"):
            params.pop(name, None)
        return params.urlencode()

    @property
    def is_changed(self) -> bool:
        """True if the list differs from the open view."""
        return self.open is not None and QueryDict(self.query) != QueryDict(self.open.query)


# --- Changing -------------------------------------------------------------------------


def save_view(
    view: SavedView, *, name: str, is_shared: bool, by: CustomUser, query: str | None = None
) -> SavedView:
    """Store a new or changed view. Without `query`, it keeps its own.

    Raise NotAllowedError if the person may not change it, and RefusedError if the owner has another view of
    this name, or too many.
    """
    if by.impersonating or not may_change_view(by, view):
        raise NotAllowedError
    own = SavedView.objects.filter(owner=by, desk_list=view.desk_list)
    if view._state.adding and own.count() >= MAX_VIEWS:
        raise RefusedError(_("You have %(most)s views. Delete one first.") % {"most": MAX_VIEWS})
    view.name, view.is_shared = name, is_shared
    view.query = view.query if query is None else query
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        if "saved_view_name" not in str(error):
            raise
        raise RefusedError(_("There is a view of this name already.")) from error
    return view


def choose_columns(
    desk_list: DeskList, columns: Sequence[str], *, by: CustomUser, view: SavedView | None = None
) -> None:
    """Store the columns of the open view if the person may change it, otherwise of their own list.

    Raise NotAllowedError for staff.
    """
    if by.impersonating:
        raise NotAllowedError
    chosen = known_columns(desk_list, columns)
    if view is not None and may_change_view(by, view):
        view.columns = chosen
        view.save(update_fields=["columns"])
        return
    SavedView.objects.update_or_create(owner=by, desk_list=desk_list, name="", defaults={"columns": chosen})


def delete_view(view: SavedView, *, by: CustomUser) -> None:
    """Delete a view. Raise NotAllowedError if the person may not change it."""
    if not may_change_view(by, view):
        raise NotAllowedError
    view.delete()
