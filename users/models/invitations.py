"""Invitations to join a company."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.models import CompanyManager, TenantModel
from users.audit import THE_ROLE, AuditKind, AuditTrigger
from users.models.people import CustomUser
from users.models.roles import CompanyRole
from users.system_roles import SystemRoleName


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Queries for invitations."""

    def pending(self) -> InvitationQuerySet:
        """Return invitations that were neither accepted nor withdrawn; their link may have expired."""
        return self.filter(accepted_at=None, withdrawn_at=None)


InvitationManager = CompanyManager.from_queryset(InvitationQuerySet)


class Invitation(TenantModel):
    """An invitation to join a company; its link contains a signature of `nonce`."""

    email = models.EmailField(_("e-mail address"))
    nonce = models.CharField(max_length=32)
    system_roles = ArrayField(
        models.CharField(max_length=20, choices=SystemRoleName.choices), default=list, blank=True
    )
    company_roles = models.ManyToManyField(CompanyRole, through="InvitationRole", related_name="invitations")
    created_by = models.ForeignKey(
        CustomUser, on_delete=models.PROTECT, db_constraint=False, null=True, related_name="+"
    )
    impersonator = models.ForeignKey(CustomUser, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("invited"), auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"))
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    accepted_by = models.ForeignKey(
        CustomUser, on_delete=models.PROTECT, db_constraint=False, null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    objects = InvitationManager()  # type: ignore[misc]  # the plugin makes it an instance variable

    class Meta(TenantModel.Meta):
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                "company",
                Lower("email"),
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_pending_once",
            ),
            SameCompany(field="created_by"),
            SameCompany(field="accepted_by"),
        ]
        triggers = [AuditTrigger(AuditKind.PEOPLE, label="{row}.email", exclude="nonce")]

    def __str__(self) -> str:
        return self.email

    @property
    def is_pending(self) -> bool:
        """True if the invitation was neither accepted nor withdrawn."""
        return self.accepted_at is None and self.withdrawn_at is None

    def is_valid(self, now: datetime) -> bool:
        """Return whether the link still works."""
        return self.is_pending and now < self.expires_at


class InvitationRole(TenantModel):
    """A company role that an invitation grants."""

    invitation = models.ForeignKey(
        Invitation, on_delete=models.CASCADE, db_constraint=False, related_name="role_rows"
    )
    role = models.ForeignKey(CompanyRole, on_delete=models.CASCADE, db_constraint=False, related_name="+")

    class Meta(TenantModel.Meta):
        verbose_name = _("company role of an invitation")
        verbose_name_plural = _("company roles of invitations")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["invitation", "role"], name="invitation_role_once"),
            SameCompany(field="invitation"),
            SameCompany(field="role"),
        ]
        triggers = [
            AuditTrigger(
                AuditKind.PEOPLE,
                label=THE_ROLE,
                subject="(SELECT email FROM users_invitation WHERE id = {row}.invitation_id)",
            )
        ]

    def __str__(self) -> str:
        return f"{self.invitation}: {self.role}"
