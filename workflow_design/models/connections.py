"""Connections: addresses of other systems with their secrets (docs/data-model.md, "workflow_design")."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from users.audit import AuditKind, AuditTrigger
from users.models import CustomUser
from workflow_design.definition.ready_made import MAX_CONNECTION_LENGTH
from workflow_design.definition.references import MAX_ADDRESS_LENGTH


class ConnectionKind(models.TextChoices):
    """What is at the other end, which decides what is sent there."""

    HTTP = "HTTP", _("Another system")
    SLACK = "SLACK", _("Chat: Slack, Mattermost, Rocket.Chat")
    TEAMS = "TEAMS", _("Chat: Microsoft Teams")

    @property
    def is_chat(self) -> bool:
        """True if only messages are posted there."""
        return self is not ConnectionKind.HTTP


class Connection(TenantModel):
    """The address of another system, with the secrets that its calls carry. Definitions name it by `name`.

    The address of a chat is itself a secret, so it is in `secrets`, like headers and the signing secret.
    `secrets` is ciphertext (`ticketflower/encryption.py`), and is never shown again. `secrets_changed_at`
    is what the audit log has of it.
    """

    name = models.CharField(_("name"), max_length=MAX_CONNECTION_LENGTH)
    kind = models.CharField(
        _("kind"), max_length=5, choices=ConnectionKind.choices, default=ConnectionKind.HTTP
    )
    base_address = models.CharField(_("address"), max_length=MAX_ADDRESS_LENGTH, blank=True)
    secrets = models.BinaryField(editable=False)
    secrets_changed_at = models.DateTimeField(_("secrets changed"), null=True)
    paused_at = models.DateTimeField(_("paused"), null=True)
    resumed_at = models.DateTimeField(_("tried again"), null=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    created_by = models.ForeignKey(
        CustomUser, on_delete=models.PROTECT, db_constraint=False, null=True, related_name="+"
    )
    impersonator = models.ForeignKey(CustomUser, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint("company", Lower("name"), name="connection_name"),
            *SameCompany.each("created_by"),
        ]
        indexes = [
            models.Index(
                fields=["company", "id"],
                condition=models.Q(paused_at__isnull=False),
                name="paused_connections",
            )
        ]
        triggers = [AuditTrigger(AuditKind.COMPANY, label="{row}.name", exclude="secrets updated_at")]

    def __str__(self) -> str:
        return self.name


class SigningSecret(TenantModel):
    """The secret with which a company's calls are signed that use no connection: one for each company."""

    secret = models.BinaryField(editable=False)
    changed_at = models.DateTimeField(_("secret changed"), auto_now=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("signing secret")
        verbose_name_plural = _("signing secrets")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["company"], name="one_signing_secret"),
        ]
        triggers = [AuditTrigger(AuditKind.COMPANY, exclude="secret")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
