"""The list of tasks: what its address asks for, as a page and as ids."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ticketflower.filters import MAX_SEARCH_LENGTH, FilterForm
from ticketflower.list_parts import Part, read_keys
from ticketflower.listing import ListPage, Sort, list_page, requested_sort
from users.models import CustomUser
from workflow_design.models import TaskType
from workflow_design.workspace.typed_fields import DayField
from workflow_ops.access import administered_tasks
from workflow_ops.desk.lists.filters import ANY, GONE, ME, NOBODY, midnight
from workflow_ops.desk.lists.people import choosable_people, named_people, person_field
from workflow_ops.desk.lists.rows import listed_tasks
from workflow_ops.desk.lists.scope import Scope
from workflow_ops.desk.lists.ticket_form import (
    age_field,
    choose_line,
    priority_field,
    priority_place,
)
from workflow_ops.desk.lists.ticket_parts import MAX_PARTS
from workflow_ops.desk.lists.tickets import id_range, search_tickets
from workflow_ops.models import OpenTask, TaskInstance, TaskStatus
from workflow_ops.models.lists import NOBODY as NO_ASSIGNEE
from workflow_ops.models.tasks import UNFINISHED_STATUSES

# Ids of tasks rise with the time at which they were created.
WAITING = Sort("waiting", _("Waiting time"), "id")
PRIORITY = Sort("priority", _("Priority"), "priority")
CREATED = Sort("waiting", _("Created"), "created_at")


class TaskFilterForm(FilterForm):
    """The filters of a list of tasks of the workflows in `scope`."""

    main_fields = ("q", "status", "workflow", "task", "assigned")

    q = forms.CharField(
        label=_("Number, words or person"),
        required=False,
        max_length=MAX_SEARCH_LENGTH,
        widget=forms.SearchInput,
    )
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("Not finished")), (ANY, _("Any")), *TaskStatus.choices],
    )
    workflow = forms.TypedChoiceField(label=_("Workflow"), required=False, coerce=int, empty_value=None)
    task = forms.ChoiceField(label=_("Task"), required=False)
    assigned = forms.Field()
    priority = priority_field()
    age = age_field()
    since = DayField(label=_("Created from"), required=False)
    until = DayField(label=_("Created to"), required=False)

    def __init__(self, data: Mapping[str, Any], *, scope: Scope) -> None:
        super().__init__(data)
        self.line = choose_line(self, scope)
        self.fields["assigned"] = person_field(
            _("Assigned to"),
            choosable_people(),
            also={ME: _("Me"), NOBODY: _("Nobody"), GONE: _("People deactivated or away")},
            anyone=_("Anyone"),
        )
        titles = scope.task_titles([self.line])[self.line] if self.line else [data.get("task", "")]
        offered = [(title, title) for title in titles if title]
        self.fields["task"].choices = [("", _("Any")), *offered]  # type: ignore[attr-defined]


class TaskList:
    """The tasks that `person` administers and the parameters of an address ask for, in its order.

    Unfinished ones are found by their narrow rows (`OpenTask`). All others are in the order of creation.
    """

    def __init__(self, params: QueryDict, person: CustomUser) -> None:
        self._person, self._scope = person, Scope.of(person)
        self.form = TaskFilterForm(params, scope=self._scope)
        self.form.everything = administered_tasks(person)
        self.form.is_valid()
        self._chosen = {
            name: value for name, value in self.form.cleaned_data.items() if value not in ("", None)
        }
        self._is_open = self._chosen.get("status", "") in {"", *UNFINISHED_STATUSES}
        self.sorts = (WAITING, PRIORITY) if self._is_open else (CREATED,)
        self._order = requested_sort(params, self.sorts)

    def page(self, request: HttpRequest) -> ListPage:
        """Return the page that the address asks for."""
        if not self._is_open:
            return list_page(request, listed_tasks(self._all()), sorts=self.sorts)
        rows = listed_tasks(TaskInstance.objects.annotate(priority=F("workflow_instance__ticket__priority")))
        return list_page(request, rows, sorts=self.sorts, parts=list(self._parts()), order=self._order)

    def ids(self, most: int) -> list[int]:
        """Return the ids of the first tasks, in the order of the list."""
        sort, descending = self._order
        if self._is_open:
            return read_keys(list(self._parts()), sort, descending=descending, limit=most)
        order = ("-created_at", "-pk") if descending else ("created_at", "pk")
        return list(self._all().order_by(*order).values_list("pk", flat=True)[:most])

    def _period(self) -> tuple[datetime | None, datetime | None]:
        since, until = self._chosen.get("since"), self._chosen.get("until")
        end = midnight(until + timedelta(days=1)) if until else None
        if "age" in self._chosen:
            oldest = timezone.now() - timedelta(days=self._chosen["age"])
            end = min(end, oldest) if end else oldest
        return midnight(since) if since else None, end

    # --- Unfinished tasks --------------------------------------------------------------

    def _parts(self) -> Iterator[Part]:
        conditions = self._conditions()
        lines = [self._chosen["workflow"]] if "workflow" in self._chosen else sorted(self._scope.titles)
        if "q" in self._chosen or len(lines) > MAX_PARTS:  # PostgreSQL sorts them
            rows = OpenTask.objects.filter(self._scope.condition("ticket__", lines=lines), **conditions)
            yield Part(rows.filter(self._searched()), key="task_id")
            return
        for line in lines:
            rows = OpenTask.objects.filter(self._scope.version_condition(line, "ticket__"), line=line)
            for assignees in self._assignees():
                yield Part(rows.filter(**conditions, **assignees), key="task_id")

    def _conditions(self) -> dict[str, Any]:
        begin, end = self._period()
        found: dict[str, Any] = {}
        if begin or end:
            found |= {f"task_{key}": value for key, value in id_range(TaskInstance, begin, end).items()}
        if "status" in self._chosen:
            found["status"] = self._chosen["status"]
        if "task" in self._chosen:
            found["title"] = self._chosen["task"]
        if "priority" in self._chosen:
            found["priority"] = priority_place(self._chosen["priority"])
        return found

    def _assignees(self) -> list[dict[str, Any]]:
        """Return a condition for each part: what one person has, or all who are gone, is in order."""
        chosen = self._chosen.get("assigned")
        if chosen is None:
            return [{}]
        if chosen == NOBODY:
            return [{"assignee": NO_ASSIGNEE}]
        if chosen == GONE:
            return [{"assignee__in": list(CustomUser.objects.absent().values_list("pk", flat=True))}]
        return [{"assignee": person} for person in named_people(chosen, self._person)]

    def _searched(self) -> Q:
        """Return the conditions of the search text and of the assignee."""
        either = Q()
        for each in self._assignees():
            either |= Q(**each)
        if "q" not in self._chosen:
            return either
        tickets, people = search_tickets(self._person, self._chosen["q"])
        return either & (Q(ticket__in=tickets) | Q(assignee__in=people))

    # --- All tasks ---------------------------------------------------------------------

    def _all(self) -> QuerySet[TaskInstance]:
        ticket, tasks = "workflow_instance__ticket__", administered_tasks(self._person)
        begin, end = self._period()
        conditions: dict[str, Any] = {"created_at__gte": begin} if begin else {}
        conditions |= {"created_at__lt": end} if end else {}
        if self._chosen["status"] != ANY:
            conditions["status"] = self._chosen["status"]
        if "workflow" in self._chosen:
            conditions[f"{ticket}line"] = self._chosen["workflow"]
        if "task" in self._chosen:
            conditions["task_definition__title"] = self._chosen["task"]
        if "priority" in self._chosen:
            conditions[f"{ticket}priority"] = priority_place(self._chosen["priority"])
        if "q" in self._chosen:
            ids, people = search_tickets(self._person, self._chosen["q"])
            tasks = tasks.filter(Q(workflow_instance__ticket__in=ids) | Q(assigned_to__in=people))
        return self._of_assignees(tasks.filter(**conditions))

    def _of_assignees(self, tasks: QuerySet[TaskInstance]) -> QuerySet[TaskInstance]:
        chosen = self._chosen.get("assigned")
        if chosen is None:
            return tasks
        if chosen == NOBODY:
            return tasks.filter(assigned_to=None, task_definition__task_type=TaskType.FORM)
        if chosen == GONE:
            return tasks.filter(assigned_to__in=CustomUser.objects.absent())
        return tasks.filter(assigned_to__in=named_people(chosen, self._person))
