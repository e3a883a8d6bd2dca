"""The company model, to which all other data belongs."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from ticketflower.tenancy.constraints import CompanyWall
from users.audit import AuditKind, AuditTrigger
from users.currencies import validate_currency


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA time zone such as "Europe/Berlin"."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone."), params={"name": name})


if TYPE_CHECKING:

    class _ScopedById(models.Manager["Company"]):
        pass

else:
    _ScopedById = type(ScopedManager(company="id"))


class CompaniesManager(_ScopedById):
    """A manager that returns only the company whose scope is open."""


class Company(models.Model):
    """A company on the site, from whose data all other companies are separated."""

    name = models.CharField(_("company name"), max_length=255)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="EUR", db_default="EUR", validators=[validate_currency]
    )
    # Counted by `workflow_ops/files.py`, so that no request has to add up the files.
    file_bytes = models.BigIntegerField(_("size of all files"), default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = CompaniesManager()

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [CompanyWall(name="company_company_wall", column="id")]
        indexes = [models.Index(Lower("name"), "id", name="company_by_name")]
        triggers = [
            AuditTrigger(AuditKind.COMPANY, label="{row}.name", company="{row}.id", exclude="file_bytes")
        ]

    def __str__(self) -> str:
        return self.name
