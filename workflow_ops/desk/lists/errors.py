"""The list of errors that a URL requests, as a page and as ids."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from ticketflower.filters import FilterForm
from ticketflower.list_parts import Part
from ticketflower.listing import ListPage, Sort, list_page, requested_sort
from users.models import CustomUser
from workflow_design.workspace.typed_fields import DayField
from workflow_ops.desk.lists.filters import ANY, period, search_field
from workflow_ops.desk.lists.rows import read_error_rows
from workflow_ops.desk.lists.scope import Scope
from workflow_ops.desk.lists.sorted_list import SortedList
from workflow_ops.desk.lists.ticket_form import choose_line
from workflow_ops.desk.lists.ticket_parts import MAX_PARTS
from workflow_ops.desk.lists.tickets import id_range, search_tickets
from workflow_ops.models import ErrorReason, ErrorStatus, ErrorType, TicketError

# Ids of errors increase with time.
HAPPENED = Sort("happened", _("Happened"), "id", descending=True)
_STATUSES: Final = {"": (ErrorStatus.NEW, ErrorStatus.REVIEWED), ANY: tuple(ErrorStatus)}


class ErrorFilterForm(FilterForm):
    """The filters of a list of errors of the workflows in `scope`. Resolved ones are not shown at first."""

    main_fields = ("q", "status", "kind", "reason", "workflow")

    q = search_field()
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("Not resolved")), (ANY, _("Any")), *ErrorStatus.choices],
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("Any")), *ErrorType.choices])
    reason = forms.ChoiceField(
        label=_("Reason"), required=False, choices=[("", _("Any")), *ErrorReason.choices]
    )
    workflow = forms.TypedChoiceField(label=_("Workflow"), required=False, coerce=int, empty_value=None)
    since = DayField(label=_("Happened from"), required=False)
    until = DayField(label=_("Happened to"), required=False)

    def __init__(self, data: Mapping[str, Any], *, scope: Scope) -> None:
        super().__init__(data)
        choose_line(self, scope)
        self.choices_key = [*scope.titles.items()]


class ErrorList(SortedList):
    """The errors that `person` administers, filtered and sorted by the parameters of a URL."""

    sorts = (HAPPENED,)

    def __init__(self, params: QueryDict, person: CustomUser) -> None:
        self._person, self._scope = person, Scope.of(person)
        self.form = ErrorFilterForm(params, scope=self._scope)
        self.form.unfiltered_rows = self._unfiltered_rows
        self._chosen = self.form.chosen()
        self._order = requested_sort(params, self.sorts)
        self._parts = self._find_parts()

    def _unfiltered_rows(self) -> QuerySet[TicketError]:
        errors = TicketError.objects.filter(self._scope.condition("ticket__"))
        return errors.order_by("line_id", "error_status", "pk")

    def page(self, request: HttpRequest) -> ListPage:
        """Return the page that the URL requests."""
        return list_page(
            request,
            TicketError.objects.all(),
            sorts=self.sorts,
            parts=self._parts,
            order=self._order,
            read=read_error_rows,
        )

    def _find_parts(self) -> list[Part]:
        rows = TicketError.objects.filter(**self._conditions())
        chosen = self._chosen.get("status", "")
        statuses = _STATUSES.get(chosen) or (ErrorStatus(chosen),)
        lines = [self._chosen["workflow"]] if "workflow" in self._chosen else sorted(self._scope.titles)
        rights = self._scope.condition("ticket__", lines=lines if "workflow" in self._chosen else None)
        if "q" in self._chosen:  # PostgreSQL sorts them
            found, _people = search_tickets(self._person, self._chosen["q"])
            return [Part(rows.filter(rights, ticket__in=found, error_status__in=statuses))]
        is_everything = self._scope.is_everything and "workflow" not in self._chosen
        if is_everything or len(lines) * len(statuses) > MAX_PARTS:
            return [Part(rows.filter(rights, error_status=status)) for status in statuses]
        return [
            Part(rows.filter(self._scope.version_condition(line, "ticket__"), line=line, error_status=status))
            for line in lines
            for status in statuses
        ]

    def _conditions(self) -> dict[str, Any]:
        found = id_range(TicketError, *period(self._chosen))
        if "kind" in self._chosen:
            found["error_type"] = self._chosen["kind"]
        if "reason" in self._chosen:
            found["reason"] = self._chosen["reason"]
        return found
