"""`createsuperuser`, which asks only for an e-mail address and a password."""

from django.contrib.auth.management.commands import createsuperuser


class Command(createsuperuser.Command):
    """Django's command, with an error message for an address that is already in use."""

    # Django looks for a plain unique constraint, but ours is on lower(email).
    username_is_unique = True
