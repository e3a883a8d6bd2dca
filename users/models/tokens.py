"""Tokens with which programs act for a person (`docs/programs.md`, "Tokens")."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import TenantModel
from users.audit import THE_PERSON, AuditKind, AuditTrigger
from users.models.people import CustomUser

MOST_DAYS = 366
"""The maximum lifetime: one year, even a leap year."""


class Scope(models.TextChoices):
    """The scopes of tokens, which limit the rights of their person."""

    READ = "read", _("Read tickets and tasks")
    SUBMIT = "submit", _("Submit tickets, comment on them and withdraw them")
    WORK = "work", _("Take and complete tasks")
    ADMINISTER = "administer", _("Administer tickets and tasks")
    DESIGN = "design", _("Read workflows and change drafts")
    PUBLISH = "publish", _("Publish workflows")
    COMPANY = "company", _("Read people, roles and the audit log")


@dataclass(frozen=True, slots=True)
class TokenInUse:
    """The token with which a program acts for a person in this request.

    `requests` is the number of requests, out of `allowed`, that it has made in the window until
    `window_ends_at`.
    """

    id: int
    name: str
    scopes: frozenset[str]
    requests: int
    allowed: int
    window_ends_at: datetime


class AccessToken(TenantModel):
    """A secret with which a program acts as a person; only its SHA-256 is stored."""

    person = models.ForeignKey(
        CustomUser, on_delete=models.CASCADE, db_constraint=False, related_name="access_tokens"
    )
    name = models.CharField(_("name"), max_length=100)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope.choices), verbose_name=_("may"))
    expires_at = models.DateTimeField(_("ends"))
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    created_by = models.ForeignKey(
        CustomUser, on_delete=models.PROTECT, db_constraint=False, null=True, related_name="+"
    )

    class Meta(TenantModel.Meta):
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        constraints = [
            *TenantModel.Meta.constraints,
            SameCompany(field="person"),
            SameCompany(field="created_by"),
            models.UniqueConstraint("person", Lower("name"), name="token_name"),
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="token_has_scopes"),
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("created_at") + timedelta(days=MOST_DAYS)),
                name="token_ends_within_a_year",
            ),
        ]
        indexes = [models.Index(fields=["person", "-id"], name="tokens_of_person")]
        triggers = [
            AuditTrigger(
                AuditKind.PEOPLE, label="{row}.name", subject=THE_PERSON, exclude="digest created_at"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_ended(self) -> bool:
        """True if the token is no longer valid."""
        return self.expires_at <= timezone.now()

    @property
    def scope_labels(self) -> list[str]:
        """The labels of the token's scopes."""
        return [str(Scope(scope).label) for scope in Scope if scope in self.scopes]


class TokenUse(TenantModel):
    """The last use of a token, and its recent number of uses. Only the function `token_read` writes it."""

    site_privileges = ("SELECT", "DELETE")

    token = models.OneToOneField(
        AccessToken, on_delete=models.CASCADE, db_constraint=False, related_name="use"
    )
    last_used_at = models.DateTimeField(_("last used"))
    window_began_at = models.DateTimeField()
    requests = models.PositiveIntegerField()

    class Meta(TenantModel.Meta):
        verbose_name = _("use of a token")
        verbose_name_plural = _("uses of tokens")
        constraints = [*TenantModel.Meta.constraints, SameCompany(field="token")]

    def __str__(self) -> str:
        return f"{self.token_id}: {self.last_used_at}"
