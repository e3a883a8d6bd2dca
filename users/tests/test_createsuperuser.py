"""`manage.py createsuperuser`, which asks only for an e-mail address and a password."""

from collections.abc import Iterator
from io import StringIO
from unittest.mock import patch

from django.core.management import CommandError, call_command
from django.test import Client

from users.models import CustomUser
from users.tests.cases import CompanyTestCase

PASSWORD = "keys-of-the-house-9"


class Terminal(StringIO):
    """A standard input that claims to be a terminal."""

    def isatty(self) -> bool:
        """Return True."""
        return True


def create(email: str | None = None, *, password: str | None = PASSWORD) -> str:
    """Return the output of `createsuperuser --noinput`."""
    out = StringIO()
    environment = {"DJANGO_SUPERUSER_PASSWORD": password} if password else {}
    with patch.dict("os.environ", environment):
        call_command("createsuperuser", interactive=False, email=email, stdout=out)
    return out.getvalue()


class CreateSuperuser(CompanyTestCase):
    """Creating staff with the command."""

    def test_makes_staff_who_can_log_in(self) -> None:
        self.assertIn("successfully", create("Root@TicketFlower.example"))
        person = CustomUser.objects.get_by_natural_key("root@ticketflower.example")
        self.assertTrue(person.is_superuser and person.is_staff)
        self.assertIsNone(person.company_id)
        form = {"username": "root@ticketflower.example", "password": PASSWORD}
        self.assertEqual(Client().post("/users/login/", form).status_code, 302)

    def test_without_a_password_nobody_can_log_in_yet(self) -> None:
        create("root@ticketflower.example", password=None)
        person = CustomUser.objects.get_by_natural_key("root@ticketflower.example")
        self.assertFalse(person.has_usable_password())

    def test_asks_for_address_and_password_only(self) -> None:
        asked = []

        def answers() -> Iterator[str]:
            yield self.ours.worker.email  # taken, so the command asks again
            yield "root@ticketflower.example"

        given = answers()

        def ask(question: str = "") -> str:
            asked.append(question)
            return next(given)

        errors = StringIO()
        with patch("builtins.input", ask), patch("getpass.getpass", lambda _question="": PASSWORD):
            call_command("createsuperuser", stdin=Terminal(), stdout=StringIO(), stderr=errors)
        self.assertEqual(asked, ["E-mail address: "] * 2)
        self.assertIn("already taken", errors.getvalue())
        self.assertTrue(CustomUser.objects.get_by_natural_key("root@ticketflower.example").is_staff)

    def test_refuses_a_taken_address(self) -> None:
        for email in (self.staff.email.upper(), self.theirs.submitter.email):
            with self.assertRaisesMessage(CommandError, "already taken"):
                create(email)

    def test_refuses_an_invalid_address(self) -> None:
        for email in ("root", "", None):
            with self.assertRaises(CommandError):
                create(email)
