"""Filters of the lists of ticket admins."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, cast

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from users.filters import DayField, SearchForm, midnight
from users.models import CustomUser
from workflow_design.access import administered_by
from workflow_design.models import WorkflowLine
from workflow_ops.models import ErrorStatus, ErrorType, RunStatus, TaskStatus
from workflow_ops.models.tasks import UNFINISHED_STATUSES

ANY = "all"
UNFINISHED = "unfinished"
NOBODY = "nobody"


class DeskFilter(FilterSet):
    """A filter by search text, workflow and period, of the rows that `person` administers."""

    ticket_path = ""
    """The lookup prefix from a row to its ticket."""

    q = SearchFilter(label=_("Number or submitter"), method="search")
    workflow = ChoiceFilter(label=_("Workflow"), empty_label=_("Any"), method="of_workflow")
    since = DayFilter(label=_("From"), field_name="created_at", lookup_expr="gte")
    until = DayFilter(label=_("To"), field_name="created_at", lookup_expr="lt")

    def __init__(self, data: Any, queryset: "QuerySet[Any]", *, person: CustomUser) -> None:
        super().__init__(data, queryset)
        lines = WorkflowLine.objects.filter(versions__in=administered_by(person)).distinct()
        choices = lines.order_by(Lower("title")).values_list("pk", "title")
        cast(forms.ChoiceField, self.fields["workflow"]).choices = [("", _("Any")), *choices]
        # The properties below read `cleaned_data`, also when the URL has no parameters.
        self.full_clean()

    @property
    def is_narrowed(self) -> bool:
        """True if the URL sets any filter."""
        return any(self.cleaned_data.get(name) for name in self.fields)

    def condition(self) -> Q:
        """Return the condition for search text, workflow and period."""
        condition = self._search_condition(self.chosen("q").split())
        if line := self.chosen("workflow"):
            condition &= Q(**{f"{self.ticket_path}workflow_instance__workflow__line": int(line)})
        if since := self.cleaned_data.get("since"):
            condition &= Q(created_at__gte=midnight(since))
        if until := self.cleaned_data.get("until"):
            condition &= Q(created_at__lt=midnight(until + timedelta(days=1)))
        return condition

    def _search_condition(self, words: Iterable[str]) -> Q:
        """Return the condition for a ticket number (with or without #) or the submitter's name."""
        words = list(words)
        number = "".join(words).removeprefix("#")
        if number.isdecimal() and number.isascii():
            # PostgreSQL refuses larger numbers; 0 is the number of no ticket.
            wanted = int(number) if len(number) < len(str(LARGEST_NUMBER)) else 0
            return Q(**{f"{self.ticket_path}number": wanted})
        return Q(**{f"{self.ticket_path}created_by__in": self.people()}) if words else Q()


class TicketFilter(DeskFilter):
    """A filter of tickets, also by status."""

    status = ChoiceFilter(
        label=_("Status"),
        choices=[(UNFINISHED, _("Not finished")), *RunStatus.choices],
        empty_label=_("Any"),
        conditions={UNFINISHED: Q(is_finished=False)},
    )
    field_order = ("q", "status", "workflow", "since", "until")


class TaskFilter(DeskFilter):
    """A filter of tasks, also by status; by default only unfinished tasks match."""

    ticket_path = "workflow_instance__ticket__"

    status = ChoiceFilter(
        label=_("Status"),
        choices=[(ANY, _("Any")), *TaskStatus.choices],
        empty_label=_("Not finished"),
        conditions={"": Q(status__in=UNFINISHED_STATUSES), ANY: Q()},
    )
    assigned = ChoiceFilter(
        label=_("Assigned"),
        choices=[(NOBODY, _("To nobody"))],
        empty_label=_("To anyone"),
        conditions={NOBODY: Q(assigned_to=None)},
    )
    field_order = ("q", "status", "assigned", "workflow", "since", "until")


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

    def errors_found(self) -> "QuerySet[TicketError]":
        """Return the errors that match the filter."""
        found = administered_errors(self.person).filter(self.condition())
        if kind := self.chosen("kind"):
            found = found.filter(error_type=kind)
        status = self.chosen("status")
        if status == "":
            return found.exclude(error_status=ErrorStatus.RESOLVED)
        return found if status == ANY else found.filter(error_status=status)
