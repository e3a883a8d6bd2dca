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
from workflow_design.models import TaskDefinition, TaskType, WorkflowLine
from workflow_design.workspace.typed_fields import DayField
from workflow_ops.desk.lists.people import choosable_people
from workflow_ops.models import ErrorStatus, ErrorType, TaskStatus
from workflow_ops.models.tasks import UNFINISHED_STATUSES
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
    since = DayFilter(label=_("Created from"), field_name="created_at", lookup_expr="gte")
    until = DayFilter(label=_("Created to"), field_name="created_at", lookup_expr="lt")

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


class TaskFilter(DeskFilter):
    """A filter of tasks, also by status; by default only unfinished tasks match."""

    ticket_path = "workflow_instance__ticket__"

    status = ChoiceFilter(
        label=_("Status"),
        choices=[(ANY, _("Any")), *TaskStatus.choices],
        empty_label=_("Not finished"),
        conditions={"": Q(status__in=UNFINISHED_STATUSES), ANY: Q()},
    )
    assigned = ChoiceFilter(label=_("Assigned to"), empty_label=_("Anyone"), method="of_assignees")
    task = ChoiceFilter(label=_("Task"), empty_label=_("Any"), method="of_title")
    field_order = ("q", "status", "assigned", "workflow", "task", "since", "until")

    def __init__(self, data: Any, queryset: "QuerySet[Any]", *, person: CustomUser) -> None:
        super().__init__(data, queryset, person=person)
        self._person = person
        words = [(ME, _("Me")), (NOBODY, _("Nobody")), (GONE, _("People deactivated or away"))]
        # In a company with more people than a choice can show, the search box finds them.
        self.filters["assigned"].extra["choices"] = [*words, *(choosable_people() or ())]
        line = parse_number(data.get("workflow", ""))
        if line is None:
            del self.filters["task"]
            return
        self._definitions = TaskDefinition.objects.filter(
            workflow__in=administered_by(person), workflow__line=line
        )
        titles = self._definitions.order_by("title").values_list("title", "title").distinct()
        self.filters["task"].extra["choices"] = list(titles)

    def of_people(self, people: PersonQuerySet) -> Q:
        """Return the condition that one of these people submitted the ticket or has the task."""
        return super().of_people(people) | Q(assigned_to__in=people)

    def of_assignees(self, tasks: "QuerySet[Any]", _name: str, choice: str) -> "QuerySet[Any]":
        """Return the tasks of a person or of those deactivated or away, or the forms that nobody has."""
        if choice == NOBODY:
            return tasks.filter(assigned_to=None, task_definition__task_type=TaskType.FORM)
        if choice == GONE:
            return tasks.filter(assigned_to__in=CustomUser.objects.absent())
        return tasks.filter(assigned_to=self._person.pk if choice == ME else int(choice))

    def of_title(self, tasks: "QuerySet[Any]", _name: str, title: str) -> "QuerySet[Any]":
        """Return the tasks of this title, of any version of the chosen workflow."""
        if not title:
            return tasks
        # With the ids as values, PostgreSQL knows how frequent these tasks are.
        ids = list(self._definitions.filter(title=title).values_list("pk", flat=True))
        return tasks.filter(task_definition__in=ids)


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
