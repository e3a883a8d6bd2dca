"""Companies, their people, roles and invitations, and the sessions that people are logged in by."""

from __future__ import annotations

import zoneinfo
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from ticketflower.tenancy.constraints import CompanyWall, RowPolicy, SameCompany
from ticketflower.tenancy.context import all_companies_scope, company_scope, own_row_scope
from ticketflower.tenancy.models import CompanyManager, TenantModel
from ticketflower.tenancy.privileges import NOTHING
from users.audit import audited
from users.system_roles import SystemRoleName, system_role_label

SystemRole = Group
"""Another name for Django's group: the five system roles are its only rows."""


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
    """In a company's scope there is that company and no other."""


@audited(company_column="pgh_obj_id")
class Company(models.Model):
    """A company on the site: the wall that everything else stands behind."""

    name = models.CharField(_("company name"), max_length=120)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = CompaniesManager()

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [CompanyWall(name="company_company_wall", column="id")]
        indexes = [models.Index(Lower("name"), "id", name="company_by_name")]

    def __str__(self) -> str:
        return self.name


class PersonQuerySet(models.QuerySet["CustomUser"]):
    """People, in the words of the pages."""

    def active(self) -> PersonQuerySet:
        """Those who may log in."""
        return self.filter(is_active=True)

    def with_system_role(self, role: SystemRoleName) -> PersonQuerySet:
        """Those who have the system role."""
        return self.filter(system_role_memberships__group__name=role)


class PersonManager(CompanyManager["CustomUser"], BaseUserManager["CustomUser"]):
    """What Django's own commands ask for; the pages use `users.signup` and `users.invitations`."""

    def get_by_natural_key(self, username: str | None) -> CustomUser:
        """The person with this e-mail address, over all companies (log-in's way past the walls)."""
        people = CustomUser._base_manager.raw("SELECT * FROM person_for_login(%s)", [username or ""])
        for person in people:
            return person
        raise CustomUser.DoesNotExist

    def create_superuser(self, email: str, password: str | None = None) -> CustomUser:
        """A member of TicketFlower's staff, who belongs to no company."""
        person = CustomUser(email=self.normalize_email(email), is_staff=True, is_superuser=True)
        person.set_password(password)
        with all_companies_scope(), transaction.atomic():
            person.save()
        return person


PeopleManager = PersonManager.from_queryset(PersonQuerySet)


@audited(exclude=["password", "last_login"])
class CustomUser(AbstractBaseUser, PermissionsMixin):
    """A person: of exactly one company, or of TicketFlower's staff (no company)."""

    user_permissions = None  # type: ignore[assignment]  # rights come from roles alone

    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    email = models.EmailField(_("e-mail address"))
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("TicketFlower staff"), default=False)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[validate_time_zone])
    is_away = models.BooleanField(_("I am away"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    password_changed_at = models.DateTimeField(_("password changed"), null=True, blank=True)
    groups = models.ManyToManyField(  # type: ignore[assignment]  # the table between has a company
        Group, through="SystemRoleMembership", related_name="user_set", related_query_name="user"
    )

    objects = PeopleManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    # Set from the session by `users.sessions`; nothing of it is stored with the person.
    impersonated_company: Company | None = None

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="person_email"),
            models.UniqueConstraint(fields=["company", "id"], name="person_company_id"),
            models.CheckConstraint(
                condition=Q(company__isnull=False, is_superuser=False, is_staff=False)
                | Q(company__isnull=True, is_superuser=True, is_staff=True),
                name="person_of_a_company_or_staff",
            ),
            CompanyWall(name="person_company_wall"),
            RowPolicy(
                name="person_own_row",
                using="id = (SELECT nullif(current_setting('app.person_id', true), '')::bigint)",
            ),
        ]
        indexes = [
            models.Index("company", Lower("last_name"), Lower("first_name"), "id", name="people_by_name"),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """First and last name, or the e-mail address of somebody who gave none."""
        return f"{self.first_name} {self.last_name}".strip() or self.email

    def get_short_name(self) -> str:
        """The first name, or what stands in for it."""
        return self.first_name or self.get_full_name()

    def set_password(self, raw_password: str | None) -> None:
        """As Django's; the audit log sees when, never what."""
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()

    # --- Roles -----------------------------------------------------------------------

    @cached_property
    def system_roles(self) -> frozenset[str]:
        """Names of their system roles; one query unless the session brought them along."""
        memberships = self.system_role_memberships.values_list("group__name", flat=True)
        return frozenset(memberships)

    @cached_property
    def company_role_ids(self) -> frozenset[int]:
        """Ids of their company roles; one query unless the session brought them along."""
        return frozenset(self.company_role_memberships.values_list("role_id", flat=True))

    # --- Where they work: what `ticketflower.tenancy.middleware` asks for -----------------

    @property
    def impersonating(self) -> bool:
        """Whether this is staff who has entered a company."""
        return self.impersonated_company is not None

    @property
    def company_in_use(self) -> Company | None:
        """Their company, or the one that they (staff) have entered."""
        return self.impersonated_company if self.is_superuser else self.company

    @property
    def time_zone_in_use(self) -> zoneinfo.ZoneInfo:
        """Their own, else their company's, else UTC."""
        company = self.company_in_use
        return zoneinfo.ZoneInfo(self.time_zone or (company.time_zone if company else "UTC"))

    def scope(self) -> AbstractContextManager[None]:
        """The scope in which they act: their company's; for staff the entered one, or only their own row."""
        if self.impersonated_company is not None:
            return company_scope(self.impersonated_company.pk, impersonator_id=self.pk)
        if self.company_id is not None:
            return company_scope(self.company_id, person_id=self.pk)
        return own_row_scope(self.pk)

    def as_author(self, field: str = "created_by") -> dict[str, int | None]:
        """Values for a row's author columns: nobody of the company beside an impersonator."""
        impersonator = self.pk if self.impersonating else None
        return {f"{field}_id": None if impersonator else self.pk, "impersonator_id": impersonator}


@audited()
class SystemRoleMembership(TenantModel):
    """Somebody has a system role."""

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

    def __str__(self) -> str:
        return f"{self.person}: {system_role_label(self.group.name)}"


@audited()
class CompanyRole(TenantModel):
    """A role that a company made for itself, such as "HR"."""

    name = models.CharField(_("name"), max_length=80)
    description = models.TextField(_("description"), max_length=500, blank=True)
    users = models.ManyToManyField(CustomUser, through="CompanyRoleMembership", related_name="company_roles")

    class Meta(TenantModel.Meta):
        verbose_name = _("company role")
        verbose_name_plural = _("company roles")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint("company", Lower("name"), name="company_role_name"),
        ]

    def __str__(self) -> str:
        return self.name


@audited()
class CompanyRoleMembership(TenantModel):
    """Somebody has a company role."""

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

    def __str__(self) -> str:
        return f"{self.person}: {self.role}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations, in the words of the pages."""

    def pending(self) -> InvitationQuerySet:
        """Neither accepted nor withdrawn; the link may have run out, and can be sent again."""
        return self.filter(accepted_at=None, withdrawn_at=None)


InvitationManager = CompanyManager.from_queryset(InvitationQuerySet)


@audited(exclude=["nonce"])
class Invitation(TenantModel):
    """Somebody is asked to join: the link that they were sent holds a signature of `nonce`."""

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

    def __str__(self) -> str:
        return self.email

    @property
    def is_pending(self) -> bool:
        """Neither accepted nor withdrawn."""
        return self.accepted_at is None and self.withdrawn_at is None

    def is_valid(self, now: datetime) -> bool:
        """Whether its link still works."""
        return self.is_pending and now < self.expires_at


@audited()
class InvitationRole(TenantModel):
    """A company role that comes with an invitation."""

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

    def __str__(self) -> str:
        return f"{self.invitation}: {self.role}"


@audited()
class StaffVisit(TenantModel):
    """TicketFlower's staff were in the company: its admins can see who, from when to when.

    A visit whose session ran out, instead of being left, has no `left_at`.
    """

    impersonator = models.ForeignKey(
        CustomUser, on_delete=models.PROTECT, related_name="+", verbose_name=_("who")
    )
    entered_at = models.DateTimeField(_("entered"), default=timezone.now)
    left_at = models.DateTimeField(_("left"), null=True)

    class Meta(TenantModel.Meta):
        verbose_name = _("visit by TicketFlower staff")
        verbose_name_plural = _("visits by TicketFlower staff")

    def __str__(self) -> str:
        return str(self.impersonator)


class Session(AbstractBaseSession):
    """A browser's session. The site reaches the table only through database functions."""

    site_privileges = NOTHING

    # Neither checked nor cascaded by the database or by Django: whoever deletes a person
    # may not touch this table, and a session whose person is gone is nobody's.
    person = models.ForeignKey(
        CustomUser, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    impersonated_company = models.ForeignKey(
        Company, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )

    class Meta(AbstractBaseSession.Meta):
        pass
