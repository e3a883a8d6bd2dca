"""System role memberships, and the roles that companies define."""

from __future__ import annotations

import pgtrigger
from django.contrib.auth.models import Group
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ticketflower.tenancy.constraints import SameCompany
from ticketflower.tenancy.context import current_company_id
from ticketflower.tenancy.models import TenantModel
from users.audit import THE_PERSON, THE_ROLE, AuditKind, AuditTrigger
from users.models.companies import Company
from users.models.people import CustomUser
from users.system_roles import system_role_label

SystemRole = Group
"""An alias of Django's Group, whose only rows are the five system roles."""

_NO_PROGRAM_IS_ADMIN = """
    IF EXISTS (SELECT FROM users_customuser WHERE id = NEW.person_id AND is_service_account)
        AND EXISTS (SELECT FROM auth_group WHERE id = NEW.group_id AND name = 'admin') THEN
        RAISE EXCEPTION 'a service account is no company admin' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


class SystemRoleMembership(TenantModel):
    """A person's membership in a system role."""

    person = models.ForeignKey(
        CustomUser, on_delete=models.CASCADE, db_constraint=False, related_name="system_role_memberships"
    )
    group = models.ForeignKey(SystemRole, on_delete=models.PROTECT, related_name="memberships")

    class Meta(TenantModel.Meta):
        verbose_name = _("system role of a person")
        verbose_name_plural = _("system roles of people")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["person", "group"], name="system_role_once"),
            SameCompany(field="person"),
        ]
        triggers = [
            AuditTrigger(
                AuditKind.PEOPLE,
                label="(SELECT name FROM auth_group WHERE id = {row}.group_id)",
                subject=THE_PERSON,
            ),
            pgtrigger.Trigger(
                name="no_program_is_admin",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_NO_PROGRAM_IS_ADMIN,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {system_role_label(self.group.name)}"


class CompanyRole(TenantModel):
    """A role that a company defined, such as "HR"."""

    # As in TenantModel, but with a `related_name`.
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="roles", db_index=False, default=current_company_id
    )
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), max_length=255, blank=True)
    users = models.ManyToManyField(CustomUser, through="CompanyRoleMembership", related_name="company_roles")

    class Meta(TenantModel.Meta):
        verbose_name = _("company role")
        verbose_name_plural = _("company roles")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint("company", Lower("name"), name="company_role_name"),
        ]
        triggers = [AuditTrigger(AuditKind.PEOPLE, label="{row}.name")]

    def __str__(self) -> str:
        return self.name


class CompanyRoleMembership(TenantModel):
    """A person's membership in a company role."""

    role = models.ForeignKey(
        CompanyRole, on_delete=models.CASCADE, db_constraint=False, related_name="memberships"
    )
    person = models.ForeignKey(
        CustomUser, on_delete=models.CASCADE, db_constraint=False, related_name="company_role_memberships"
    )

    class Meta(TenantModel.Meta):
        verbose_name = _("company role of a person")
        verbose_name_plural = _("company roles of people")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["role", "person"], name="company_role_once"),
            SameCompany(field="role"),
            SameCompany(field="person"),
        ]
        triggers = [AuditTrigger(AuditKind.PEOPLE, label=THE_ROLE, subject=THE_PERSON)]

    def __str__(self) -> str:
        return f"{self.person}: {self.role}"
