"""The demo: one company in which everybody has a different part, and staff. For trying out only."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from ticketflower.tenancy.context import company_scope
from users.company_roles import create_role
from users.models import Company, CompanyRole, CustomUser
from users.people import give_company_roles
from users.profile import update_profile
from users.signup import AddressTakenError, create_person, give_system_roles, sign_up
from users.system_roles import SystemRoleName

COMPANY_NAME = "Demo Company"
PASSWORD = "ticketflower-demo"  # noqa: S105 - known to everybody, which is why production refuses it


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the demo."""

    email: str
    first_name: str
    last_name: str
    system_roles: tuple[SystemRoleName, ...] = ()
    company_role: str = ""


ADMIN = DemoPerson("admin@demo.example", "Alma", "Winter")
STAFF = DemoPerson("staff@ticketflower.example", "Sasha", "Field")
PEOPLE = (
    DemoPerson(
        "manager@demo.example", "Marek", "Novak", (SystemRoleName.USER, SystemRoleName.TASK_WORKER), "Manager"
    ),
    DemoPerson(
        "hr@demo.example", "Hanna", "Lindqvist", (SystemRoleName.USER, SystemRoleName.TASK_WORKER), "HR"
    ),
    DemoPerson("employee@demo.example", "Emil", "Okafor", (SystemRoleName.USER,)),
    DemoPerson(
        "designer@demo.example", "Dina", "Costa", (SystemRoleName.USER, SystemRoleName.WORKFLOW_CREATOR)
    ),
)
EVERYBODY = (ADMIN, *PEOPLE, STAFF)


def demo_is_there() -> bool:
    """Whether the demo was loaded before."""
    try:
        CustomUser.objects.get_by_natural_key(ADMIN.email)
    except CustomUser.DoesNotExist:
        return False
    return True


def load_demo() -> Company:
    """Make the company, its people and staff, all with PASSWORD: everything or nothing.

    Raises AddressTakenError where anybody has one of the addresses already.
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
                _make(person, company, employee)
        _make_staff()
    return company


def _make(demo: DemoPerson, company: Company, employee: CompanyRole) -> None:
    person = create_person(
        company=company,
        first_name=demo.first_name,
        last_name=demo.last_name,
        email=demo.email,
        password=PASSWORD,
    )
    give_system_roles(person, list(demo.system_roles))
    roles = [employee]
    if demo.company_role:
        roles.append(create_role(name=demo.company_role, description=""))
    give_company_roles(person, [role.pk for role in roles])


def _make_staff() -> None:
    try:
        person = CustomUser.objects.create_superuser(email=STAFF.email, password=PASSWORD)
    except IntegrityError:
        raise AddressTakenError from None
    update_profile(
        person, first_name=STAFF.first_name, last_name=STAFF.last_name, time_zone="", is_away=False
    )
