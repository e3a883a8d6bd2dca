"""Idempotency keys of programs' requests (`docs/programs.md`, "Repeated requests")."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from users.models import CustomUser

# Each request with an idempotency key runs these statements, so their text is built only once.
_CLAIM = """
INSERT INTO workflow_ops_idempotentcall (company_id, person_id, operation, key, digest, result, made_at)
VALUES (%s, %s, %s, %s, %s, %s, now()) ON CONFLICT (person_id, operation, key) DO NOTHING RETURNING id
"""
_STORE_RESULT = "UPDATE workflow_ops_idempotentcall SET result = %s WHERE id = %s"


class IdempotentCall(TenantModel):
    """A request with an `Idempotency-Key`, stored in the same transaction as its effects.

    `result` identifies what was created, so that a repeated request can be answered with current rights.
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
        """Store the call with this key and `result`, and return its id, or None if the key already exists.

        This waits for the end of another transaction that is using the key.
        """
        stored = None if result is None else json.dumps(result)
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [person.company_id, person.pk, operation, key, digest, stored])
            row = cursor.fetchone()
        return None if row is None else int(row[0])

    @staticmethod
    def store_result(call_id: int, result: Any) -> None:
        """Store the identifier of what a call has created."""
        with connection.cursor() as cursor:
            cursor.execute(_STORE_RESULT, [json.dumps(result), call_id])
