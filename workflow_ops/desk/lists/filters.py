"""Filters of the lists of tickets, tasks and errors for their admins."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ticketflower.clean_json import parse_number
from ticketflower.filters import ChoiceFilter, FilterSet, SearchFilter
from users.models import CustomUser, PersonQuerySet
from workflow_design.access import administered_by
from workflow_design.models import WorkflowLine
from workflow_design.workspace.typed_fields import DayField
from workflow_ops.models import ErrorStatus, ErrorType
from workflow_ops.search.finding import find_tickets

ANY = "all"
ME = "me"
NOBODY = "nobody"
GONE = "gone"
MAX_FOUND = 200
"""In how many tickets, the newest, a list of tasks or errors looks for words."""


def midnight(day: date) -> datetime:
    """Return when the day begins in the reader's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


class DayFilter(django_filters.DateFilter):
    """Rows from the beginning of a day on ("gte"), or until its end ("lt")."""

    field_class = DayField

    def filter(self, qs: "QuerySet[Any]", value: date | None) -> "QuerySet[Any]":
        """Return the rows on the right side of midnight."""
        if value is None:
            return qs
        day = value + timedelta(days=1) if self.lookup_expr == "lt" else value
        found: QuerySet[Any] = super().filter(qs, midnight(day))
        return found


class DeskFilter(FilterSet):
    """A filter by search text, workflow and period, of the rows that `person` administers."""

    ticket_path = ""
    """The lookup prefix from a row to its ticket."""

    q = SearchFilter(label=_("Number, words or person"), method="search")
    workflow = ChoiceFilter(label=_("Workflow"), empty_label=_("Any"), method="of_workflow")
    since = DayFilter(label=_("Happened from"), field_name="created_at", lookup_expr="gte")
    until = DayFilter(label=_("Happened to"), field_name="created_at", lookup_expr="lt")

    def __init__(self, data: Any, queryset: "QuerySet[Any]", *, person: CustomUser) -> None:
        super().__init__(data, queryset)
        self._person = person
        lines = WorkflowLine.objects.filter(versions__in=administered_by(person)).distinct()
        self.filters["workflow"].extra["choices"] = list(
            lines.order_by(Lower("title")).values_list("pk", "title")
        )

    def search(self, rows: "QuerySet[Any]", _name: str, text: str) -> "QuerySet[Any]":
        """Return the rows of the ticket with this number, or of tickets with these words or these people."""
        digits = "".join(text.split()).removeprefix("#")
        if digits.isascii() and digits.isdigit():
            # A number that is too long is the number of no ticket, like 0.
            return rows.filter(**{f"{self.ticket_path}number": parse_number(digits) or 0})
        with_words = Q(**{f"{self.ticket_path}pk__in": find_tickets(self._person, text, most=MAX_FOUND)})
        return rows.filter(with_words | self.of_people(CustomUser.objects.all().matching(text)))

    def of_people(self, people: PersonQuerySet) -> Q:
        """Return the condition that one of these people submitted the ticket."""
        return Q(**{f"{self.ticket_path}created_by__in": people})

    def of_workflow(self, rows: "QuerySet[Any]", _name: str, line: str) -> "QuerySet[Any]":
        """Return the rows of any version of a workflow."""
        return rows.filter(**{f"{self.ticket_path}workflow_instance__workflow__line": line})


class ErrorFilter(DeskFilter):
    """A filter of errors, also by status and kind; by default only unresolved errors match."""

    ticket_path = "ticket__"

    status = ChoiceFilter(
        label=_("Status"),
        field_name="error_status",
        choices=[(ANY, _("Any")), *ErrorStatus.choices],
        empty_label=_("Not resolved"),
        conditions={"": ~Q(error_status=ErrorStatus.RESOLVED), ANY: Q()},
    )
    kind = ChoiceFilter(
        label=_("Kind"), field_name="error_type", choices=ErrorType.choices, empty_label=_("Any")
    )
    field_order = ("q", "status", "kind", "workflow", "since", "until")
