"""The filter of the audit log, a form that is submitted with GET."""

from datetime import date, timedelta
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ticketflower.filters import ChoiceFilter, FilterSet, IntegerFilter, SearchFilter
from ticketflower.tenancy.context import JOB, first_act_id
from users.access import may_manage_company
from users.audit import AuditKind
from users.models import AuditEvent, CustomUser
from workflow_design.workspace.typed_fields import DayField
from workflow_ops.access import readable_events
from workflow_ops.desk.lists.filters import midnight

MAX_PEOPLE = 10
LARGEST_NUMBER = 2**63 - 1
STAFF, SYSTEM = "staff", "system"

Events = QuerySet[AuditEvent]


class DayFilter(django_filters.DateFilter):
    """A day, written as in other forms."""

    field_class = DayField


class AuditFilter(FilterSet):
    """A filter by actor, kind, ticket and day. Invalid parameters in the URL are reported and ignored."""

    q = SearchFilter(label=_("Person"), method="by_person")
    who = ChoiceFilter(
        label=_("Who"),
        choices=[(STAFF, _("TicketFlower staff")), (SYSTEM, _("The system"))],
        empty_label=_("Everybody"),
        conditions={
            STAFF: Q(impersonator_id__isnull=False),
            SYSTEM: Q(person_id=None, impersonator_id=None, way=JOB),
        },
    )
    kind = ChoiceFilter(label=_("What"), choices=AuditKind.choices, empty_label=_("Everything"))
    ticket = IntegerFilter(label=_("Ticket number"), min_value=1, max_value=LARGEST_NUMBER)
    since = DayFilter(label=_("From"), method="from_day")
    until = DayFilter(label=_("To"), method="to_day")
    workflow = IntegerFilter(
        field_name="workflow_id", min_value=1, max_value=LARGEST_NUMBER, widget=forms.HiddenInput
    )

    def __init__(self, data: Any, *, person: CustomUser) -> None:
        """Read the filter. Raise PermissionDenied if the person may not read the events that it requests."""
        super().__init__(data, AuditEvent.objects.none())
        self.person = person
        self.form.full_clean()
        values = self.form.cleaned_data
        visible = readable_events(person, workflow_id=values.get("workflow"), number=values.get("ticket"))
        if visible is None:
            raise PermissionDenied
        self.queryset = visible
        if values.get("workflow") is None and not may_manage_company(person):
            # Without the ticket, the filter would request events that they may not read.
            self.form.fields["ticket"].widget = forms.HiddenInput()

    @cached_property
    def people(self) -> list[CustomUser]:
        """The first people whose name or address matches; a whole address matches only its owner."""
        text = self.form.cleaned_data.get("q", "")
        if not text:
            return []
        people = CustomUser.objects.only("first_name", "last_name", "email")
        if not may_manage_company(self.person):
            # Others may look up only people who appear in these events, not the whole company.
            people = people.filter(Exists(self.queryset.filter(person_id=OuterRef("pk"))))
        found = people.matching(text).order_by(Lower("first_name"), Lower("last_name"), "pk")
        return list(people.filter(email__iexact=text)[:1]) or list(found[: MAX_PEOPLE + 1])

    def by_person(self, events: Events, _name: str, _text: str) -> Events:
        """Return the events of the person that the search matches; none if it matches several."""
        # The index returns the events of one person in the order of the page, but not the events of several.
        return events.filter(person_id=self.people[0].pk) if len(self.people) == 1 else events.none()

    def from_day(self, events: Events, _name: str, day: date) -> Events:
        """Return the events from the beginning of a day on."""
        return events.filter(act__gte=first_act_id(midnight(day).timestamp()))

    def to_day(self, events: Events, _name: str, day: date) -> Events:
        """Return the events until the end of a day."""
        return events.filter(act__lt=first_act_id(midnight(day + timedelta(days=1)).timestamp()))
