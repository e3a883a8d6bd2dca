"""The list of tasks that a URL requests, as a page and as ids."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import product
from typing import Any, Final

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from ticketflower.filters import FilterForm
from ticketflower.list_parts import LoadedKeys, Part, PreparedParts, load_keys
from ticketflower.listing import ListPage, Sort, list_page, requested_sort
from users.models import CustomUser
from workflow_design.access import administered_by
from workflow_design.models import TaskDefinition, TaskType
from workflow_design.workspace.typed_fields import DayField
from workflow_ops.desk.lists.filters import (
    ANY,
    GONE,
    ME,
    NOBODY,
    due_field,
    is_due,
    old_enough,
    period,
    search_field,
)
from workflow_ops.desk.lists.people import choosable_people, named_people, person_field
from workflow_ops.desk.lists.scope import Scope
from workflow_ops.desk.lists.sorted_list import SortedList
from workflow_ops.desk.lists.ticket_form import (
    age_field,
    choose_line,
    priority_field,
    priority_place,
)
from workflow_ops.desk.lists.ticket_parts import MAX_PARTS
from workflow_ops.desk.lists.tickets import MAX_SORTED, id_range, search_tickets, tickets_of, too_many_to_sort
from workflow_ops.history.list_rows import read_task_rows
from workflow_ops.models import OpenTask, TaskInstance, TaskStatus, TicketInstance
from workflow_ops.models.lists import NOBODY as NO_ASSIGNEE
from workflow_ops.models.tasks import ENDED_STATUSES, UNFINISHED_STATUSES

# Ids of tasks increase with time.
WAITING = Sort("waiting", _("Waiting time"), "id")
PRIORITY = Sort("priority", _("Priority"), "priority")
DUE = Sort("due", _("Due"), "task_due_order")
CREATED = Sort("waiting", _("Created"), "id")
_TASKS: Final = (
    QuerySet(TaskInstance)
    .none()
    .annotate(priority=F("workflow_instance__ticket__priority"), task_due_order=F("open_row__task_due_order"))
)
"""A queryset with the columns of the sort orders. It is never evaluated."""
_STATUSES: Final = {"": UNFINISHED_STATUSES, ANY: tuple(TaskStatus)}
_REUSABLE: Final = {"status", "workflow", "priority"}
"""Filters whose rows depend only on their values, not on people, the current time or other rows."""
Searched = tuple[list[int], list[int]]
"""The ids of the tickets that match a search text, and of the people whose names match it."""


class TaskFilterForm(FilterForm):
    """The filters of a list of tasks of the workflows in `scope`."""

    main_fields = ("q", "status", "workflow", "task", "assigned")

    q = search_field()
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("Not finished")), (ANY, _("Any")), *TaskStatus.choices],
    )
    workflow = forms.TypedChoiceField(label=_("Workflow"), required=False, coerce=int, empty_value=None)
    # Without a workflow, any title is a choice, and PostgreSQL refuses NUL with an error.
    task = forms.ChoiceField(label=_("Task"), required=False, validators=[ProhibitNullCharactersValidator()])
    assigned = forms.Field()
    priority = priority_field()
    due = due_field()
    age = age_field()
    since = DayField(label=_("Created from"), required=False)
    until = DayField(label=_("Created to"), required=False)

    def __init__(self, data: Mapping[str, Any], *, scope: Scope, is_rendered: bool = True) -> None:
        super().__init__(data, is_rendered=is_rendered)
        self.line = choose_line(self, scope)
        people = choosable_people() if "assigned" in self.fields else []
        if "assigned" in self.fields:
            also = {ME: _("Me"), NOBODY: _("Nobody"), GONE: _("People deactivated or away")}
            self.fields["assigned"] = person_field(_("Assigned to"), people, also=also, anyone=_("Anyone"))
        titles = scope.task_titles([self.line])[self.line] if self.line else [data.get("task", "")]
        offered = [(title, title) for title in titles if title]
        self.offer("task", [("", _("Any")), *offered])
        self.choices_key = [*scope.titles.items()], people, offered


class TaskList(SortedList):
    """The tasks that `person` administers, filtered and sorted by the parameters of a URL.

    Unfinished tasks are found through their denormalised rows (`OpenTask`). `is_rendered` says whether the
    filters and the number of rows are shown.
    """

    def __init__(self, params: QueryDict, person: CustomUser, *, is_rendered: bool = True) -> None:
        self._person, self._scope, self._is_rendered = person, Scope.of(person), is_rendered
        self.form = TaskFilterForm(params, scope=self._scope, is_rendered=is_rendered)
        # Tasks have no index by workflow alone, so whether there are any rows is asked of the tickets.
        self.form.unfiltered_rows = partial(tickets_of, self._scope)
        self._chosen = self.form.chosen()
        chosen = self._chosen.get("status", "")
        self._statuses = _STATUSES.get(chosen) or (TaskStatus(chosen),)
        self._ended = [status for status in self._statuses if status in ENDED_STATUSES]
        self.sorts = (CREATED,) if self._ended else (WAITING, PRIORITY, DUE)
        self._order = requested_sort(params, self.sorts)
        self.note = ""
        self._parts = self._find_parts()

    def page(self, request: HttpRequest) -> ListPage:
        """Return the page that the URL requests."""
        return list_page(
            request,
            _TASKS,
            sorts=self.sorts,
            parts=self._parts,
            order=self._order,
            read=read_task_rows,
            counts=self._is_rendered,
        )

    def _find_parts(self) -> list[Part] | LoadedKeys | PreparedParts:
        indexed = self._indexed_order()
        is_reusable = self._scope.key is not None and self._chosen.keys() <= _REUSABLE
        if is_reusable and (self._ended or indexed in (None, self._order[0])):
            key = ("tasks", self._scope.key, *sorted(self._chosen.items()))
            return PreparedParts(key, self._make_parts)
        searched = search_tickets(self._person, self._chosen["q"]) if "q" in self._chosen else None
        parts = self._make_parts(searched)
        if searched or self._ended or indexed in (None, self._order[0]):
            return parts
        loaded = load_keys(parts, indexed, self._order[0], limit=MAX_SORTED + 1)
        if len(loaded.keys) <= MAX_SORTED:
            return loaded
        self._order, self.note = (indexed, False), too_many_to_sort()
        return parts

    def _make_parts(self, searched: Searched | None = None) -> list[Part]:
        is_open = len(self._ended) < len(self._statuses)
        return [
            *(self._of_open_tasks(searched) if is_open else ()),
            # Tasks that have ended are no longer due.
            *(self._of_ended_tasks(searched) if self._ended and "due" not in self._chosen else ()),
        ]

    def _indexed_order(self) -> Sort | None:
        """Return the only order in which indexes have the chosen tasks, or None if they have every order.

        Tasks that are due in a period are read in the order of due times, like tickets.
        """
        if "due" in self._chosen:
            return DUE
        is_narrowed = len(self._statuses) == 1 or not self._chosen.keys().isdisjoint(("task", "assigned"))
        return WAITING if is_narrowed else None

    def _period(self) -> tuple[datetime | None, datetime | None]:
        begin, end = period(self._chosen)
        return begin, old_enough(end, self._chosen)

    def _lines(self) -> list[int]:
        return [self._chosen["workflow"]] if "workflow" in self._chosen else sorted(self._scope.titles)

    def _assignees(self) -> list[int] | None:
        """Return the ids of the assignees to filter by (NO_ASSIGNEE for nobody), or None for all."""
        chosen = self._chosen.get("assigned")
        if chosen is None:
            return None
        if chosen == NOBODY:
            return [NO_ASSIGNEE]
        if chosen == GONE:
            return list(CustomUser.objects.absent().values_list("pk", flat=True))
        return named_people(chosen, self._person)

    # --- Unfinished tasks --------------------------------------------------------------

    def _of_open_tasks(self, searched: Searched | None) -> Iterator[Part]:
        rows = OpenTask.objects.filter(**self._open_conditions())
        lines, people = self._lines(), self._assignees()
        groups = [{}] if people is None else [{"assignee": person} for person in people]
        if searched or len(lines) * len(groups) > MAX_PARTS:  # PostgreSQL sorts them
            rows = rows.filter(self._scope.condition("ticket__", lines=lines))
            rows = rows if people is None else rows.filter(assignee__in=people)
            if searched:
                rows = rows.filter(Q(ticket__in=searched[0]) | Q(assignee__in=searched[1]))
            yield Part(rows, key="task_id")
            return
        for line, group in product(lines, groups):
            rights = self._scope.version_condition(line, "ticket__")
            yield Part(rows.filter(rights, line=line, **group), key="task_id")

    def _open_conditions(self) -> dict[str, Any]:
        found = {f"task_{key}": value for key, value in id_range(TaskInstance, *self._period()).items()}
        if len(self._statuses) == 1:
            found["status"] = self._statuses[0]
        if "task" in self._chosen:
            found["title"] = self._chosen["task"]
        if "priority" in self._chosen:
            found["priority"] = priority_place(self._chosen["priority"])
        if "due" in self._chosen:
            found |= is_due(self._chosen["due"], self._person.company_in_use, "task_due_order")
        return found

    # --- Tasks that have ended ---------------------------------------------------------

    def _of_ended_tasks(self, searched: Searched | None) -> Iterator[Part]:
        rows = TaskInstance.objects.filter(**id_range(TaskInstance, *self._period()))
        if "priority" in self._chosen:
            place = priority_place(self._chosen["priority"])
            rows = rows.filter(workflow_instance__ticket__priority=place)
        groups = self._groups()
        if searched or len(groups) * len(self._ended) > MAX_PARTS:  # PostgreSQL sorts them
            rows = rows.filter(Q(*groups, _connector=Q.OR)) if groups else rows.none()
            if searched:
                runs = TicketInstance.objects.filter(pk__in=searched[0]).values_list("workflow_instance")
                found = Q(workflow_instance__in=[run for (run,) in runs]) | Q(assigned_to__in=searched[1])
                rows = rows.filter(found)
            yield Part(rows.filter(status__in=self._ended))
            return
        for group, status in product(groups, self._ended):
            yield Part(rows.filter(group, status=status))

    def _groups(self) -> list[Q]:
        """Return conditions that together select the requested tasks, each with the prefix of an index."""
        people = self._assignees()
        is_everything = "workflow" not in self._chosen and self._scope.is_everything
        if people is not None:
            nobody = Q(assigned_to=None, task_definition__task_type=TaskType.FORM)
            besides = self._scope.condition(lines=None if is_everything else self._lines())
            if "task" in self._chosen:
                besides &= Q(task_definition__title=self._chosen["task"])
            return [besides & (nobody if one == NO_ASSIGNEE else Q(assigned_to=one)) for one in people]
        if "task" in self._chosen:
            mine = TaskDefinition.objects.filter(workflow__in=administered_by(self._person))
            same = mine.filter(title=self._chosen["task"], workflow__line__in=self._lines())
            return [Q(task_definition=definition) for definition in same.values_list("pk", flat=True)]
        if is_everything:
            return [Q()]
        return [Q(line=line) & self._scope.version_condition(line) for line in self._lines()]
