"""The filter of the audit log, read from the URL."""

from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.audit_log import Search, audit_kinds
from users.models import CustomUser

STAFF, SYSTEM = "staff", "system"
MOST_PEOPLE = 100
LONGEST_SEARCH = 200
_LONGEST_ID = 18


class DayField(forms.DateField):
    """A date within the range of the log."""

    def __init__(self, *, label: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            validators=[MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 1, 1))],
        )


def _kind_choices() -> list[tuple[str, str]]:
    names = [(kind.name, str(capfirst(kind.model._meta.verbose_name))) for kind in audit_kinds()]
    return [("", _("Everything")), *sorted(names, key=lambda name: name[1])]


def _actor_choices(chosen: str) -> list[tuple[str, str]]:
    """Return the first people by name and the chosen one; others can be found by searching for their name."""
    named = CustomUser.objects.order_by(Lower("last_name"), Lower("first_name"), "pk")
    named = named.only("first_name", "last_name", "email")
    people = list(named[:MOST_PEOPLE])
    if chosen.isascii() and chosen.isdigit() and len(chosen) <= _LONGEST_ID:
        listed = {person.pk for person in people}
        people += named.filter(pk=int(chosen)) if int(chosen) not in listed else []
    return [
        ("", _("Everybody")),
        (STAFF, _("TicketFlower staff")),
        (SYSTEM, _("The system")),
        *((str(person.pk), str(person)) for person in people),
    ]


class AuditFilterForm(forms.Form):
    """Filters by kind of object, by actor (from a list or by name) and by time."""

    q = forms.CharField(
        label=gettext_lazy("Name or address of the person"),
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.SearchInput,
    )

    what = forms.ChoiceField(label=gettext_lazy("What"), required=False)
    who = forms.ChoiceField(label=gettext_lazy("Who"), required=False)
    since = DayField(label=gettext_lazy("From"))
    until = DayField(label=gettext_lazy("To"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("what", _kind_choices()),
            ("who", _actor_choices(str(self.data.get("who", "")))),
        ):
            cast(forms.ChoiceField, self.fields[name]).choices = choices

    def search(self) -> Search:
        """Return the search for the valid filters."""
        self.full_clean()
        values = self.cleaned_data
        condition = _actor_condition(values.get("who", ""))
        if name := values.get("q"):
            matching = CustomUser.objects.all().matching(name).values("pk")
            condition &= Q(pgh_impersonator_id=None, pgh_person_id__in=matching)
        if since := values.get("since"):
            condition &= Q(pgh_created_at__gte=_midnight(since))
        if until := values.get("until"):
            condition &= Q(pgh_created_at__lt=_midnight(until + timedelta(days=1)))
        return Search(only=values.get("what", ""), condition=condition)


def _actor_condition(who: str) -> Q:
    if who == "":
        return Q()
    if who == STAFF:
        return Q(pgh_impersonator_id__isnull=False)
    person_id = None if who == SYSTEM else int(who)
    return Q(pgh_impersonator_id=None, pgh_person_id=person_id)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
