"""`manage.py load_demo`: a company for trying out everything."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from users import demo as people
from users.signup import AddressTakenError
from workflow_ops.demo.loading import load_demo


class Command(BaseCommand):
    """The command that creates the demo of `users.demo` and `workflow_ops.demo`, once."""

    help = (
        "Create a demo company with people in every role, published workflows and tickets, and staff, "
        "all with a publicly known password."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the demo and print the logins. Raise CommandError in production."""
        if settings.IS_PRODUCTION:
            raise CommandError(
                "The demo has a publicly known password, and SITE_URL is an https address: "
                "it is not loaded here."
            )
        try:
            made = load_demo()
        except AddressTakenError:
            raise CommandError(
                "One of the demo's addresses already belongs to another person; nothing was changed."
            ) from None
        if not made:
            self.stdout.write("The demo already exists; nothing was changed.")
            return
        self.stdout.write(
            f"Created “{people.COMPANY_NAME}”. The password of all people is {people.PASSWORD}. Log in as:"
        )
        for person in people.EVERYBODY:
            self.stdout.write(f"  {person.email}")
