"""Filters of the page of calls."""

from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.forms import HiddenInput
from django.utils.translation import gettext_lazy as _

from ticketflower.filters import ChoiceFilter, IntegerFilter
from users.models import CustomUser
from workflow_design.models import Connection
from workflow_design.persistence.connections import tasks_over
from workflow_ops.desk.lists.filters import DayFilter, DeskFilter

WAITING, FAILING, SLOW_ONES, ALL = TABS = ("waiting", "failing", "slow", "all")
"""The tabs of the page of calls."""


class ActionFilter(DeskFilter):
    """A filter of unfinished actions by workflow and connection; `show` is the tab of the page."""

    ticket_path = "workflow_instance__ticket__"

    connection = ChoiceFilter(label=_("Connection"), empty_label=_("Any"), method="of_connection")
    show = ChoiceFilter(
        choices=[(tab, "") for tab in TABS], conditions=dict.fromkeys(TABS, Q()), widget=HiddenInput
    )
    field_order = ("q", "workflow", "connection", "since", "until")

    def __init__(self, data: Any, queryset: "QuerySet[Any]", *, person: CustomUser) -> None:
        super().__init__(data, queryset, person=person)
        connections = Connection.objects.order_by(Lower("name"))
        self.filters["connection"].extra["choices"] = list(connections.values_list("pk", "name"))

    def of_connection(self, tasks: "QuerySet[Any]", _name: str, connection_id: str) -> "QuerySet[Any]":
        """Return the actions that call over a connection; definitions name it."""
        names: dict[int, str] = dict(self.filters["connection"].extra["choices"])
        return tasks.filter(task_definition__in=tasks_over(names[int(connection_id)]))


class CallFilter(ActionFilter):
    """A filter of calls by workflow, connection and, from the page of a task, by task."""

    ticket_path = "task__workflow_instance__ticket__"

    since = DayFilter(label=_("From"), field_name="started_at", lookup_expr="gte")
    until = DayFilter(label=_("To"), field_name="started_at", lookup_expr="lt")
    task = IntegerFilter(field_name="task", widget=HiddenInput)

    def of_connection(self, calls: "QuerySet[Any]", _name: str, connection_id: str) -> "QuerySet[Any]":
        """Return the calls over a connection."""
        return calls.filter(connection=connection_id)
