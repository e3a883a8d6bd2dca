"""`migrate` as the role that owns the tables, followed by the grants that the site's role needs."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connection

from ticketflower.tenancy.owner import database_owner
from ticketflower.tenancy.privileges import grant_to_site


class Command(migrate.Command):
    """Django's `migrate`, run as the owner (docs/operations.md, “The two database roles”)."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate and grant privileges, both as the owner."""
        with database_owner():
            super().handle(*args, **options)
            if not options["check_unapplied"] and not options["plan"]:
                grant_to_site(connection)
