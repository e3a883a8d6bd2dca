"""`manage.py load_demo`: a company to try everything out with."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from users import demo as people
from users.signup import AddressTakenError
from workflow_ops.demo import load_demo


class Command(BaseCommand):
    """Makes the demo of `users.demo` and `workflow_ops.demo`, once."""

    help = (
        "Makes a demo company with people in every part, published workflows and tickets, and staff, "
        "all with a password everybody knows."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, and print the log-ins; refused in production."""
        if settings.IS_PRODUCTION:
            raise CommandError(
                "The demo has a password that everybody knows, and SITE_URL is an https address: "
                "it is not loaded here."
            )
        try:
            made = load_demo()
        except AddressTakenError:
            raise CommandError(
                "One of the demo's addresses belongs to somebody already; nothing was changed."
            ) from None
        if not made:
            self.stdout.write("The demo is there already; nothing was changed.")
            return
        self.stdout.write(
            f"Made “{people.COMPANY_NAME}”. Everybody's password is {people.PASSWORD}. Log in as:"
        )
        for person in people.EVERYBODY:
            self.stdout.write(f"  {person.email}")
