"""Models of companies, people, roles, invitations, sessions and limits."""

from users.models.audit import AuditEvent, AuditOperation
from users.models.companies import CompaniesManager, Company, validate_time_zone
from users.models.invitations import Invitation, InvitationQuerySet, InvitationRole
from users.models.people import CustomUser, PeopleManager, PersonManager, PersonQuerySet
from users.models.roles import CompanyRole, CompanyRoleMembership, SystemRole, SystemRoleMembership
from users.models.sessions import LimitedUse, Session, StaffVisit, UnsentForm

__all__ = [
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
    "Session",
    "StaffVisit",
    "SystemRole",
    "SystemRoleMembership",
    "UnsentForm",
    "validate_time_zone",
]
