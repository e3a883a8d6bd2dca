"""The demo: a company whose people all have different roles, and a member of staff."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from ticketflower.tenancy.context import company_scope
from users.company_roles import create_role
from users.models import Company, CompanyRole, CustomUser
from users.people import give_company_roles
from users.profile import update_profile
from users.signup import FIRST_ROLE, AddressTakenError, create_person, give_system_roles, sign_up
from users.system_roles import SystemRoleName

COMPANY_NAME = "Demo Company"
PASSWORD = "ticketflower-demo"  # noqa: S105 - public, so production refuses it


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person of the demo."""

    email: str
    first_name: str
    last_name: str
    system_roles: tuple[SystemRoleName, ...] = ()
    company_roles: tuple[str, ...] = ()


ADMIN = DemoPerson("admin@demo.example", "Alma", "Winter")
STAFF = DemoPerson("staff@ticketflower.example", "Sasha", "Field")
_WORKER = (SystemRoleName.USER, SystemRoleName.TASK_WORKER)
PEOPLE = (
    DemoPerson("manager@demo.example", "Marek", "Novak", _WORKER, ("Manager", "Editor")),
    DemoPerson("hr@demo.example", "Hanna", "Lindqvist", _WORKER, ("HR", "Office")),
    DemoPerson("finance@demo.example", "Femi", "Brandt", _WORKER, ("Finance", "Purchasing", "Legal")),
    DemoPerson("it@demo.example", "Ilse", "Tanaka", _WORKER, ("IT", "IT specialist")),
    DemoPerson("employee@demo.example", "Emil", "Okafor", (SystemRoleName.USER,)),
    DemoPerson(
        "designer@demo.example",
        "Dina",
        "Costa",
        (SystemRoleName.USER, SystemRoleName.WORKFLOW_CREATOR),
        ("Marketing",),
    ),
)
EVERYBODY = (ADMIN, *PEOPLE, STAFF)


def demo_admin() -> CustomUser | None:
    """Return the admin of the demo company, or None if the demo is not loaded."""
    try:
        return CustomUser.objects.get_by_natural_key(ADMIN.email)
    except CustomUser.DoesNotExist:
        return None


def load_demo() -> CustomUser:
    """Create the demo company, its people and staff, all with PASSWORD, and return the admin.

    This is all or nothing. Raise AddressTakenError if one of the addresses is already in use.
    """
    with transaction.atomic():
        admin = sign_up(
            company_name=COMPANY_NAME,
            first_name=ADMIN.first_name,
            last_name=ADMIN.last_name,
            email=ADMIN.email,
            password=PASSWORD,
        )
        company = admin.company
        assert company is not None
        with company_scope(company.pk, person_id=admin.pk):
            employee = CompanyRole.objects.get()
            for person in PEOPLE:
                _create(person, company, employee)
        _create_staff()
    return admin


def add_missing(admin: CustomUser) -> None:
    """Add people and company roles that are missing in a demo loaded by an older version.

    Call this in the scope of the demo company. Raise AddressTakenError if another company has an
    address.
    """
    assert admin.company is not None
    employee = CompanyRole.objects.get(name=FIRST_ROLE)
    for demo in PEOPLE:
        person = CustomUser.objects.filter(email=demo.email).first()
        if person is None:
            _create(demo, admin.company, employee)
        else:
            _add_roles(person, demo.company_roles)


def _add_roles(person: CustomUser, names: tuple[str, ...]) -> None:
    has = {role.name for role in person.company_roles.all()}
    give_company_roles(person, [_get_or_create_role(name).pk for name in names if name not in has])


def _get_or_create_role(name: str) -> CompanyRole:
    return CompanyRole.objects.filter(name__iexact=name).first() or create_role(name=name, description="")


def _create(demo: DemoPerson, company: Company, employee: CompanyRole) -> None:
    person = create_person(
        company=company,
        first_name=demo.first_name,
        last_name=demo.last_name,
        email=demo.email,
        password=PASSWORD,
    )
    give_system_roles(person, list(demo.system_roles))
    roles = [employee, *map(_get_or_create_role, demo.company_roles)]
    give_company_roles(person, [role.pk for role in roles])


def _create_staff() -> None:
    try:
        person = CustomUser.objects.create_superuser(email=STAFF.email, password=PASSWORD)
    except IntegrityError:
        raise AddressTakenError from None
    update_profile(person, first_name=STAFF.first_name, last_name=STAFF.last_name, time_zone="")
