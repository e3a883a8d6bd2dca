"""The filter of the audit log, a form that is submitted with GET."""

from datetime import timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ticketflower.filters import MAX_SEARCH_LENGTH, DayField, midnight
from ticketflower.tenancy.context import first_act_id
from users.access import may_manage_company
from users.audit import AuditKind
from users.models import AuditEvent, CustomUser
from workflow_ops.access import readable_events

STAFF, SYSTEM = "staff", "system"
MOST_PEOPLE = 10
LARGEST_NUMBER = 2**63 - 1


class AuditFilter(forms.Form):
    """A filter by actor, kind, ticket and day. Invalid parameters in the URL are reported and ignored."""

    q = forms.CharField(
        label=_("Person"), required=False, max_length=MAX_SEARCH_LENGTH, widget=forms.SearchInput
    )
    who = forms.ChoiceField(
        label=_("Who"),
        required=False,
        choices=[("", _("Everybody")), (STAFF, _("TicketFlower staff")), (SYSTEM, _("The system"))],
    )
    kind = forms.ChoiceField(
        label=_("What"), required=False, choices=[("", _("Everything")), *AuditKind.choices]
    )
    ticket = forms.IntegerField(
        label=_("Ticket number"), required=False, min_value=1, max_value=LARGEST_NUMBER
    )
    since = DayField(label=_("From"))
    until = DayField(label=_("To"))
    workflow = forms.IntegerField(
        required=False, min_value=1, max_value=LARGEST_NUMBER, widget=forms.HiddenInput
    )

    def __init__(self, data: Any, *, person: CustomUser) -> None:
        """Read the filter. Raise PermissionDenied if the person may not read what it asks for."""
        super().__init__(data)
        self.full_clean()
        values = self.cleaned_data
        visible = readable_events(person, workflow_id=values.get("workflow"), number=values.get("ticket"))
        if visible is None:
            raise PermissionDenied
        self.visible: QuerySet[AuditEvent] = visible
        if values.get("workflow") is None and not may_manage_company(person):
            # Without the ticket, they would ask for what they may not read.
            self.fields["ticket"].widget = forms.HiddenInput()

    @cached_property
    def people(self) -> list[CustomUser]:
        """The first people whose name or address matches; a whole address matches only its owner."""
        text = self.cleaned_data.get("q", "")
        if not text:
            return []
        people = CustomUser.objects.only("first_name", "last_name", "email")
        found = people.matching(text).order_by(Lower("last_name"), Lower("first_name"), "pk")
        return list(people.filter(email__iexact=text)[:1]) or list(found[: MOST_PEOPLE + 1])

    @cached_property
    def found(self) -> QuerySet[AuditEvent]:
        """The events that match; none if the search does not match exactly one person."""
        values, condition = self.cleaned_data, Q()
        if values.get("q"):
            # The index has the events of one person in the order of the page, but not those of several.
            condition &= Q(person_id=self.people[0].pk) if len(self.people) == 1 else Q(pk__in=[])
        if values.get("who") == STAFF:
            condition &= Q(impersonator_id__isnull=False)
        elif values.get("who") == SYSTEM:
            condition &= Q(person_id=None, impersonator_id=None)
        for name, column in (("kind", "kind"), ("ticket", "ticket"), ("workflow", "workflow_id")):
            if values.get(name):
                condition &= Q(**{column: values[name]})
        if since := values.get("since"):
            condition &= Q(act__gte=first_act_id(midnight(since).timestamp()))
        if until := values.get("until"):
            condition &= Q(act__lt=first_act_id(midnight(until + timedelta(days=1)).timestamp()))
        return self.visible.filter(condition)
