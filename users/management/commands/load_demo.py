"""`manage.py load_demo`: a company to try everything out with."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from users import demo
from users.signup import AddressTakenError


class Command(BaseCommand):
    """Makes the demo of `users.demo`, once."""

    help = "Makes a demo company with people in every part, and staff, all with a password everybody knows."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, and print the log-ins; refused in production."""
        if settings.IS_PRODUCTION:
            raise CommandError(
                "The demo has a password that everybody knows, and SITE_URL is an https address: "
                "it is not loaded here."
            )
        if demo.demo_is_there():
            self.stdout.write("The demo is there already; nothing was changed.")
            return
        try:
            company = demo.load_demo()
        except AddressTakenError:
            raise CommandError(
                "One of the demo's addresses belongs to somebody already; nothing was changed."
            ) from None
        self.stdout.write(f"Made “{company.name}”. Everybody's password is {demo.PASSWORD}. Log in as:")
        for person in demo.EVERYBODY:
            self.stdout.write(f"  {person.email}")
