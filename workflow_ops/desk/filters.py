"""Filters of the lists of ticket admins: forms that are submitted with GET."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.filters import SearchForm
from users.forms.audit import DayField
from users.models import CustomUser
from workflow_design.access import administered_by
from workflow_design.models import WorkflowLine
from workflow_ops.access import administered_errors, administered_tasks, administered_tickets
from workflow_ops.models import (
    ErrorStatus,
    ErrorType,
    RunStatus,
    TaskInstance,
    TaskStatus,
    TicketError,
    TicketInstance,
)
from workflow_ops.models.tasks import UNFINISHED_STATUSES

ANY = "all"
UNFINISHED = "unfinished"
NOBODY = "nobody"
LARGEST_NUMBER = 2**63 - 1


class DeskFilter(SearchForm):
    """A filter by search text, workflow and period, of the rows that `person` administers."""

    search_label = _("Number or submitter")
    ticket_path = ""
    """The lookup prefix from a row to its ticket."""

    workflow = forms.ChoiceField(label=_("Workflow"), required=False)
    since = DayField(label=_("From"))
    until = DayField(label=_("To"))

    def __init__(self, data: Any, *, person: CustomUser) -> None:
        super().__init__(data)
        self.person = person
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
            condition &= Q(created_at__gte=_midnight(since))
        if until := self.cleaned_data.get("until"):
            condition &= Q(created_at__lt=_midnight(until + timedelta(days=1)))
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

    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("Any")), (UNFINISHED, _("Not finished")), *RunStatus.choices],
    )
    field_order = ("q", "status", "workflow", "since", "until")

    def tickets(self) -> "QuerySet[TicketInstance]":
        """Return the tickets that match the filter."""
        tickets = administered_tickets(self.person).filter(self.condition())
        status = self.chosen("status")
        if status == UNFINISHED:
            return tickets.filter(is_finished=False)
        return tickets.filter(status=status) if status else tickets


class TaskFilter(DeskFilter):
    """A filter of tasks, also by status; by default only unfinished tasks match."""

    ticket_path = "workflow_instance__ticket__"

    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("Not finished")), (ANY, _("Any")), *TaskStatus.choices],
    )
    assigned = forms.ChoiceField(
        label=_("Assigned"), required=False, choices=[("", _("To anyone")), (NOBODY, _("To nobody"))]
    )
    field_order = ("q", "status", "assigned", "workflow", "since", "until")

    def tasks(self) -> "QuerySet[TaskInstance]":
        """Return the tasks that match the filter."""
        tasks = administered_tasks(self.person).filter(self.condition())
        if self.chosen("assigned") == NOBODY:
            tasks = tasks.filter(assigned_to=None)
        status = self.chosen("status")
        if status == "":
            return tasks.filter(status__in=UNFINISHED_STATUSES)
        return tasks if status == ANY else tasks.filter(status=status)


class ErrorFilter(DeskFilter):
    """A filter of errors, also by status and kind; by default only unresolved errors match."""

    ticket_path = "ticket__"

    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("Not resolved")), (ANY, _("Any")), *ErrorStatus.choices],
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("Any")), *ErrorType.choices])
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


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
