"""`migrate` as the role that owns the tables, followed by the grants that the site's role needs."""

from typing import Any

from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from ticketflower.tenancy.owner import database_owner
from ticketflower.tenancy.privileges import grant_to_site

_APPS = {"users", "workflow_design", "workflow_ops"}


class Command(migrate.Command):
    """Django's `migrate`, run as the owner (docs/operations.md, “The two database roles”)."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate and grant privileges, both as the owner."""
        with database_owner():
            _refuse_unknown_migrations()
            super().handle(*args, **options)
            if not options["check_unapplied"] and not options["plan"]:
                grant_to_site(connection)


def _refuse_unknown_migrations() -> None:
    """Raise CommandError if the tables were made by migrations that this version does not have."""
    loader = MigrationLoader(connection, ignore_no_migrations=True)
    unknown = sorted(
        key for key in loader.applied_migrations if key[0] in _APPS and key not in loader.disk_migrations
    )
    if unknown:
        raise CommandError(
            f"Another version of TicketFlower made the tables of this database. It has the migration "
            f"{'.'.join(unknown[0])}, which this version does not know, so it can't change them. If you have "
            "configured no database, run `python3 dev.py stop`, delete the folder var/postgres and start "
            "again. This deletes everything in it. Otherwise, use a new database."
        )
