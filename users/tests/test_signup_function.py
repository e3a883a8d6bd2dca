"""`sign_up()`, which creates a company completely or not at all."""

from django.test import TestCase

from ticketflower.tenancy.context import company_scope
from users.models import Company, CompanyRole, CustomUser
from users.signup import AddressTakenError, sign_up
from users.system_roles import SystemRoleName
from users.tests.cases import PASSWORD, People


class SignUp(TestCase):
    """The rows that it creates, and the cases that it refuses."""

    def test_first_person_has_everything_but_staff(self) -> None:
        person = People("Fresh").admin
        self.assertFalse(person.is_staff or person.is_superuser)
        with company_scope(person.company_id or 0):
            self.assertEqual(person.system_roles, set(SystemRoleName.values))
            self.assertEqual([role.name for role in person.company_roles.all()], ["Employee"])
            self.assertEqual(CompanyRole.objects.count(), 1)

    def test_address_of_another_company_leaves_nothing_behind(self) -> None:
        fresh = People("Fresh")
        with self.assertRaises(AddressTakenError):
            sign_up(
                company_name="Late",
                first_name="L",
                last_name="L",
                email=fresh.submitter.email.upper(),
                password=PASSWORD,
            )
        with fresh.scope():
            self.assertEqual(CustomUser.objects.count(), 5)
            self.assertEqual([company.name for company in Company.objects.all()], ["Fresh"])
