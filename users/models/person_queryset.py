"""Queries for people: who may log in, is present today, or matches a search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Cast, Coalesce, NullIf

from users.system_roles import SystemRoleName

if TYPE_CHECKING:
    from users.models.people import CustomUser  # noqa: F401 - named in a string below

MAY_BE_GONE = Q(is_active=False) | Q(away_from__isnull=False)

MAX_WORDS = 5
"""Maximum number of search words; further ones are ignored."""


class _LocalTime(models.Func):
    """The SQL expression for the current local time in a time zone."""

    template = "timezone(%(expressions)s, now())"
    output_field = models.DateTimeField()


def _today() -> Cast:
    """Return the expression for today's date in the person's time zone."""
    zone = Coalesce(NullIf("time_zone", Value("")), "company__time_zone")
    return Cast(_LocalTime(zone), models.DateField())


def _is_away() -> Q:
    """Return the condition that the person is away today."""
    is_not_back = Q(away_until=None) | Q(away_until__gte=_today())
    return is_not_back & Q(away_from__lte=_today())


class PersonQuerySet(models.QuerySet["CustomUser"]):
    """Queries for people."""

    def matching(self, text: str) -> PersonQuerySet:
        """Return people whose name or address contains each of the first words of `text`."""
        people: PersonQuerySet = self
        for word in text.split()[:MAX_WORDS]:
            names = Q(first_name__icontains=word) | Q(last_name__icontains=word)
            people = people.filter(names | Q(email__icontains=word))
        return people

    def active(self) -> PersonQuerySet:
        """Return people who may log in."""
        return self.filter(is_active=True)

    def present(self) -> PersonQuerySet:
        """Return people who may log in and are not away today."""
        is_here = Q(away_from=None) | Q(away_from__gt=_today()) | Q(away_until__lt=_today())
        return self.active().filter(is_here)

    def in_rotation(self) -> PersonQuerySet:
        """Return people who take part in the rotation of tasks today."""
        return self.present().filter(is_in_rotation=True)

    def away(self) -> PersonQuerySet:
        """Return people who may log in and are away today."""
        return self.active().filter(_is_away())

    def absent(self) -> PersonQuerySet:
        """Return people who may not log in, or are away today."""
        # The first condition is that of a partial index; today's date can't be, because it depends on the
        # time zone.
        return self.filter(MAY_BE_GONE).filter(Q(is_active=False) | _is_away())

    def without_programs(self) -> PersonQuerySet:
        """Return people without service accounts, which read no notifications."""
        return self.filter(is_service_account=False)

    def with_system_role(self, role: SystemRoleName) -> PersonQuerySet:
        """Return people who have the system role."""
        return self.filter(system_role_memberships__group__name=role)
