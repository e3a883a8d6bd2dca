"""Base classes of the tests: two companies with the same people in each of them."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from copy import deepcopy
from dataclasses import dataclass
from typing import ClassVar
from unittest.mock import patch

from django.db import connection, connections, transaction
from django.test import Client, TestCase, TransactionTestCase
from psycopg.sql import Composable

from ticketflower.tenancy.context import company_scope
from users.authentication import BACKEND
from users.models import Company, CompanyRole, CompanyRoleMembership, CustomUser
from users.signup import create_person, give_system_roles, sign_up
from users.system_roles import SystemRoleName
from users.tests.starting_rows import empty_tables, restore, snapshot

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


Everybody = tuple[People, People, CustomUser]


@dataclass(frozen=True)
class _Start:
    """Two companies and staff, as objects and as the rows to put back."""

    everybody: Everybody
    rows: Composable


_start: _Start | None = None


def make_everybody() -> None:
    """Make the people whom all tests share. Call once, as soon as the test database is there.

    Effects: empties the tables first, for a database that an earlier run left behind.
    """
    global _start  # noqa: PLW0603 - one test database a process
    empty_tables()
    everybody = People("Ours"), People("Theirs"), make_staff()
    _start = _Start(everybody, snapshot())


def everybody() -> Everybody:
    """Return our company, theirs, and staff, as objects that a test may change."""
    assert _start is not None, "make_everybody() was not called when the test database was made"
    return deepcopy(_start.everybody)


class CompanyTestCase(TestCase):
    """A test case with two companies, `self.ours` and `self.theirs`, and `self.staff`, who is in neither."""

    ours: ClassVar[People]
    theirs: ClassVar[People]
    staff: ClassVar[CustomUser]

    @classmethod
    def setUpTestData(cls) -> None:
        """Once for each class."""
        cls.ours, cls.theirs, cls.staff = everybody()

    @classmethod
    def tearDownClass(cls) -> None:
        """Keep the connection open: in a new one, PostgreSQL would first have to learn about all tables."""
        with patch.object(connections[connection.alias], "close"):
            super().tearDownClass()
        if not connection.is_usable():
            connection.close()


class CommittedTestCase(TransactionTestCase):
    """For what needs real commits: the second wall, two at once, browsers. Slower; restores all tables."""

    def setUp(self) -> None:
        """Create and commit two companies and staff, as in CompanyTestCase."""
        super().setUp()
        self.ours, self.theirs, self.staff = everybody()

    def _fixture_teardown(self) -> None:
        # Django's own would flush as the site's role, which may not, and would take the
        # system roles along.
        assert _start is not None
        restore(_start.rows)
