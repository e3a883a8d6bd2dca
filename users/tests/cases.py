"""Base classes of the tests: two companies with the same people in each of them."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import ClassVar

from django.db import connection, transaction
from django.test import Client, TestCase, TransactionTestCase

from ticketflower.tenancy.context import company_scope
from ticketflower.tenancy.owner import database_owner
from users.authentication import BACKEND
from users.models import Company, CompanyRole, CompanyRoleMembership, CustomUser
from users.signup import create_person, give_system_roles, sign_up
from users.system_roles import SystemRoleName

PASSWORD = "correct-horse-battery"


def make_person(
    company: Company,
    first_name: str,
    *,
    system_roles: Iterable[SystemRoleName] = (),
    company_roles: Iterable[CompanyRole] = (),
) -> CustomUser:
    """Create `<first name>@<company>.example` with the roles, using the functions of the site."""
    domain = company.name.lower().replace(" ", "-")
    with company_scope(company.pk), transaction.atomic():
        person = create_person(
            company=company,
            first_name=first_name,
            last_name="Tester",
            email=f"{first_name.lower()}@{domain}.example",
            password=PASSWORD,
        )
        give_system_roles(person, list(system_roles))
        for role in company_roles:
            CompanyRoleMembership.objects.create(role=role, person=person)
    return person


class People:
    """A company with an admin and one person for each other system role."""

    def __init__(self, company_name: str) -> None:
        domain = company_name.lower().replace(" ", "-")
        self.admin = sign_up(
            company_name=company_name,
            first_name="Ada",
            last_name="Admin",
            email=f"ada@{domain}.example",
            password=PASSWORD,
        )
        company = self.admin.company
        assert company is not None
        self.company: Company = company
        self.submitter = make_person(company, "Sam", system_roles=[SystemRoleName.USER])
        self.worker = make_person(
            company, "Wanda", system_roles=[SystemRoleName.USER, SystemRoleName.TASK_WORKER]
        )
        self.ticket_admin = make_person(company, "Tom", system_roles=[SystemRoleName.TICKET_ADMIN])
        self.designer = make_person(company, "Dora", system_roles=[SystemRoleName.WORKFLOW_CREATOR])
        with self.scope(), transaction.atomic():
            self.employee_role = CompanyRole.objects.get()

    @property
    def everybody(self) -> list[CustomUser]:
        """All people of the company, the admin first."""
        return [self.admin, self.submitter, self.worker, self.ticket_admin, self.designer]

    def scope(self) -> AbstractContextManager[None]:
        """Return the company's scope without an actor."""
        return company_scope(self.company.pk)


def make_staff() -> CustomUser:
    """Create a member of TicketFlower's staff."""
    return CustomUser.objects.create_superuser(email="staff@ticketflower.example", password=PASSWORD)


def logged_in(person: CustomUser) -> Client:
    """Return a new client in which `person` is logged in."""
    client = Client()
    with person.scope(), transaction.atomic():
        client.force_login(person, backend=BACKEND)
    return client


class CompanyTestCase(TestCase):
    """A test case with two companies, `self.ours` and `self.theirs`, and `self.staff`, who is in neither."""

    ours: ClassVar[People]
    theirs: ClassVar[People]
    staff: ClassVar[CustomUser]

    @classmethod
    def setUpTestData(cls) -> None:
        """Create the companies once per class."""
        cls.ours = People("Ours")
        cls.theirs = People("Theirs")
        cls.staff = make_staff()


# Rows that a migration created must survive tests that commit.
_PRESERVED_TABLES = {
    "django_migrations",
    "django_content_type",
    "auth_group",
    "auth_permission",
    "auth_group_permissions",
}


class CommittedTestCase(TransactionTestCase):
    """A test case with real commits, for the second wall, simultaneous calls and browsers. It is slower."""

    def setUp(self) -> None:
        """Create and commit two companies and staff, as in CompanyTestCase."""
        super().setUp()
        self.ours = People("Ours")
        self.theirs = People("Theirs")
        self.staff = make_staff()

    def _fixture_teardown(self) -> None:
        # Django's implementation flushes as the site's role, which is not allowed to, and would also
        # delete the system roles.
        # The models of job tables are unmanaged, so Django does not list these tables.
        tables = {*connection.introspection.django_table_names(only_existing=True), "procrastinate_jobs"}
        quote = connection.ops.quote_name
        with database_owner(), connection.cursor() as cursor:
            # Checking first is much faster than truncating 40 empty tables.
            cursor.execute(
                " UNION ALL ".join(
                    f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {quote(table)})"  # noqa: S608
                    for table in sorted(tables - _PRESERVED_TABLES)
                )
            )
            filled = [quote(table) for (table,) in cursor.fetchall()]
            if filled:
                cursor.execute(f"TRUNCATE {', '.join(filled)} CASCADE")
