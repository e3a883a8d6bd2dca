"""A person as a filter of a list: a choice in small companies, and a search box in others."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _

from ticketflower.clean_json import parse_number
from ticketflower.filters import MAX_SEARCH_LENGTH
from ticketflower.prepared_queries import PreparedQuery
from users.models import CustomUser
from workflow_ops.desk.lists.filters import ME

MAX_CHOICES = 200
MAX_FOUND = 20
"""Maximum number of people that a search text may match."""


_NAME: Final = ("first_name", "last_name", "email", "is_active", "time_zone", "away_from", "away_until")
_PEOPLE: Final = PreparedQuery(lambda: CustomUser.objects.all()[: MAX_CHOICES + 1], "id", *_NAME)


def choosable_people() -> list[tuple[str, str]] | None:
    """Return all people by name, as choices; None if there are more than a choice can show."""
    people = _PEOPLE.rows()
    if len(people) > MAX_CHOICES:
        return None
    people.sort(key=lambda person: str(person).lower())
    return [(str(person.pk), person.get_name_and_state()) for person in people]


def person_field(
    label: Any, people: Iterable[tuple[str, str]] | None, *, also: Mapping[str, Any], anyone: Any
) -> forms.Field:
    """Return the field of a filter by person; `also` are further values that it accepts, with labels."""
    if people is not None:
        choices = [("", anyone), *also.items(), *people]
        return forms.ChoiceField(label=label, choices=choices, required=False)
    hint = _("Name or e-mail") if not also else _("Name, or: %(words)s") % {"words": ", ".join(also)}
    widget = forms.TextInput(attrs={"placeholder": hint})
    return forms.CharField(label=label, required=False, max_length=MAX_SEARCH_LENGTH, widget=widget)


def named_people(chosen: str, person: CustomUser) -> list[int]:
    """Return the ids of the people for the value of such a field: ME, an id, or part of a name."""
    if chosen == ME:
        return [person.pk]
    number = parse_number(chosen)
    if number is not None:
        return [number]
    return people_named(chosen)


def people_named(text: str) -> list[int]:
    """Return the ids of the people whose name or e-mail contains the text."""
    return list(CustomUser.objects.all().matching(text).values_list("pk", flat=True)[:MAX_FOUND])
