"""Browser sessions, forms sent after their end, staff's visits to companies, and uses for rate limits."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from ticketflower.tenancy.privileges import NOTHING
from users.audit import AuditKind, AuditTrigger
from users.models.companies import Company
from users.models.people import CustomUser


class StaffVisit(TenantModel):
    """A visit of TicketFlower's staff to the company, which its admins can see in the audit log.

    A visit whose session expired has no `left_at`.
    """

    impersonator = models.ForeignKey(
        CustomUser, on_delete=models.PROTECT, related_name="+", verbose_name=_("who")
    )
    entered_at = models.DateTimeField(_("entered"), default=timezone.now)
    left_at = models.DateTimeField(_("left"), null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("visit by TicketFlower staff")
        verbose_name_plural = _("visits by TicketFlower staff")
        triggers = [AuditTrigger(AuditKind.COMPANY)]

    def __str__(self) -> str:
        return str(self.impersonator)


class Session(AbstractBaseSession):
    """A browser's session. The site accesses the table only through database functions."""

    site_privileges = NOTHING

    # No constraint and no cascade, because the role that deletes a person has no access to this table.
    # A session whose person was deleted is treated as anonymous.
    person = models.ForeignKey(
        CustomUser, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    impersonated_company = models.ForeignKey(
        Company, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )

    class Meta(AbstractBaseSession.Meta):
        pass


class LimitedUse(models.Model):
    """The recent uses of something with a rate limit; the site accesses it only through `users.limits`."""

    site_privileges = NOTHING

    key = models.TextField(primary_key=True)
    moments = ArrayField(models.DateTimeField())
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


class UnsentForm(TenantModel):
    """A form that was sent after the person's session had ended; kept for an hour, one for each person.

    `fields` and `file_names` are URL-encoded, because jsonb refuses some characters that people can type.
    `contents` has the files in the order of `file_names`, or none if they were too large.
    """

    person = models.ForeignKey(CustomUser, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    address = models.TextField()
    fields = models.TextField()
    file_names = models.TextField(blank=True)
    contents = ArrayField(models.BinaryField(), default=list)
    stored_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["person"], name="one_unsent_form"),
            SameCompany(field="person"),
        ]

    def __str__(self) -> str:
        return self.address
