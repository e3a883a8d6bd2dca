"""The company model, to which all other data belongs."""

from __future__ import annotations

import zoneinfo
from datetime import time
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from ticketflower.tenancy.constraints import CompanyWall
from users.audit import AuditKind, AuditTrigger
from users.currencies import validate_currency
from users.languages import language_choices
from users.public_holidays import validate_region


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA time zone such as "Europe/Berlin"."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone."), params={"name": name})


def working_week() -> list[int]:
    """Return the working days of a new company: Monday to Friday."""
    return [0, 1, 2, 3, 4]


if TYPE_CHECKING:

    class _ScopedById(models.Manager["Company"]):
        pass

else:
    _ScopedById = type(ScopedManager(company="id"))


class CompaniesManager(_ScopedById):
    """A manager that returns only the company whose scope is open."""


class Company(models.Model):
    """A company on the site, whose data is separated from that of all other companies."""

    name = models.CharField(_("company name"), max_length=255)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="EUR", db_default="EUR", validators=[validate_currency]
    )
    language = models.CharField(
        _("language"), max_length=10, choices=language_choices, default="en", db_default="en"
    )
    # Monday is 0, as in `date.weekday()`.
    working_days = ArrayField(
        models.PositiveSmallIntegerField(choices=WEEKDAYS),
        verbose_name=_("working days"),
        default=working_week,
    )
    # If both are empty, all hours of a working day count.
    day_begins = models.TimeField(
        _("working day begins"), null=True, blank=True, default=time(9), db_default=time(9)
    )
    day_ends = models.TimeField(
        _("working day ends"), null=True, blank=True, default=time(17), db_default=time(17)
    )
    # A country, or one of its regions, as the `holidays` package names them: "DE" or "DE-BY".
    holiday_region = models.CharField(
        _("public holidays"),
        max_length=20,
        blank=True,
        default="",
        db_default="",
        validators=[validate_region],
    )
    # Maintained by `workflow_ops/files.py`, so that no request has to sum up the sizes of files.
    file_bytes = models.BigIntegerField(_("size of all files"), default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = CompaniesManager()

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [
            CompanyWall(name="company_company_wall", column="id"),
            # There must be a working day, or counting working days would never end.
            models.CheckConstraint(condition=Q(working_days__len__gt=0), name="company_works_on_some_days"),
            models.CheckConstraint(
                condition=Q(day_ends__gt=F("day_begins"), day_begins__isnull=False)
                | Q(day_begins=None, day_ends=None),
                name="company_day_ends_later",
            ),
        ]
        indexes = [models.Index(Lower("name"), "id", name="company_by_name")]
        triggers = [
            AuditTrigger(AuditKind.COMPANY, label="{row}.name", company="{row}.id", exclude="file_bytes")
        ]

    def __str__(self) -> str:
        return self.name
