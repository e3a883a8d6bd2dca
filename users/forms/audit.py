"""What narrows the audit log, from the address."""

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

from users.audit_log import Search, kinds
from users.models import CustomUser

STAFF, SYSTEM = "staff", "system"
MOST_PEOPLE = 100
LONGEST_SEARCH = 200
_LONGEST_ID = 18


class DayField(forms.DateField):
    """A day that a log can have."""

    def __init__(self, *, label: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            validators=[MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 1, 1))],
        )


def _kinds() -> list[tuple[str, str]]:
    names = [(kind.name, str(capfirst(kind.model._meta.verbose_name))) for kind in kinds()]
    return [("", _("Everything")), *sorted(names, key=lambda name: name[1])]


def _people(chosen: str) -> list[tuple[str, str]]:
    """The first by name, and whoever is chosen; the others are found by name."""
    named = CustomUser.objects.order_by(Lower("last_name"), Lower("first_name"), "pk")
    named = named.only("first_name", "last_name", "email")
    people = list(named[:MOST_PEOPLE])
    if chosen.isascii() and chosen.isdigit() and len(chosen) <= _LONGEST_ID:
        known = {person.pk for person in people}
        people += named.filter(pk=int(chosen)) if int(chosen) not in known else []
    return [
        ("", _("Everybody")),
        (STAFF, _("TicketFlower staff")),
        (SYSTEM, _("The system")),
        *((str(person.pk), str(person)) for person in people),
    ]


class AuditFilterForm(forms.Form):
    """Kind of thing, who (of a list, or by name), and when."""

    q = forms.CharField(
        label=gettext_lazy("Name or address of who did it"),
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
        for name, choices in (("what", _kinds()), ("who", _people(str(self.data.get("who", ""))))):
            cast(forms.ChoiceField, self.fields[name]).choices = choices

    def search(self) -> Search:
        """What is asked for, as far as it makes sense."""
        self.full_clean()
        values = self.cleaned_data
        condition = _by(values.get("who", ""))
        if name := values.get("q"):
            called = CustomUser.objects.all().called(name).values("pk")
            condition &= Q(pgh_impersonator_id=None, pgh_person_id__in=called)
        if since := values.get("since"):
            condition &= Q(pgh_created_at__gte=_midnight(since))
        if until := values.get("until"):
            condition &= Q(pgh_created_at__lt=_midnight(until + timedelta(days=1)))
        return Search(only=values.get("what", ""), condition=condition)


def _by(who: str) -> Q:
    if who == "":
        return Q()
    if who == STAFF:
        return Q(pgh_impersonator_id__isnull=False)
    person_id = None if who == SYSTEM else int(who)
    return Q(pgh_impersonator_id=None, pgh_person_id=person_id)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
