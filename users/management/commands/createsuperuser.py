"""`createsuperuser` asks for an e-mail address and a password, nothing else."""

from django.contrib.auth.management.commands import createsuperuser


class Command(createsuperuser.Command):
    """Django's own; an address that anybody has already is refused in words."""

    # Django looks for a plain unique constraint, and ours is on lower(email).
    username_is_unique = True
