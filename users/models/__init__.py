"""Models of companies, people, roles, invitations, sessions, tokens and limits."""

from users.models.audit import AuditEvent, AuditOperation
from users.models.companies import CompaniesManager, Company, validate_time_zone
from users.models.invitations import Invitation, InvitationQuerySet, InvitationRole
from users.models.people import CustomUser, PeopleManager, PersonManager, Waiting
from users.models.person_queryset import PersonQuerySet
from users.models.roles import CompanyRole, CompanyRoleMembership, SystemRole, SystemRoleMembership
from users.models.sessions import LimitedUse, Session, StaffVisit, UnsentForm
from users.models.tokens import AccessToken, Scope, TokenInUse, TokenUse

__all__ = [
    "AccessToken",
    "AuditEvent",
    "AuditOperation",
    "CompaniesManager",
    "Company",
    "CompanyRole",
    "CompanyRoleMembership",
    "CustomUser",
    "Invitation",
    "InvitationQuerySet",
    "InvitationRole",
    "LimitedUse",
    "PeopleManager",
    "PersonManager",
    "PersonQuerySet",
    "Scope",
    "Session",
    "StaffVisit",
    "SystemRole",
    "SystemRoleMembership",
    "TokenInUse",
    "TokenUse",
    "UnsentForm",
    "Waiting",
    "validate_time_zone",
]
