"""Sign-up of a new company (`docs/access.md`, "People")."""

from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from ticketflower.tenancy.context import company_scope
from users.models import Company, CompanyRole, CompanyRoleMembership, CustomUser, SystemRoleMembership
from users.system_roles import SystemRoleName

FIRST_ROLE = "Employee"


class AddressTakenError(Exception):
    """An account already has this e-mail address; the error does not reveal whose, or in which company."""


def sign_up(
    *,
    company_name: str,
    first_name: str,
    last_name: str,
    email: str,
    password: str,
    time_zone: str = "UTC",
    is_email_confirmed: bool = True,
) -> CustomUser:
    """Create a company, its role "Employee", and its first person with that role and all system roles.

    This is all or nothing, in one transaction. Raise AddressTakenError. The company is created
    inside its own scope, under an id reserved from the sequence, so the walls need not be bypassed.
    """
    with transaction.atomic():
        company_id = _reserve_company_id()
        with company_scope(company_id):
            company = Company(pk=company_id, name=company_name, time_zone=time_zone)
            company.save(force_insert=True)  # the id is set, so Django would first try an UPDATE
            person = create_person(
                company=company,
                first_name=first_name,
                last_name=last_name,
                email=email,
                password=password,
                is_email_confirmed=is_email_confirmed,
            )
            with company_scope(company_id, person_id=person.pk):  # from here on, the new person is the actor
                make_first_role(company)
                give_first_roles(person)
    return person


def make_first_role(company: Company) -> None:
    """Create the role "Employee" of a new company."""
    description = _("Everyone in the company.")
    CompanyRole.objects.create(company=company, name=FIRST_ROLE, description=description)


def give_first_roles(person: CustomUser) -> None:
    """Give the first person of a company the role "Employee" and all system roles."""
    role = CompanyRole.objects.get(company=person.company_id, name=FIRST_ROLE)
    CompanyRoleMembership.objects.create(company_id=person.company_id, role=role, person=person)
    give_system_roles(person, list(SystemRoleName))


def create_person(
    *,
    company: Company,
    first_name: str,
    last_name: str,
    email: str,
    password: str,
    is_email_confirmed: bool = True,
) -> CustomUser:
    """Create a person without roles in the company, whose scope must be open. Raise AddressTakenError."""
    person = CustomUser(
        company=company,
        email=CustomUser.objects.normalize_email(email),
        first_name=first_name,
        last_name=last_name,
        is_email_confirmed=is_email_confirmed,
    )
    person.set_password(password)
    try:
        with transaction.atomic():  # a savepoint, so that the caller's transaction can continue
            person.save()
    except IntegrityError as error:
        if "person_email" in str(error):
            raise AddressTakenError from None
        raise
    return person


def give_system_roles(person: CustomUser, roles: list[SystemRoleName]) -> None:
    """Add system roles to a person of a company, using two statements."""
    groups = Group.objects.filter(name__in=roles)
    SystemRoleMembership.objects.bulk_create(
        SystemRoleMembership(company_id=person.company_id, person=person, group=group) for group in groups
    )


def _reserve_company_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('users_company', 'id'))")
        company_id: int = cursor.fetchone()[0]
    return company_id
