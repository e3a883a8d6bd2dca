"""`manage.py load_demo`."""

from io import StringIO

from django.core.management import CommandError, call_command
from django.test import Client, TestCase, override_settings

from ticketflower.tenancy.context import all_companies_scope
from users import demo
from users.models import Company, CompanyRole, CustomUser
from users.signup import sign_up
from users.system_roles import SystemRoleName
from users.tests.cases import CompanyTestCase


def load_demo() -> str:
    """What the command prints."""
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


EXPECTED = {
    "admin@demo.example": (set(SystemRoleName.values), {"Employee"}),
    "manager@demo.example": ({"user", "task_worker"}, {"Employee", "Manager"}),
    "hr@demo.example": ({"user", "task_worker"}, {"Employee", "HR"}),
    "employee@demo.example": ({"user"}, {"Employee"}),
    "designer@demo.example": ({"user", "workflow_creator"}, {"Employee"}),
}


class LoadDemo(TestCase):
    """What it makes."""

    def test_everybody_with_their_roles(self) -> None:
        load_demo()
        for email, (system_roles, company_roles) in EXPECTED.items():
            person = CustomUser.objects.get_by_natural_key(email)
            with self.subTest(email), person.scope():
                self.assertEqual(person.system_roles, system_roles)
                self.assertEqual({role.name for role in person.company_roles.all()}, company_roles)
                self.assertTrue(person.first_name and person.last_name)
                self.assertFalse(person.is_superuser)
        staff = CustomUser.objects.get_by_natural_key("staff@ticketflower.example")
        self.assertTrue(staff.is_superuser and staff.is_staff and staff.first_name)
        self.assertIsNone(staff.company_id)
        with all_companies_scope():
            self.assertEqual([company.name for company in Company.objects.all()], ["Demo Company"])
            self.assertEqual(CustomUser.objects.count(), len(EXPECTED) + 1)
            self.assertEqual(CompanyRole.objects.count(), 3)

    def test_everybody_can_log_in(self) -> None:
        load_demo()
        for email in [*EXPECTED, "staff@ticketflower.example"]:
            form = {"username": email, "password": "ticketflower-demo"}
            self.assertEqual(Client().post("/users/login/", form).status_code, 302)

    def test_says_what_it_did(self) -> None:
        printed = load_demo()
        for text in [*EXPECTED, "staff@ticketflower.example", demo.PASSWORD, "Demo Company"]:
            self.assertIn(text, printed)

    def test_second_time_changes_nothing(self) -> None:
        load_demo()
        before = _people()
        self.assertIn("nothing was changed", load_demo())
        self.assertEqual(_people(), before)

    @override_settings(IS_PRODUCTION=True)
    def test_not_in_production(self) -> None:
        with self.assertRaisesMessage(CommandError, "everybody knows"):
            load_demo()
        self.assertEqual(_people(), [])


class LoadDemoBesideOthers(CompanyTestCase):
    """On a site that has companies already: its staff has the demo's address here."""

    def test_all_or_nothing(self) -> None:
        before = _people()
        with self.assertRaisesMessage(CommandError, "belongs to somebody already"):
            load_demo()
        self.assertEqual(_people(), before)

    def test_address_of_one_person_taken(self) -> None:
        with all_companies_scope():
            CustomUser.objects.filter(pk=self.staff.pk).update(email="other@ticketflower.example")
        sign_up(company_name="Late", first_name="L", last_name="L", email="HR@demo.example", password="x")
        before = _people()
        with self.assertRaisesMessage(CommandError, "belongs to somebody already"):
            load_demo()
        self.assertEqual(_people(), before)


def _people() -> list[object]:
    with all_companies_scope():
        return [*CustomUser.objects.order_by("pk").values()]
