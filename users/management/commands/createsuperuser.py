"""`createsuperuser`, which asks only for an e-mail address and a password."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError


class Command(createsuperuser.Command):
    """Django's command, with error messages for an address in use and a database role that is refused."""

    # Django looks for a plain unique constraint, but ours is on lower(email).
    username_is_unique = True

    def handle(self, *args: Any, **options: Any) -> None:
        """Create a member of staff. Raise CommandError."""
        try:
            super().handle(*args, **options)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
