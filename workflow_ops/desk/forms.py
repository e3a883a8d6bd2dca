"""Forms of ticket admins: holds, notes, and people of a task."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ticketflower.clean_json import parse_number
from ticketflower.http import Form
from users.filters import PeopleSearch
from users.models import CustomUser, PersonQuerySet
from workflow_design.access import people_who_may_administer
from workflow_design.models import TaskDefinition, TaskType
from workflow_design.workspace.controls import LinesField
from workflow_design.workspace.typed_fields import DayField
from workflow_ops.access import visible_tickets
from workflow_ops.desk.actions import begin_of_day
from workflow_ops.desk.responsible import people_who_can_be_responsible
from workflow_ops.engine.by_hand import assignable_people, people_with_a_role_for, restrictable_people
from workflow_ops.models import LinkKind, TaskInstance, TicketInstance
from workflow_ops.work.forms import MAX_REASON_LENGTH, ReasonForm

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MAX_NOTES_LENGTH = 5000
MAX_PEOPLE = 50
"""The maximum number of people in a choice; the search finds the others."""
MAX_DEFINITIONS = 20
"""For a choice of people, the roles of at most this many task definitions or workflows are considered."""


class NotesForm(Form):
    """Notes about the cause of an error and the actions taken."""

    notes = LinesField(
        label=_("Notes"),
        required=False,
        max_length=MAX_NOTES_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The cause, and what you did about it. Ticket admins can read this."),
    )


class NoteForm(Form):
    """An optional note about an action that needs no reason."""

    note = LinesField(
        label=_("Note"),
        required=False,
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It stands in the timeline. Everyone who sees the ticket can read it."),
    )


class HoldForm(ReasonForm):
    """The reason for putting a ticket on hold, and the day from which it should continue."""

    until = DayField(
        label=_("Until"),
        required=False,
        help_text=_("The day on which work goes on, such as 2030-01-31. Leave it empty if you don't know."),
    )
    resumes_by_itself = forms.BooleanField(
        label=_("Resume by itself on that day"),
        required=False,
        help_text=_("Otherwise it appears under “Needs you” for its ticket admins from that day on."),
    )

    def __init__(self, data: Any = None, *, by: CustomUser) -> None:
        super().__init__(data)
        self.by = by

    def clean(self) -> dict[str, Any]:
        """Refuse a day that has already begun, and resuming automatically without a day."""
        super().clean()
        values = self.cleaned_data
        until = values.get("until")
        if until and begin_of_day(until, self.by) <= timezone.now():
            self.add_error("until", _("This day has begun already. Choose a day to come."))
        if values.get("resumes_by_itself") and not until and "until" not in self.errors:
            self.add_error("until", _("Say on which day it resumes."))
        return values


class ResponsibleForm(NoteForm):
    """The responsible person of a ticket; empty means nobody."""

    person = forms.ModelChoiceField(
        CustomUser.objects.none(),
        label=_("Person"),
        required=False,
        empty_label=_("Nobody"),
        help_text=_("People who may administer this ticket."),
    )
    field_order = ("person", "note")

    def __init__(self, data: Any = None, *, ticket: TicketInstance) -> None:
        super().__init__(data, initial={"person": ticket.responsible_id})
        person = cast("forms.ModelChoiceField[CustomUser]", self.fields["person"])
        person.queryset = people_who_can_be_responsible(ticket)


class LinkForm(Form):
    """The kind of a link, and the other ticket."""

    kind = forms.ChoiceField(
        label=_("Kind of link"), choices=LinkKind.choices, widget=forms.RadioSelect, initial=LinkKind.RELATES
    )
    other = forms.CharField(
        label=_("Number of the other ticket"),
        max_length=20,
        widget=forms.TextInput(attrs={"class": "tf-short"}),
    )

    def __init__(self, data: Any = None, *, reader: CustomUser) -> None:
        super().__init__(data)
        self.reader = reader

    def clean_other(self) -> TicketInstance:
        """Return the ticket with this number (with or without #), if the person may see it."""
        number = parse_number(self.cleaned_data["other"].strip().removeprefix("#"))
        tickets = visible_tickets(self.reader).select_related("workflow_instance__workflow")
        ticket = tickets.filter(number=number).first() if number is not None else None
        if ticket is None:
            raise forms.ValidationError(_("There is no ticket of this number that you may see."))
        return ticket


class AssignForm(NoteForm):
    """The assignee of a task; empty means nobody."""

    person = forms.ModelChoiceField(
        CustomUser.objects.none(),
        label=_("Person"),
        required=False,
        empty_label=_("Nobody: anyone who may do it can take it"),
        help_text=_(
            "People who may do this task: who has it now first, then those with the fewest open tasks."
        ),
    )
    field_order = ("person", "note")

    def __init__(self, data: Any = None, *, task: TaskInstance, search: PeopleSearch) -> None:
        super().__init__(data, initial={"person": task.assigned_to_id})
        choice = cast("forms.ModelChoiceField[CustomUser]", self.fields["person"])
        self.has_more = _set_choices(
            choice,
            assignable_people(task),
            search=search,
            keep={task.assigned_to_id},
            chosen_as=_("%(person)s (has it now)"),
        )


class RestrictForm(NoteForm):
    """The people to whom a task is restricted; empty means everyone who may execute it."""

    marks_optional = False  # the help text says so

    people = forms.ModelMultipleChoiceField(
        CustomUser.objects.none(),
        label=_("People"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Only the selected people may do it. If you select nobody, everyone with a suitable role may."
        ),
    )
    field_order = ("people", "note")

    def __init__(self, data: Any = None, *, task: TaskInstance, search: PeopleSearch) -> None:
        allowed = [link.person_id for link in task.allowed_links.all()]
        super().__init__(data, initial={"people": allowed})
        choice = cast("forms.ModelMultipleChoiceField[CustomUser]", self.fields["people"])
        self.has_more = _set_choices(choice, restrictable_people(task), search=search, keep=set(allowed))


def _set_choices(
    choice: "forms.ModelChoiceField[CustomUser]",
    people: PersonQuerySet,
    *,
    search: PeopleSearch,
    keep: Collection[int | None],
    chosen_as: "str | StrPromise" = "%(person)s",
) -> bool:
    """Accept any of `people`, but list only those in `keep` and the first results of the search.

    `chosen_as` is the pattern for the labels of the people in `keep`.

    Return whether the search found more people than are listed.
    """
    choice.queryset = people
    # The current choice stays in the list, even if the search does not find it.
    found = people.filter(pk__in=search.qs.values("pk")).exclude(pk__in=[pk for pk in keep if pk])
    fitting = list(found[: MAX_PEOPLE + 1])
    chosen = list(people.filter(pk__in=[pk for pk in keep if pk]))
    nobody = [("", choice.empty_label)] if choice.empty_label else []
    choice.choices = [
        *nobody,
        *((person.pk, chosen_as % {"person": describe_person(person)}) for person in chosen),
        *((person.pk, describe_person(person)) for person in fitting[:MAX_PEOPLE]),
    ]
    return len(fitting) > MAX_PEOPLE


def offer_new_assignees(choice: Any, tasks: QuerySet[TaskInstance], *, without: Collection[int] = ()) -> None:
    """Offer the people with a role for at least one of the tasks, fewest open tasks first."""
    forms_only = tasks.filter(task_definition__task_type=TaskType.FORM)
    kinds = forms_only.order_by("task_definition").values("task_definition").distinct()[:MAX_DEFINITIONS]
    able = people_with_a_role_for(TaskDefinition.objects.filter(pk__in=kinds))
    _offer(choice, able.exclude(pk__in=without), describe_person)


def offer_admins(choice: Any, tickets: QuerySet[TicketInstance], *, without: Collection[int] = ()) -> None:
    """Offer the people who may administer at least one of the tickets."""
    versions = tickets.order_by("workflow_instance__workflow").distinct()
    ids = versions.values_list("workflow_instance__workflow", flat=True)[:MAX_DEFINITIONS]
    able = people_who_may_administer(list(ids)).without_programs()
    _offer(choice, able.exclude(pk__in=without), CustomUser.get_name_and_state)


def _offer(choice: Any, people: PersonQuerySet, describe: Callable[[Any], str]) -> None:
    choice.queryset = people
    nobody = [("", choice.empty_label)] if choice.empty_label else []
    choice.choices = [*nobody, *((each.pk, describe(each)) for each in people[:MAX_PEOPLE])]


def describe_person(person: Any) -> str:
    """Return the name, marked if the person is away, and the number of open tasks (`load`)."""
    tasks = ngettext("%(n)d open task", "%(n)d open tasks", person.load) % {"n": person.load}
    return _("%(name)s: %(tasks)s") % {"name": person.get_name_and_state(), "tasks": tasks}
