"""The lists of the page of calls: unfinished actions, and the calls that were made for them."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from ticketflower.filters import FilterForm
from ticketflower.list_parts import Part
from ticketflower.listing import MAX_NUMBER, ListPage, Sort, list_page
from users.models import CustomUser
from workflow_design.models import Connection
from workflow_design.persistence.connections import tasks_over
from workflow_design.workspace.typed_fields import DayField
from workflow_ops.desk.calls.rows import listed_actions, listed_calls
from workflow_ops.desk.lists.filters import period, search_field
from workflow_ops.desk.lists.scope import Scope
from workflow_ops.desk.lists.ticket_form import choose_line
from workflow_ops.desk.lists.ticket_parts import MAX_PARTS
from workflow_ops.desk.lists.tickets import id_range, search_tickets
from workflow_ops.models import ActionCall, TaskInstance
from workflow_ops.models.calls import SLOW
from workflow_ops.models.tasks import HAS_FAILED, IS_WAITING_ACTION

WAITING, FAILING, SLOW_ONES, ALL = TABS = ("waiting", "failing", "slow", "all")
"""The tabs of the page of calls."""
# Ids increase with time.
_SINCE = Sort("since", _("Waiting time"), "id")
WHEN = Sort("when", _("When"), "id", descending=True)


class CallFilterForm(FilterForm):
    """The filters of calls; `show` is the tab of the page, and the page of a task leads to its calls."""

    q = search_field()
    workflow = forms.TypedChoiceField(label=_("Workflow"), required=False, coerce=int, empty_value=None)
    connection = forms.TypedChoiceField(label=_("Connection"), required=False, coerce=int, empty_value=None)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)
    show = forms.CharField(required=False, widget=forms.HiddenInput)
    task = forms.IntegerField(
        label=_("Task"), required=False, min_value=1, max_value=MAX_NUMBER, widget=forms.HiddenInput
    )

    def __init__(self, data: Mapping[str, Any], *, scope: Scope) -> None:
        super().__init__(data)
        choose_line(self, scope)
        self.connections = dict(Connection.objects.order_by(Lower("name")).values_list("pk", "name"))
        choices = [("", _("Any")), *self.connections.items()]
        self.fields["connection"].choices = choices  # type: ignore[attr-defined]


class CallList:
    """The rows that a tab shows, of workflows that `person` administers, filtered by a URL's parameters.

    The rows are actions on the tabs "waiting" and "failing", and calls on the others.
    """

    def __init__(self, params: QueryDict, person: CustomUser, *, tab: str) -> None:
        self._person, self._scope, self._tab = person, Scope.of(person), tab
        self.is_of_calls = tab in {SLOW_ONES, ALL}
        self._to_task = "task__" if self.is_of_calls else ""
        self.form = CallFilterForm(params, scope=self._scope)
        self.form.unfiltered_rows = self._unfiltered_rows
        self._chosen = self.form.chosen()

    def page(self, request: HttpRequest) -> ListPage:
        """Return the page that the address asks for."""
        rows: QuerySet[Any] = (
            listed_calls(ActionCall.objects.all())
            if self.is_of_calls
            else listed_actions(TaskInstance.objects.all())
        )
        return list_page(request, rows, sorts=(WHEN if self.is_of_calls else _SINCE,), parts=self._parts())

    def _unfiltered_rows(self) -> QuerySet[Any]:
        return self._rows().filter(self._scope.condition(self._to_task)).order_by("line_id", "pk")

    def _rows(self) -> QuerySet[Any]:
        if self._tab == ALL:
            return ActionCall.objects.filter(task__isnull=False)
        if self._tab == SLOW_ONES:
            return ActionCall.objects.filter(task__isnull=False, duration__gt=SLOW)
        return TaskInstance.objects.filter(HAS_FAILED if self._tab == FAILING else IS_WAITING_ACTION)

    def _parts(self) -> list[Part]:
        chosen, rows = self._chosen, self._narrowed()
        lines = [chosen["workflow"]] if "workflow" in chosen else sorted(self._scope.titles)
        is_everything = self._scope.is_everything and "workflow" not in chosen and self._tab == ALL
        has_own_index = bool({"q", "task", "connection"} & chosen.keys())
        if is_everything or has_own_index or len(lines) > MAX_PARTS:
            chosen_lines = lines if "workflow" in chosen else None
            return [Part(rows.filter(self._scope.condition(self._to_task, lines=chosen_lines)))]
        return [
            Part(rows.filter(self._scope.version_condition(line, self._to_task), line=line)) for line in lines
        ]

    def _narrowed(self) -> QuerySet[Any]:
        chosen, rows = self._chosen, self._rows()
        if self.is_of_calls:
            rows = rows.filter(**id_range(ActionCall, *period(chosen), column="started_at"))
            rows = rows.filter(connection=chosen["connection"]) if "connection" in chosen else rows
            rows = rows.filter(task=chosen["task"]) if "task" in chosen else rows
        else:
            rows = rows.filter(**id_range(TaskInstance, *period(chosen)))
            if "connection" in chosen:  # by name, as definitions refer to it
                over = tasks_over(self.form.connections[chosen["connection"]])
                rows = rows.filter(task_definition__in=over)
        if "q" in chosen:
            tickets, _people = search_tickets(self._person, chosen["q"])
            rows = rows.filter(**{f"{self._to_task}workflow_instance__ticket__in": tickets})
        return rows
