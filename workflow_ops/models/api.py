"""What programs have done already (`docs/programs.md`, "Repeated requests")."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from users.models import CustomUser


class IdempotentCall(TenantModel):
    """A request with an `Idempotency-Key`, stored in the transaction of what it did.

    `result` is what names the thing that was made, so that a repeat can be answered with today's rights.
    """

    person = models.ForeignKey(CustomUser, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    operation = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    digest = models.BinaryField(max_length=32)
    result = models.JSONField(null=True)
    made_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("request that may be repeated")
        verbose_name_plural = _("requests that may be repeated")
        constraints = [
            *TenantModel.Meta.constraints,
            SameCompany(field="person"),
            models.UniqueConstraint(fields=["person", "operation", "key"], name="idempotent_call_once"),
        ]
        indexes = [models.Index(fields=["made_at"], name="idempotent_calls_by_age")]

    def __str__(self) -> str:
        return f"{self.operation} {self.key}"
