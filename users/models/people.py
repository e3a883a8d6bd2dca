"""People of companies, and TicketFlower's staff."""

from __future__ import annotations

import zoneinfo
from contextlib import AbstractContextManager
from datetime import datetime, time
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group, PermissionsMixin
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ticketflower.relative_times import relative_and_exact
from ticketflower.tenancy.constraints import CompanyWall, RowPolicy, SameCompany
from ticketflower.tenancy.context import all_companies_scope, company_scope, own_row_scope
from ticketflower.tenancy.models import CompanyManager
from users.audit import PERSON_NAME, AuditKind, AuditTrigger
from users.models.companies import Company, validate_time_zone
from users.models.person_queryset import MAY_BE_GONE, PersonQuerySet

if TYPE_CHECKING:
    from users.models.tokens import TokenInUse

_OWN_ROW = "id = (SELECT nullif(current_setting('app.person_id', true), '')::bigint)"


class PersonManager(CompanyManager["CustomUser"], BaseUserManager["CustomUser"]):
    """The manager that Django's commands need; the pages use `users.signup` and `users.invitations`."""

    def get_by_natural_key(self, username: str | None) -> CustomUser:
        """Return the person with this e-mail address, from any company.

        A database function bypasses the walls for this, because nobody is logged in yet.
        """
        people = CustomUser._base_manager.raw("SELECT * FROM person_for_login(%s)", [username or ""])
        for person in people:
            return person
        raise CustomUser.DoesNotExist

    def create_superuser(self, email: str, password: str | None = None) -> CustomUser:
        """Create a member of TicketFlower's staff, who belongs to no company."""
        person = CustomUser(email=self.normalize_email(email), is_staff=True, is_superuser=True)
        person.set_password(password)
        with all_companies_scope(), transaction.atomic():
            person.save()
        return person


PeopleManager = PersonManager.from_queryset(PersonQuerySet)


class Waiting(NamedTuple):
    """What waits for a person: open tasks, new errors that they administer, and unread notifications.

    Each is counted up to 100 (shown as “99+”).
    """

    tasks: int = 0
    errors: int = 0
    unread: int = 0


class CustomUser(AbstractBaseUser, PermissionsMixin):
    """A person who belongs to one company, or to TicketFlower's staff and no company."""

    user_permissions = None  # type: ignore[assignment]  # permissions come only from roles

    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, null=True, blank=True, related_name="users", db_index=False
    )
    # Service accounts, as which programs work, have neither an address nor a password.
    email = models.EmailField(_("e-mail address"), blank=True)
    is_service_account = models.BooleanField(_("service account"), default=False, db_default=False)
    # Only the person who signed a company up has to confirm the address. All others followed a link mailed to
    # it.
    is_email_confirmed = models.BooleanField(_("e-mail address confirmed"), default=True, db_default=True)
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("TicketFlower staff"), default=False)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[validate_time_zone])
    away_from = models.DateField(_("away from"), null=True, blank=True)
    away_until = models.DateField(_("away until"), null=True, blank=True)
    stand_in = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="stands_in_for",
        verbose_name=_("stand-in"),
    )
    is_in_rotation = models.BooleanField(_("gets tasks by turn"), default=True, db_default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    reset_link_sent_at = models.DateTimeField(null=True, editable=False)
    password_changed_at = models.DateTimeField(_("password changed"), null=True, blank=True)
    groups = models.ManyToManyField(  # type: ignore[assignment]  # the through table has a company
        Group, through="SystemRoleMembership", related_name="user_set", related_query_name="user"
    )

    objects = PeopleManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    # Set by `users.sessions` from the session, not stored with the person.
    impersonated_company: Company | None = None
    # Set by `users.tokens` if a program acts for the person.
    token: TokenInUse | None = None
    # Set by `users.sessions`, too.
    waiting = Waiting()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="person_email"),
            models.CheckConstraint(
                condition=Q(is_service_account=False) & ~Q(email="")
                | Q(
                    is_service_account=True,
                    email="",
                    password="",
                    is_superuser=False,
                    is_in_rotation=False,
                    stand_in=None,
                ),
                name="person_has_address_or_is_service_account",
            ),
            models.UniqueConstraint(
                "company",
                Lower("first_name"),
                condition=Q(is_service_account=True),
                name="service_account_name",
            ),
            models.UniqueConstraint(fields=["company", "id"], name="person_company_id"),
            models.CheckConstraint(
                condition=Q(company__isnull=False, is_superuser=False, is_staff=False)
                | Q(company__isnull=True, is_superuser=True, is_staff=True),
                name="person_of_a_company_or_staff",
            ),
            models.CheckConstraint(
                condition=Q(away_until__isnull=True) | Q(away_until__gte=F("away_from")),
                name="person_away_in_order",
            ),
            SameCompany(field="stand_in"),
            CompanyWall(name="person_company_wall"),
            RowPolicy(name="person_own_row", command="SELECT", using=_OWN_ROW),
            # Staff belong to no company, so no company's wall lets them change their own profile.
            RowPolicy(name="staff_own_row", command="UPDATE", using=f"company_id IS NULL AND {_OWN_ROW}"),
        ]
        indexes = [
            models.Index("company", Lower("first_name"), Lower("last_name"), "id", name="people_by_name"),
            models.Index(fields=["company"], condition=MAY_BE_GONE, name="people_who_may_be_gone"),
        ]
        triggers = [
            AuditTrigger(
                AuditKind.PEOPLE, label=PERSON_NAME, exclude="password last_login reset_link_sent_at"
            )
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """Return the first and last name, or the e-mail address if there is no name.

        A service account is marked as one: it alone has no address.
        """
        name = f"{self.first_name} {self.last_name}".strip()
        if not self.email:
            return gettext("%(name)s (service account)") % {"name": name}
        return name or self.email

    def get_name_and_state(self) -> str:
        """Return the full name, marked if the person is deactivated or away: "Lena Gone (deactivated)"."""
        if not self.is_active:
            return gettext("%(name)s (deactivated)") % {"name": self.get_full_name()}
        if not self.is_away:
            return self.get_full_name()
        if self.away_until is None:
            return gettext("%(name)s (away)") % {"name": self.get_full_name()}
        day = relative_and_exact(self.away_until, None)[0]
        return gettext("%(name)s (away until %(day)s)") % {"name": self.get_full_name(), "day": day}

    @property
    def is_away(self) -> bool:
        """True if the person is away today, in their own time zone or, without one, in the current one."""
        if self.away_from is None:  # the most frequent case; a page names many people
            return False
        zone = zoneinfo.ZoneInfo(self.time_zone) if self.time_zone else None
        today = timezone.localdate(timezone=zone)
        return self.away_from <= today and (self.away_until is None or self.away_until >= today)

    @property
    def away_begins_at(self) -> datetime | None:
        """The beginning of the first day away, in the person's time zone; None if no absence is known."""
        if self.away_from is None:
            return None
        return datetime.combine(self.away_from, time.min, tzinfo=self.time_zone_in_use)

    def get_short_name(self) -> str:
        """Return the first name, or the full name if there is none."""
        return self.first_name or self.get_full_name()

    def set_password(self, raw_password: str | None) -> None:
        """Set the password and record the time, which the audit log includes, unlike the password."""
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()

    # --- Roles -----------------------------------------------------------------------

    @cached_property
    def system_roles(self) -> frozenset[str]:
        """Names of the person's system roles; takes one query unless the session loaded them."""
        memberships = self.system_role_memberships.values_list("group__name", flat=True)
        return frozenset(memberships)

    @cached_property
    def company_role_ids(self) -> frozenset[int]:
        """Ids of the person's company roles; takes one query unless the session loaded them."""
        return frozenset(self.company_role_memberships.values_list("role_id", flat=True))

    # --- The current company, as used by `users.sessions` ----------------

    @property
    def impersonating(self) -> bool:
        """True if this is staff who has entered a company."""
        return self.impersonated_company is not None

    @property
    def company_in_use(self) -> Company | None:
        """The person's company or, for staff, the company that they have entered."""
        return self.impersonated_company if self.is_superuser else self.company

    @property
    def time_zone_in_use(self) -> zoneinfo.ZoneInfo:
        """The person's time zone, or else their company's, or else UTC."""
        company = self.company_in_use
        return zoneinfo.ZoneInfo(self.time_zone or (company.time_zone if company else "UTC"))

    def scope(self) -> AbstractContextManager[None]:
        """Return the scope in which the person acts.

        For staff, this is the company that they have entered, or else only their own row.
        """
        if self.impersonated_company is not None:
            return company_scope(self.impersonated_company.pk, impersonator_id=self.pk)
        if self.company_id is not None:
            token = self.token.name if self.token else ""
            return company_scope(self.company_id, person_id=self.pk, token=token)
        return own_row_scope(self.pk)

    def as_author(self, field: str = "created_by") -> dict[str, int | None]:
        """Return the values of a row's author columns; staff are stored as the impersonator instead."""
        impersonator = self.pk if self.impersonating else None
        return {f"{field}_id": None if impersonator else self.pk, "impersonator_id": impersonator}
