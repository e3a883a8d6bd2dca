"""What programs have done already (`docs/programs.md`, "Repeated requests")."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from users.models import CustomUser

# Each request of a program with a key sends these, so their text is not built each time.
_CLAIM = """
INSERT INTO workflow_ops_idempotentcall (company_id, person_id, operation, key, digest, result, made_at)
VALUES (%s, %s, %s, %s, %s, %s, now()) ON CONFLICT (person_id, operation, key) DO NOTHING RETURNING id
"""
_STORE_RESULT = "UPDATE workflow_ops_idempotentcall SET result = %s WHERE id = %s"


class IdempotentCall(TenantModel):
    """A request with an `Idempotency-Key`, stored in the transaction of what it did.

    `result` is what names the thing that was made, so that a repeat can be answered with today's rights.
    """

    person = models.ForeignKey(
        CustomUser, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
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

    @staticmethod
    def claim(
        person: CustomUser, operation: str, key: str, digest: bytes, *, result: Any = None
    ) -> int | None:
        """Store the call with this key and `result`, and return its id; None if there is one already.

        Waits for another request with the key until its transaction has ended.
        """
        stored = None if result is None else json.dumps(result)
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [person.company_id, person.pk, operation, key, digest, stored])
            row = cursor.fetchone()
        return None if row is None else int(row[0])

    @staticmethod
    def store_result(call_id: int, result: Any) -> None:
        """Store what names the thing that a call has made."""
        with connection.cursor() as cursor:
            cursor.execute(_STORE_RESULT, [json.dumps(result), call_id])
